// The figure of parallel coordinates: a line for each version over normalised axes, which carry labels of their own.

import type { Axis } from './axes'
import type { Figure } from './Plot'
import type { Annotation, Trace } from './plotly'
import { literal, wrapped } from './words'

/** Pixels around the axes; what is laid over the chart stands by them too. */
export const MARGIN = { l: 96, r: 48, t: 64, b: 20 } as const

const LABEL_WIDTH = 18
const CLOSE = 0.045 // of an axis: a label that would stand closer to the one below is left out
const DIGITS = 4

export interface Row {
  number: number
  hover: string
  passing: boolean
  selected: boolean
}

export function parallelFigure(
  axes: readonly Axis[],
  rows: readonly Row[],
): (colour: (name: string) => string) => Figure {
  return (colour) => {
    const lines = (of: (row: Row) => boolean, name: string, style: Pick<Trace, 'line' | 'opacity'>): Trace => {
      const trace = {
        x: [] as (number | null)[],
        y: [] as (number | null)[],
        customdata: [] as (number | null)[],
        text: [] as string[],
      }
      rows.forEach((row, at) => {
        if (!of(row)) return
        axes.forEach((axis, place) => {
          trace.x.push(place)
          trace.y.push(axis.at[at] ?? null)
          trace.customdata.push(row.number)
          trace.text.push(row.hover)
        })
        trace.x.push(null)
        trace.y.push(null)
        trace.customdata.push(null)
        trace.text.push('')
      })
      return { type: 'scatter', name, mode: 'lines', ...trace, hovertemplate: '%{text}<extra></extra>', ...style }
    }
    return {
      traces: [
        lines((row) => !row.passing && !row.selected, 'filtered out', {
          line: { color: colour('border-strong'), width: 1, dash: 'dot' },
          opacity: 0.6,
        }),
        lines((row) => row.passing && !row.selected, 'passing', {
          line: { color: colour('series-1'), width: 1.25 },
          opacity: 0.7,
        }),
        lines((row) => row.selected, 'selected', { line: { color: colour('series-2'), width: 3 } }),
      ],
      layout: {
        xaxis: { range: [0, Math.max(1, axes.length - 1)], showgrid: false, showticklabels: false, fixedrange: true },
        yaxis: { range: [-0.02, 1.02], showgrid: false, showticklabels: false, fixedrange: true },
        shapes: axes.map((_, x) => ({
          type: 'line',
          x0: x,
          x1: x,
          y0: 0,
          y1: 1,
          line: { color: colour('border-strong'), width: 1 },
        })),
        annotations: axes.flatMap((axis, x) => [nameOf(axis, x), ...labelsOf(axis, x, colour)]),
        showlegend: false,
        dragmode: false,
        margin: MARGIN,
      },
    }
  }
}

const nameOf = ({ name, scale }: Axis, x: number): Annotation => ({
  x,
  y: 1,
  text: `<b>${wrapped(name.replaceAll('.', '. '), LABEL_WIDTH).map(literal).join('<br>').replaceAll('. ', '.')}</b>${scale?.log ? ' log' : ''}`,
  showarrow: false,
  xanchor: 'center',
  yanchor: 'bottom',
  yshift: 14,
})

function labelsOf(axis: Axis, x: number, colour: (name: string) => string): Annotation[] {
  let last = -1
  return axis.ticks
    .filter(({ at }) => {
      const kept = at - last >= CLOSE
      if (kept) last = at
      return kept
    })
    .map(({ at, value }) => ({
      x,
      y: at,
      text: literal(shortened(valueText(value))),
      showarrow: false,
      xanchor: 'right' as const,
      yanchor: 'middle' as const,
      xshift: -10,
      bgcolor: colour('bg'),
      font: { size: 11, color: colour('text-dim') },
    }))
}

export const valueText = (value: string | number | null): string =>
  value === null ? '–' : typeof value === 'string' ? value : String(Number(value.toPrecision(DIGITS)))

const shortened = (text: string): string => (text.length > LABEL_WIDTH ? `${text.slice(0, LABEL_WIDTH - 1)}…` : text)
