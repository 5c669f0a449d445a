// The figure of a metric against the time of the run, with the front that nothing beats in both.

import { count } from '../core/format'
import type { Trend, Trends } from '../core/types'
import { thinned, type Candidate } from './pareto'
import type { Figure } from './Plot'
import { MARKED, symbolsOf } from './trend'
import { hoverOf, literal } from './words'

const HOVER = '%{text}<extra></extra>'

const closeBy = (more: number): string =>
  more === 0 ? '' : `<br>and ${count(more, 'version')} close by: the table has ${more === 1 ? 'it' : 'them'}`

export function paretoFigure(
  trends: Trends,
  trend: Trend,
  all: readonly Candidate[],
  best: readonly Candidate[],
  { log, selected, lower }: { log: boolean; selected: readonly number[]; lower: boolean },
): (colour: (name: string) => string) => Figure {
  const number = (place: number): number => trends.versions.number[place] ?? 0
  const xy = (of: readonly Candidate[]) => ({
    type: 'scatter' as const,
    x: of.map(({ seconds }) => seconds),
    y: of.map(({ value }) => value),
    customdata: of.map(({ place }) => number(place)),
  })
  const symbols = (of: readonly Candidate[], symbol: string) =>
    symbolsOf(
      of.map(({ place }) => place),
      trend,
      symbol,
    )
  const onFront = new Set(best.map(({ place }) => place))
  const others = thinned(
    all.filter(({ place }) => !onFront.has(place)),
    MARKED,
    log,
  )
  const rings = all.filter(({ place }) => selected.includes(number(place)))
  return (colour) => ({
    traces: [
      {
        ...xy(others),
        text: others.map(({ place, others: more }) => hoverOf(trends, trend, place, null) + closeBy(more)),
        hovertemplate: HOVER,
        name: 'beaten in both',
        mode: 'markers',
        marker: { color: colour('text-faint'), symbol: symbols(others, 'circle'), size: 7 },
      },
      {
        ...xy(best),
        name: 'front',
        mode: 'lines',
        hoverinfo: 'skip',
        showlegend: false,
        line: { color: colour('series-1'), width: 1.5, shape: 'hv' },
      },
      {
        ...xy(best),
        text: best.map(({ place }) => `v${number(place)}`),
        textposition: lower ? 'bottom center' : 'top center',
        textfont: { color: colour('text') },
        hovertemplate: best.map(({ place }) => `${hoverOf(trends, trend, place, null)}<br>on the front<extra></extra>`),
        name: 'on the front: none is both quicker and better',
        mode: 'markers+text',
        marker: { color: colour('series-1'), symbol: symbols(best, 'diamond'), size: 9 },
      },
      {
        ...xy(rings),
        name: 'selected',
        mode: 'markers',
        hoverinfo: 'skip',
        showlegend: false,
        marker: { color: colour('text'), symbol: 'circle-open', size: 15, line: { color: colour('text'), width: 2 } },
      },
    ],
    layout: {
      xaxis: { title: { text: 'Time of the run (seconds)', standoff: 8 }, type: log ? 'log' : 'linear', nticks: 10 },
      yaxis: {
        title: { text: `${literal(trend.name)} (${lower ? '↓ lower' : '↑ higher'} is better)`, standoff: 8 },
        nticks: 8,
      },
      showlegend: true,
      margin: { l: 72, r: 24, t: 40, b: 48 },
    },
  })
}
