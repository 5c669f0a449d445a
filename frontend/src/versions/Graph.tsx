// The part of the history's drawing that stands in one row of the log.

import { sizes } from '../core/theme'
import type { Line, Row } from './lanes'
import styles from './Graph.module.css'

const GAP = sizes.lane
const COLOURS = 5

const x = (lane: number): number => GAP / 2 + lane * GAP
const colourOf = (lane: number): number => lane % COLOURS

/** A curve between two points of the row, in per cent of its height upright at both ends. */
const path = (from: number, to: number, top: number, bottom: number): string => {
  const middle = (top + bottom) / 2
  return from === to
    ? `M${x(from)} ${top}V${bottom}`
    : `M${x(from)} ${top}C${x(from)} ${middle} ${x(to)} ${middle} ${x(to)} ${bottom}`
}

const Lines = ({ lines, top, bottom }: { lines: readonly Line[]; top: number; bottom: number }) =>
  lines.map((line) => (
    <path
      key={`${line.from}-${line.to}`}
      d={path(line.from, line.to, top, bottom)}
      data-lane={colourOf(line.lane)}
      vectorEffect="non-scaling-stroke"
    />
  ))

export function Graph({ row, width, current }: { row: Row; width: number; current: boolean }) {
  const height = sizes.row
  return (
    <svg className={styles.graph} width={width * GAP} height={height} aria-hidden>
      <Lines lines={row.upper} top={0} bottom={height / 2} />
      <Lines lines={row.lower} top={height / 2} bottom={height} />
      <circle
        cx={x(row.lane)}
        cy={height / 2}
        r={current ? 5 : 4}
        data-lane={colourOf(row.lane)}
        data-current={current}
      />
    </svg>
  )
}

/** The lines that go on past what stands below a row. */
export function GraphBelow({ row, width }: { row: Row; width: number }) {
  const going = [...new Map(row.lower.map((line) => [line.to, line])).values()]
  return (
    <svg className={styles.below} width={width * GAP} height="100%" preserveAspectRatio="none" aria-hidden>
      {going.map((line) => (
        <line key={line.to} x1={x(line.to)} x2={x(line.to)} y1="0" y2="100%" data-lane={colourOf(line.lane)} />
      ))}
    </svg>
  )
}
