// Two panes with a bar between them that drags, moves by the keyboard, and is remembered.

import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react'
import { recall, remember } from '../core/storage'
import styles from './Split.module.css'

interface Props {
  /** Under which name the place of the bar is remembered. */
  name: string
  direction: 'row' | 'column'
  label: string
  first: ReactNode
  second: ReactNode
  /** Share of the first pane, from 0 to 1. */
  initial: number
  minimum?: number
  maximum?: number
  /** Whether the second pane is shown; else it takes only what it needs. */
  open?: boolean
}

const STEP = 0.02

export function Split({
  name,
  direction,
  label,
  first,
  second,
  initial,
  minimum = 0.2,
  maximum = 0.8,
  open = true,
}: Props) {
  const [share, setShare] = useState(() => {
    const remembered = recall(`split:${name}`)
    return typeof remembered === 'number' ? remembered : initial
  })
  const frame = useRef<HTMLDivElement>(null)
  const row = direction === 'row'
  const place = (value: number) => {
    const kept = Math.min(maximum, Math.max(minimum, value))
    setShare(kept)
    remember(`split:${name}`, kept)
  }
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const box = frame.current?.getBoundingClientRect()
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return
    place(row ? (event.clientX - box.left) / box.width : (event.clientY - box.top) / box.height)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = row
      ? { ArrowLeft: -STEP, ArrowRight: STEP }[event.key]
      : { ArrowUp: -STEP, ArrowDown: STEP }[event.key]
    if (step === undefined) return
    event.preventDefault()
    place(share + step)
  }
  return (
    <div ref={frame} className={styles.split} data-direction={direction}>
      <div className={styles.pane} style={open ? { flexBasis: `${share * 100}%` } : { flex: 1 }}>
        {first}
      </div>
      {open && (
        <div
          className={styles.bar}
          role="separator"
          tabIndex={0}
          aria-label={label}
          aria-orientation={row ? 'vertical' : 'horizontal'}
          aria-valuenow={Math.round(share * 100)}
          aria-valuemin={minimum * 100}
          aria-valuemax={maximum * 100}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={onPointerMove}
          onKeyDown={onKeyDown}
          onDoubleClick={() => place(initial)}
        />
      )}
      <div className={styles.pane} style={open ? { flex: 1 } : { flex: 'none' }}>
        {second}
      </div>
    </div>
  )
}
