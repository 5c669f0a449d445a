// The metrics of the shown run, against those of the version before.

import { exactSeconds, metric as metricText, duration } from '../core/format'
import { Later } from '../core/Later'
import { useIde } from '../ide/store'
import { Delta } from './Delta'
import type { RunState } from './state'
import { statusWord } from './words'
import { Empty } from '../ide/Empty'
import styles from '../ide/Table.module.css'

export function MetricsTab() {
  const run = useIde((ide) => ide.run)
  const outdated = useIde((ide) => ide.run !== null && ide.runText !== null && ide.runText !== ide.draft.text)
  if (!run)
    return (
      <Empty
        title="No metrics yet"
        text="Run the workflow: what its reducers measure stands here, compared with the version before."
      />
    )
  if (run.metrics.length === 0 && Object.keys(run.values).length === 0) {
    return <Empty title="This run has no metrics" text="Add one to the text, such as Accuracy(predictions), and run." />
  }
  return (
    <>
      {run.metrics.length > 0 && <Numbers run={run} outdated={outdated} />}
      <Values run={run} />
    </>
  )
}

function Numbers({ run, outdated }: { run: RunState; outdated: boolean }) {
  const select = useIde((ide) => ide.select)
  return (
    <table className={styles.table}>
      <caption className={styles.caption}>
        {statusWord(run.status)}
        {run.seconds !== null && <span title={exactSeconds(run.seconds)}> in {duration(run.seconds)}</span>}
        {outdated && ', before the edits since'}
      </caption>
      <thead>
        <tr>
          <th scope="col">Metric</th>
          <th scope="col" className={styles.number}>
            Value
          </th>
          <th scope="col" className={styles.number}>
            Before
          </th>
          <th scope="col">Change</th>
          <th scope="col">Better when</th>
        </tr>
      </thead>
      <tbody>
        {run.metrics.map((metric) => (
          <tr key={metric.name} data-testid={`metric-${metric.name}`}>
            <th scope="row">
              <button type="button" className={styles.link} onClick={() => select(metric.node)}>
                {metric.name}
              </button>
            </th>
            <td className={styles.number} title={String(metric.value)} data-value={metric.value ?? undefined}>
              <Later at={metric.later} />
              {metricText(metric.value)}
            </td>
            <td className={styles.number} title={metric.previous === null ? undefined : String(metric.previous)}>
              {metric.previous === null ? '–' : metricText(metric.previous)}
            </td>
            <td>
              <Delta metric={metric} />
            </td>
            <td className={styles.dim}>
              {metric.higher_is_better === null ? '' : metric.higher_is_better ? 'higher' : 'lower'}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Values that are more than a number: they are shown with their node. */
function Values({ run }: { run: RunState }) {
  const select = useIde((ide) => ide.select)
  const openTab = useIde((ide) => ide.openTab)
  const measured = new Set(run.metrics.map((metric) => metric.node))
  const names = Object.keys(run.values).filter((name) => !measured.has(name))
  if (names.length === 0) return null
  const show = (name: string) => {
    select(name)
    openTab('node')
  }
  return (
    <p className={styles.caption}>
      More than a number:
      {names.map((name) => (
        <button key={name} type="button" className={styles.also} onClick={() => show(name)}>
          {name}
        </button>
      ))}
    </p>
  )
}
