// What lies under the pointer in a chart, and what a click, a brush or a key there makes of the filters.

import type { Axis, Chart, DashboardState, Figure, Filter } from '../core/types'
import type { Layout } from './draw/layout'
import { placeText } from './draw/scale'
import { among, axesOf, chosen, filtered, madeIn, range, toggled } from './state'

/** A mark: its place along the one axis, or on both of a grid. */
export interface Pointed {
  x: number
  y: number
}

export type Ends = [low: number, high: number]

/** Along which axes a range can be brushed. */
export function brushed(chart: Chart, figure: Figure): '' | 'x' | 'xy' {
  if (axesOf(chart).length === 0) return ''
  if (figure.type === 'bars') return figure.axis.type === 'bins' ? 'x' : ''
  return figure.type === 'grid' && figure.x.type === 'bins' && figure.y.type === 'bins' ? 'xy' : ''
}

/** Whether marks can be clicked to filter by them. */
export const clickable = (chart: Chart, figure: Figure): boolean =>
  axesOf(chart).length > 0 && brushed(chart, figure) === '' && ['bars', 'boxes', 'grid'].includes(figure.type)

export function pointed(figure: Figure, { across, down }: Layout, x: number, y: number): Pointed | null {
  const found = { x: across?.placeAt(x) ?? 0, y: down?.placeAt(y) ?? 0 }
  if (found.x < 0 || found.y < 0) return null
  if (figure.type === 'bars' || figure.type === 'boxes') return across || down ? found : null
  return figure.type === 'grid' ? found : null
}

/** The place on the one axis of bars and boxes. */
export const placeOf = (figure: Figure, { x, y }: Pointed): number =>
  figure.type === 'bars' && figure.axis.type === 'bins' ? x : y

/** What a click on a mark makes of the state; `also` with those that are chosen already. */
export function clicked(
  state: DashboardState,
  chart: Chart,
  figure: Figure,
  at: Pointed,
  also: boolean,
  wholes: ReadonlySet<string>,
): DashboardState {
  const columns = axesOf(chart)
  const [first] = columns
  if (first === undefined) return state
  if ((figure.type === 'bars' || figure.type === 'boxes') && figure.axis.type === 'values') {
    const place = placeOf(figure, at)
    if (place < figure.axis.values.length)
      return toggled(state, chart.id, first, figure.axis.values[place] ?? null, also)
    return either(state, chart.id, [filterAt(figure.axis, first, chart.id, place, false)])
  }
  if (figure.type !== 'grid' && figure.type !== 'boxes') return state
  const axes: [Axis, number][] =
    figure.type === 'boxes'
      ? [[figure.axis, at.y]]
      : [
          [figure.x, at.x],
          [figure.y, at.y],
        ]
  return either(
    state,
    chart.id,
    axes.map(([axis, place], which) => {
      const column = columns[which] ?? first
      const filter = filterAt(axis, column, chart.id, place, wholes.has(column))
      if (!also || filter.type !== 'among' || filter.excluded) return filter
      return { ...filter, values: [...new Set([...chosen(state, chart.id, column), ...filter.values])] }
    }),
  )
}

/** With these filters, or with none where they are there already. */
function either(state: DashboardState, chart: string, filters: Filter[]): DashboardState {
  const there = JSON.stringify(madeIn(state, chart)) === JSON.stringify(filters)
  return filtered(state, chart, there ? [] : filters)
}

function filterAt(axis: Axis, column: string, chart: string, place: number, whole: boolean): Filter {
  if (axis.type === 'values')
    return place < axis.values.length
      ? among(column, chart, [axis.values[place] ?? null])
      : among(column, chart, axis.values, true)
  const [low, high] = [axis.edges[place] ?? 0, axis.edges[place + 1] ?? 0]
  if (whole && !axis.time) return range(column, chart, low, Math.ceil(high) - 1)
  const last = place === axis.edges.length - 2
  return range(column, chart, low, last ? high : axis.time ? Math.ceil(high) - 1 : justBelow(high))
}

/** The upper edge of a range is not in it, but for the last. */
const justBelow = (value: number): number => value - Math.max(Math.abs(value) * 2 ** -52, Number.MIN_VALUE)

type Bins = Extract<Axis, { type: 'bins' }>

