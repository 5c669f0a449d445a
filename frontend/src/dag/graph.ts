// The drawn graph: which edges there are between which nodes, what identifies its shape, and how one walks it by keys.

import type { Dag } from '../core/types'

export interface GraphEdge {
  id: string
  source: string
  target: string
}

export interface Graph {
  names: string[]
  edges: GraphEdge[]
}

/** One edge for each pair of nodes, however many operands it stands for; edges from unknown nodes are left out. */
export function graphOf(dag: Dag): Graph {
  const names = dag.nodes.map((node) => node.name)
  const known = new Set(names)
  const edges = new Map<string, GraphEdge>()
  for (const node of dag.nodes) {
    for (const input of node.inputs) {
      const id = `${input.node}→${node.name}`
      if (known.has(input.node)) edges.set(id, { id, source: input.node, target: node.name })
    }
  }
  return { names, edges: [...edges.values()] }
}

/** Two texts with equal keys are drawn alike: names and edges in order, and nothing else. */
export const shapeKey = (graph: Graph): string =>
  `${graph.names.join('\n')}\n\n${graph.edges.map((edge) => edge.id).join('\n')}`

export interface Place {
  x: number
  y: number
}

export type Direction = 'up' | 'down' | 'left' | 'right'

/** The node that an arrow key leads to: along an edge for up and down, the nearest of its row for left and right. */
export function neighbour(
  graph: Graph,
  places: ReadonlyMap<string, Place>,
  from: string,
  direction: Direction,
): string | null {
  const here = places.get(from)
  if (!here) return null
  const sideways = direction === 'left' || direction === 'right'
  const candidates = sideways
    ? graph.names.filter((name) => places.get(name)?.y === here.y && name !== from)
    : graph.edges.flatMap((edge) => {
        if (direction === 'up') return edge.target === from ? [edge.source] : []
        return edge.source === from ? [edge.target] : []
      })
  let best: { name: string; distance: number } | null = null
  for (const name of candidates) {
    const place = places.get(name)
    if (!place || (direction === 'left' && place.x > here.x) || (direction === 'right' && place.x < here.x)) continue
    const distance = Math.abs(place.x - here.x)
    if (!best || distance < best.distance) best = { name, distance }
  }
  return best?.name ?? null
}
