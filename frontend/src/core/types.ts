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
export type CheckedOut = schema.CheckedOut
export type Outline = schema.OutlineOut
export type Ref = schema.RefOut
export type AccessToken = schema.AccessTokenOut
export type Dataset = schema.DatasetOut

export type WorkflowStore = schema.WorkflowStoreOut
export type Kept = schema.KeptOut
export type Span = schema.SpanOut
export type StoreChanged = schema.StoreChangedOut
export type Comparison = schema.ComparisonOut
export type ComparedSide = schema.ComparedSideOut
export type ComparedRun = schema.ComparedRunOut
export type ComparedMetric = schema.ComparedMetricOut
export type MergedDag = schema.MergedDagOut
export type MergedNode = schema.MergedNodeOut
export type NodeSide = schema.NodeSideOut
export type Cost = schema.CostOut
export type Trends = schema.TrendsOut
export type Trend = schema.TrendOut
export type Parameters = schema.ParametersOut
export type Backfill = schema.BackfillOut
export type BackfillEstimate = schema.BackfillEstimateOut
export type EstimatedVersion = schema.EstimatedVersionOut
export type CurveListed = schema.CurveListedOut
export type Curve = schema.CurveOut

export type Dashboard = schema.DashboardOut
export type DashboardListed = schema.DashboardListedOut
export type Snapshot = schema.SnapshotOut
export type Answer = schema.AnswerOut
export type AnswerStatus = Answer['status']

/** What is sent may leave out what has a default; what is kept here never does. */
type Whole<T> = T extends unknown ? Required<T> : never
export type Delay = Whole<schema.DelayOut>
export type Chart = Whole<NonNullable<schema.State['charts']>[number]>
export type Filter = Whole<NonNullable<schema.State['filters']>[number]>
export interface DashboardState {
  charts: Chart[]
  filters: Filter[]
}

export type Profile = schema.Profile
export type ProfiledColumn = schema.Column
export type Bars = schema.Bars
export type Grid = schema.Grid
export type Boxes = schema.Boxes
export type Rows = schema.Rows
export type Figure = Bars | Grid | Boxes | Rows | schema.Single | schema.Curve
export type FigureOf<T extends Figure['type']> = Extract<Figure, { type: T }>
export type Axis = Bars['axis']
