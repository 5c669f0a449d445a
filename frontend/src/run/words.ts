// The words for plans, runs and node states: what the run button, the graph and the lists say.

import type { Action, NodeStatus, Plan, RunStatus } from '../core/types'
import { about, count, duration } from '../core/format'
import type { IconName } from '../core/icons'
import { newer } from '../core/newer'
import type { RunState } from './state'

/** "4 to compute · 3 to load · 6 not needed · about 0.3 s"; nothing that is zero is named, but an all-loaded run says so. */
export function planSummary(plan: Omit<Plan, 'nodes'>): string {
  if (plan.compute + plan.load === 0) return 'nothing to do'
  const parts = [
    plan.compute > 0 ? `${plan.compute} to compute` : 'nothing to compute',
    plan.load > 0 ? `${plan.load} to load` : null,
    plan.prune > 0 ? `${plan.prune} not needed` : null,
    about(plan.estimate),
  ]
  return parts.filter((part) => part !== null).join(' · ')
}

export function statusWord(status: RunStatus): string {
  switch (status) {
    case 'queued':
      return 'Queued'
    case 'running':
      return 'Running'
    case 'succeeded':
      return 'Succeeded'
    case 'failed':
      return 'Failed'
    case 'cancelled':
      return 'Cancelled'
    default:
      return newer(status, 'Unknown')
  }
}

export function statusIcon(status: RunStatus): IconName {
  switch (status) {
    case 'queued':
      return 'clock'
    case 'running':
      return 'pulse'
    case 'succeeded':
      return 'check'
    case 'failed':
      return 'error'
    case 'cancelled':
      return 'stop'
    default:
      return newer(status, 'ring')
  }
}

export interface Tally {
  computed: number
  loaded: number
  pruned: number
  done: number
  failed: number
  skipped: number
  /** Nodes that the plan does something for. */
  wanted: number
}

export function tally(run: RunState): Tally {
  const total: Tally = { computed: 0, loaded: 0, pruned: 0, done: 0, failed: 0, skipped: 0, wanted: 0 }
  for (const node of Object.values(run.nodes)) {
    if (node.status === 'pruned') {
      total.pruned += 1
      continue
    }
    total.wanted += 1
    if (node.status === 'done') {
      total.done += 1
      if (node.action === 'load') total.loaded += 1
      else total.computed += 1
    } else if (node.status === 'failed') total.failed += 1
    else if (node.status === 'skipped') total.skipped += 1
  }
  return total
}

/** "Succeeded in 0.31 s, estimated 0.30 s · 4 computed, 3 loaded"; of a partial run also what it was to compute alone. */
export function outcome(run: RunState): string {
  const total = tally(run)
  const head =
    run.seconds === null
      ? statusWord(run.status)
      : `${statusWord(run.status)} ${run.status === 'succeeded' ? 'in' : 'after'} ${duration(run.seconds)}`
  const foretold =
    run.status === 'succeeded' && run.seconds !== null && run.estimate !== null
      ? `, estimated ${duration(run.estimate)}`
      : ''
  const parts = [
    total.computed > 0 ? `${total.computed} computed` : null,
    total.loaded > 0 ? `${total.loaded} loaded` : null,
    total.failed > 0 ? `${total.failed} failed` : null,
    total.skipped > 0 ? `${total.skipped} skipped` : null,
  ].filter((part) => part !== null)
  return [head + foretold, ...(parts.length > 0 ? [parts.join(', ')] : []), ...(alone(run) ? [alone(run)] : [])].join(
    ' · ',
  )
}

/** "model alone", of a run that was to compute some nodes alone; else nothing. */
export const alone = (run: Pick<RunState, 'only'>): string =>
  run.only.length > 0 ? `${run.only.join(', ')} alone` : ''

/** How near the estimates of a run's nodes were; nothing where nothing took any time worth telling. */
export function foretold(run: Pick<RunState, 'accuracy'>): string {
  if (!run.accuracy) return ''
  const { nodes, near, farthest, estimate, seconds } = run.accuracy
  const told = `${near} of ${count(nodes, 'node')} took at most twice and at least half of what was estimated.`
  return near === nodes
    ? told
    : `${told} Farthest off: ${farthest}, ${duration(seconds)} for an estimate of ${duration(estimate)}.`
}

/** What a node looks like: what the plan would do with it, or what a run did or does. */
export type Look =
  | 'to-compute'
  | 'to-load'
  | 'to-prune'
  | 'waiting'
  | 'running'
  | 'computed'
  | 'loaded'
  | 'failed'
  | 'skipped'
  | 'pruned'
  | 'unknown'

export function plannedLook(action: Action): Look {
  switch (action) {
    case 'compute':
      return 'to-compute'
    case 'load':
      return 'to-load'
    case 'prune':
      return 'to-prune'
    default:
      return newer(action, 'unknown')
  }
}

export function liveLook(status: NodeStatus, action: Action): Look {
  switch (status) {
    case 'waiting':
      return 'waiting'
    case 'running':
      return 'running'
    case 'done':
      return action === 'load' ? 'loaded' : 'computed'
    case 'failed':
      return 'failed'
    case 'skipped':
      return 'skipped'
    case 'pruned':
      return 'pruned'
    default:
      return newer(status, 'unknown')
  }
}

export const lookWord: Record<Look, string> = {
  'to-compute': 'compute',
  'to-load': 'load',
  'to-prune': 'not needed',
  waiting: 'waiting',
  running: 'running',
  computed: 'computed',
  loaded: 'loaded',
  failed: 'failed',
  skipped: 'skipped',
  pruned: 'not needed',
  unknown: 'no plan yet',
}
