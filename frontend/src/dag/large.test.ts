import { describe, expect, it } from 'vitest'
import { sizes } from '../core/theme'
import type { Graph } from './graph'
import { layersOf, placeLarge } from './large'

const graph = (names: string[], ...pairs: [string, string][]): Graph => ({
  names,
  edges: pairs.map(([source, target]) => ({ id: `${source}→${target}`, source, target })),
})

/** Many features of one source, all of which feed one node. */
function fan(features: number): Graph {
  const names = Array.from({ length: features }, (_, at) => `f${at}`)
  return graph(
    ['data', ...names, 'all'],
    ...names.map((name): [string, string] => ['data', name]),
    ...names.map((name): [string, string] => [name, 'all']),
  )
}

it('a node stands below everything that it needs, by the longest way', () => {
  expect(layersOf(graph(['a', 'b', 'c', 'd'], ['a', 'b'], ['b', 'd'], ['a', 'd'], ['a', 'c']))).toEqual([
    ['a'],
    ['b', 'c'],
    ['d'],
  ])
})

describe('a large graph', () => {
  const large = fan(1000)
  const places = placeLarge(large)
  const all = [...places.values()]

  it('has a place for every node, and no two overlap', () => {
    expect([...places.keys()].toSorted()).toEqual(large.names.toSorted())
    for (const [at, one] of all.entries()) {
      for (const other of all.slice(at + 1)) {
        const apart = Math.abs(one.x - other.x) >= sizes.node.width || Math.abs(one.y - other.y) >= sizes.node.height
        if (!apart) expect.fail(`${JSON.stringify(one)} and ${JSON.stringify(other)} overlap`)
      }
    }
  })

  it('goes down along every edge', () => {
    for (const { source, target } of large.edges) {
      expect(places.get(target)?.y).toBeGreaterThan(places.get(source)?.y ?? Infinity)
    }
  })

  it('is about as high as it is wide', () => {
    const span = (values: number[]) => Math.max(...values) - Math.min(...values)
    const aspect = span(all.map(({ x }) => x)) / span(all.map(({ y }) => y))
    expect(aspect).toBeGreaterThan(0.7)
    expect(aspect).toBeLessThan(2)
  })
})

it('nodes without edges, and no nodes at all, are no trouble', () => {
  expect(placeLarge(graph([])).size).toBe(0)
  expect(placeLarge(graph(['a', 'b'])).size).toBe(2)
})
