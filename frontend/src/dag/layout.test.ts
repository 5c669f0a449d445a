import { describe, expect, it, vi } from 'vitest'
import type { ElkNode } from 'elkjs/lib/elk-api'
import { sizes } from '../core/theme'
import type { Dag, DagNode } from '../core/types'
import { graphOf, neighbour, shapeKey } from './graph'
import ELK from 'elkjs/lib/elk.bundled'
import { closeView, LARGE, layoutInput, Layouts, pathOf, placesOf } from './layout'

const node = (name: string, ...inputs: string[]): DagNode => ({
  name,
  label: name,
  operator: 'Field',
  family: 'extractor',
  kind: 'feature',
  line: 1,
  end_line: 1,
  inputs: inputs.map((input, index) => ({ node: input, slot: `slot${index}`, split: null })),
  params: {},
  wanted: true,
  output: false,
  metric: false,
})

const dag = (...nodes: DagNode[]): Dag => ({ nodes, outputs: [] })
const census = dag(
  node('data'),
  node('rows', 'data'),
  node('age', 'rows'),
  node('sex', 'rows'),
  node('both', 'age', 'sex', 'sex'),
)

describe('the graph that is laid out', () => {
  it('has one edge for each pair of nodes, however many operands it stands for', () => {
    expect(graphOf(census).edges.map((edge) => edge.id)).toEqual([
      'data→rows',
      'rows→age',
      'rows→sex',
      'age→both',
      'sex→both',
    ])
  })

  it('leaves out an edge from a node that is not there', () => {
    expect(graphOf(dag(node('age', 'gone'))).edges).toEqual([])
  })

  it('has the same shape whatever changes but names and edges', () => {
    const edited = dag(
      ...census.nodes.map((one) => ({ ...one, line: one.line + 3, params: { C: '0.1' }, wanted: false })),
    )
    expect(shapeKey(graphOf(edited))).toBe(shapeKey(graphOf(census)))
    expect(shapeKey(graphOf(dag(...census.nodes, node('more', 'rows'))))).not.toBe(shapeKey(graphOf(census)))
  })

  it('is given to ELK with the size that nodes are drawn in, top-down, in the order of the text', () => {
    const input = layoutInput(graphOf(census))
    expect(input.children?.map((child) => child.id)).toEqual(['data', 'rows', 'age', 'sex', 'both'])
    expect(input.children?.[0]).toMatchObject({ width: sizes.node.width, height: sizes.node.height })
    expect(input.edges?.[0]).toEqual({ id: 'data→rows', sources: ['data'], targets: ['rows'] })
    expect(input.layoutOptions).toMatchObject({
      'elk.algorithm': 'layered',
      'elk.direction': 'DOWN',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
    })
  })
})

describe('layouts', () => {
  const engine = (input: ElkNode): Promise<ElkNode> =>
    Promise.resolve({
      ...input,
      children: (input.children ?? []).map((child, at) => ({ ...child, x: at * 10.4, y: at * 20.6 })),
    })

  it('are asked for once for each shape', async () => {
    const asked = vi.fn(engine)
    const layouts = new Layouts(asked)
    const first = await layouts.place(graphOf(census))
    expect(await layouts.place(graphOf(dag(...census.nodes)))).toBe(first)
    expect(asked).toHaveBeenCalledTimes(1)
  })

  it('forget the oldest shape when there are many', async () => {
    const asked = vi.fn(engine)
    const layouts = new Layouts(asked, 2)
    for (const name of ['a', 'b', 'c', 'a']) await layouts.place(graphOf(dag(node(name))))
    expect(asked).toHaveBeenCalledTimes(4)
  })

  it('of very many nodes do without ELK', async () => {
    const asked = vi.fn(engine)
    const many = dag(...Array.from({ length: LARGE + 1 }, (_, at) => node(`n${at}`)))
    expect((await new Layouts(asked).place(graphOf(many))).places.size).toBe(LARGE + 1)
    expect(asked).not.toHaveBeenCalled()
  })

  it('put nodes on whole pixels', () => {
    expect(placesOf({ id: 'root', children: [{ id: 'a', x: 10.4, y: 20.6 }] })).toEqual(
      new Map([['a', { x: 10, y: 21 }]]),
    )
  })
})

