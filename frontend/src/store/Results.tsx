// The results in a table, of which only the rows in sight are drawn; its keys walk, select, pin and evict.

import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react'
import { Icon } from '../core/icons'
import { MINUTE, useNow } from '../core/now'
import { sizes } from '../core/theme'
import type { Kept } from '../core/types'
import { COLUMNS, MEANING, sortedBy, type Asked, type Column } from './results'
import { Row } from './Row'
import { all, nothingChosen, ranged, toggled, type Selection } from './selection'
import type { Acts } from './Toolbar'
import table from '../ide/Table.module.css'
import styles from './Results.module.css'

const ROW = sizes.row - 4
const PAGE = 12

interface Props {
  results: Kept[]
  names: Record<string, string>
  /** The workflow whose page it is. */
  here: string
  wanted: Asked
  ask: (next: Asked) => void
  selection: Selection
  setSelection: (next: Selection) => void
  acts: Acts
}

export function Results({ results, names, here, wanted, ask, selection, setSelection, acts }: Props) {
  const now = useNow(MINUTE)
  const scroller = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState(0)
  // eslint-disable-next-line react-hooks/incompatible-library -- what it gives is used here alone, and never memoised
  const rows = useVirtualizer({
    count: results.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
    scrollPaddingStart: ROW,
  })
  const items = rows.getVirtualItems()
  const [above, below] = [items[0]?.start ?? 0, rows.getTotalSize() - (items.at(-1)?.end ?? 0)]
  const order = results.map(({ digest }) => digest)
  // The one row that Tab leads to: the last one visited, while it is drawn.
  const stop = items.some(({ index }) => index === active) ? active : items[0]?.index

  // The row that had the focus may be gone: then the one in its place takes it.
  const focused = useRef(false)
  useEffect(() => {
    if (!focused.current || document.activeElement !== document.body) return
    const place = Math.min(active, results.length - 1)
    scroller.current?.querySelector<HTMLElement>(`[data-index="${place}"] input`)?.focus()
  }, [active, results])

  const walk = (to: number, event: KeyboardEvent) => {
    event.preventDefault()
    const next = Math.min(results.length - 1, Math.max(0, to))
    rows.scrollToIndex(next)
    setActive(next)
    const digest = order[next]
    if (event.shiftKey && digest !== undefined) {
      const from = order[active]
      const begun = selection.anchor === null && from !== undefined ? toggled(selection, from) : selection
      setSelection(ranged(begun, order, digest))
    }
    requestAnimationFrame(() =>
      requestAnimationFrame(() =>
        scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"] input`)?.focus(),
      ),
    )
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || !(event.target instanceof HTMLInputElement)) return
    const command = event.ctrlKey || event.metaKey
    if (command && event.key.toLowerCase() === 'a') {
      event.preventDefault()
      setSelection(all(nothingChosen, order))
    } else if (!command) {
      const { key } = event
      if (key === 'ArrowDown') walk(active + 1, event)
      else if (key === 'ArrowUp') walk(active - 1, event)
      else if (key === 'PageDown') walk(active + PAGE, event)
      else if (key === 'PageUp') walk(active - PAGE, event)
      else if (key === 'Home') walk(0, event)
      else if (key === 'End') walk(results.length - 1, event)
      else if (key === 'Escape') setSelection(nothingChosen)
      else if (key === 'Delete') acts.evict()
    }
  }
  const choose = (index: number, event: MouseEvent) => {
    const digest = order[index]
    if (digest === undefined) return
    setActive(index)
    setSelection(event.shiftKey ? ranged(selection, order, digest) : toggled(selection, digest))
  }

  return (
    <div className={styles.scroller} ref={scroller} data-testid="store-scroller">
      <table
        className={`${table.table} ${styles.table}`}
        aria-rowcount={results.length + 1}
        onKeyDown={onKeyDown}
        onFocus={() => (focused.current = true)}
        onBlur={() => (focused.current = false)}
      >
        <Head {...{ wanted, ask, selection, setSelection, order }} />
        <tbody>
          {above > 0 && <tr aria-hidden style={{ height: above }} />}
          {items.map(({ index }) => {
            const result = results[index]
            return (
              result && (
                <Row
                  key={result.digest}
                  {...{ index, result, names, here, now }}
                  chosen={selection.chosen.has(result.digest)}
                  reachable={index === stop}
                  choose={(event) => choose(index, event)}
                  visit={() => setActive(index)}
                />
              )
            )
          })}
          {below > 0 && <tr aria-hidden style={{ height: below }} />}
        </tbody>
      </table>
    </div>
  )
}

interface HeadProps extends Pick<Props, 'wanted' | 'ask' | 'selection' | 'setSelection'> {
  order: string[]
}

function Head({ wanted, ask, selection, setSelection, order }: HeadProps) {
  const every = order.every((digest) => selection.chosen.has(digest))
  const some = !every && order.some((digest) => selection.chosen.has(digest))
  return (
    <thead>
      <tr aria-rowindex={1}>
        <th scope="col" className={styles.check}>
          <input
            type="checkbox"
            aria-label="Select all that are listed"
            checked={every}
            ref={(box) => {
              if (box) box.indeterminate = some
            }}
            onChange={() => setSelection(all(selection, order))}
          />
        </th>
        {COLUMNS.map(({ key, title, numeric }) => (
          <th
            key={key}
            scope="col"
            className={numeric ? table.number : undefined}
            data-column={key}
            aria-sort={wanted.column !== key ? undefined : wanted.descending ? 'descending' : 'ascending'}
          >
            <Sort column={key} title={title} wanted={wanted} ask={ask} />
          </th>
        ))}
      </tr>
    </thead>
  )
}

function Sort({ column, title, wanted, ask }: { column: Column; title: string } & Pick<Props, 'wanted' | 'ask'>) {
  const sorts = wanted.column === column
  return (
    <button
      type="button"
      className={styles.sort}
      title={MEANING[column]}
      data-sorts={sorts || undefined}
      onClick={() => ask(sortedBy(wanted, column))}
    >
      {title}
      {sorts && <Icon name={wanted.descending ? 'fall' : 'up'} size={8} />}
    </button>
  )
}
