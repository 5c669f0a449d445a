// The log: a row a version with its place in the history, of which only those in sight are drawn and asked for.

import { ActionIcon, Button, Checkbox, Skeleton } from '@mantine/core'
import { useQueries } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useMemo, useRef, type KeyboardEvent } from 'react'
import { Icon } from '../core/icons'
import { MINUTE, useNow } from '../core/now'
import { plain, Prose } from '../core/Prose'
import { sizes } from '../core/theme'
import type { Outline, Version } from '../core/types'
import { Details } from './Details'
import { Graph, GraphBelow } from './Graph'
import { lanesOf, type Row } from './lanes'
import { Measured, MeasuredHeads } from './Measured'
import { PAGE, pageQuery } from './queries'
import { Refs } from './Refs'
import type { Actions } from './useActions'
import { VersionMenu } from './VersionMenu'
import table from '../ide/Table.module.css'
import tab from './VersionsTab.module.css'
import styles from './Log.module.css'

const MOST_LANES = 14

export interface Choice {
  /** Numbers of versions that are open, and of those that are marked to be compared. */
  open: ReadonlySet<number>
  marked: readonly Pick<Version, 'id' | 'number'>[]
  toggle: (number: number) => void
  mark: (version: Version) => void
}

interface Props {
  workflow: string
  outline: Outline
  /** Found versions instead of all; then there is no drawing, since what lies between is left out. */
  found: Version[] | null
  metrics: readonly string[]
  actions: Actions
  choice: Choice
  onName: (kind: 'branch' | 'tag', version: Version) => void
  onDescribe: (version: Version) => void
}

export function Log({ workflow, outline, found, ...rest }: Props) {
  const scroll = useRef<HTMLDivElement>(null)
  const total = found ? found.length : outline.parents.length
  const drawn = useMemo(() => (found ? null : lanesOf(outline.parents)), [found, outline.parents])
  const now = useNow(MINUTE)
  // eslint-disable-next-line react-hooks/incompatible-library -- what it gives is used here alone, and never memoised
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => scroll.current,
    estimateSize: () => sizes.row,
    getItemKey: (index) => (found ? (found[index]?.id ?? index) : outline.parents.length - index),
    overscan: 10,
  })
  const items = rows.getVirtualItems()
  const pages = [...new Set(items.map(({ index }) => Math.floor(index / PAGE)))]
  const answers = useQueries({
    queries: found ? [] : pages.map((page) => pageQuery(workflow, outline.parents.length - page * PAGE)),
  })
  const versions = new Map(answers.flatMap(({ data }) => data ?? []).map((version) => [version.number, version]))
  const width = drawn ? Math.min(MOST_LANES, Math.max(1, ...items.map(({ index }) => drawn[index]?.width ?? 1))) : 0
  const [above, below] = [items[0]?.start ?? 0, rows.getTotalSize() - (items.at(-1)?.end ?? 0)]
  return (
    <div ref={scroll} className={styles.scroll} onKeyDown={moveFocus} data-testid="log">
      <table className={`${table.table} ${styles.log}`} aria-rowcount={total + 1} aria-label="Versions">
        <thead>
          <tr>
            <th scope="col" aria-label="Mark to compare" />
            {drawn && <th scope="col" aria-label="History" />}
            <th scope="col">Version</th>
            <th scope="col">What changed</th>
            <MeasuredHeads metrics={rest.metrics} />
          </tr>
        </thead>
        {above > 0 && <Spacer height={above} />}
        {items.map(({ index, key }) => {
          const number = outline.parents.length - index
          const version = found ? found[index] : versions.get(number)
          return (
            <tbody key={key} ref={rows.measureElement} data-index={index}>
              {version ? (
                <Entry
                  {...rest}
                  version={version}
                  outline={outline}
                  row={index + 2}
                  lanes={drawn?.[index]}
                  width={width}
                  now={now}
                />
              ) : (
                <Waiting columns={rest.metrics.length + 7} lanes={drawn?.[index]} width={width} />
              )}
            </tbody>
          )
        })}
        {below > 0 && <Spacer height={below} />}
      </table>
    </div>
  )
}

