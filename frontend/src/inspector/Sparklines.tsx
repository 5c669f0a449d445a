// What user code recorded by step, as small curves that grow while the node runs.

import { metric } from '../core/format'
import type { Curves, Point } from '../run/curves'
import styles from './Sparklines.module.css'

const WIDTH = 220
const HEIGHT = 44
const EDGE = 3

export function Sparklines({ curves }: { curves: Curves }) {
  return (
    <section aria-label="Recorded by step" className={styles.curves} data-testid="curves">
      {Object.entries(curves).map(([name, points]) => (
        <Sparkline key={name} name={name} points={points} />
      ))}
    </section>
  )
}

function Sparkline({ name, points }: { name: string; points: readonly Point[] }) {
  const last = points.at(-1)
  if (!last) return null
  const [low, high] = extent(points.map((point) => point.value))
  return (
    <figure className={styles.curve}>
      <figcaption>
        <span className={styles.name}>{name}</span>
        <b title={String(last.value)}>{metric(last.value)}</b>
        <span className={styles.step}>step {last.step.toLocaleString('en')}</span>
      </figcaption>
      <svg
        width={WIDTH}
        height={HEIGHT}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${name} over ${points.length} steps: from ${metric(points[0]?.value ?? null)} to ${metric(last.value)}, lowest ${metric(low)}, highest ${metric(high)}`}
      >
        <path d={lineOf(points)} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
        <circle cx={placed(points, last).x} cy={placed(points, last).y} r="2.5" fill="currentColor" />
      </svg>
      <span className={styles.range}>
        {metric(low)} – {metric(high)}
      </span>
    </figure>
  )
}

function extent(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  )
}

/** The path of a curve: steps from left to right, values from the lowest to the highest; a single point in the middle. */
export function lineOf(points: readonly Point[]): string {
  const [first, last] = extent(points.map((point) => point.step))
  const [low, high] = extent(points.map((point) => point.value))
  return points
    .map((point, at) => {
      const { x, y } = within(point, first, last, low, high)
      return `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`
    })
    .join('')
}

function placed(points: readonly Point[], point: Point): { x: number; y: number } {
  const [first, last] = extent(points.map((one) => one.step))
  const [low, high] = extent(points.map((one) => one.value))
  return within(point, first, last, low, high)
}

function within({ step, value }: Point, first: number, last: number, low: number, high: number) {
  const across = last > first ? (step - first) / (last - first) : 0.5
  const up = high > low ? (value - low) / (high - low) : 0.5
  return { x: EDGE + across * (WIDTH - 2 * EDGE), y: HEIGHT - EDGE - up * (HEIGHT - 2 * EDGE) }
}
