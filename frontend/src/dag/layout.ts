// Where nodes stand: ELK's layered layout, top-down, in a web worker (a plain one where there are very many); remembered
// by the shape of the graph.

import type { ElkNode } from 'elkjs/lib/elk-api'
import { sizes } from '../core/theme'
import { shapeKey, type Graph, type Place } from './graph'
import { placeLarge } from './large'

export type Places = ReadonlyMap<string, Place>

/** Where nodes stand, and by which points each edge goes so that it keeps clear of them (none: straight down). */
export interface Layout {
  places: Places
  routes: ReadonlyMap<string, readonly Place[]>
}

const { width, height, gapX, gapY } = sizes.node

const options: Record<string, string> = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.spacing.nodeNode': String(gapX),
  'elk.layered.spacing.nodeNodeBetweenLayers': String(gapY),
  'elk.spacing.componentComponent': String(gapX * 2),
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
  // An edge over several layers goes through gaps between their nodes; all edges of a node meet in one point of it.
  'elk.edgeRouting': 'POLYLINE',
  'elk.layered.mergeEdges': 'true',
  // Nodes keep the order of the text where crossings allow it, so that an edit moves as little as possible.
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
}

/** Above this number of nodes ELK is not asked. */
export const LARGE = 120

export function layoutInput(graph: Graph): ElkNode {
  return {
    id: 'root',
    layoutOptions: options,
    children: graph.names.map((name) => ({ id: name, width, height })),
    edges: graph.edges.map((edge) => ({ id: edge.id, sources: [edge.source], targets: [edge.target] })),
  }
}

export function placesOf(answer: ElkNode): Places {
  return new Map(
    (answer.children ?? []).map((child) => [child.id, { x: Math.round(child.x ?? 0), y: Math.round(child.y ?? 0) }]),
  )
}

export function routesOf(answer: ElkNode): Layout['routes'] {
  return new Map(
    (answer.edges ?? []).flatMap(({ id, sections }) => {
      const section = sections?.[0]
      return section ? [[id, [section.startPoint, ...(section.bendPoints ?? []), section.endPoint]]] : []
    }),
  )
}

/** A line by the points of a route that leaves and enters upright, as every part of it between two layers does. */
export function pathOf([start, ...rest]: readonly Place[]): string {
  if (!start) return ''
  let path = `M${start.x},${start.y}`
  let from = start
  for (const to of rest) {
    const middle = (from.y + to.y) / 2
    path += from.x === to.x ? `L${to.x},${to.y}` : `C${from.x},${middle} ${to.x},${middle} ${to.x},${to.y}`
    from = to
  }
  return path
}

const LEGIBLE = 0.3
const CLOSE = 0.55

/** Where to look at first when the whole graph would be too small to read: at its top. Null where all of it fits. */
export function closeView(
  places: Places,
  paneWidth: number,
  paneHeight: number,
): { x: number; y: number; zoom: number } | null {
  const all = [...places.values()]
  if (all.length === 0) return null
  const graphWidth = Math.max(...all.map(({ x }) => x)) - Math.min(...all.map(({ x }) => x)) + width
  const graphHeight = Math.max(...all.map(({ y }) => y)) - Math.min(...all.map(({ y }) => y)) + height
  if (Math.min(paneWidth / graphWidth, paneHeight / graphHeight) >= LEGIBLE) return null
  const top = all.reduce((highest, place) => (place.y < highest.y ? place : highest))
  return { x: paneWidth / 2 - CLOSE * (top.x + width / 2), y: gapY - CLOSE * top.y, zoom: CLOSE }
}

type Engine = (input: ElkNode) => Promise<ElkNode>

/** Lays graphs out and remembers the last `size` shapes. */
export class Layouts {
  private readonly known = new Map<string, Layout>()

  constructor(
    private readonly engine: Engine,
    private readonly size = 32,
  ) {}

  remembered(graph: Graph): Layout | undefined {
    return this.known.get(shapeKey(graph))
  }

  async place(graph: Graph): Promise<Layout> {
    const key = shapeKey(graph)
    const known = this.known.get(key)
    if (known) return known
    const layout = await this.lay(graph)
    this.known.set(key, layout)
    const oldest = this.known.keys().next().value
    if (this.known.size > this.size && oldest !== undefined) this.known.delete(oldest)
    return layout
  }

  private async lay(graph: Graph): Promise<Layout> {
    if (graph.names.length > LARGE) return { places: placeLarge(graph), routes: new Map() }
    const answer = await this.engine(layoutInput(graph))
    return { places: placesOf(answer), routes: routesOf(answer) }
  }
}
