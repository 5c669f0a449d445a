// The metrics of both sides: values, differences, better or worse; what differs first, the metrics of a node together.

import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { count, metric as metricText } from '../core/format'
import { Later } from '../core/Later'
import type { ComparedMetric, Comparison } from '../core/types'
import { Empty } from '../ide/Empty'
import { Delta } from '../run/Delta'
import type { Shown } from './address'
import { metricDiffers } from './merged'
import { sideTitle } from './titles'
import table from '../ide/Table.module.css'
import styles from './Tables.module.css'

interface Props {
  comparison: Comparison
  shown: Shown
  show: (change: Partial<Shown>) => void
}

/** The metrics by node: nodes of which one differs first, else in order. */
function grouped(metrics: readonly ComparedMetric[]): [string, ComparedMetric[]][] {
  const groups = new Map<string, ComparedMetric[]>()
  for (const metric of metrics) groups.set(metric.node, [...(groups.get(metric.node) ?? []), metric])
  const order = ([, members]: [string, ComparedMetric[]]) => (members.some(metricDiffers) ? 0 : 1)
  return [...groups].toSorted((a, b) => order(a) - order(b))
}

export function MetricsView({ comparison, shown, show }: Props) {
  const { metrics, before, after } = comparison
  if (metrics.length === 0) {
    return (
      <Empty
        title="No metrics to compare"
        text={
          before.run || after.run
            ? 'Neither run measured anything. Add a metric to the text, such as Accuracy(predictions), and run.'
            : 'Neither side was run: run the workflow, and choose the version that this makes.'
        }
      />
    )
  }
  const wanted = shown.all ? metrics : metrics.filter(metricDiffers)
  const hidden = metrics.length - wanted.length
  return (
    <div className={styles.scroll}>
      {wanted.length > 0 && (
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <th scope="col" className={table.number}>
                {sideTitle(before, 'A')}
              </th>
              <th scope="col" className={table.number}>
                {sideTitle(after, 'B')}
              </th>
              <th scope="col">Change</th>
              <th scope="col">Better when</th>
            </tr>
          </thead>
          {grouped(wanted).map(([node, members]) => (
            <Group key={node} node={node} members={members} shown={shown} />
          ))}
        </table>
      )}
      {hidden > 0 && (
        <p className={styles.note}>
          {count(hidden, 'metric is', 'metrics are')} the same.
          <Button variant="default" size="compact-xs" onClick={() => show({ all: true })}>
            Show all
          </Button>
        </p>
      )}
    </div>
  )
}

function Group({ node, members, shown }: { node: string; members: ComparedMetric[]; shown: Shown }) {
  const body = useRef<HTMLTableSectionElement>(null)
  const chosen = shown.node === node
  useEffect(() => {
    if (chosen) body.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const sliced = members.some((metric) => metric.key !== '')
  return (
    <tbody ref={body} data-chosen={chosen || undefined} className={styles.group}>
      {sliced && (
        <tr>
          <th scope="rowgroup" colSpan={5} className={styles.node}>
            {node}
          </th>
        </tr>
      )}
      {members.map((metric) => (
        <tr key={metric.name} data-testid={`metric-${metric.name}`} className={sliced ? styles.slice : undefined}>
          <th scope="row" className={styles.name}>
            {metric.key || metric.node}
          </th>
          <Value value={metric.before} later={metric.before_later} />
          <Value value={metric.after} later={metric.after_later} />
          <td>
            {metric.before === null ? (
              metric.after !== null && 'only in B'
            ) : metric.after === null ? (
              'only in A'
            ) : (
              <Delta metric={{ ...metric, value: metric.after, previous: metric.before, later: metric.after_later }} />
            )}
          </td>
          <td className={table.dim}>
            {metric.higher_is_better === null ? '' : metric.higher_is_better ? 'higher' : 'lower'}
          </td>
        </tr>
      ))}
    </tbody>
  )
}

function Value({ value, later }: { value: number | null; later: string | null }) {
  return (
    <td className={table.number} title={value === null ? undefined : String(value)}>
      <Later at={later} />
      {value === null ? '–' : metricText(value)}
    </td>
  )
}
