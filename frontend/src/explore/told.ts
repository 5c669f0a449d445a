// What a figure says in words and numbers: the gist of it, what stands at a mark, and all of it as a table.

import { metric } from '../core/format'
import type { Answer, Chart, Figure, FigureOf } from '../core/types'
import { countOf, placeText } from './draw/scale'
import { nameOf, placeOf, type Pointed } from './pointing'
import { axesOf } from './state'
import { kinds, short, titleOf, whole } from './words'

/** The gist, for those who do not see the chart. */
export function gist(chart: Chart, figure: Figure | null): string {
  const name = `${titleOf(chart)}, ${kinds[chart.kind].toLowerCase()}`
  return figure ? `${name}: ${summary(chart, figure)}` : name
}

function summary(chart: Chart, figure: Figure): string {
  switch (figure.type) {
    case 'bars': {
      const shown = figure.value ?? figure.count
      const most = shown.reduce<number>(
        (best, value, at) => ((value ?? -Infinity) > (shown[best] ?? -Infinity) ? at : best),
        0,
      )
      const places = `${whole(countOf(figure.axis))} ${figure.axis.type === 'bins' ? 'ranges' : 'values'}`
      return shown.length > 0
        ? `${places}; highest at ${placeText(figure.axis, most)}: ${said(figure, { x: most, y: most })}`
        : 'no rows'
    }
    case 'grid':
      return `${whole(figure.count.length)} cells with ${whole(sum(figure.count))} rows`
    case 'boxes': {
      const medians = figure.boxes.flatMap((box, at) =>
        box ? [`${placeText(figure.axis, at)} ${short(box.median)}`] : [],
      )
      return `medians ${medians.slice(0, 6).join(', ')}`
    }
    case 'rows':
      return `${whole(figure.rows.length)} of ${whole(figure.count)} rows`
    case 'single':
      return `${figure.value === null ? 'no value' : short(figure.value)} over ${whole(figure.count)} of ${whole(figure.total)} rows`
    case 'curve':
      return `${areaName(chart)} ${metric(figure.area)} over ${whole(figure.count)} rows`
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

/** What the area of a curve is called. */
export const areaName = ({ kind }: Chart): string =>
  kind === 'calibration' ? 'Brier score' : kind === 'precision_recall' ? 'average precision' : 'area'

/** The figures at a mark. */
export function said(figure: Figure, at: Pointed): string {
  if (figure.type === 'bars') {
    const place = placeOf(figure, at)
    return barText(figure, place)
  }
  if (figure.type === 'grid') {
    const cell = figure.at_x.findIndex((x, which) => x === at.x && figure.at_y[which] === at.y)
    if (cell < 0) return 'no rows'
    const rows = `${whole(figure.count[cell] ?? 0)} rows`
    const value = figure.value?.[cell]
    return value == null ? rows : `${short(value)} over ${rows}`
  }
  if (figure.type !== 'boxes') return ''
  const box = figure.boxes[at.y]
  if (!box) return 'no numbers'
  return `median ${short(box.median)}, half between ${short(box.lower)} and ${short(box.upper)}, all between ${short(box.low)} and ${short(box.high)}; ${whole(box.count)} rows`
}

function barText({ value, count, total }: FigureOf<'bars'>, place: number): string {
  const [kept, all] = [count[place] ?? 0, total[place] ?? 0]
  const rows = kept === all ? `${whole(all)} rows` : `${whole(kept)} of ${whole(all)} rows`
  if (value === null) return rows
  const shown = value[place]
  return shown == null ? `no value, ${rows}` : `${short(shown)} over ${rows}`
}

export const markText = (figure: Figure, at: Pointed): string => `${nameOf(figure, at)}: ${said(figure, at)}`

export interface Numbers {
  columns: string[]
  rows: (string | number | null)[][]
}

/** All numbers of a figure. */
export function numbersOf(chart: Chart, figure: Figure): Numbers {
  const [x = 'x', y = 'y'] = axesOf(chart)
  switch (figure.type) {
    case 'bars': {
      const { axis, total, count, value } = figure
      return {
        columns: [x, 'rows', 'kept', ...(value ? ['value'] : [])],
        rows: total.map((all, at) => [placeText(axis, at), all, count[at] ?? 0, ...(value ? [value[at] ?? null] : [])]),
      }
    }
    case 'grid':
      return {
        columns: [x, y, 'rows', ...(figure.value ? ['value'] : [])],
        rows: figure.count.map((rows, at) => [
          placeText(figure.x, figure.at_x[at] ?? 0),
          placeText(figure.y, figure.at_y[at] ?? 0),
          rows,
          ...(figure.value ? [figure.value[at] ?? null] : []),
        ]),
      }
    case 'boxes':
      return {
        columns: [x, 'rows', 'least', 'lower quartile', 'median', 'upper quartile', 'greatest'],
        rows: figure.boxes.map((box, at) =>
          box
            ? [placeText(figure.axis, at), box.count, box.low, box.lower, box.median, box.upper, box.high]
            : [placeText(figure.axis, at), 0, null, null, null, null, null],
        ),
      }
    case 'rows':
      return { columns: figure.columns, rows: figure.rows }
    case 'single':
      return { columns: ['value', 'rows', 'of'], rows: [[figure.value, figure.count, figure.total]] }
    case 'curve': {
      const names = { roc: ['false positive rate', 'true positive rate'], precision_recall: ['recall', 'precision'] }
      const named =
        chart.kind === 'roc' || chart.kind === 'precision_recall' ? names[chart.kind] : ['mean score', 'share']
      return {
        columns: [...named, 'threshold'],
        rows: figure.x.map((along, at) => [along, figure.y[at] ?? null, figure.threshold[at] ?? null]),
      }
    }
  }
}

/** Rows that have no place on the axes; empty where there are none. */
export function outsideText(figure: Figure): string {
  if (!('outside' in figure)) return ''
  const { nulls, nan, infinite } = figure.outside
  const parts = [
    [nulls, 'without a value'],
    [nan, 'not a number'],
    [infinite, 'infinite'],
  ] as const
  return parts
    .filter(([n]) => n > 0)
    .map(([n, what]) => `${whole(n)} ${what}`)
    .join(', ')
}

/** What a chart cannot draw: how sure it is, what has no place in it, the area under it. */
export function notesOf(chart: Chart, figure: Figure, guess: Answer['estimate'] = null): string {
  const outside = outsideText(figure)
  return [
    ...(isEmpty(figure) ? ['the filters keep no rows that could be shown here'] : []),
    ...(guess ? [`estimate ± ${short(guess.error)} rows, from a sample of ${whole(guess.sampled)} rows`] : []),
    ...(figure.type === 'curve' && figure.area !== null
      ? [
          `${areaName(chart)} ${figure.area.toFixed(4)}`,
          `the class is in ${whole(figure.positives)} of ${whole(figure.count)} rows`,
        ]
      : []),
    ...(outside === '' ? [] : [`${outside}: not in the chart`]),
  ].join(' · ')
}

function isEmpty(figure: Figure): boolean {
  switch (figure.type) {
    case 'bars':
    case 'grid':
      return figure.count.every((rows) => rows === 0)
    case 'boxes':
      return figure.boxes.every((box) => box === null)
    case 'curve':
      return figure.count === 0
    case 'rows':
    case 'single':
      return false
  }
}
