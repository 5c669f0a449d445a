// The graph in React Flow's terms: placed nodes of a fixed size, with known handles, so that nothing has to be measured.

import { Position, type Edge } from '@xyflow/react'
import { sizes } from '../core/theme'
import type { Graph, GraphEdge, Place } from './graph'
import { pathOf, type Layout, type Places } from './layout'
import type { HelixNode } from './NodeCard'
import type { Drawn, Views } from './useViews'
import { spoken } from './view'

const { width, height } = sizes.node

const handles: NonNullable<HelixNode['handles']> = [
  { type: 'target', position: Position.Top, x: width / 2, y: 0, width: 1, height: 1 },
  { type: 'source', position: Position.Bottom, x: width / 2, y: height, width: 1, height: 1 },
]

/** What React Flow would measure of any node that has the size of a card. */
export const frame = { width, height, measured: { width, height }, handles }

// React Flow compares nodes by identity: a node that is drawn and placed as before stays the same object.
const nodesBefore = new WeakMap<Drawn, HelixNode>()

function toNode(name: string, position: Place, drawn: Drawn, selected: boolean, faded: boolean): HelixNode {
  const before = nodesBefore.get(drawn)
  if (before?.position === position && before.selected === selected && before.data.faded === faded) return before
  const node: HelixNode = {
    id: name,
    type: 'helix',
    position,
    ...frame,
    selected,
    ariaLabel: spoken(drawn.view),
    data: { ...drawn, faded },
  }
  nodesBefore.set(drawn, node)
  return node
}

export function toNodes(
  graph: Graph,
  places: Places,
  views: Views,
  selected: string | null,
  faded: boolean,
): HelixNode[] {
  return graph.names.flatMap((name) => {
    const position = places.get(name)
    const drawn = views.get(name)
    // A node that was just written has no place until the layout's answer, some milliseconds later.
    if (!position || !drawn) return []
    return [toNode(name, position, drawn, name === selected, faded)]
  })
}

export function toEdges(
  graph: Graph,
  routes: Layout['routes'],
  selected: string | null,
  classOf: (edge: GraphEdge) => string = () => '',
): Edge[] {
  return graph.edges.map((edge) => {
    const near = edge.source === selected || edge.target === selected
    const route = routes.get(edge.id)
    return {
      ...edge,
      className: `${near ? 'near' : ''} ${classOf(edge)}`.trim(),
      ...(route ? { type: 'route', data: { path: pathOf(route) } } : {}),
    }
  })
}
