// What is known of a run, as a pure function of its events: replays and duplicates change nothing, gaps are noticed and waited for.

import type { Accuracy, Event, Metric, NodeRun, NumberedEvent, Run, RunStatus } from '../core/types'
import { newer } from '../core/newer'
import { withPoints, type Curves, type Recorded } from './curves'
import { withWarnings } from './warnings'

export interface LogLine {
  number: number
  at: string
  node: string
  text: string
}

/** How far a running node is: between 0 and 1, null where nobody knows. */
export interface Progress {
  fraction: number | null
  message: string
}

export interface RunState {
  id: string
  workflow: string
  version: string
  status: RunStatus
  queuedAt: string
  startedAt: string | null
  seconds: number | null
  estimate: number | null
  /** How near the estimates of its nodes were, once the server has summed it up. */
  accuracy: Accuracy | null
  /** The nodes that it was to compute instead of the outputs, if any were named: then it is partial. */
  only: string[]
  message: string
  nodes: Record<string, NodeRun>
  metrics: Metric[]
  /** What reducers gave that is more than a number, by node. */
  values: Record<string, { value: unknown; cut: boolean }>
  /** What Python warned of, by node. */
  warnings: Record<string, readonly string[]>
  log: LogLine[]
  /** When nodes began, by node. */
  started: Record<string, string>
  /** Of nodes that tell how far they are. */
  progress: Record<string, Progress>
  /** What user code recorded by step, by node. */
  curves: Record<string, Curves>
  /** From 1; more than one where the run was interrupted and taken up anew. */
  attempt: number
  /** Number of the last event applied; all before it were applied too. */
  lastEvent: number
  /** Events that came before their turn, by number: the ones in between are still to come. */
  early: ReadonlyMap<number, NumberedEvent>
}

/** The state before any event; what the server already summed up is shown until the replay has caught up. */
export function stateOf(run: Run): RunState {
  return {
    id: run.id,
    workflow: run.workflow,
    version: run.version,
    status: run.status,
    queuedAt: run.queued_at,
    startedAt: run.started_at,
    seconds: run.seconds,
    estimate: run.estimate,
    accuracy: run.accuracy,
    only: run.only,
    message: run.message,
    nodes: Object.fromEntries(run.nodes.map((node) => [node.name, node])),
    metrics: run.metrics,
    ...nothingSaid(),
    attempt: 1,
    lastEvent: 0,
    early: new Map(),
  }
}

export const isActive = (status: RunStatus): boolean => status === 'queued' || status === 'running'

/** Whether an event is missing between those applied and one that came early. */
export const hasGap = (state: RunState): boolean => state.early.size > 0

/** The state while a batch is applied to it: a copy that nobody else has seen yet. */
type Building = Omit<RunState, 'early'> & {
  early: Map<number, NumberedEvent>
  /** Recorded by step in this batch: put into the curves at its end, so that a curve is copied once. */
  points: Recorded[]
}

/** Applies events in the order of their numbers, each at most once. */
export function applyEvents(state: RunState, events: readonly NumberedEvent[]): RunState {
  const fresh = events.filter((event) => event.number > state.lastEvent)
  if (fresh.length === 0) return state
  const next: Building = {
    ...state,
    nodes: { ...state.nodes },
    log: [...state.log],
    early: new Map(state.early),
    points: [],
  }
  for (const event of fresh) next.early.set(event.number, event)
  for (let turn = next.early.get(next.lastEvent + 1); turn; turn = next.early.get(next.lastEvent + 1)) {
    next.early.delete(turn.number)
    apply(next, turn.event, turn)
    next.lastEvent = turn.number
  }
  const { points, ...built } = next
  return { ...built, curves: withPoints(next.curves, points) }
}

