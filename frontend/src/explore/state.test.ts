import { describe, expect, it } from 'vitest'
import type { Chart, DashboardState, Figure } from '../core/types'
import { problemOf, valuesFor } from './form'
import { brushFilters, chosenIn, clicked, nudged, rangeIn, tidied } from './pointing'
import * as states from './state'
import { filterWords, stateWords } from './words'

const histogram: Extract<Chart, { kind: 'histogram' }> = { id: 'c1', kind: 'histogram', x: 'delay', bins: 40 }
const bar: Extract<Chart, { kind: 'bar' }> = {
  id: 'c2',
  kind: 'bar',
  x: 'carrier',
  y: null,
  aggregate: 'count',
  top: 2,
}
const state: DashboardState = { charts: [histogram, bar], filters: [] }
const outside = { nulls: 0, nan: 0, infinite: 0 }
const bars: Figure = {
  type: 'bars',
  axis: { type: 'values', values: ['AA', null], rest: 3 },
  total: [5, 2, 9],
  count: [5, 2, 9],
  value: null,
  outside,
}
const none = new Set<string>()

describe('a click on a bar', () => {
  const click = (from: DashboardState, y: number, also = false) => clicked(from, bar, bars, { x: 0, y }, also, none)

  it('chooses it alone, another one instead, and none where it was the only one', () => {
    const one = click(state, 0)
    expect(one.filters).toEqual([states.among('carrier', 'c2', ['AA'])])
    expect(click(one, 1).filters).toEqual([states.among('carrier', 'c2', [null])])
    expect(click(one, 0).filters).toEqual([])
  })

  it('with Shift adds it, or takes it away', () => {
    const both = click(click(state, 0), 1, true)
    expect(states.chosen(both, 'c2', 'carrier')).toEqual(['AA', null])
    expect(states.chosen(click(both, 0, true), 'c2', 'carrier')).toEqual([null])
  })

  it('on the others leaves out those that are named', () => {
    const others = click(state, 2)
    expect(others.filters).toEqual([states.among('carrier', 'c2', ['AA', null], true)])
    expect(click(others, 2).filters).toEqual([])
    const chosen = chosenIn(others.filters, 'carrier', { type: 'values', values: ['AA', null], rest: 3 })
    expect([0, 1, 2].map((place) => chosen?.(place))).toEqual([false, false, true])
  })
})

describe('a brush', () => {
  const axis = { type: 'bins' as const, edges: [0, 10, 20, 30], time: false }

  it('has ends as round as a tenth of a bin, and whole ones among whole numbers', () => {
    expect(tidied([12.3456, 4.001], axis, false)).toEqual([4, 12])
    expect(tidied([1.2, 3.9], axis, true)).toEqual([1, 3])
    expect(tidied([1.2, 1.4], axis, true)).toEqual([1, 1])
    expect(tidied([10.000000001, 12.999999999], axis, true)).toEqual([10, 12])
    expect(tidied([0.123, 0.456], { ...axis, edges: [0, 0.1, 0.2] }, false)).toEqual([0.12, 0.46])
  })

  it('of whole numbers stands where it was drawn', () => {
    const wholes = new Set(['delay'])
    const [low, high] = tidied([4, 9], axis, true)
    expect(rangeIn([states.range('delay', 'c1', low, high)], 'delay', axis, wholes)).toEqual([4, 9])
    expect(rangeIn([states.range('delay', 'c1', 4, 8)], 'delay', axis, none)).toEqual([4, 8])
  })

  it('is moved from bin to bin by keys, and never out of the axis', () => {
    expect(nudged('ArrowRight', [0, 10], axis)).toEqual([10, 20])
    expect(nudged('ArrowLeft', [0, 10], axis)).toEqual([0, 10])
    expect(nudged(']', [0, 10], axis)).toEqual([0, 20])
    expect(nudged('{', [0, 10], axis)).toEqual([0, 10])
    expect(nudged('ArrowRight', null, axis)).toEqual([0, 20])
    expect(nudged('x', [0, 10], axis)).toBeNull()
  })

  it('over both axes filters both columns', () => {
    const chart: Chart = { id: 'c3', kind: 'density', x: 'delay', y: 'distance', bins: 10 }
    const grid: Figure = { type: 'grid', x: axis, y: axis, at_x: [], at_y: [], count: [], value: null, outside }
    expect(brushFilters(chart, grid, [1, 2], [3, 4], none)).toEqual([
      states.range('delay', 'c3', 1, 2),
      states.range('distance', 'c3', 3, 4),
    ])
  })
})

describe('charts of a state', () => {
  const brushed = states.filtered(state, 'c1', [states.range('delay', 'c1', 1, 2)])

  it('keep their filters when they are edited, unless it is of another column', () => {
    expect(states.withChart(brushed, { ...histogram, bins: 5 }).filters).toEqual(brushed.filters)
    expect(states.withChart(brushed, { ...histogram, x: 'distance' }).filters).toEqual([])
  })

  it('leave their filters to the dashboard when they are removed', () => {
    expect(states.withoutChart(brushed, 'c1')).toEqual({
      charts: [bar],
      filters: [{ ...brushed.filters[0], source: null }],
    })
  })

  it('are duplicated under a free name, and moved', () => {
    const more = states.duplicated(state, 'c1')
    expect(more.charts.map(({ id }) => id)).toEqual(['c1', 'c3', 'c2'])
    expect(states.moved(more, 'c2', 0).charts.map(({ id }) => id)).toEqual(['c2', 'c1', 'c3'])
    expect(states.moved(more, 'c2', 3)).toBe(more)
  })

  it('are the same in whatever order filters and fields stand', () => {
    const filters = [states.range('delay', 'c1', 1, 2), states.among('carrier', 'c2', ['AA'])]
    const one = { ...state, filters }
    expect(
      states.sameState(one, {
        charts: [{ bins: 40, x: 'delay', kind: 'histogram', id: 'c1' }, bar],
        filters: filters.toReversed(),
      }),
    ).toBe(true)
    expect(states.sameState(one, state)).toBe(false)
  })

  it('say what was asked', () => {
    expect(stateWords(brushed, state, none)).toBe('delay 1–2')
    expect(stateWords(state, states.NOTHING, none)).toBe('+ delay, + rows by carrier')
    expect(stateWords(state, brushed, none)).toBe('everything')
    const day = states.range('at', 'c1', Date.UTC(2026, 0, 2), null)
    expect(filterWords(day, new Set(['at']))).toBe('at ≥ 2026-01-02')
  })
})

describe('the form of a chart', () => {
  const column = (name: string, kind: 'number' | 'category') => ({
    name,
    kind,
    whole: false,
    nulls: 0,
    distinct: 5,
    low: null,
    high: null,
    longest: 0,
  })
  const columns = [column('carrier', 'category'), column('delay', 'number'), column('distance', 'number')]

  it('begins with columns that suit', () => {
    expect(valuesFor('histogram', {}, columns)).toMatchObject({ x: 'delay', bins: 40 })
    expect(valuesFor('density', { x: 'distance' }, columns)).toMatchObject({ x: 'distance', y: 'delay' })
  })

  it('says what is missing', () => {
    expect(problemOf('histogram', valuesFor('histogram', {}, []))).toContain('Choose a column')
    expect(problemOf('histogram', { x: 'delay', bins: 300 })).toContain('from 1 to 200')
    expect(problemOf('bar', { x: 'carrier', y: null, aggregate: 'mean', top: 5 })).toContain('whose mean')
    expect(problemOf('bar', { x: 'carrier', y: null, aggregate: 'count', top: 5 })).toBe('')
  })
})
