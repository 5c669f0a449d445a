// What a hover and the panel beside a chart say of a version.

import { delta, day, duration, metric as metricText } from '../core/format'
import { plain } from '../core/Prose'
import type { Trend, Trends } from '../core/types'
import { ofParent } from './lines'

/** Text for Plotly, which reads some of HTML: nothing of a message is markup. */
export const literal = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

const WIDE = 64

/** Lines of at most so many characters, broken between words. */
export function wrapped(text: string, width = WIDE): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** When a value was computed that the version's own run did not measure; null for what it did. */
export function laterOf({ later }: Trend, place: number): string | null {
  const at = later[place]
  return at === undefined ? null : new Date(at * 1000).toISOString()
}

export interface Moved {
  by: number
  better: boolean | null
  word: string
}

/** How a value differs from the parent's; null where either is missing. */
export function moved(trends: Trends, trend: Trend, place: number): Moved | null {
  const value = trend.values[place] ?? null
  const before = ofParent(trends, trend, place)
  if (value === null || before === null) return null
  const better = trend.higher_is_better === null || value === before ? null : value > before === trend.higher_is_better
  return {
    by: value - before,
    better,
    word: value === before ? 'unchanged' : better === null ? '' : better ? 'better' : 'worse',
  }
}

/** A version as a hover shows it: its number, what changed, and the value with its difference to the parent's. */
export function hoverOf(trends: Trends, trend: Trend, place: number, branch: string | null): string {
  const { number, message, parent, seconds } = trends.versions
  const change = moved(trends, trend, place)
  const since = change === null ? '' : `  ${delta(change.by)} to v${parent[place] ?? ''} ${change.word}`
  const took = seconds[place] ?? null
  const later = laterOf(trend, place)
  return [
    `<b>v${number[place] ?? ''}</b>${branch === null ? '' : ` on ${literal(branch)}`}`,
    ...wrapped(plain(message[place] ?? '')).map(literal),
    `${literal(trend.name)} <b>${metricText(trend.values[place] ?? null)}</b>${since}`,
    ...(later === null ? [] : [`computed later, on ${day(later)}`]),
    ...(took === null ? [] : [`run in ${duration(took)}`]),
  ].join('<br>')
}
