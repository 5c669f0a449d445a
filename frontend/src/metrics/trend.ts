// The figure of metrics over versions: a panel for each metric, a line for each branch.

import type { Trend, Trends } from '../core/types'
import type { Figure } from './Plot'
import type { Annotation, AxisLayout, Layout, Trace } from './plotly'
import { bestOf, placesIn, type Line } from './lines'
import type { Span } from './address'
import { seriesStyle } from './styles'
import { hoverOf, laterOf, literal } from './words'

/** With more points in sight than this they are drawn as lines alone, each of them still there for the pointer. */
export const MARKED = 1500

export interface TrendOptions {
  log: boolean
  /** Numbers of versions. */
  zoom: Span | null
  /** By metric: the values between which its panel is drawn. */
  heights: ReadonlyMap<string, Span>
  selected: readonly number[]
}

const GAP = 0.07
const HOVER = '%{text}<extra></extra>'

/** How many points of the lines are in sight, over all metrics. */
export function inSight(trends: Trends, metrics: readonly Trend[], lines: readonly Line[], zoom: TrendOptions['zoom']) {
  const [from, to] = zoom ?? [-Infinity, Infinity]
  const places = placesIn(lines).filter((place) => {
    const number = trends.versions.number[place] ?? 0
    return number >= from && number <= to
  })
  return metrics.reduce((sum, { values }) => sum + places.filter((place) => values[place] != null).length, 0)
}

export function trendFigure(
  trends: Trends,
  metrics: readonly Trend[],
  lines: readonly Line[],
  styleOf: (branch: string | null) => number,
  { log, zoom, heights, selected }: TrendOptions,
): (colour: (name: string) => string) => Figure {
  const marked = inSight(trends, metrics, lines, zoom) <= MARKED
  const places = placesIn(lines)
  const loose = lines.length > 1
  return (colour) => {
    const traces: Trace[] = []
    const axes: Record<`yaxis${string}`, AxisLayout> = {}
    const annotations: Annotation[] = []
    metrics.forEach((trend, row) => {
      const axis = row === 0 ? 'y' : `y${row + 1}`
      const domain = panel(row, metrics.length)
      const height = heights.get(trend.name) ?? null
      axes[yAxis(row)] = {
        domain,
        type: log ? 'log' : 'linear',
        nticks: 6,
        uirevision: [trend.name, log ? 'log' : '', ...(height ?? [])].join(' '),
        ...(height ? { range: [...height] } : {}),
      }
      annotations.push(titleOf(trend, domain[1], colour))
      for (const line of lines) traces.push(...lineOf(line, trend, axis, row === 0))
      traces.push(...starOf(trend, axis, colour), ...ringsOf(trend, axis, colour))
    })
    const layout: Layout = {
      ...axes,
      xaxis: {
        title: { text: 'Version', standoff: 8 },
        anchor: metrics.length > 1 ? `y${metrics.length}` : 'y',
        tickprefix: 'v',
        tickformat: 'd',
        showgrid: false,
        ...(places.length <= 12 ? { dtick: 1 } : {}),
        uirevision: zoom?.join(':') ?? '',
        ...(zoom ? { range: [...zoom] } : {}),
      },
      annotations,
      showlegend: lines.length > 1,
      legend: { orientation: 'h', x: 1, xanchor: 'right', y: 1, yanchor: 'bottom' }, // the title of a panel is on the left
      margin: { l: 64, r: 24, t: lines.length > 1 ? 56 : 32, b: 44 },
    }
    return { traces, layout }

    function lineOf(line: Line, trend: Trend, axis: string, legend: boolean): Trace[] {
      const having = line.places.filter((place) => trend.values[place] != null)
      const style = seriesStyle(styleOf(line.branch))
      const stroke = { color: colour(style.colour), width: 1.5, dash: style.dash }
      const name = line.branch ?? (loose ? 'on no branch' : 'versions')
      const drawn: Trace = {
        ...points(having, trend, axis),
        name: literal(name),
        mode: line.branch === null && loose ? 'markers' : marked ? 'lines+markers' : 'lines',
        legendgroup: name,
        showlegend: legend,
        text: having.map((place) => hoverOf(trends, trend, place, line.branch)),
        hovertemplate: HOVER,
        line: stroke,
        marker: { color: stroke.color, symbol: symbolsOf(having, trend, style.symbol), size: 7 },
      }
      const [first] = having
      const fork = line.fork
      if (fork === null || first === undefined || trend.values[fork] == null) return [drawn]
      const joined: Trace = {
        ...points([fork, first], trend, axis),
        name: literal(name),
        mode: 'lines',
        legendgroup: name,
        showlegend: false,
        hoverinfo: 'skip',
        line: stroke,
      }
      return [joined, drawn]
    }
  }

  function points(
    of: readonly number[],
    trend: Trend,
    axis: string,
  ): Pick<Trace, 'type' | 'x' | 'y' | 'yaxis' | 'customdata'> {
    const numbers = of.map((place) => trends.versions.number[place] ?? null)
    return {
      type: 'scatter',
      x: numbers,
      y: of.map((place) => trend.values[place] ?? null),
      yaxis: axis,
      customdata: numbers,
    }
  }

  function starOf(trend: Trend, axis: string, colour: (name: string) => string): Trace[] {
    const best = bestOf(trend, places)
    if (best === null) return []
    return [
      {
        ...points([best], trend, axis),
        name: 'best',
        mode: 'markers+text',
        cliponaxis: false,
        showlegend: false,
        text: ['best'],
        textposition: 'top center',
        textfont: { color: colour('stale') },
        hovertemplate: `${hoverOf(trends, trend, best, null)}<br>★ the best<extra></extra>`,
        marker: { color: colour('stale'), symbol: 'star', size: 12 },
      },
    ]
  }

  function ringsOf(trend: Trend, axis: string, colour: (name: string) => string): Trace[] {
    const rings = places.filter(
      (place) => selected.includes(trends.versions.number[place] ?? 0) && trend.values[place] != null,
    )
    if (rings.length === 0) return []
    return [
      {
        ...points(rings, trend, axis),
        name: 'selected',
        mode: 'markers+text',
        cliponaxis: false,
        showlegend: false,
        text: rings.map((place) => `v${trends.versions.number[place] ?? ''}`),
        textposition: 'bottom center',
        textfont: { color: colour('text') },
        hoverinfo: 'skip',
        marker: { color: colour('text'), symbol: 'circle-open', size: 14, line: { color: colour('text'), width: 2 } },
      },
    ]
  }
}