/** Where a range is, of the filters that were made in a chart; a whole number takes the room up to the next one. */
export function rangeIn(
  filters: readonly Filter[],
  column: string | undefined,
  axis: Bins,
  wholes: ReadonlySet<string>,
): Ends | null {
  const found = filters.find((filter) => filter.column === column)
  if (found?.type !== 'range') return null
  const last = axis.edges.at(-1) ?? 0
  const beyond = wholes.has(found.column) && !axis.time ? 1 : 0
  return [found.low ?? axis.edges[0] ?? 0, Math.min(last, (found.high ?? last) + beyond)]
}

/** Ends that are as round as a tenth of a bin; of whole numbers, those whose room is taken by half at least. */
export function tidied([one, other]: Ends, axis: Bins, whole: boolean): Ends {
  const [low, high] = [Math.min(one, other), Math.max(one, other)]
  if (axis.time) return [Math.round(low), Math.round(high)]
  if (whole) {
    const [first, last] = [Math.round(low), Math.round(high) - 1]
    return first <= last ? [first, last] : [Math.floor((low + high) / 2), Math.floor((low + high) / 2)]
  }
  const width = Math.abs((axis.edges[1] ?? 1) - (axis.edges[0] ?? 0))
  const digits = Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(width || 1))))
  return [Number(low.toFixed(digits)), Number(high.toFixed(digits))]
}

/**
 * A range as keys move it, from bin to bin: the arrows move all of it, `[` and `]` its ends outwards, `{` and `}` inwards.
 * Where there was none, the arrows begin with one in the middle. Null for any other key.
 */
export function nudged(key: string, ends: Ends | null, { edges }: Bins): Ends | null {
  const last = edges.length - 1
  const moves: Record<string, [number, number]> = {
    ArrowLeft: [-1, -1],
    ArrowRight: [1, 1],
    '[': [-1, 0],
    ']': [0, 1],
    '{': [1, 0],
    '}': [0, -1],
  }
  const move = moves[key]
  if (!move || last < 1) return null
  if (!ends) {
    const middle = Math.floor(last / 2)
    return [edges[Math.max(0, middle - 1)] ?? 0, edges[Math.min(last, middle + 1)] ?? 0]
  }
  let [low, high] = ends.map((end) => nearest(edges, end)) as Ends
  if (low + move[0] >= 0 && high + move[1] <= last && low + move[0] < high + move[1]) {
    low += move[0]
    high += move[1]
  }
  return [edges[low] ?? 0, edges[high] ?? 0]
}

function nearest(edges: readonly number[], value: number): number {
  let found = 0
  edges.forEach((edge, at) => {
    if (Math.abs(edge - value) < Math.abs((edges[found] ?? 0) - value)) found = at
  })
  return found
}

/** Filters for a brush over one axis or both. */
export function brushFilters(
  chart: Chart,
  figure: Figure,
  x: Ends,
  y: Ends | null,
  wholes: ReadonlySet<string>,
): Filter[] {
  const columns = axesOf(chart)
  const axes = figure.type === 'bars' ? [figure.axis] : figure.type === 'grid' ? [figure.x, figure.y] : []
  return axes.flatMap((axis, which) => {
    const [column, ends] = [columns[which], which === 0 ? x : y]
    if (axis.type !== 'bins' || column === undefined || !ends) return []
    const [low, high] = tidied(ends, axis, wholes.has(column))
    return [range(column, chart.id, low, high)]
  })
}

/** Whether places are chosen by the filters that were made in a chart; null where there are none. */
export function chosenIn(
  filters: readonly Filter[],
  column: string | undefined,
  axis: Axis,
): ((place: number) => boolean) | null {
  const found = filters.find((filter) => filter.column === column)
  if (!found) return null
  return (place) => {
    if (axis.type === 'values') {
      if (found.type !== 'among') return true
      const listed = place < axis.values.length ? found.values.includes(axis.values[place] ?? null) : false
      return listed !== found.excluded
    }
    const middle = ((axis.edges[place] ?? 0) + (axis.edges[place + 1] ?? 0)) / 2
    return found.type !== 'range' || (middle >= (found.low ?? -Infinity) && middle <= (found.high ?? Infinity))
  }
}

/** What a mark is called. */
export function nameOf(figure: Figure, at: Pointed): string {
  if (figure.type === 'grid') return `${placeText(figure.x, at.x)}, ${placeText(figure.y, at.y)}`
  return figure.type === 'bars' || figure.type === 'boxes' ? placeText(figure.axis, placeOf(figure, at)) : ''
}
