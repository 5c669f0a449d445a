// The views of all nodes, each with a key by which an unchanged one is recognised and not drawn again.

import { useMemo } from 'react'
import type { Dag, Metric, Plan } from '../core/types'
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

export function viewsOf(dag: Dag | null, plan: Plan | null, run: RunState | null): Views {
  const metrics = new Map<string, Metric[]>()
  for (const metric of run?.metrics ?? []) metrics.set(metric.node, [...(metrics.get(metric.node) ?? []), metric])
  const views = new Map<string, Drawn>()
  for (const node of dag?.nodes ?? []) {
    const nodeRun = run?.nodes[node.name]
    const view = viewOf(node, { plan: plan?.nodes[node.name], run: nodeRun, metrics: metrics.get(node.name) ?? [] })
    const state = stateWord(view, nodeRun)
    views.set(node.name, { view, state, key: JSON.stringify([view, state]) })
  }
  return views
}

export function useViews(): Views {
  const dag = useIde((ide) => ide.dag)
  const plan = useIde((ide) => ide.plan)
  const run = useIde((ide) => (showsRun(ide) ? ide.run : null))
  return useMemo(() => viewsOf(dag, plan, run), [dag, plan, run])
}
