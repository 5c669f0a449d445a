// What was computed for versions after their runs, each with how it ended and the way to take it away.

import { Button } from '@mantine/core'
import { ago, count, exactTime } from '../core/format'
import { Icon } from '../core/icons'
import { MINUTE, useNow } from '../core/now'
import { Prose } from '../core/Prose'
import type { Backfill, Workflow } from '../core/types'
import { statusIcon, statusWord } from '../run/words'
import { isActive, nodesOf } from './backfills'
import { useBackfillActions } from './useBackfills'
import styles from './Backfill.module.css'

export function Earlier({ workflow, backfills }: { workflow: Workflow; backfills: Backfill[] }) {
  const { remove } = useBackfillActions(workflow.id)
  const now = useNow(MINUTE)
  const ended = backfills.filter((backfill) => !isActive(backfill))
  if (ended.length === 0) return null
  return (
    <section aria-label="Computed later before" className={styles.earlier}>
      <h3 className={styles.heading}>Computed later before</h3>
      {ended.map((backfill) => {
        const without = backfill.versions.filter(({ status }) => status === 'failed' || status === 'refused')
        return (
          <div key={backfill.id} className={styles.entry}>
            <div className={styles.line}>
              <span className={styles.status} data-status={backfill.status}>
                <Icon name={statusIcon(backfill.status)} size={13} /> {statusWord(backfill.status).toLowerCase()}
              </span>
              <span className={styles.text}>
                <Prose text={nodesOf(backfill)} />: {count(backfill.values, 'value')}
              </span>
              <span className={styles.dim} title={exactTime(backfill.requested_at)}>
                {ago(backfill.requested_at, now)}
              </span>
              <Button
                variant="subtle"
                size="compact-xs"
                onClick={() => remove(backfill)}
                title="They can be computed again"
                aria-label={`Remove the values of ${backfill.nodes.join(', ')}`}
              >
                Remove
              </Button>
            </div>
            {without.length > 0 && (
              <details>
                <summary>{count(without.length, 'version')} without it</summary>
                <ul className={styles.reasons}>
                  {without.map(({ number, message }) => (
                    <li key={number}>
                      v{number}: <Prose text={message} />
                    </li>
                  ))}
                </ul>
              </details>
            )}
          </div>
        )
      })}
    </section>
  )
}
