// The strip of snapshots, oldest left, newest right: only the tiles in sight are drawn.

import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { sizes } from '../core/theme'
import { useExplore } from './store'
import { Tile } from './Tile'
import styles from './Strip.module.css'

interface Props {
  workflow: string
  /** Told the keys of the tiles that can be seen. */
  sees: (keys: ReadonlySet<string>) => void
}

export function Strip({ workflow, sees }: Props) {
  const order = useExplore((state) => state.order)
  const picked = useExplore((state) => state.picked)
  const scroll = useRef<HTMLDivElement>(null)
  // eslint-disable-next-line react-hooks/incompatible-library -- what it gives is used here alone, and never memoised
  const tiles = useVirtualizer({
    horizontal: true,
    count: order.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => sizes.tile.width + sizes.tile.gap,
    getItemKey: (at) => order[at] ?? at,
    overscan: 3,
    useFlushSync: false,
  })
  const items = tiles.getVirtualItems()
  const at = picked === null ? order.length - 1 : order.indexOf(picked)
  useEffect(() => {
    if (at >= 0) tiles.scrollToIndex(at, { align: 'auto' })
  }, [at, tiles])
  useEffect(() => {
    sees(new Set(items.map(({ index }) => order[index] ?? '')))
  })
  return (
    <div ref={scroll} className={styles.strip} data-testid="strip">
      <ol
        className={styles.tiles}
        style={{ width: tiles.getTotalSize() }}
        aria-label={`${order.length} snapshots, oldest first`}
      >
        {items.map(({ index, start }) => {
          const key = order[index]
          return key === undefined ? null : (
            <li
              key={key}
              className={styles.place}
              style={{ transform: `translateX(${start}px)` }}
              aria-posinset={index + 1}
              aria-setsize={order.length}
            >
              <Tile name={key} workflow={workflow} />
            </li>
          )
        })}
      </ol>
    </div>
  )
}
