// The application's words for what the server says. What is in them is generated from the server's own description: schema.ts.

import type * as schema from './schema'

export type { Family, ServerMessage, ClientMessage } from './schema'

export type Workflow = schema.WorkflowOut
export type WorkflowSummary = schema.WorkflowListedOut
export type Template = schema.TemplateOut

export type Check = schema.CheckOut
export type Diagnostic = schema.DiagnosticOut
export type Dag = schema.DagOut
export type DagNode = schema.NodeOut
export type Plan = schema.PlanOut
export type NodePlan = schema.NodePlanOut
export type MissingFile = schema.MissingOut
export type Operator = schema.OperatorOut

export type Run = schema.RunOut
export type NodeRun = schema.NodeRunOut
export type Metric = schema.MetricOut
export type Accuracy = schema.AccuracyOut
export type Explanation = schema.ExplanationOut
export type Change = schema.ChangeOut
export type Diff = schema.DiffOut
export type NumberedEvent = schema.EventOut
export type Event = NumberedEvent['event']
export type Action = NodeRun['action']
export type NodeStatus = NodeRun['status']
export type RunStatus = Run['status']

export type Version = schema.VersionListedOut
export type Dataset = schema.DatasetOut

export type Trends = schema.TrendsOut
export type Trend = schema.TrendOut
export type Parameters = schema.ParametersOut
export type CurveListed = schema.CurveListedOut
export type Curve = schema.CurveOut
