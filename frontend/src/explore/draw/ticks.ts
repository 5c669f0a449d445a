// Round places on an axis, of numbers and of times (UTC), with what is written at them.

import { compact } from '../words'

export interface Tick {
  value: number
  label: string
}

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000]
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((n) => n),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14].map((n) => n * DAY),
]
const MONTHS = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200]
const NAMES = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The step of 1, 2 or 5 times a power of ten by which a span has at most so many ticks. */
export function roundStep(span: number, most: number): number {
  const least = span / Math.max(1, most)
  const power = 10 ** Math.floor(Math.log10(least))
  return (least <= power ? 1 : least <= 2 * power ? 2 : least <= 5 * power ? 5 : 10) * power
}

/** Round numbers from low to high, at most about so many; of what is counted, none between whole ones. */
export function numberTicks(low: number, high: number, most: number, whole = false): Tick[] {
  if (!(high > low) || !Number.isFinite(high - low)) return [{ value: low, label: compact(low) }]
  const step = Math.max(whole ? 1 : 0, roundStep(high - low, most))
  const digits = Math.max(0, -Math.floor(Math.log10(step)))
  const ticks: Tick[] = []
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at += 1) {
    const value = Number((at * step).toPrecision(12))
    const label = digits > 0 && digits <= 6 && Math.abs(value) < 1e4 ? value.toFixed(digits) : compact(value)
    ticks.push({ value, label })
  }
  return ticks
}

/** Round times from low to high, at most about so many; where a day or a year begins, that is what is written. */
export function timeTicks(low: number, high: number, most: number): Tick[] {
  if (!(high > low) || !Number.isFinite(high - low)) return [{ value: low, label: dayLabel(new Date(low)) }]
  const least = (high - low) / Math.max(1, most)
  const step = STEPS.find((each) => each >= least)
  if (step === undefined) return monthTicks(low, high, least)
  const ticks: Tick[] = []
  // Weeks begin on Mondays: the first day of 1970 was a Thursday.
  const shift = step >= 7 * DAY ? 4 * DAY : 0
  for (let at = Math.ceil((low - shift) / step) * step + shift; at <= high; at += step)
    ticks.push({ value: at, label: step >= DAY ? dayLabel(new Date(at)) : clockLabel(new Date(at), step) })
  return ticks
}

function monthTicks(low: number, high: number, least: number): Tick[] {
  const step = MONTHS.find((each) => each * 30.44 * DAY >= least) ?? MONTHS.at(-1) ?? 1200
  const start = new Date(low)
  const ticks: Tick[] = []
  let month = Math.ceil((start.getUTCFullYear() * 12 + start.getUTCMonth()) / step) * step
  for (; ticks.length < 1000; month += step) {
    const value = utc(Math.floor(month / 12), month % 12)
    if (value > high) return ticks
    const name = NAMES[month % 12] ?? ''
    const label = step >= 12 || month % 12 === 0 ? String(Math.floor(month / 12)) : name
    if (value >= low) ticks.push({ value, label })
  }
  return ticks
}

/** `Date.UTC` takes the years 0 to 99 for 1900 to 1999. */
function utc(year: number, month: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month, 1)
  return date.getTime()
}

const dayLabel = (at: Date): string =>
  at.getUTCMonth() === 0 && at.getUTCDate() === 1
    ? String(at.getUTCFullYear())
    : `${at.getUTCDate()} ${NAMES[at.getUTCMonth()] ?? ''}`

function clockLabel(at: Date, step: number): string {
  const text = at.toISOString()
  if (at.getTime() % DAY === 0) return dayLabel(at)
  return step >= MINUTE ? text.slice(11, 16) : step >= SECOND ? text.slice(11, 19) : text.slice(17, 23)
}
