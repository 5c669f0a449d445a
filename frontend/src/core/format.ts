// Humane numbers: durations, sizes, ages, counts and metrics, short enough to scan; the exact value goes on hover.

const trim = (value: number, digits: number): string => value.toFixed(digits)

/** Seconds as people say them: 0.4 ms, 12 ms, 0.31 s, 4.2 s, 3 min 20 s, 2 h 5 min. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '–'
  if (seconds === 0) return '0 ms'
  if (seconds < 0.00095) return '< 1 ms'
  if (seconds < 0.0995) return `${trim(seconds * 1000, 0)} ms`
  if (seconds < 9.995) return `${trim(seconds, 2)} s`
  if (seconds < 59.95) return `${trim(seconds, 1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return pair(Math.floor(whole / 60), 'min', whole % 60, 's')
  const minutes = Math.round(seconds / 60)
  if (minutes < 1440) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  const hours = Math.round(seconds / 3600)
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

const pair = (large: number, unit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`

/** An estimate: rounded to what it can know, with "about". */
export function about(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'an unknown time'
  if (seconds < 0.0095) return 'under 10 ms'
  if (seconds < 0.095) return `about ${Math.round(seconds * 100) * 10} ms`
  if (seconds < 9.95) return `about ${trim(seconds, 1)} s`
  return `about ${duration(seconds < 60 ? Math.round(seconds) : seconds)}`.replace('.0 s', ' s')
}

/** An estimate where there is little room: < 10 ms, ~30 ms, ~0.3 s. */
export const roughly = (seconds: number): string =>
  seconds < 0.0095 ? '< 10 ms' : `~${about(seconds).replace('about ', '')}`

/** A running clock with one decimal, so that it does not jitter: 0.3 s, 12.4 s, 2 min 3 s. */
export const elapsed = (seconds: number): string =>
  seconds < 60 ? `${trim(Math.max(0, seconds), 1)} s` : duration(seconds)

/** Bytes in powers of 1000: 812 B, 3.1 kB, 3.1 MB, 24 MB. */
export function bytes(count: number): string {
  if (!Number.isFinite(count) || count < 0) return '–'
  if (count < 1000) return `${count} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  let value = count / 1000
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${trim(value, value < 9.95 ? 1 : 0)} ${units[unit] ?? ''}`
}

export const exactSeconds = (seconds: number): string => `${seconds.toPrecision(6)} seconds`
export const exactBytes = (count: number): string => `${count.toLocaleString('en')} bytes`

/** How long ago, at `now` (milliseconds): just now, 2 min ago, 3 h ago, yesterday, 5 days ago, 12 Mar 2026. */
export function ago(iso: string, now: number): string {
  const then = Date.parse(iso)
  if (Number.isNaN(then)) return '–'
  const seconds = (now - then) / 1000
  if (seconds < 45) return 'just now'
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min ago`
  const hours = Math.round(seconds / 3600)
  if (hours < 24) return `${hours} h ago`
  const days = Math.round(seconds / 86400)
  if (days === 1) return 'yesterday'
  if (days < 14) return `${days} days ago`
  return day(iso)
}

// Made once: making one takes a hundred times as long as what it does to a time.
const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const times = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

const written = (iso: string, format: Intl.DateTimeFormat): string => {
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? '–' : format.format(at)
}

/** The day of a time: 12 Mar 2026. */
export const day = (iso: string): string => written(iso, days)

export const exactTime = (iso: string): string => written(iso, times)

/** A metric with four decimals below 1000: 0.8431, 12.3000, 1234.5. Tiny and huge ones in powers of ten. */
export function metric(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return 'not a number'
  const size = Math.abs(value)
  if (size !== 0 && (size < 0.0001 || size >= 1e7)) return value.toExponential(3)
  if (size >= 1000) return trim(value, 1)
  return trim(value, 4)
}

/** A signed difference of two metrics, with a true minus sign. */
export function delta(value: number): string {
  if (value === 0) return '±0'
  return `${value > 0 ? '+' : '−'}${metric(Math.abs(value))}`
}

/** 1 node, 2 nodes; the number with thousands separators. */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`
