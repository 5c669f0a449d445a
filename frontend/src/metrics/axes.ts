// Axes of parallel coordinates: values of any kind, each on its own scale from 0 to 1.

export type Value = number | string | null

export interface Axis {
  name: string
  /** Aligned with the versions; null where a version lacks it. */
  values: readonly Value[]
  /** From 0 to 1, aligned with the values. */
  at: readonly (number | null)[]
  /** Where the axis has labels, and what they say. */
  ticks: readonly { at: number; value: Value }[]
  /** What its ends are, where it has numbers; on a logarithmic scale where they lie far apart. */
  scale: { low: number; high: number; log: boolean } | null
}

/** The part of an axis that lines have to pass through, from 0 to 1. */
export type Range = readonly [low: number, high: number]

const TICKS = 5
const FAR = 100 // times the lowest: then numbers above zero stand by their logarithms

/** Numbers stand by their size, texts evenly in their order. What has one value only stands in the middle. */
export function axisOf(name: string, values: readonly Value[]): Axis {
  const known = values.filter((value) => value !== null)
  const numbers = known.filter((value) => typeof value === 'number')
  if (numbers.length === known.length && known.length > 0) {
    const low = numbers.reduce((a, b) => Math.min(a, b))
    const high = numbers.reduce((a, b) => Math.max(a, b))
    const scale = { low, high, log: low > 0 && high / low >= FAR }
    const place = (value: number): number => {
      if (high === low) return 0.5
      return scale.log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low)
    }
    const distinct = [...new Set(numbers)].sort((a, b) => a - b)
    const marks = distinct.length <= TICKS ? distinct : evenly(scale)
    return {
      name,
      values,
      at: values.map((value) => (typeof value === 'number' ? place(value) : null)),
      ticks: marks.map((value) => ({ at: place(value), value })),
      scale,
    }
  }
  const words = [...new Set(known.map(String))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const place = (word: string): number => (words.length > 1 ? words.indexOf(word) / (words.length - 1) : 0.5)
  return {
    name,
    values,
    at: values.map((value) => (value === null ? null : place(String(value)))),
    ticks: words.map((value) => ({ at: place(value), value })),
    scale: null,
  }
}

/** The number that stands at a place, from 0 to 1. */
export const numberAt = ({ low, high, log }: NonNullable<Axis['scale']>, at: number): number =>
  log ? low * (high / low) ** at : low + (high - low) * at

const evenly = (scale: NonNullable<Axis['scale']>): number[] =>
  Array.from({ length: TICKS }, (_, at) => numberAt(scale, at / (TICKS - 1)))

const WHOLE: Range = [0, 1]
const SLACK = 1e-9

/** Whether a version passes through the ranges of all axes; what lacks a value passes only where its axis is free. */
export const passes = (axes: readonly Axis[], ranges: ReadonlyMap<string, Range>, row: number): boolean =>
  axes.every((axis) => {
    const [low, high] = ranges.get(axis.name) ?? WHOLE
    const at = axis.at[row] ?? null
    if (at === null) return low <= 0 && high >= 1
    return at >= low - SLACK && at <= high + SLACK
  })

/** Ranges as the address has them: name:low:high, to three digits. Those that take in the whole axis are left out. */
export const rangesTo = (ranges: ReadonlyMap<string, Range>): string[] =>
  [...ranges]
    .filter(([, [low, high]]) => low > 0 || high < 1)
    .map(([name, range]) => [name, ...range.map((end) => Number(end.toFixed(3)))].join(':'))

export function rangesFrom(texts: readonly string[]): Map<string, Range> {
  const ranges = new Map<string, Range>()
  for (const text of texts) {
    const found = /^(.*):([\d.]+):([\d.]+)$/.exec(text)
    const [low, high] = [Number(found?.[2]), Number(found?.[3])]
    if (found?.[1] && low >= 0 && low <= high && high <= 1) ranges.set(found[1], [low, high])
  }
  return ranges
}
