// What charts and filters are called, and numbers of charts: short, and as exact as a chart can show.

import type { Chart, DashboardState, Filter } from '../core/types'

export const kinds: Record<Chart['kind'], string> = {
  histogram: 'Histogram',
  bar: 'Bars',
  line: 'Line',
  density: 'Density',
  heatmap: 'Heat map',
  box: 'Boxes',
  table: 'Table',
  number: 'Number',
  roc: 'ROC curve',
  precision_recall: 'Precision and recall',
  calibration: 'Calibration',
  confusion: 'Confusion matrix',
  slices: 'Error slices',
}

/** What a chart shows, in a few words. */
export function titleOf(chart: Chart): string {
  switch (chart.kind) {
    case 'histogram':
      return chart.x
    case 'number':
      return chart.aggregate === 'count' || chart.y === null ? 'rows' : `${chart.aggregate} of ${chart.y}`
    case 'bar':
    case 'line':
      return `${measured(chart.aggregate, chart.y)} by ${chart.x}`
    case 'heatmap':
      return `${measured(chart.aggregate, chart.z)} by ${chart.x} and ${chart.y}`
    case 'density':
      return `${chart.y} against ${chart.x}`
    case 'box':
      return chart.x === null ? chart.y : `${chart.y} by ${chart.x}`
    case 'slices':
      return `errors by ${chart.x}`
    case 'table':
    case 'roc':
    case 'precision_recall':
    case 'calibration':
    case 'confusion':
      return kinds[chart.kind]
  }
}

/** What stands at the axes of a chart; empty where its title says it already. */
export function axisTitles(chart: Chart): { x: string; y: string } {
  switch (chart.kind) {
    case 'histogram':
      return { x: chart.x, y: 'rows' }
    case 'line':
      return { x: chart.x, y: measured(chart.aggregate, chart.y) }
    case 'density':
    case 'heatmap':
      return { x: chart.x, y: chart.y }
    case 'box':
      return { x: chart.y, y: chart.x ?? '' }
    case 'slices':
      return { x: chart.x, y: 'share that is wrong' }
    case 'confusion':
      return { x: 'prediction', y: 'label' }
    case 'roc':
      return { x: 'false positive rate', y: 'true positive rate' }
    case 'precision_recall':
      return { x: 'recall', y: 'precision' }
    case 'calibration':
      return { x: 'mean score', y: 'share of the class' }
    case 'bar':
    case 'table':
    case 'number':
      return { x: '', y: '' }
  }
}

const measured = (aggregate: string, column: string | null): string =>
  aggregate === 'count' || column === null ? 'rows' : `${aggregate} of ${column}`

/** A filter, as its chip and the tile of its snapshot name it; `times` are the columns that are times. */
export function filterWords(filter: Filter, times: ReadonlySet<string>): string {
  const { column } = filter
  if (filter.type === 'among') {
    const named = filter.values.slice(0, 3).map(valueText)
    const rest = filter.values.length - named.length
    const told = named.join(', ') + (rest > 0 ? ` and ${rest} more` : '')
    return told === '' ? `${column}: nothing` : `${column} ${filter.excluded ? '≠' : '='} ${told}`
  }
  const shown = times.has(column) ? moment : short
  if (filter.low === null) return `${column} ≤ ${shown(filter.high ?? 0)}`
  if (filter.high === null) return `${column} ≥ ${shown(filter.low)}`
  const between = filter.low < 0 && !times.has(column) ? ' to ' : '–'
  return `${column} ${shown(filter.low)}${between}${shown(filter.high)}`
}

/** What a state asks for as against the one before: until the server says it in its own words. */
export function stateWords(state: DashboardState, before: DashboardState, times: ReadonlySet<string>): string {
  const [now, earlier] = [byId(state), byId(before)]
  const changes = [
    ...state.charts.filter(({ id }) => !earlier.has(id)).map((chart) => `+ ${titleOf(chart)}`),
    ...before.charts.filter(({ id }) => !now.has(id)).map((chart) => `− ${titleOf(chart)}`),
    ...state.charts
      .filter((chart) => earlier.has(chart.id) && JSON.stringify(earlier.get(chart.id)) !== JSON.stringify(chart))
      .map((chart) => `${titleOf(chart)} changed`),
  ]
  const filters = state.filters.map((filter) => filterWords(filter, times))
  return [...(changes.length > 0 ? [changes.join(', ')] : []), ...filters].join(' · ') || 'everything'
}

const byId = ({ charts }: DashboardState): Map<string, Chart> => new Map(charts.map((chart) => [chart.id, chart]))

export const valueText = (value: string | null): string => (value === '' ? 'empty text' : (value ?? 'no value'))

// Made once: that takes longer than writing a hundred numbers with them.
const grouped = new Intl.NumberFormat('en')
const [threeDigits, fourDigits] = [3, 4].map(
  (digits) => new Intl.NumberFormat('en', { maximumSignificantDigits: digits }),
) as [Intl.NumberFormat, Intl.NumberFormat]

/** Four digits: 0.1235, 12.3, 1,235, 12M only in powers of ten. */
export function short(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(2)
  return size >= 1000 ? grouped.format(Math.round(value)) : fourDigits.format(value)
}

export const whole = (n: number): string => grouped.format(n)

/** Where there is little room: 1.2k, 34M. */
export function compact(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e9) return `${tidy(value / 1e9)}G`
  if (size >= 1e6) return `${tidy(value / 1e6)}M`
  if (size >= 1e4) return `${tidy(value / 1e3)}k`
  return short(value)
}

const tidy = (value: number): string => threeDigits.format(value)

/** A time, milliseconds since 1970 (UTC): the day, and the time of day where it is not midnight. */
export function moment(value: number): string {
  const at = new Date(value)
  if (Number.isNaN(at.getTime())) return short(value)
  const [day = '', time = ''] = at.toISOString().split('T')
  return /^00:00:00\.000/.test(time)
    ? day
    : /:00\.000Z$/.test(time)
      ? `${day} ${time.slice(0, 5)}`
      : `${day} ${time.slice(0, 8)}`
}
