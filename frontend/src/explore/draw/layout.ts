// Where the marks of a figure lie, for painting them and for finding the one under the pointer: the same arithmetic for both.

import type { Axis, Chart, Figure, FigureOf } from '../../core/types'
import { countOf, extent, figures, placesOf, type Linear, type Places, type Plot } from './scale'

/**
 * `across` and `down` are places along x and y, `measure` the scale of what is measured, wherever it runs. `above`: what is written
 * along x stands above the marks, for names go down the side and may go on below what is seen.
 */
export interface Layout {
  plot: Plot
  above?: boolean
  across: Places | null
  down: Places | null
  measure: Linear | null
}

const TICK = { across: 46, down: 28, band: 13, name: 44 }
const EDGE = 1 // pixels around a picture without axes
/** Around the marks, with room for ticks and titles: `names` and `end` where names go down the side. */
const MARGIN = { left: 46, right: 10, top: 20, bottom: 32, names: 32, end: 4, count: 56, gap: 4 }
const ROW = 16 // least height of a place that has its name beside it
const THICKEST = 34 // of a bar and the gap to the next one

/** The height that a figure needs where so much is there: bars with names do not get thinner than a line of text. */
export function heightOf(figure: Figure, room: number): number {
  switch (figure.type) {
    case 'bars':
      return figure.axis.type === 'values' ? Math.max(room, figure.total.length * ROW + 2 * MARGIN.gap) : room
    case 'boxes':
      return Math.max(room, figure.boxes.length * ROW + MARGIN.names + MARGIN.end)
    case 'grid':
      return figure.y.type === 'values' ? Math.max(room, countOf(figure.y) * ROW + MARGIN.names + MARGIN.end) : room
    case 'rows':
    case 'single':
    case 'curve':
      return room
  }
}

/** `over` is a figure that is laid over this one: there is room for both. */
export function layoutOf(
  chart: Chart,
  figure: Figure,
  width: number,
  height: number,
  full: boolean,
  over: Figure | null = null,
): Layout {
  switch (figure.type) {
    case 'bars': {
      const values = [...measuredIn(figure), ...(over?.type === 'bars' ? measuredIn(over) : [])]
      return figure.axis.type === 'bins'
        ? columns(chart, figure, values, width, height, full)
        : rows(figure, figure.axis, over?.type === 'bars' ? over : null, width, height, full)
    }
    case 'grid':
      return grid(figure, width, height, full)
    case 'boxes':
      return boxes(figure, width, height, full)
    case 'curve':
      return curve(width, height, full)
    case 'rows':
    case 'single':
      return { plot: within(width, height, 0, 0, 0, 0), across: null, down: null, measure: null }
  }
}

function within(width: number, height: number, left: number, top: number, right: number, bottom: number): Plot {
  return { left, top, width: Math.max(1, width - left - right), height: Math.max(1, height - top - bottom) }
}

const room = (
  width: number,
  height: number,
  full: boolean,
  left: number,
  right: number,
  top = MARGIN.top,
  bottom = MARGIN.bottom,
): Plot => (full ? within(width, height, left, top, right, bottom) : within(width, height, EDGE, EDGE, EDGE, EDGE))

const nameWidth = (axis: Axis, width: number): number =>
  axis.type === 'values' ? Math.min(124, Math.round(width * 0.32)) : MARGIN.left

/** What a bar or a line shows: its value, else how many rows. */
export const shownOf = ({ value, count }: FigureOf<'bars'>): readonly (number | null)[] => value ?? count

/** What has to have room: of counts all rows, whatever the filters keep. */
const measuredIn = ({ value, total }: FigureOf<'bars'>): readonly (number | null)[] => value ?? total

