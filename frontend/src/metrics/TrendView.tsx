// Metrics over versions, a panel each: a point is a version, a click selects it.

import { useCallback, useMemo, useRef, type KeyboardEvent } from 'react'
import { count } from '../core/format'
import { plain } from '../core/Prose'
import { Empty } from '../ide/Empty'
import { toggled } from './address'
import { csv } from './csv'
import { laterCells, laterHeads } from './later'
import { branchNames, placesIn } from './lines'
import type { ViewProps } from './Metrics'
import { Pane } from './Pane'
import { Plot, type PlotHandle } from './Plot'
import { inSight, MARKED, trendFigure, zoomed } from './trend'
import { laterOf } from './words'
import styles from './Metrics.module.css'

const PANEL = 210
const EDGES = 96

export function TrendView({ workflow, trends, lines, shown, show }: ViewProps) {
  const plot = useRef<PlotHandle>(null)
  const { log, zoom, heights, selected } = shown
  const metrics = useMemo(
    () => shown.metrics.flatMap((name) => trends.metrics.filter((metric) => metric.name === name)),
    [trends, shown.metrics],
  )
  const names = useMemo(() => branchNames(trends), [trends])
  const figure = useMemo(
    () =>
      trendFigure(
        trends,
        metrics,
        lines,
        (branch) => (branch === null ? (names.length === 0 ? 0 : 5) : names.indexOf(branch)),
        { log, zoom, heights, selected },
      ),
    [trends, metrics, lines, names, log, zoom, heights, selected],
  )
  const places = useMemo(() => placesIn(lines), [lines])
  const select = useCallback((number: number) => show((now) => ({ selected: toggled(now.selected, number) })), [show])
  const onRange = useCallback(
    (changes: Record<string, unknown>) => {
      const drawn = metrics.map(({ name }) => name)
      show((now) => zoomed(now, drawn, changes))
    },
    [show, metrics],
  )
  const onKeyDown = (event: KeyboardEvent) => {
    const numbers = places
      .filter((place) => metrics.some(({ values }) => values[place] != null))
      .map((place) => trends.versions.number[place] ?? 0)
    const at = numbers.indexOf(selected.at(-1) ?? 0)
    const next = {
      ArrowLeft: at < 0 ? numbers.length - 1 : at - 1,
      ArrowRight: at + 1,
      Home: 0,
      End: numbers.length - 1,
    }[event.key]
    const number = next === undefined ? undefined : numbers[next]
    if (number === undefined) return
    event.preventDefault()
    show({ selected: event.shiftKey && selected[0] !== undefined ? [selected[0], number] : [number] })
  }
  if (metrics.length === 0)
    return <Empty title="No metric is chosen" text="Choose one or more on the left: each gets a panel of its own." />
  return (
    <Pane
      workflow={workflow.name}
      what="metrics"
      plot={plot}
      csv={() =>
        csv(
          ['version', 'id', 'what changed', ...metrics.map(({ name }) => name), ...laterHeads(metrics)],
          places.map((place) => [
            trends.versions.number[place] ?? null,
            trends.versions.id[place] ?? null,
            plain(trends.versions.message[place] ?? ''),
            ...metrics.map(({ values }) => values[place] ?? null),
            ...laterCells(metrics, place),
          ]),
        )
      }
      controls={
        <label className={styles.toggle}>
          <input
            type="checkbox"
            checked={log}
            onChange={(event) => show({ log: event.currentTarget.checked, heights: new Map() })}
          />
          Log scale
        </label>
      }
      said={<Said {...{ trends, metrics, lines, zoom, heights, log, places }} />}
    >
      <div className={styles.scroll}>
        <Plot
          figure={figure}
          handle={plot}
          height={metrics.length * PANEL + EDGES}
          label={`${metrics.map(({ name }) => name).join(', ')} over ${count(places.length, 'version')}. Left and right move the selection, with Shift the second one.`}
          onClick={select}
          onRange={onRange}
          onKeyDown={onKeyDown}
        />
      </div>
    </Pane>
  )
}

interface SaidProps {
  trends: ViewProps['trends']
  metrics: ViewProps['trends']['metrics']
  lines: ViewProps['lines']
  zoom: ViewProps['shown']['zoom']
  heights: ViewProps['shown']['heights']
  log: boolean
  places: number[]
}

/** What is not drawn, and why. */
function Said({ trends, metrics, lines, zoom, heights, log, places }: SaidProps) {
  const sight = useMemo(() => inSight(trends, metrics, lines, zoom), [trends, metrics, lines, zoom])
  const without = places.filter((place) => metrics.every(({ values }) => values[place] == null)).length
  const later = metrics.reduce(
    (sum, metric) => sum + places.filter((place) => laterOf(metric, place) !== null).length,
    0,
  )
  const below = log
    ? metrics.reduce((sum, { values }) => sum + places.filter((place) => (values[place] ?? 1) <= 0).length, 0)
    : 0
  if (places.length === 1) return 'One version alone: run another, and a line begins.'
  return [
    count(places.length, 'version'),
    ...(without > 0 ? [`${without.toLocaleString('en')} without a value`] : []),
    ...(later > 0 ? [`${count(later, 'value')} computed later (open symbols)`] : []),
    ...(below > 0 ? [`${count(below, 'value')} not above zero, which a log scale has no place for`] : []),
    ...(zoom || metrics.some(({ name }) => heights.has(name)) ? ['double-click for all'] : []),
    ...(sight > MARKED ? ['drawn as lines; zoom in by dragging to see the points'] : []),
  ].join(' · ')
}
