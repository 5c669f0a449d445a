// The closed union of a run's events: numbered facts, in the order in which they happened.
// Generated from workflows/events.py by `make codegen`; do not edit.

export type Action = 'load' | 'compute' | 'prune'
export type RunStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'
export type NodeStatus = 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'pruned'

/** A worker took the run up. `attempt` counts from 1; `estimate` is the planned time in seconds. */
export interface RunStarted {
  type: 'run_started'
  attempt: number
  estimate: number
}

/** What the plan does with a node, and why. `estimate` in seconds. */
export interface NodePlanned {
  type: 'node_planned'
  node: string
  operator: string
  action: Action
  stale: boolean
  reason: string
  estimate: number
  signature: string
}

/** The first of the node's parts began. */
export interface NodeStarted {
  type: 'node_started'
  node: string
}

/** All wanted parts of the node are there. `seconds` is their summed time, `bytes` their summed size. */
export interface NodeFinished {
  type: 'node_finished'
  node: string
  action: Action
  seconds: number
  bytes: number
}

/** A result of the node entered the store. */
export interface NodeStored {
  type: 'node_stored'
  node: string
  bytes: number
  digest: string
}

/** The node failed. `line` is the workflow text's (from 1); `example` the first input that broke it. */
export interface NodeFailed {
  type: 'node_failed'
  node: string
  code: string
  message: string
  line: number | null
  detail: string
  example: string
}

/** The node could not run, because `because` failed or the run was cancelled. */
export interface NodeSkipped {
  type: 'node_skipped'
  node: string
  because: string
}

/** A scalar a reducer gave. `name` is the node's name, or `node.key` where the reducer gave a dict. */
export interface MetricRecorded {
  type: 'metric_recorded'
  node: string
  name: string
  value: number | null
  step: number | null
}

/** What user code printed while a node ran. */
export interface LogWritten {
  type: 'log_written'
  node: string
  text: string
}

/** The run was interrupted by no fault of its own, and waits to be taken up anew: its nodes start from nothing. */
export interface RunRequeued {
  type: 'run_requeued'
  reason: string
}

/** The last event of a run. `seconds` is engine time: from handing over the plan to the last result. */
export interface RunFinished {
  type: 'run_finished'
  status: RunStatus
  seconds: number
  message: string
}

export type Event =
  | RunStarted
  | NodePlanned
  | NodeStarted
  | NodeFinished
  | NodeStored
  | NodeFailed
  | NodeSkipped
  | MetricRecorded
  | LogWritten
  | RunRequeued
  | RunFinished

/** An event with its number in the run (from 1) and when it happened (ISO 8601). */
export interface NumberedEvent {
  number: number
  at: string
  event: Event
}