/** An open symbol is a value that was computed later. */
export const symbolsOf = (places: readonly number[], trend: Trend, symbol: string): string | string[] =>
  Object.keys(trend.later).length === 0
    ? symbol
    : places.map((place) => (laterOf(trend, place) === null ? symbol : `${symbol}-open`))

const yAxis = (row: number): `yaxis${string}` => `yaxis${row === 0 ? '' : row + 1}`

/** What a change of the chart's axes by hand makes of what is shown; nothing where no axis changed. */
export function zoomed(
  { zoom, heights }: Pick<TrendOptions, 'zoom' | 'heights'>,
  metrics: readonly string[],
  changes: Record<string, unknown>,
): Partial<Pick<TrendOptions, 'zoom' | 'heights'>> {
  const spans = new Map(heights)
  const across = spanOf(changes, 'xaxis', zoom)
  metrics.forEach((name, row) => {
    const span = spanOf(changes, yAxis(row), heights.get(name) ?? null)
    if (span) spans.set(name, span)
    else spans.delete(name)
  })
  return {
    ...(across === zoom ? {} : { zoom: across }),
    ...(metrics.every((name) => spans.get(name) === heights.get(name)) ? {} : { heights: spans }),
  }
}

function spanOf(changes: Record<string, unknown>, axis: string, before: Span | null): Span | null {
  const [from, to] = [changes[`${axis}.range[0]`], changes[`${axis}.range[1]`]]
  if (typeof from === 'number' && typeof to === 'number') return [from, to]
  return changes[`${axis}.autorange`] === true ? null : before
}

function panel(row: number, rows: number): [number, number] {
  const height = (1 - GAP * (rows - 1)) / rows
  const top = 1 - row * (height + GAP)
  return [Math.max(0, top - height), top]
}

const titleOf = ({ name, higher_is_better }: Trend, top: number, colour: (name: string) => string): Annotation => ({
  x: 0,
  y: top,
  xref: 'paper',
  yref: 'paper',
  xanchor: 'left',
  yanchor: 'bottom',
  text: `<b>${literal(name)}</b>${higher_is_better === null ? '' : `  ${higher_is_better ? '↑ higher' : '↓ lower'} is better`}`,
  showarrow: false,
  font: { size: 12, color: colour('text-dim') },
})
