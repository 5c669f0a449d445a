import { describe, expect, it } from 'vitest'
import type { Cost, MergedDag, MergedNode, NodeSide } from '../core/types'
import { sizes } from '../core/theme'
import { changed, shownBy } from './address'
import { costsDiffer, framesOf, graphOf, step, toneOf, wordsOf } from './merged'

const side = (name: string): NodeSide => ({
  name,
  label: name,
  operator: 'Scale',
  family: 'extractor',
  kind: 'feature',
  metric: false,
  output: false,
  line: 1,
  end_line: 1,
  inputs: [],
  params: {},
  cost: null,
})

const node = (
  id: string,
  differences: MergedNode['differences'] = [],
  before: string | null = id,
  after: string | null = id,
): MergedNode => ({
  id,
  before: before === null ? null : side(before),
  after: after === null ? null : side(after),
  differences,
  changes: [],
})

const chain = (...nodes: MergedNode[]): MergedDag => ({
  nodes,
  edges: nodes.slice(1).map((one, at) => ({ source: nodes[at]?.id ?? '', target: one.id, status: 'same' })),
  groups: [],
})

describe('the merged graph', () => {
  it('shows what differs and its direct neighbours, and folds the rest', () => {
    const dag = chain(node('a'), node('b'), node('c', ['changed']), node('d'), node('e'))
    expect(graphOf(dag, false).names).toEqual(['b', 'c', 'd'])
    expect(graphOf(dag, false).edges.map((edge) => edge.id)).toEqual(['b→c', 'c→d'])
    expect(graphOf(dag, true).names).toHaveLength(5)
  })

  it('shows both ends of an edge that came or went', () => {
    const dag = chain(node('a'), node('b'))
    dag.edges = [{ source: 'a', target: 'b', status: 'removed' }]
    expect(graphOf(dag, false).names).toEqual(['a', 'b'])
  })

  it('says what became of a node', () => {
    expect(wordsOf(node('b', ['renamed', 'changed'], 'a'), [])).toBe('renamed from a, changed')
    expect(wordsOf(node('a'), [])).toBe('the same')
    const groups: MergedDag['groups'] = [{ kind: 'split', before: ['a'], after: ['a', 'b'] }]
    expect(wordsOf(node('b', ['added'], null), groups)).toBe('added, split off a')
    expect([node('b', ['added'], null), node('b', ['removed'], 'b', null), node('b')].map(toneOf)).toEqual([
      'added',
      'removed',
      'same',
    ])
  })
})

describe('costs', () => {
  const cost = (action: Cost['action'], seconds: number): Cost => ({
    status: 'done',
    action,
    reason: '',
    estimate: 0,
    seconds,
    bytes: 0,
    stored: false,
  })

  it('differ by action, or by a time that is worth telling', () => {
    expect(costsDiffer(cost('compute', 1), cost('load', 1))).toBe(true)
    expect(costsDiffer(cost('compute', 0.002), cost('compute', 0.008))).toBe(false)
    expect(costsDiffer(cost('compute', 1), cost('compute', 1.05))).toBe(false)
    expect(costsDiffer(cost('compute', 1), cost('compute', 1.2))).toBe(true)
    expect(costsDiffer(null, cost('compute', 1))).toBe(true)
    expect(costsDiffer(null, null)).toBe(false)
  })
})

describe('steps', () => {
  it('go round, and begin at either end', () => {
    const names = ['a', 'b', 'c']
    expect([step(names, null, 1), step(names, null, -1), step(names, 'c', 1), step(names, 'a', -1)]).toEqual([
      'a',
      'c',
      'a',
      'c',
    ])
    expect(step([], 'a', 1)).toBeNull()
  })
})

describe('the address', () => {
  it('says what is shown, and is read back', () => {
    const params = changed(new URLSearchParams(), { view: 'code', all: true, spotlight: 'a', node: 'x', inline: false })
    expect(params.toString()).toBe('view=code&all=1&spotlight=a&node=x')
    expect(shownBy(params)).toMatchObject({ view: 'code', all: true, spotlight: 'a', node: 'x', inline: false })
  })

  it('passes over what it does not know', () => {
    expect(shownBy(new URLSearchParams('view=nothing&spotlight=c'))).toMatchObject({ view: 'dag', spotlight: null })
  })
})

describe('frames', () => {
  const groups: MergedDag['groups'] = [{ kind: 'split', before: ['a'], after: ['b', 'c'] }]
  const { width, height } = sizes.node

  it('stand around what was split together', () => {
    const places = new Map([
      ['a', { x: 0, y: 0 }],
      ['b', { x: 200, y: 0 }],
      ['c', { x: 400, y: 100 }],
      ['d', { x: 0, y: 300 }],
    ])
    const [frame, ...others] = framesOf(groups, places)
    expect(others).toEqual([])
    expect(frame?.title).toBe('split: a → b, c')
    expect(frame?.x).toBeLessThan(0)
    expect((frame?.x ?? 0) + (frame?.width ?? 0)).toBeGreaterThan(400 + width)
    expect((frame?.y ?? 0) + (frame?.height ?? 0)).toBeGreaterThan(100 + height)
  })

  it('stand around each where another node is between, and around none that is folded', () => {
    const places = new Map([
      ['a', { x: 0, y: 0 }],
      ['d', { x: 200, y: 0 }],
      ['c', { x: 400, y: 0 }],
    ])
    expect(framesOf(groups, places).map(({ x }) => x < 100)).toEqual([true, false])
    expect(framesOf(groups, new Map([['d', { x: 0, y: 0 }]]))).toEqual([])
  })
})
