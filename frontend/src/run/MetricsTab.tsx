// The metrics of the shown run, against those of the version before.

import { exactSeconds, metric as metricText, duration } from '../core/format'
import { useIde } from '../ide/store'
import { Delta } from './Delta'
import { statusWord } from './words'
import { Empty } from '../ide/Empty'
import styles from '../ide/Table.module.css'

export function MetricsTab() {
  const run = useIde((ide) => ide.run)
  const outdated = useIde((ide) => ide.run !== null && ide.runText !== null && ide.runText !== ide.draft.text)
  const select = useIde((ide) => ide.select)
  if (!run)
    return (
      <Empty
        title="No metrics yet"
        text="Run the workflow: what its reducers measure stands here, compared with the version before."
      />
    )
  if (run.metrics.length === 0) {
    return <Empty title="This run has no metrics" text="Add one to the text, such as Accuracy(predictions), and run." />
  }
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
