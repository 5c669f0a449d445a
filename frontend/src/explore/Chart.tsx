// A chart at full size: marks on a canvas, what is brushed and pointed at over them, and all of it by keys as well.

import { memo, useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import type { Chart as Spec, Figure, Filter } from '../core/types'
import { Brush, type BrushHandle } from './Brush'
import { useInk } from './draw/ink'
import { soon } from './draw/later'
import { heightOf, layoutOf, type Layout } from './draw/layout'
import { isAnswer, paint, sized, type Painting } from './draw/paint'
import { brushed, chosenIn, clickable, clicked, nameOf, pointed, rangeIn, type Pointed } from './pointing'
import { axesOf, filtered } from './state'
import { useExploreStore, wholesOf } from './store'
import { gist, markText } from './told'
import { useActions } from './useActions'
import { useSize } from './useSize'
import styles from './Chart.module.css'

interface Props {
  chart: Spec
  figure: Figure
  tone: Painting['tone']
  /** The filters that were made in it. */
  own: readonly Filter[]
  over?: Figure | null
  /** What stands below it while nothing is pointed at. */
  notes: string
  /** Of a comparison: nothing is filtered in it. */
  still?: boolean
}

/** Drawn anew only where what it shows is another: an answer that is on its way changes nothing. */
export const Chart = memo(function Chart({ chart, figure, tone, own, over = null, notes, still = false }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const readout = useRef<HTMLDivElement>(null)
  const brush = useRef<BrushHandle>(null)
  const store = useExploreStore()
  const { edit } = useActions()
  const ink = useInk()
  const size = useSize(place)
  const [cursor, setCursor] = useState<Pointed | null>(null)
  const width = size?.width ?? 0
  const height = size ? heightOf(figure, size.height) : 0
  const layout = useMemo(() => layoutOf(chart, figure, width, height, true, over), [chart, figure, width, height, over])
  const way = still ? '' : brushed(chart, figure)
  const clicks = !still && clickable(chart, figure)

  useEffect(() => {
    const element = canvas.current
    if (!element || width === 0) return
    return soon(element, () => {
      const context = sized(element, width, height)
      if (context)
        paint(
          context,
          { ...choices(chart, figure, own, wholesOf(store.getState())), chart, figure, full: true, tone, over },
          width,
          height,
          ink,
        )
      element.dataset.drawn = tone
    })
  }, [chart, figure, tone, own, over, width, height, ink, store])

  const say = (text: string) => {
    if (readout.current && readout.current.textContent !== text) readout.current.textContent = text
  }
  const textAt = (at: Pointed) => (isAnswer(tone) ? markText(figure, at) : nameOf(figure, at))
  const choose = (at: Pointed, also: boolean) =>
    edit((state) => clicked(state, chart, figure, at, also, wholesOf(store.getState())))
  const under = (event: PointerEvent<HTMLElement> | React.MouseEvent<HTMLElement>): Pointed | null => {
    const box = canvas.current?.getBoundingClientRect()
    return box ? pointed(figure, layout, event.clientX - box.left, event.clientY - box.top) : null
  }
  const clear = () => {
    if (own.length > 0) edit((state) => filtered(state, chart.id, []))
  }
  const pressed = (key: string, shift: boolean): boolean => {
    if (key === 'Escape' && own.length > 0) clear()
    else if (clicks && cursor && (key === ' ' || key === 'Enter')) choose(cursor, shift)
    else if (way !== '') return brush.current?.press(key) ?? false
    else {
      const next = clicks ? walked(key, cursor, layout) : null
      if (!next) return false
      setCursor(next)
      say(textAt(next))
    }
    return true
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (still || event.ctrlKey || event.metaKey || event.altKey || !pressed(event.key, event.shiftKey)) return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div className={styles.frame}>
      <div
        ref={place}
        className={styles.chart}
        role="group"
        aria-label={gist(chart, isAnswer(tone) ? figure : null)}
        tabIndex={0}
        data-clicks={clicks || undefined}
        onKeyDown={onKeyDown}
        onPointerMove={(event) => {
          const at = event.buttons === 0 ? under(event) : null
          if (event.buttons === 0) say(at ? textAt(at) : '')
        }}
        onPointerLeave={(event) => {
          if (event.buttons === 0) say('')
        }}
        onClick={(event) => {
          if (!clicks) return
          const at = under(event)
          if (at) choose(at, event.shiftKey)
          else clear()
        }}
        onBlur={() => setCursor(null)}
      >
        <div className={styles.sheet} style={{ height: height || undefined }}>
          <canvas ref={canvas} className={styles.canvas} style={{ width, height }} aria-hidden />
          {cursor && <div className={styles.cursor} style={cursorBox(cursor, layout)} aria-hidden />}
          {way !== '' && width > 0 && (
            <Brush chart={chart} figure={figure} layout={layout} own={own} say={say} handle={brush} />
          )}
        </div>
      </div>
      <div className={styles.below}>
        <div ref={readout} className={styles.readout} aria-live="polite" />
        <p className={styles.notes} title={notes || undefined}>
          {notes}
        </p>
      </div>
    </div>
  )
})

function choices(
  chart: Spec,
  figure: Figure,
  own: readonly Filter[],
  wholes: ReadonlySet<string>,
): Pick<Painting, 'chosen' | 'chosenCell' | 'span'> {
  const none = { chosen: null, chosenCell: null, span: null }
  const [x, y] = axesOf(chart)
  if (own.length === 0) return none
  switch (figure.type) {
    case 'boxes':
      return { ...none, chosen: chosenIn(own, x, figure.axis) }
    case 'bars':
      return figure.axis.type === 'bins'
        ? { ...none, span: rangeIn(own, x, figure.axis, wholes) }
        : { ...none, chosen: chosenIn(own, x, figure.axis) }
    case 'grid': {
      const [along, up] = [chosenIn(own, x, figure.x), chosenIn(own, y, figure.y)]
      return { ...none, chosenCell: (at, of) => (along?.(at) ?? true) && (up?.(of) ?? true) }
    }
    case 'rows':
    case 'single':
    case 'curve':
      return none
  }
}

/** The mark that an arrow leads to; null for any other key. */
function walked(key: string, cursor: Pointed | null, { across, down }: Layout): Pointed | null {
  const steps: Record<string, [number, number]> = {
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
  }
  const step = steps[key]
  if (!step || (step[0] !== 0 && !across) || (step[1] !== 0 && !down)) return null
  if (!cursor) return { x: 0, y: 0 }
  const kept = (at: number, count: number) => Math.min(Math.max(0, count - 1), Math.max(0, at))
  return { x: kept(cursor.x + step[0], across?.count ?? 1), y: kept(cursor.y + step[1], down?.count ?? 1) }
}

function cursorBox({ x, y }: Pointed, { plot, across, down }: Layout): React.CSSProperties {
  const side = (from: number, to: number) => [Math.min(from, to), Math.abs(to - from)] as const
  const [left, width] = across ? side(across.start(x), across.end(x)) : [plot.left, plot.width]
  const [top, height] = down ? side(down.start(y), down.end(y)) : [plot.top, plot.height]
  return { left, top, width, height }
}
