// What the HTTP API answers, in its own words (snake_case, times in ISO 8601, durations in seconds, sizes in bytes).

import type { Action, NodeStatus, NumberedEvent, RunStatus } from './events'

export interface WorkflowSummary {
  id: string
  name: string
  description: string
  updated_at: string
  last_run: { status: RunStatus; finished_at: string | null; seconds: number | null } | null
  version_count: number
}

export interface Workflow {
  id: string
  name: string
  text: string
  revision: number
  updated_at: string
  head: string | null
  active_run: string | null
  last_run: string | null
}

export interface CheckedOut extends Workflow {
  undo_text: string
}

export interface Template {
  name: string
  title: string
  description: string
}

export interface DraftSaved {
  revision: number
  updated_at: string
}

export interface Diagnostic {
  code: string
  message: string
  hint: string
  severity: 'error' | 'warning'
  line: number
  column: number
  end_line: number
  end_column: number
}

export type Family = 'source' | 'scanner' | 'synthesizer' | 'extractor' | 'examples' | 'learner' | 'reducer'

export interface DagInput {
  node: string
  slot: string
  split: string | null
}

export interface DagNode {
  name: string
  label: string
  operator: string
  family: Family
  kind: string
  line: number
  end_line: number
  inputs: DagInput[]
  params: Record<string, string>
  wanted: boolean
  output: boolean
  metric: boolean
}

export interface Dag {
  nodes: DagNode[]
  outputs: string[]
}

export interface NodePlan {
  action: Action
  stale: boolean
  reason: string
  estimate: number
}

export interface Plan {
  nodes: Record<string, NodePlan>
  compute: number
  load: number
  prune: number
  estimate: number
}

export interface MissingFile {
  node: string
  split: string
  path: string
  dataset: { name: string; title: string; bytes: number } | null
  message: string
}

export interface Check {
  diagnostics: Diagnostic[]
  dag: Dag | null
  plan: Plan | null
  missing: MissingFile[]
}

export interface NodeError {
  code: string
  message: string
  line: number | null
  detail: string
  example: string
}

export interface NodeRun {
  name: string
  operator: string
  status: NodeStatus
  action: Action
  stale: boolean
  reason: string
  estimate: number
  seconds: number | null
  bytes: number | null
  stored: boolean
  error: NodeError | null
}

export interface Metric {
  name: string
  node: string
  /** null where the number is none (NaN, infinite). */
  value: number | null
  previous: number | null
  higher_is_better: boolean | null
}

export interface Run {
  id: string
  workflow: string
  version: string
  status: RunStatus
  reuse: boolean
  queued_at: string
  started_at: string | null
  finished_at: string | null
  seconds: number | null
  estimate: number | null
  message: string
  last_event: number
  nodes: NodeRun[]
  metrics: Metric[]
}

export interface RunEvents {
  events: NumberedEvent[]
}

export interface Version {
  id: string
  number: number
  message: string
  author: string
  created_at: string
  parent: string | null
  runs: { id: string; status: RunStatus; seconds: number | null }[]
  metrics: Record<string, number | null>
}

export interface VersionText extends Version {
  text: string
}

export interface Dataset {
  name: string
  title: string
  bytes: number
  present: boolean
  status: 'absent' | 'fetching' | 'present' | 'failed'
  message: string
  progress: number | null
}

export interface OperatorParameter {
  name: string
  type: string
  doc: string
  default?: unknown
  required?: boolean
}

export interface Operator {
  name: string
  family: Family
  kind: string | null
  doc: string
  example: string
  parameters: OperatorParameter[]
}
