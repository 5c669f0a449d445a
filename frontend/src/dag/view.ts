// What is drawn of a node: the plan for the next run, or what the shown run did with it.

import type { Action, DagNode, Metric, NodePlan, NodeRun } from '../core/types'
import { accentOf, type Accent } from '../core/family'
import { about, bytes, count, duration, metric, roughly } from '../core/format'
import type { Progress } from '../run/state'
import { liveLook, lookWord, plannedLook, type Look } from '../run/words'

export interface NodeView {
  name: string
  label: string
  operator: string
  accent: Accent
  output: boolean
  look: Look
  action: Action | null
  stale: boolean
  /** Stale by an edit, which is worth a mark; in a workflow that never ran everything is stale. */
  marked: boolean
  reason: string
  estimate: number | null
  /** Measured, once it ran. */
  seconds: number | null
  bytes: number | null
  loaded: boolean
  stored: boolean
  metrics: Metric[]
  error: string | null
  /** How many warnings it gave. */
  warnings: number
  /** Since when it has been running, and how far it says it is; null while it is not. */
  running: Running | null
}

export interface Running {
  since: string | null
  progress: Progress | null
}

export interface Known {
  plan: NodePlan | undefined
  /** Given only when the run describes the text that is shown. */
  run: NodeRun | undefined
  metrics: Metric[]
  warnings: number
  running: Running | null
  /** Whether the workflow ran before. */
  ranBefore: boolean
}

/** Why the plan does with a node what it does, and whether a run may find that it need not. */
export const plannedReason = (plan: NodePlan): string =>
  plan.conditional ? `${plan.reason}; may be reused if equal` : plan.reason

export function viewOf(node: DagNode, { plan, run, metrics, warnings, running, ranBefore }: Known): NodeView {
  const told = run ?? plan
  return {
    name: node.name,
    label: node.label,
    operator: node.operator,
    accent: accentOf(node),
    output: node.output,
    look: run ? liveLook(run.status, run.action) : plan ? plannedLook(plan.action) : 'unknown',
    action: told?.action ?? null,
    stale: told?.stale ?? false,
    marked: (told?.stale ?? false) && ranBefore,
    reason: run?.reason ?? (plan ? plannedReason(plan) : ''),
    estimate: told?.estimate ?? null,
    seconds: run?.seconds ?? null,
    bytes: run?.bytes ?? null,
    loaded: told?.action === 'load' && run?.status !== 'failed',
    stored: run?.stored ?? false,
    metrics,
    error: run?.error?.message ?? null,
    warnings,
    running: run?.status === 'running' ? running : null,
  }
}

/** The state as tests and styles see it: a run's status, or the plan's action. */
export const stateWord = (view: NodeView, run: NodeRun | undefined): string => run?.status ?? view.action ?? 'unknown'

/** Smaller results are not worth a word on the card; the card under the pointer has their size. */
const LARGE = 1_000_000

export const hasLargeResult = (view: NodeView): view is NodeView & { bytes: number } =>
  view.bytes !== null && view.bytes >= LARGE

/** What still lies ahead has an estimate; what goes on already, or came to nothing, has none. */
const priced = new Set<Look>(['to-compute', 'to-load', 'waiting'])

/** "2 ms · 3.1 MB" once it ran, "~0.2 s" before. */
export function costs(view: NodeView): string {
  if (view.seconds !== null) {
    return hasLargeResult(view) ? `${duration(view.seconds)} · ${bytes(view.bytes)}` : duration(view.seconds)
  }
  if (view.estimate === null || view.action === 'prune' || !priced.has(view.look)) return ''
  return roughly(view.estimate)
}

/** What a screen reader says of the node. */
export function spoken(view: NodeView): string {
  const parts = [
    view.name,
    view.operator,
    lookWord[view.look],
    view.marked ? 'stale' : null,
    view.seconds === null
      ? view.estimate !== null && view.action !== 'prune'
        ? about(view.estimate)
        : null
      : duration(view.seconds),
    view.running?.progress?.fraction != null ? `${Math.round(view.running.progress.fraction * 100)} % done` : null,
    ...view.metrics.map(({ name, value }) => `${name} ${metric(value)}`),
    view.warnings > 0 ? count(view.warnings, 'warning') : null,
    view.error,
  ]
  return parts.filter(Boolean).join(', ')
}

/** Whether a metric got better against the previous version; null where that cannot be said. */
export function betterOf({ value, previous, higher_is_better }: Metric): boolean | null {
  if (value === null || previous === null || higher_is_better === null || value === previous) return null
  return value > previous === higher_is_better
}