const Spacer = ({ height }: { height: number }) => (
  <tbody aria-hidden>
    <tr style={{ height }} />
  </tbody>
)

function Waiting({ columns, lanes, width }: { columns: number; lanes: Row | undefined; width: number }) {
  return (
    <tr>
      <td />
      {lanes && (
        <td className={styles.graph}>
          <Graph row={lanes} width={width} current={false} />
        </td>
      )}
      <td colSpan={columns}>
        <Skeleton height={10} width="40%" animate={false} />
      </td>
    </tr>
  )
}

/** Arrow keys go from row to row; within one, Tab goes on as everywhere. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key]
  if (step === undefined || !(event.target instanceof HTMLElement) || event.target.closest('input, [role=menu]')) return
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')]
  const at = rows.findIndex((row) => row.contains(document.activeElement))
  const next = rows[at + step] ?? (at < 0 ? rows[0] : undefined)
  if (!next) return
  event.preventDefault()
  next.focus()
  next.scrollIntoView({ block: 'nearest' })
}

interface EntryProps extends Omit<Props, 'workflow' | 'found'> {
  version: Version
  row: number
  lanes: Row | undefined
  width: number
  now: number
}

function Entry({ version, outline, row, lanes, width, now, metrics, actions, choice, onName, onDescribe }: EntryProps) {
  const { number } = version
  const current = outline.head === number
  const open = choice.open.has(number)
  const marked = choice.marked.some((one) => one.number === number)
  const columns = metrics.length + 7
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.target !== event.currentTarget) return
    const act = {
      Enter: () => choice.toggle(number),
      x: () => choice.mark(version),
      c: () => actions.checkOut(version),
    }[event.key]
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    act()
  }
  return (
    <>
      <tr
        aria-rowindex={row}
        aria-current={current || undefined}
        data-testid={`version-${number}`}
        data-row
        className={styles.row}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <td>
          <Checkbox
            size="xs"
            checked={marked}
            onChange={() => choice.mark(version)}
            aria-label={`Mark v${number} to compare`}
          />
        </td>
        {lanes && (
          <td className={styles.graph}>
            <Graph row={lanes} width={width} current={current} />
          </td>
        )}
        <th scope="row" className={tab.number}>
          <button
            type="button"
            className={styles.open}
            aria-expanded={open}
            onClick={() => choice.toggle(number)}
            title={version.id}
          >
            <span className={styles.turn} data-open={open}>
              <Icon name="chevron" size={10} />
            </span>
            v{number}
          </button>
          {current && <span className={tab.current}>current</span>}
        </th>
        <td className={table.grow} title={plain(version.message)}>
          <Refs version={version} />
          <Prose text={version.message.split('\n')[0] ?? ''} />
        </td>
        <Measured version={version} metrics={metrics} now={now} />
        <td>
          <span className={styles.actions}>
            <Button
              variant="default"
              size="compact-xs"
              onClick={() => actions.checkOut(version)}
              aria-label={`Check out v${number}`}
            >
              Check out
            </Button>
            <VersionMenu
              version={version}
              outline={outline}
              actions={actions}
              onName={onName}
              onDescribe={onDescribe}
              target={
                <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Actions for v${number}`}>
                  <Icon name="dots" />
                </ActionIcon>
              }
            />
          </span>
        </td>
      </tr>
      {open && (
        <tr className={styles.more}>
          <td />
          {lanes && (
            <td className={styles.graph}>
              <GraphBelow row={lanes} width={width} />
            </td>
          )}
          <td colSpan={columns}>
            <Details version={version} outline={outline} actions={actions} onDescribe={onDescribe} />
          </td>
        </tr>
      )}
    </>
  )
}