function apply(next: Building, event: Event, { number, at }: NumberedEvent): void {
  switch (event.type) {
    case 'run_started':
      // A further attempt starts from nothing, and so does a replay over what the server had summed up.
      next.points = []
      Object.assign(next, {
        status: 'running',
        startedAt: at,
        estimate: event.estimate,
        attempt: event.attempt,
        nodes: {},
        ...nothingSaid(),
        message: '',
        seconds: null,
      })
      return
    case 'node_planned': {
      change(next, event.node, {
        operator: event.operator,
        action: event.action,
        stale: event.stale,
        reason: event.reason,
        estimate: event.estimate,
        // Planned once more while the run goes on, a node keeps what it has done.
        status: event.action === 'prune' ? 'pruned' : (next.nodes[event.node]?.status ?? 'waiting'),
      })
      return
    }
    case 'node_started': {
      next.started = { ...next.started, [event.node]: at }
      change(next, event.node, { status: 'running' })
      return
    }
    case 'node_progressed':
      next.progress = { ...next.progress, [event.node]: { fraction: event.fraction, message: event.message } }
      return
    case 'node_finished': {
      change(next, event.node, { status: 'done', action: event.action, seconds: event.seconds, bytes: event.bytes })
      return
    }
    case 'node_stored': {
      change(next, event.node, { stored: true })
      return
    }
    case 'node_failed': {
      change(next, event.node, {
        status: 'failed',
        error: {
          code: event.code,
          message: event.message,
          line: event.line,
          detail: event.detail,
          example: event.example,
        },
      })
      return
    }
    case 'node_skipped': {
      change(next, event.node, { status: 'skipped', reason: skipped(event.because) })
      return
    }
    case 'metric_recorded':
      if (event.step === null) next.metrics = withMetric(next.metrics, event.node, event.name, event.value)
      else next.points.push(event)
      return
    case 'value_made':
      next.values = { ...next.values, [event.node]: { value: event.value, cut: event.cut } }
      return
    case 'log_written':
      next.log.push({ number, at, node: event.node, text: event.text })
      next.warnings = { ...next.warnings, [event.node]: withWarnings(next.warnings[event.node], event.text) }
      return
    case 'run_requeued':
      next.points = []
      Object.assign(next, {
        status: 'queued',
        startedAt: null,
        seconds: null,
        message: event.reason,
        nodes: waitingAgain(next.nodes),
        ...nothingSaid(),
      })
      return
    case 'run_finished':
      Object.assign(next, {
        status: event.status,
        seconds: event.seconds,
        message: event.message,
        nodes: settled(next.nodes),
      })
      return
    default:
      newer(event, undefined)
  }
}

type Said = Pick<RunState, 'log' | 'values' | 'warnings' | 'started' | 'progress' | 'curves'>

const nothingSaid = (): Said => ({ log: [], values: {}, warnings: {}, started: {}, progress: {}, curves: {} })

const skipped = (because: string): string =>
  because === 'cancelled' ? 'skipped: the run was cancelled' : `skipped: ${because} failed`

const unknown = (name: string): NodeRun => ({
  name,
  operator: '',
  status: 'waiting',
  action: 'compute',
  stale: false,
  reason: '',
  estimate: 0,
  seconds: null,
  bytes: null,
  stored: false,
  error: null,
})

function change(next: Building, name: string, changes: Partial<NodeRun>): void {
  next.nodes[name] = { ...(next.nodes[name] ?? unknown(name)), ...changes }
}

function withMetric(metrics: Metric[], node: string, name: string, value: number | null): Metric[] {
  const known = metrics.find((metric) => metric.name === name)
  if (known) return metrics.map((metric) => (metric === known ? { ...metric, value } : metric))
  return [...metrics, { name, node, value, previous: null, higher_is_better: null, later: null }]
}

/** Nothing of an attempt that was interrupted stays to be seen. */
function waitingAgain(nodes: Record<string, NodeRun>): Record<string, NodeRun> {
  return Object.fromEntries(
    Object.entries(nodes).map(([name, node]) =>
      node.status === 'pruned'
        ? [name, node]
        : [name, { ...node, status: 'waiting' as const, seconds: null, bytes: null, stored: false, error: null }],
    ),
  )
}

/** A run that is over has no node that still waits or runs. */
function settled(nodes: Record<string, NodeRun>): Record<string, NodeRun> {
  return Object.fromEntries(
    Object.entries(nodes).map(([name, node]) =>
      node.status === 'waiting' || node.status === 'running'
        ? [name, { ...node, status: 'skipped' as const }]
        : [name, node],
    ),
  )
}

/** The first node that failed, in the order of the run's plan. */
export const failedNode = (state: RunState): NodeRun | undefined =>
  Object.values(state.nodes).find((node) => node.status === 'failed')