describe('the first look at a graph', () => {
  it('takes in all of it while it can be read', () => {
    expect(
      closeView(
        new Map([
          ['a', { x: 0, y: 0 }],
          ['b', { x: 400, y: 300 }],
        ]),
        800,
        600,
      ),
    ).toBeNull()
  })

  it('has nothing to decide where there is nothing', () => {
    expect(closeView(new Map(), 800, 600)).toBeNull()
  })

  it('goes to the top of one that is too large', () => {
    const view = closeView(
      new Map([
        ['low', { x: 0, y: 18_000 }],
        ['top', { x: 2000, y: 12 }],
      ]),
      800,
      600,
    )
    expect(view?.zoom).toBeGreaterThan(0.3)
    // The topmost node stands in the middle, at the upper edge.
    expect((2000 + sizes.node.width / 2) * (view?.zoom ?? 0) + (view?.x ?? 0)).toBeCloseTo(400)
    expect(12 * (view?.zoom ?? 0) + (view?.y ?? 0)).toBeCloseTo(sizes.node.gapY)
  })
})

describe('walking the graph by keys', () => {
  const graph = graphOf(census)
  const places = new Map([
    ['data', { x: 50, y: 0 }],
    ['rows', { x: 50, y: 80 }],
    ['age', { x: 0, y: 160 }],
    ['sex', { x: 100, y: 160 }],
    ['both', { x: 50, y: 240 }],
  ])

  it('goes along edges up and down, and along the row left and right', () => {
    expect(neighbour(graph, places, 'rows', 'up')).toBe('data')
    expect(neighbour(graph, places, 'rows', 'down')).toBe('age')
    expect(neighbour(graph, places, 'age', 'right')).toBe('sex')
    expect(neighbour(graph, places, 'sex', 'left')).toBe('age')
  })

  it('stays where there is nothing', () => {
    expect(neighbour(graph, places, 'data', 'up')).toBeNull()
    expect(neighbour(graph, places, 'age', 'left')).toBeNull()
    expect(neighbour(graph, places, 'nobody', 'down')).toBeNull()
  })
})

describe('the routes of edges', () => {
  const real = new Layouts((input) => new ELK().layout(input))
  const ladder = dag(
    node('data'),
    ...Array.from({ length: 8 }, (_, at) => node(`f${at}`, at === 0 ? 'data' : `f${at - 1}`, 'data')),
    ...Array.from({ length: 6 }, (_, at) => node(`g${at}`, 'data')),
    node('all', 'f7', ...Array.from({ length: 6 }, (_, at) => `g${at}`)),
  )

  it('keep clear of every node that they neither leave nor enter', async () => {
    const graph = graphOf(ladder)
    const { places, routes } = await real.place(graph)
    expect(routes.size).toBe(graph.edges.length)
    let looked = 0
    for (const { id, source, target } of graph.edges) {
      for (const point of pointsAlong(routes.get(id) ?? [])) {
        for (const [name, { x, y }] of places) {
          if (name === source || name === target) continue
          looked += 1
          const inside =
            point.x > x + 1 &&
            point.x < x + sizes.node.width - 1 &&
            point.y > y + 1 &&
            point.y < y + sizes.node.height - 1
          if (inside) expect.fail(`${id} goes through ${name}`)
        }
      }
    }
    expect(looked).toBeGreaterThan(1000)
  })

  it('leave from the foot of one node and end at the head of the other', async () => {
    const { places, routes } = await real.place(graphOf(census))
    const route = routes.get('data→rows') ?? []
    expect(route[0]?.y).toBeCloseTo((places.get('data')?.y ?? 0) + sizes.node.height, 0)
    expect(route.at(-1)?.y).toBeCloseTo(places.get('rows')?.y ?? -1, 0)
  })

  it('are drawn upright at each of their points', () => {
    const path = pathOf([
      { x: 0, y: 0 },
      { x: 10, y: 20 },
      { x: 10, y: 60 },
    ])
    expect(path).toBe('M0,0C0,10 10,10 10,20L10,60')
    expect(pathOf([])).toBe('')
  })
})

/** Points along the drawn line: a curve between two points of a route is `x(t) = x0 + (x1 − x0) t²(3 − 2t)`. */
function pointsAlong(route: readonly { x: number; y: number }[]): { x: number; y: number }[] {
  return route.slice(1).flatMap((to, at) => {
    const from = route[at] ?? to
    return Array.from({ length: 41 }, (_, step) => {
      const t = step / 40
      const along = 1.5 * t * (1 - t) ** 2 + 1.5 * t * t * (1 - t) + t ** 3
      return { x: from.x + (to.x - from.x) * t * t * (3 - 2 * t), y: from.y + (to.y - from.y) * along }
    })
  })
}
