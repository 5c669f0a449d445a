// A range brushed over a chart: it follows the pointer without any drawing of the page, and asks when it is let go, or rests.

import { useEffect, useImperativeHandle, useLayoutEffect, useRef, type PointerEvent, type Ref } from 'react'
import { durations } from '../core/theme'
import type { Axis, Chart, Figure, Filter } from '../core/types'
import type { Layout } from './draw/layout'
import type { Places } from './draw/scale'
import { brushFilters, brushed, nudged, rangeIn, tidied, type Ends } from './pointing'
import { axesOf, filtered } from './state'
import { wholesOf, useExploreStore } from './store'
import { useActions } from './useActions'
import { moment, short } from './words'
import styles from './Chart.module.css'

const GRIP = 6 // pixels around an end by which it is taken
const CLICK = 3 // pixels: less is no drag

export interface BrushHandle {
  /** Whether the key was one of the brush's. */
  press: (key: string) => boolean
}

interface Props {
  chart: Chart
  figure: Figure
  layout: Layout
  own: readonly Filter[]
  say: (text: string) => void
  handle: Ref<BrushHandle>
}

/** What is brushed, in pixels of the chart. */
interface Box {
  x: Ends
  y: Ends
}

type Hold = 'new' | 'move' | 'low' | 'high'

export function Brush({ chart, figure, layout, own, say, handle }: Props) {
  const store = useExploreStore()
  const { edit } = useActions()
  const shown = useRef<HTMLDivElement>(null)
  const drag = useRef<{ hold: Hold; from: [number, number]; start: Box | null; moved: boolean } | null>(null)
  const box = useRef<Box | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const asking = useRef(false)
  const { plot, across, down } = layout
  const both = brushed(chart, figure) === 'xy'
  const whole: Box = { x: [plot.left, plot.left + plot.width], y: [plot.top, plot.top + plot.height] }
  const [xAxis, yAxis] = axesIn(figure)

  const put = (next: Box | null) => {
    box.current = next
    const style = shown.current?.style
    if (!style) return
    style.display = next ? 'block' : 'none'
    if (!next) return
    style.transform = `translate(${next.x[0] - plot.left}px, ${next.y[0] - plot.top}px)`
    style.width = `${Math.max(1, next.x[1] - next.x[0])}px`
    style.height = `${Math.max(1, next.y[1] - next.y[0])}px`
  }

  /** Where the filters are, once they are what is shown. */
  useLayoutEffect(() => {
    if (drag.current || timer.current !== undefined || asking.current) return
    const [x, y] = axesOf(chart)
    const wholes = wholesOf(store.getState())
    const [ends, upright] = [pixels(own, x, xAxis, across, wholes), both ? pixels(own, y, yAxis, down, wholes) : null]
    put(ends || upright ? { x: ends ?? whole.x, y: upright ?? whole.y } : null)
  })

  const ask = () => {
    clearTimeout(timer.current)
    timer.current = undefined
    const now = box.current
    const wholes = wholesOf(store.getState())
    asking.current = true
    edit((state) => {
      asking.current = false
      const next = now
        ? brushFilters(chart, figure, values(now.x, across), both ? values(now.y, down) : null, wholes)
        : []
      const there = JSON.stringify(state.filters.filter(({ source }) => source === chart.id))
      return there === JSON.stringify(next) ? state : filtered(state, chart.id, next)
    })
  }
  const asks = useRef(ask)
  useLayoutEffect(() => {
    asks.current = ask
  })
  const askSoon = () => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => asks.current(), durations.rest)
  }
  useEffect(() => () => clearTimeout(timer.current), [])

  const tell = () => {
    if (!box.current || xAxis?.type !== 'bins') return
    const whole = wholesOf(store.getState()).has(axesOf(chart)[0] ?? '')
    say(
      tidied(values(box.current.x, across), xAxis, whole)
        .map(xAxis.time ? moment : short)
        .join(' – '),
    )
  }

  useImperativeHandle(handle, () => ({
    press: (key) => {
      if (xAxis?.type !== 'bins' || !across?.at || both) return false
      const next = nudged(key, box.current ? values(box.current.x, across) : null, xAxis)
      if (!next) return false
      put({ x: next.map(across.at) as Ends, y: whole.y })
      tell()
      askSoon()
      return true
    },
  }))

  const at = (event: PointerEvent<HTMLElement>): [number, number] => {
    const { left, top } = event.currentTarget.getBoundingClientRect()
    const clamp = (value: number, [low, high]: Ends) => Math.min(high, Math.max(low, value))
    return [clamp(event.clientX - left + plot.left, whole.x), clamp(event.clientY - top + plot.top, whole.y)]
  }
  const follow = (to: [number, number]) => {
    const now = drag.current
    if (!now) return
    put(dragged(now.hold, now.start, now.from, to, whole, both))
    tell()
  }
  const release = () => {
    const now = drag.current
    drag.current = null
    if (!now) return
    if (!now.moved) put(null)
    ask()
  }
  return (
    <div
      className={styles.brush}
      style={{ left: plot.left, top: plot.top, width: plot.width, height: plot.height }}
      data-testid={`brush-${chart.id}`}
      aria-hidden
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        const from = at(event)
        drag.current = { hold: holdAt(box.current, from, both), from, start: box.current, moved: false }
      }}
      onPointerMove={(event) => {
        const now = drag.current
        if (!now) return
        const to = at(event)
        now.moved ||= Math.hypot(to[0] - now.from[0], to[1] - now.from[1]) >= CLICK
        if (!now.moved) return
        follow(to)
        askSoon()
      }}
      onPointerUp={release}
      onPointerCancel={release}
    >
      <div ref={shown} className={styles.range} />
    </div>
  )
}

