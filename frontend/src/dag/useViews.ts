// The views of all nodes, each with a key by which an unchanged one is recognised and not drawn again.

import { useMemo } from 'react'
import type { Dag, DagNode, Metric, NodePlan, Plan } from '../core/types'
import { showsRun, useIde } from '../ide/store'
import type { RunState } from '../run/state'
import { stateWord, viewOf, type NodeView } from './view'

// A type rather than an interface: React Flow wants node data with an implicit index signature.
export type Drawn = {
  view: NodeView
  state: string
  key: string
}

export type Views = ReadonlyMap<string, Drawn>

// What was last drawn of a node: while a run goes on, most nodes look as before, and keep the very same object.
const drawnBefore = new WeakMap<DagNode, Drawn>()

function drawn(node: DagNode, view: NodeView, state: string): Drawn {
  const key = JSON.stringify([view, state])
  const before = drawnBefore.get(node)
  if (before?.key === key) return before
  const now = { view, state, key }
  drawnBefore.set(node, now)
  return now
}

/** What no output needs is dropped before planning, so the plan does not name it. */
const unwanted: NodePlan = {
  action: 'prune',
  stale: false,
  reason: 'No output needs it.',
  estimate: 0,
  conditional: false,
}

export function viewsOf(dag: Dag | null, plan: Plan | null, run: RunState | null, ranBefore: boolean): Views {
  const metrics = new Map<string, Metric[]>()
  for (const metric of run?.metrics ?? []) metrics.set(metric.node, [...(metrics.get(metric.node) ?? []), metric])
  const views = new Map<string, Drawn>()
  for (const node of dag?.nodes ?? []) {
    const nodeRun = run?.nodes[node.name]
    const view = viewOf(node, {
      plan: plan?.nodes[node.name] ?? (plan && !node.wanted ? unwanted : undefined),
      run: nodeRun,
      metrics: metrics.get(node.name) ?? [],
      warnings: run?.warnings[node.name]?.length ?? 0,
      running: run ? { since: run.started[node.name] ?? null, progress: run.progress[node.name] ?? null } : null,
      ranBefore,
    })
    views.set(node.name, drawn(node, view, stateWord(view, nodeRun)))
  }
  return views
}

export function useViews(): Views {
  const dag = useIde((ide) => ide.dag)
  const plan = useIde((ide) => ide.plan)
  const run = useIde((ide) => (showsRun(ide) ? ide.run : null))
  const ranBefore = useIde((ide) => ide.ranBefore)
  return useMemo(() => viewsOf(dag, plan, run, ranBefore), [dag, plan, run, ranBefore])
}
