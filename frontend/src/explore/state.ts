// What an interaction makes of a dashboard's state: pure functions of charts and filters.

import type { Chart, DashboardState, Filter } from '../core/types'

export const MOST_CHARTS = 24

export const NOTHING: DashboardState = { charts: [], filters: [] }

type Range = Extract<Filter, { type: 'range' }>
type Among = Extract<Filter, { type: 'among' }>

export const range = (column: string, source: string, low: number | null, high: number | null): Range => ({
  type: 'range',
  column,
  source,
  low,
  high,
})

export const among = (column: string, source: string, values: (string | null)[], excluded = false): Among => ({
  type: 'among',
  column,
  source,
  values,
  excluded,
})

/** The filters that were made in a chart. */
export const madeIn = (state: DashboardState, chart: string): Filter[] =>
  state.filters.filter(({ source }) => source === chart)

/** The state where these filters, and no others, were made in a chart. */
export function filtered(state: DashboardState, chart: string, filters: readonly Filter[]): DashboardState {
  return { ...state, filters: [...state.filters.filter(({ source }) => source !== chart), ...filters] }
}

export const without = (state: DashboardState, filter: Filter): DashboardState => ({
  ...state,
  filters: state.filters.filter((one) => one !== filter && !same(one, filter)),
})

export const unfiltered = (state: DashboardState): DashboardState => ({ ...state, filters: [] })

/**
 * A click on a value: alone it is chosen, or no longer where it was the only one; `also` adds it to those that are
 * chosen, or takes it away from them.
 */
export function toggled(
  state: DashboardState,
  chart: string,
  column: string,
  value: string | null,
  also: boolean,
): DashboardState {
  const others = madeIn(state, chart).filter((filter) => filter.column !== column)
  const now = chosen(state, chart, column)
  const has = now.includes(value)
  const next = also
    ? has
      ? now.filter((one) => one !== value)
      : [...now, value]
    : has && now.length === 1
      ? []
      : [value]
  return filtered(state, chart, next.length > 0 ? [...others, among(column, chart, next)] : others)
}

/** The values that are chosen in a chart. */
export function chosen(state: DashboardState, chart: string, column: string): (string | null)[] {
  const found = madeIn(state, chart).find((filter) => filter.column === column)
  return found?.type === 'among' && !found.excluded ? found.values : []
}

/** With a chart in the place of the one that has its id, or at the end. */
export function withChart(state: DashboardState, chart: Chart): DashboardState {
  const known = state.charts.some(({ id }) => id === chart.id)
  const charts = known ? state.charts.map((one) => (one.id === chart.id ? chart : one)) : [...state.charts, chart]
  // A brush over another column's axis would be none that is seen.
  const columns = axesOf(chart)
  return {
    charts,
    filters: state.filters.filter(({ source, column }) => source !== chart.id || columns.includes(column)),
  }
}

/** Without a chart; what was filtered in it stays, as the dashboard's own. */
export const withoutChart = (state: DashboardState, id: string): DashboardState => ({
  charts: state.charts.filter((chart) => chart.id !== id),
  filters: state.filters.map((filter) => (filter.source === id ? { ...filter, source: null } : filter)),
})

export function duplicated(state: DashboardState, id: string): DashboardState {
  const at = state.charts.findIndex((chart) => chart.id === id)
  const chart = state.charts[at]
  if (!chart) return state
  return { ...state, charts: state.charts.toSpliced(at + 1, 0, { ...chart, id: freeId(state) }) }
}

/** With a chart at another place; the same state where it is there, or the place is none. */
export function moved(state: DashboardState, id: string, to: number): DashboardState {
  const at = state.charts.findIndex((chart) => chart.id === id)
  const chart = state.charts[at]
  if (!chart || to === at || to < 0 || to >= state.charts.length) return state
  return { ...state, charts: state.charts.toSpliced(at, 1).toSpliced(to, 0, chart) }
}

export function freeId(state: DashboardState): string {
  const taken = new Set(state.charts.map(({ id }) => id))
  let number = state.charts.length + 1
  while (taken.has(`c${number}`)) number += 1
  return `c${number}`
}

/** The columns along whose axes a chart can be filtered. */
export function axesOf(chart: Chart): string[] {
  switch (chart.kind) {
    case 'histogram':
    case 'line':
    case 'bar':
    case 'slices':
      return [chart.x]
    case 'density':
    case 'heatmap':
      return [chart.x, chart.y]
    case 'box':
      return chart.x === null ? [] : [chart.x]
    case 'confusion':
      return ['prediction', 'label']
    case 'table':
    case 'number':
    case 'roc':
    case 'precision_recall':
    case 'calibration':
      return []
  }
}

/** Whether two states ask for the same: filters have no order. */
export function sameState(one: DashboardState, other: DashboardState): boolean {
  return written(one) === written(other)
}

const written = ({ charts, filters }: DashboardState): string =>
  JSON.stringify([charts.map(sorted), filters.map((filter) => JSON.stringify(sorted(filter))).sort()])

const sorted = (value: object): [string, unknown][] =>
  Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))

const same = (one: Filter, other: Filter): boolean => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))

/** What a chart asks, whatever it is called: charts that ask the same have the same axes. */
export const askedBy = (chart: Chart): string => JSON.stringify(sorted({ ...chart, id: '' }))
