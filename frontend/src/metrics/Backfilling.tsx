// Metrics of the draft that past versions lack: what is computed for them now, and the way to have it computed.

import { Button, Progress } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { about, count } from '../core/format'
import { Icon } from '../core/icons'
import { Prose } from '../core/Prose'
import { durations } from '../core/theme'
import type { Backfill, Trends, Workflow } from '../core/types'
import { useShown } from './address'
import { BackfillDialog } from './BackfillDialog'
import { isActive, lacking, nodesOf, settled } from './backfills'
import { usual } from './lines'
import { draftMetricsQuery } from './queries'
import { useBackfillActions, useBackfills } from './useBackfills'
import styles from './Backfill.module.css'

export function Backfilling({ workflow, trends }: { workflow: Workflow; trends: Trends }) {
  const [shown, show] = useShown()
  const ended = useCallback(
    ({ nodes, values }: Backfill) => {
      if (values > 0) show((now) => ({ metrics: [...new Set([...(now.metrics ?? usual(trends.metrics)), ...nodes])] }))
    },
    [show, trends.metrics],
  )
  const backfills = useBackfills(workflow, ended)
  const active = backfills.find(isActive)
  return (
    <>
      {active && <Going workflow={workflow} backfill={active} />}
      {shown.backfill !== null && (
        <BackfillDialog
          key={shown.backfill}
          workflow={workflow}
          trends={trends}
          node={shown.backfill}
          selected={shown.selected}
          earlier={backfills}
          close={() => show({ backfill: null })}
        />
      )}
    </>
  )
}

function Going({ workflow, backfill }: { workflow: Workflow; backfill: Backfill }) {
  const { cancel } = useBackfillActions(workflow.id)
  const [done, all] = [settled(backfill), backfill.versions.length]
  return (
    <div className={styles.going} role="status" data-testid="backfill">
      <Icon name="clock" size={14} />
      <span className={styles.text}>
        Computing <Prose text={nodesOf(backfill)} /> for past versions: {done} of {all}
        {backfill.status === 'queued' && ', once what is before it has ended'}
        {backfill.estimate !== null && `, ${about(backfill.estimate)} in all`}. Runs come first.
      </span>
      <Progress
        className={styles.progress ?? ''}
        value={(100 * done) / Math.max(1, all)}
        aria-label="Versions that are done"
        transitionDuration={durations.motion}
      />
      <Button
        variant="default"
        size="compact-sm"
        onClick={() => cancel.mutate(backfill)}
        loading={cancel.isPending}
        title="What is computed by then stays"
      >
        Cancel
      </Button>
    </div>
  )
}

/** The draft's metrics that versions lack, each with the way to have it computed for them. */
export function Lacking({ workflow, trends }: { workflow: Workflow; trends: Trends }) {
  const [, show] = useShown()
  const { data: nodes } = useQuery(draftMetricsQuery(workflow))
  const found = useMemo(
    () =>
      (nodes ?? []).flatMap((node) => {
        const versions = lacking(trends, node).length
        return versions > 0 ? [{ node, versions }] : []
      }),
    [nodes, trends],
  )
  if (found.length === 0) return null
  return (
    <section className={styles.lacking} aria-label="Metrics of the draft that versions lack">
      <h3 className={styles.heading}>In the draft, not in every version</h3>
      {found.map(({ node, versions }) => (
        <div key={node} className={styles.lack}>
          <span className={styles.node} title={`${count(versions, 'version')} that ran without it`}>
            {node}
          </span>
          <span className={styles.dim}>{count(versions, 'version lacks it', 'versions lack it')}</span>
          <button type="button" className={styles.offer} onClick={() => show({ backfill: node })}>
            Compute for past versions…
          </button>
        </div>
      ))}
    </section>
  )
}
