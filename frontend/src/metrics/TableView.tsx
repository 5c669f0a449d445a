// All metrics of all versions in numbers: sorted by any column, of which only the rows in sight are drawn.

import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef } from 'react'
import { count, duration, exactSeconds, metric as metricText } from '../core/format'
import { Icon } from '../core/icons'
import { Later } from '../core/Later'
import { plain, Prose } from '../core/Prose'
import { sizes } from '../core/theme'
import { toggled } from './address'
import { csv, type Cell } from './csv'
import { laterCells, laterHeads } from './later'
import { bestOf, placesIn } from './lines'
import type { ViewProps } from './Metrics'
import { Pane } from './Pane'
import { laterOf } from './words'
import table from '../ide/Table.module.css'
import styles from './Metrics.module.css'

const ROW = sizes.row - 4

export function TableView({ workflow, trends, lines, shown, show }: ViewProps) {
  const places = useMemo(() => placesIn(lines), [lines])
  const sorted = useMemo(() => sortedBy(trends, places, shown.sort), [trends, places, shown.sort])
  const bests = useMemo(
    () => new Map(trends.metrics.map((metric) => [metric.name, bestOf(metric, places)])),
    [trends, places],
  )
  const body = useRef<HTMLDivElement>(null)
  // eslint-disable-next-line react-hooks/incompatible-library -- what it gives is used here alone, and never memoised
  const rows = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => body.current,
    estimateSize: () => ROW,
    overscan: 12,
  })
  const items = rows.getVirtualItems()
  const [above, below] = [items[0]?.start ?? 0, rows.getTotalSize() - (items.at(-1)?.end ?? 0)]
  const { by, down } = shown.sort
  const head = (name: string, title: string, number = true) => (
    <th
      key={name}
      scope="col"
      className={number ? table.number : undefined}
      aria-sort={by === name ? (down ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        className={styles.sort}
        onClick={() => show({ sort: { by: name, down: by === name ? !down : true } })}
      >
        {title}
        {by === name && <Icon name={down ? 'fall' : 'up'} size={8} />}
      </button>
    </th>
  )
  return (
    <Pane
      workflow={workflow.name}
      what="metrics table"
      csv={() =>
        csv(
          [
            'version',
            'what changed',
            ...trends.metrics.map(({ name }) => name),
            'seconds',
            'id',
            'committed',
            ...laterHeads(trends.metrics),
          ],
          sorted.map((place): Cell[] => [
            trends.versions.number[place] ?? null,
            plain(trends.versions.message[place] ?? ''),
            ...trends.metrics.map(({ values }) => values[place] ?? null),
            trends.versions.seconds[place] ?? null,
            trends.versions.id[place] ?? null,
            new Date((trends.versions.created_at[place] ?? 0) * 1000).toISOString(),
            ...laterCells(trends.metrics, place),
          ]),
        )
      }
      said={count(sorted.length, 'version')}
    >
      <div ref={body} className={styles.scroll} tabIndex={0} role="group" aria-label="Table of metrics">
        <table className={table.table} aria-rowcount={sorted.length + 1}>
          <thead>
            <tr>
              {head('version', 'Version', false)}
              <th scope="col">What changed</th>
              {trends.metrics.map(({ name }) => head(name, name))}
              {head('seconds', 'Time')}
            </tr>
          </thead>
          <tbody>
            {above > 0 && <tr aria-hidden style={{ height: above }} />}
            {items.map(({ index }) => {
              const place = sorted[index] ?? 0
              const number = trends.versions.number[place] ?? 0
              const chosen = shown.selected.includes(number)
              const seconds = trends.versions.seconds[place] ?? null
              return (
                <tr
                  key={number}
                  aria-rowindex={index + 2}
                  data-testid={`row-${number}`}
                  data-chosen={chosen || undefined}
                >
                  <th scope="row">
                    <button
                      type="button"
                      className={styles.pick}
                      aria-pressed={chosen}
                      onClick={() => show((now) => ({ selected: toggled(now.selected, number) }))}
                    >
                      v{number}
                    </button>
                  </th>
                  <td className={table.grow} title={plain(trends.versions.message[place] ?? '')}>
                    <Prose text={trends.versions.message[place] ?? ''} />
                  </td>
                  {trends.metrics.map((metric) => {
                    const { name, values } = metric
                    const value = values[place] ?? null
                    const best = bests.get(name) === place
                    return (
                      <td key={name} className={table.number} title={value === null ? undefined : String(value)}>
                        {best && (
                          <span className={styles.best}>
                            <Icon name="star" size={10} /> best{' '}
                          </span>
                        )}
                        <Later at={laterOf(metric, place)} />
                        {value === null ? '–' : metricText(value)}
                      </td>
                    )
                  })}
                  <td
                    className={`${table.dim ?? ''} ${table.number ?? ''}`}
                    title={seconds === null ? undefined : exactSeconds(seconds)}
                  >
                    {seconds === null ? '–' : duration(seconds)}
                  </td>
                </tr>
              )
            })}
            {below > 0 && <tr aria-hidden style={{ height: below }} />}
          </tbody>
        </table>
      </div>
    </Pane>
  )
}

/** Places by a column; what lacks a value comes last either way, and equal values newest first. */
function sortedBy(
  trends: ViewProps['trends'],
  places: readonly number[],
  { by, down }: ViewProps['shown']['sort'],
): number[] {
  const column =
    by === 'version'
      ? trends.versions.number
      : by === 'seconds'
        ? trends.versions.seconds
        : (trends.metrics.find(({ name }) => name === by)?.values ?? trends.versions.number)
  const sign = down ? -1 : 1
  return places.toSorted((one, other) => {
    const [a, b] = [column[one] ?? null, column[other] ?? null]
    if (a === null || b === null) return Number(a === null) - Number(b === null) || other - one
    return sign * (a - b) || other - one
  })
}
