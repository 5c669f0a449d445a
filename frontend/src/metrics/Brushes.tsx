// Ranges of axes: dragged along an axis, or set by sliders, which the keyboard moves.

import { Button } from '@mantine/core'
import { useRef, type PointerEvent } from 'react'
import { numberAt, type Axis, type Range } from './axes'
import { MARGIN, valueText } from './parallel'
import styles from './Brushes.module.css'

const WHOLE: Range = [0, 1]
const SHORT = 0.02 // of an axis: a drag that is shorter is a click, which takes the range away
const STEPS = 100

interface BrushesProps {
  axes: readonly Axis[]
  ranges: ReadonlyMap<string, Range>
  drag: (name: string, range: Range) => void
  drop: (name: string, range: Range) => void
}

/** Laid over the chart: a strip over each axis. */
export function Brushes({ axes, ranges, drag, drop }: BrushesProps) {
  const place = { left: MARGIN.l, right: MARGIN.r, top: MARGIN.t, bottom: MARGIN.b }
  return (
    <div className={styles.brushes} style={place} aria-hidden>
      {axes.map((axis, at) => (
        <Brush
          key={axis.name}
          name={axis.name}
          left={axes.length > 1 ? at / (axes.length - 1) : 0}
          range={ranges.get(axis.name) ?? WHOLE}
          drag={(range) => drag(axis.name, range)}
          drop={(range) => drop(axis.name, range)}
        />
      ))}
    </div>
  )
}

interface BrushProps {
  name: string
  /** From 0 to 1. */
  left: number
  range: Range
  drag: (range: Range) => void
  drop: (range: Range) => void
}

function Brush({ name, left, range: [low, high], drag, drop }: BrushProps) {
  const start = useRef<number | null>(null)
  const at = (event: PointerEvent<HTMLElement>): number => {
    const box = event.currentTarget.getBoundingClientRect()
    return Math.min(1, Math.max(0, 1 - (event.clientY - box.top) / box.height))
  }
  const range = (from: number, to: number): Range => [Math.min(from, to), Math.max(from, to)]
  return (
    <div
      className={styles.brush}
      style={{ left: `${left * 100}%` }}
      data-testid={`brush-${name}`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        start.current = at(event)
      }}
      onPointerMove={(event) => {
        if (start.current !== null) drag(range(start.current, at(event)))
      }}
      onPointerUp={(event) => {
        if (start.current === null) return
        const found = range(start.current, at(event))
        start.current = null
        drop(found[1] - found[0] < SHORT ? WHOLE : found)
      }}
      onPointerCancel={() => {
        start.current = null
        drop([low, high])
      }}
    >
      {(low > 0 || high < 1) && (
        <div className={styles.range} style={{ bottom: `${low * 100}%`, height: `${(high - low) * 100}%` }} />
      )}
    </div>
  )
}

interface RangesProps {
  axes: readonly Axis[]
  ranges: ReadonlyMap<string, Range>
  setRange: (name: string, range: Range) => void
  clear: () => void
}

/** The same ranges as pairs of sliders. */
export function Ranges({ axes, ranges, setRange, clear }: RangesProps) {
  return (
    <div className={styles.ranges} role="group" aria-label="Ranges of the axes">
      {axes.map((axis) => {
        const [low, high] = ranges.get(axis.name) ?? WHOLE
        return (
          <fieldset key={axis.name} className={styles.pair} data-set={low > 0 || high < 1 || undefined}>
            <legend>{axis.name}</legend>
            <Slider
              label={`${axis.name} from`}
              value={low}
              said={saidAt(axis, low, 'from')}
              set={(value) => setRange(axis.name, [Math.min(value, high), high])}
            />
            <Slider
              label={`${axis.name} to`}
              value={high}
              said={saidAt(axis, high, 'to')}
              set={(value) => setRange(axis.name, [low, Math.max(value, low)])}
            />
          </fieldset>
        )
      })}
      {axes.some(({ name }) => ranges.has(name)) && (
        <Button variant="subtle" size="compact-xs" onClick={clear}>
          Clear all ranges
        </Button>
      )}
    </div>
  )
}

interface SliderProps {
  label: string
  value: number
  said: string
  set: (value: number) => void
}

function Slider({ label, value, said, set }: SliderProps) {
  return (
    <label className={styles.slider}>
      <input
        type="range"
        min={0}
        max={STEPS}
        value={Math.round(value * STEPS)}
        aria-label={label}
        aria-valuetext={said}
        onChange={(event) => set(Number(event.currentTarget.value) / STEPS)}
      />
      <span className={styles.said}>{said}</span>
    </label>
  )
}

/** The value where a range ends: between two texts the one that is still inside. */
function saidAt(axis: Axis, at: number, end: 'from' | 'to'): string {
  if (axis.scale) return valueText(numberAt(axis.scale, at))
  const inside =
    end === 'from' ? axis.ticks.find((tick) => tick.at >= at) : axis.ticks.findLast((tick) => tick.at <= at)
  return valueText(inside?.value ?? null)
}
