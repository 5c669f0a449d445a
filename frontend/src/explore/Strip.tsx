// The strip of snapshots, oldest left, newest right: only the tiles in sight are drawn.

import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { sizes } from '../core/theme'
import { useExplore } from './store'
import { Tile } from './Tile'
import { useSize } from './useSize'
import styles from './Strip.module.css'

interface Props {
  workflow: string
  /** Told the keys of the tiles that can be seen. */
  sees: (keys: ReadonlySet<string>) => void
}

const STEP = sizes.tile.width + sizes.tile.gap
const MARGIN = 12 // pixels at the ends of the strip
const BEYOND = 3 // tiles that are drawn beyond both edges

export function Strip({ workflow, sees }: Props) {
  const order = useExplore((state) => state.order)
  const picked = useExplore((state) => state.picked)
  const scroll = useRef<HTMLDivElement>(null)
  const width = useSize(scroll)?.width ?? 0
  /** The first tile that is drawn: while it stays the same, scrolling draws nothing anew. */
  const [first, setFirst] = useState(0)
  const at = picked === null ? order.length - 1 : order.indexOf(picked)
  const begin = Math.max(0, Math.min(first, order.length - 1))
  const shown = order.slice(begin, begin + Math.ceil(width / STEP) + 2 * BEYOND + 1)

  // In sight is the tile that is shown large, as soon as it is there.
  useLayoutEffect(() => {
    const element = scroll.current
    if (!element || width === 0 || at < 0) return
    const [left, right] = [at * STEP, at * STEP + sizes.tile.width]
    const now = element.scrollLeft
    if (left < now) element.scrollLeft = left
    else if (right > now + width - 2 * MARGIN) element.scrollLeft = right - width + 2 * MARGIN
  }, [at, width])
  useEffect(() => {
    sees(new Set(shown))
  })
  return (
    <div
      ref={scroll}
      className={styles.strip}
      data-testid="strip"
      onScroll={(event) => setFirst(Math.max(0, Math.floor(event.currentTarget.scrollLeft / STEP) - BEYOND))}
    >
      <ol
        className={styles.tiles}
        style={{ width: order.length * STEP - sizes.tile.gap }}
        aria-label={`${order.length} snapshots, oldest first`}
      >
        {shown.map((key, place) => (
          <li
            key={key}
            className={styles.place}
            style={{ left: (begin + place) * STEP }}
            aria-posinset={begin + place + 1}
            aria-setsize={order.length}
          >
            <Tile name={key} workflow={workflow} />
          </li>
        ))}
      </ol>
    </div>
  )
}
