// A metric against the time of the run: which versions no other one beats in both.

import { useMemo, useRef } from 'react'
import { count } from '../core/format'
import { Empty } from '../ide/Empty'
import { toggled } from './address'
import { csv } from './csv'
import { laterCells, laterHeads } from './later'
import { placesIn } from './lines'
import type { ViewProps } from './Metrics'
import { Pane } from './Pane'
import { front } from './pareto'
import { paretoFigure } from './paretoFigure'
import { Plot, type PlotHandle } from './Plot'
import { MARKED } from './trend'
import styles from './Metrics.module.css'

export function ParetoView({ workflow, trends, lines, shown, show }: ViewProps) {
  const plot = useRef<PlotHandle>(null)
  const { log, selected } = shown
  const metric = trends.metrics.find(({ name }) => name === shown.metrics[0]) ?? trends.metrics[0]
  const { all, best } = useMemo(() => {
    const found = placesIn(lines).flatMap((place) => {
      const [seconds, value] = [trends.versions.seconds[place] ?? null, metric?.values[place] ?? null]
      return seconds === null || value === null ? [] : [{ place, seconds, value }]
    })
    return { all: found, best: front(found, metric?.higher_is_better ?? true) }
  }, [trends, lines, metric])
  const figure = useMemo(
    () =>
      metric && paretoFigure(trends, metric, all, best, { log, selected, lower: metric.higher_is_better === false }),
    [trends, metric, all, best, log, selected],
  )
  if (!metric || !figure) return null
  const onFront = new Set(best.map(({ place }) => place))
  return (
    <Pane
      workflow={workflow.name}
      what={`${metric.name} against time`}
      plot={plot}
      csv={() =>
        csv(
          ['version', 'id', 'seconds', metric.name, 'on the front', ...laterHeads([metric])],
          all.map(({ place, seconds, value }) => [
            trends.versions.number[place] ?? null,
            trends.versions.id[place] ?? null,
            seconds,
            value,
            onFront.has(place) ? 'yes' : 'no',
            ...laterCells([metric], place),
          ]),
        )
      }
      controls={
        <>
          <label className={styles.toggle}>
            Metric
            <select
              className={styles.select}
              value={metric.name}
              onChange={(event) => {
                const name = event.currentTarget.value
                show({ metrics: [name, ...shown.metrics.filter((one) => one !== name)] })
              }}
            >
              {trends.metrics.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <label className={styles.toggle}>
            <input type="checkbox" checked={log} onChange={(event) => show({ log: event.currentTarget.checked })} />
            Log scale of time
          </label>
        </>
      }
      said={`${count(all.length, 'version')} with a whole run · ${best.length} on the front${all.length - best.length > MARKED ? ' · of those that stand close together one is drawn' : ''}`}
    >
      {all.length === 0 ? (
        <Empty title="No version has both" text="Run a version whole, and let it measure this metric." />
      ) : (
        <Plot
          figure={figure}
          handle={plot}
          label={`${metric.name} against the time of the run, of ${count(all.length, 'version')}. On the front: ${best.map(({ place }) => `v${trends.versions.number[place] ?? ''}`).join(', ')}.`}
          onClick={(number) => show((now) => ({ selected: toggled(now.selected, number) }))}
        />
      )}
    </Pane>
  )
}
