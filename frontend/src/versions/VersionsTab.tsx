// The versions of the workflow: what each changed, what it measured, how long its run took, and the way back to it.

import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef } from 'react'
import { MINUTE, useNow } from '../core/now'
import { plain, Prose } from '../core/Prose'
import { sizes } from '../core/theme'
import type { Version } from '../core/types'
import { Empty, NotLoaded } from '../ide/Empty'
import { useIde } from '../ide/store'
import { Measured, MeasuredHeads } from './Measured'
import { metricNames, versionsQuery } from './queries'
import { useCheckout } from './useCheckout'
import table from '../ide/Table.module.css'
import styles from './VersionsTab.module.css'

const ROW = sizes.row - 4

export function VersionsTab() {
  const id = useIde((ide) => ide.id)
  const { data: versions, error, refetch } = useQuery(versionsQuery(id))

  if (error && !versions) return <NotLoaded what="versions" error={error} retry={refetch} />
  if (!versions) return <Skeleton m="md" height={80} animate={false} />
  if (versions.length === 0)
    return <Empty title="No versions yet" text="Each run commits one: its text, its metrics, its time. Press Run." />
  return <List versions={versions} />
}

/** All versions, of which only the rows in sight are drawn: the drawer's panel scrolls them. */
function List({ versions }: { versions: Version[] }) {
  const head = useIde((ide) => ide.head)
  const checkout = useCheckout()
  const now = useNow(MINUTE)
  const metrics = useMemo(() => metricNames(versions), [versions])
  const body = useRef<HTMLTableSectionElement>(null)
  // eslint-disable-next-line react-hooks/incompatible-library -- what it gives is used here alone, and never memoised
  const rows = useVirtualizer({
    count: versions.length,
    getScrollElement: () => body.current?.closest<HTMLElement>('[role=tabpanel]') ?? null,
    estimateSize: () => ROW,
    overscan: 12,
  })
  const items = rows.getVirtualItems()
  const [above, below] = [items[0]?.start ?? 0, rows.getTotalSize() - (items.at(-1)?.end ?? 0)]
  return (
    <table className={table.table} aria-rowcount={versions.length + 1}>
      <thead>
        <tr>
          <th scope="col">Version</th>
          <th scope="col">What changed</th>
          <MeasuredHeads metrics={metrics} />
        </tr>
      </thead>
      <tbody ref={body}>
        {above > 0 && <tr aria-hidden style={{ height: above }} />}
        {items.map(({ index }) => {
          const version = versions[index]
          return (
            version && (
              <Row
                key={version.id}
                row={index + 2}
                version={version}
                metrics={metrics}
                current={version.id === head}
                now={now}
                onCheckout={() => checkout(version)}
              />
            )
          )
        })}
        {below > 0 && <tr aria-hidden style={{ height: below }} />}
      </tbody>
    </table>
  )
}

interface RowProps {
  /** Its number in the table, from 1; the head is the first. */
  row: number
  version: Version
  metrics: string[]
  current: boolean
  now: number
  onCheckout: () => void
}

function Row({ row, version, metrics, current, now, onCheckout }: RowProps) {
  return (
    <tr
      aria-rowindex={row}
      data-testid={`version-${version.number}`}
      data-current={current || undefined}
      aria-current={current || undefined}
    >
      <th scope="row" className={styles.number}>
        v{version.number}
        {current && <span className={styles.current}>current</span>}
      </th>
      <td className={table.grow} title={plain(version.message)}>
        <Prose text={version.message} />
      </td>
      <Measured version={version} metrics={metrics} now={now} />
      <td>
        <Button variant="default" size="compact-xs" onClick={onCheckout} aria-label={`Check out v${version.number}`}>
          Check out
        </Button>
      </td>
    </tr>
  )
}