function columns(
  chart: Chart,
  figure: FigureOf<'bars'>,
  values: readonly (number | null)[],
  width: number,
  height: number,
  full: boolean,
): Layout {
  const plot = room(width, height, full, MARGIN.left, MARGIN.right)
  const [bottom, top] = [plot.top + plot.height, plot.top]
  const across = placesOf(figure.axis, plot.left, plot.left + plot.width, TICK.across)
  if (figure.value && chart.kind === 'line') {
    const known = values.filter((value) => value !== null)
    const [low, high] = [Math.min(...known, Infinity), Math.max(...known, -Infinity)]
    const measure = low <= high ? extent(low, high, bottom, top, TICK.down) : figures([], bottom, top, TICK.down)
    return { plot, across, down: null, measure }
  }
  return {
    plot,
    across,
    down: null,
    measure: figures(figure.value ?? figure.total, bottom, top, TICK.down, !figure.value),
  }
}

function rows(
  figure: FigureOf<'bars'>,
  axis: Axis,
  over: FigureOf<'bars'> | null,
  width: number,
  height: number,
  full: boolean,
): Layout {
  const most = full ? countOf(axis) * THICKEST + 2 * MARGIN.gap : height
  const plot = room(width, Math.min(height, most), full, nameWidth(axis, width), MARGIN.count, MARGIN.gap, MARGIN.gap)
  const down = placesOf(axis, plot.top, plot.top + plot.height, TICK.band)
  const values = [...named(measuredIn(figure), axis), ...(over ? named(measuredIn(over), over.axis) : [])]
  const measure = figures(values, plot.left, plot.left + plot.width, TICK.across)
  return { plot, across: null, down, measure }
}

/** Without the others together, where these would leave no room for those that have a name: their bar is cut. */
function named(values: readonly (number | null)[], axis: Axis): readonly (number | null)[] {
  if (axis.type !== 'values' || axis.rest === 0 || axis.values.length < 2) return values
  const own = values.slice(0, axis.values.length)
  return (values.at(-1) ?? 0) > 2 * Math.max(...own.map((value) => value ?? 0)) ? own : values
}

function grid(figure: FigureOf<'grid'>, width: number, height: number, full: boolean): Layout {
  const above = figure.y.type === 'values'
  const plot = above
    ? room(width, height, full, nameWidth(figure.y, width), MARGIN.right, MARGIN.names, MARGIN.end)
    : room(width, height, full, MARGIN.left, MARGIN.right)
  const [top, bottom] = [plot.top, plot.top + plot.height]
  return {
    plot,
    above,
    across: placesOf(figure.x, plot.left, plot.left + plot.width, figure.x.type === 'bins' ? TICK.across : TICK.name),
    down: placesOf(figure.y, above ? top : bottom, above ? bottom : top, above ? TICK.band : TICK.down),
    measure: null,
  }
}

/** One box of all rows, which needs no name. */
export const isAlone = ({ boxes, axis }: FigureOf<'boxes'>): boolean =>
  boxes.length === 1 && axis.type === 'values' && axis.values[0] === null

function boxes(figure: FigureOf<'boxes'>, width: number, height: number, full: boolean): Layout {
  const above = figure.axis.type === 'values'
  const left = isAlone(figure) ? MARGIN.right : nameWidth(figure.axis, width)
  const plot = above
    ? room(width, height, full, left, MARGIN.right, MARGIN.names, MARGIN.end)
    : room(width, height, full, left, MARGIN.right)
  const [top, bottom] = [plot.top, plot.top + plot.height]
  const known = figure.boxes.filter((box) => box !== null)
  const low = Math.min(...known.map((box) => box.low))
  const high = Math.max(...known.map((box) => box.high))
  const [from, to] = [plot.left, plot.left + plot.width]
  return {
    plot,
    above,
    across: null,
    down: placesOf(figure.axis, above ? top : bottom, above ? bottom : top, above ? TICK.band : TICK.down),
    measure: known.length > 0 ? extent(low, high, from, to, TICK.across) : figures([], from, to, TICK.across),
  }
}

function curve(width: number, height: number, full: boolean): Layout {
  const plot = room(width, height, full, MARGIN.left, MARGIN.right)
  const unit = { type: 'bins' as const, edges: [0, 1], time: false }
  const across = placesOf(unit, plot.left, plot.left + plot.width, TICK.across)
  return { plot, across, down: null, measure: figures([1], plot.top + plot.height, plot.top, TICK.down) }
}