const axesIn = (figure: Figure): [Axis | null, Axis | null] =>
  figure.type === 'bars' ? [figure.axis, null] : figure.type === 'grid' ? [figure.x, figure.y] : [null, null]

function pixels(
  own: readonly Filter[],
  column: string | undefined,
  axis: Axis | null,
  places: Places | null,
  wholes: ReadonlySet<string>,
): Ends | null {
  const ends = axis?.type === 'bins' ? rangeIn(own, column, axis, wholes) : null
  return ends && places?.at ? ordered(ends.map(places.at) as Ends) : null
}

const values = (ends: Ends, places: Places | null): Ends =>
  places?.valueAt ? ordered(ends.map(places.valueAt) as Ends) : ends

const ordered = ([one, other]: Ends): Ends => [Math.min(one, other), Math.max(one, other)]

function holdAt(box: Box | null, [x, y]: [number, number], both: boolean): Hold {
  if (!box) return 'new'
  const inside = (value: number, [low, high]: Ends) => value >= low && value <= high
  if (!both && Math.abs(x - box.x[0]) <= GRIP) return 'low'
  if (!both && Math.abs(x - box.x[1]) <= GRIP) return 'high'
  return inside(x, box.x) && inside(y, box.y) ? 'move' : 'new'
}

function dragged(
  hold: Hold,
  start: Box | null,
  from: [number, number],
  to: [number, number],
  whole: Box,
  both: boolean,
): Box {
  if (hold === 'new' || !start) return { x: ordered([from[0], to[0]]), y: both ? ordered([from[1], to[1]]) : whole.y }
  if (hold === 'low') return { ...start, x: ordered([to[0], start.x[1]]) }
  if (hold === 'high') return { ...start, x: ordered([start.x[0], to[0]]) }
  const shift = (ends: Ends, by: number, [low, high]: Ends): Ends => {
    const kept = Math.min(high - ends[1], Math.max(low - ends[0], by))
    return [ends[0] + kept, ends[1] + kept]
  }
  return {
    x: shift(start.x, to[0] - from[0], whole.x),
    y: both ? shift(start.y, to[1] - from[1], whole.y) : start.y,
  }
}
