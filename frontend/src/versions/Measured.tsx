// The columns that every list of versions has: what a version measured, how its run ended, how long that took, and when.

import { ago, duration, exactSeconds, exactTime, metric } from '../core/format'
import { Icon } from '../core/icons'
import { Later } from '../core/Later'
import type { Version } from '../core/types'
import { statusIcon, statusWord } from '../run/words'
import { scratchTitle, scratchWord, standing } from './runs'
import table from '../ide/Table.module.css'
import styles from './VersionsTab.module.css'

export function MeasuredHeads({ metrics }: { metrics: readonly string[] }) {
  return (
    <>
      {metrics.map((name) => (
        <th key={name} scope="col" className={table.number}>
          {name}
        </th>
      ))}
      <th scope="col">Run</th>
      <th scope="col" className={table.number}>
        Time
      </th>
      <th scope="col" className={table.number} title="What computing everything takes: ≈ where no run did">
        From scratch
      </th>
      <th scope="col">When</th>
      <th scope="col" aria-label="Actions" />
    </>
  )
}

export function Measured({ version, metrics, now }: { version: Version; metrics: readonly string[]; now: number }) {
  const run = standing(version.runs)
  return (
    <>
      {metrics.map((name) => {
        const value = version.metrics[name]
        return (
          <td key={name} className={table.number} title={value == null ? undefined : String(value)}>
            <Later at={version.later[name]} />
            {value === undefined ? '–' : metric(value)}
          </td>
        )
      })}
      <td className={table.dim}>
        {run ? (
          <span className={styles.status} data-status={run.status}>
            <Icon name={statusIcon(run.status)} size={13} />
            {statusWord(run.status).toLowerCase()}
            {run.partial && (
              <span className={styles.partial} title="Only some of its nodes were computed, each for itself">
                partial
              </span>
            )}
          </span>
        ) : (
          'never run'
        )}
      </td>
      <td
        className={`${table.dim} ${table.number}`}
        title={run?.seconds == null ? undefined : exactSeconds(run.seconds)}
      >
        {run?.seconds == null ? '–' : duration(run.seconds)}
      </td>
      <td className={`${table.dim} ${table.number}`} title={scratchTitle(version)} data-testid="scratch">
        {scratchWord(version)}
      </td>
      <td className={table.dim} title={exactTime(version.created_at)}>
        {ago(version.created_at, now)}
      </td>
    </>
  )
}
