// Numbers that user code recorded by step while a node runs, as curves of bounded length.

import type { Event } from '../core/types'

export type Recorded = Extract<Event, { type: 'metric_recorded' }>

export interface Point {
  step: number
  value: number
}

/** Curves by their names. */
export type Curves = Record<string, readonly Point[]>

/** A curve that gets longer loses every other of its points, but for the last: it is drawn a few hundred pixels wide. */
const LONGEST = 2000

/** The curves by node, with what was recorded since; what is not a finite number is no point. */
export function withPoints(curves: Record<string, Curves>, recorded: readonly Recorded[]): Record<string, Curves> {
  if (recorded.length === 0) return curves
  const fresh = new Map<string, Map<string, Point[]>>()
  for (const { node, name, step, value } of recorded) {
    if (step === null || value === null) continue
    const named = fresh.get(node) ?? new Map<string, Point[]>()
    const points = named.get(name) ?? []
    points.push({ step, value })
    fresh.set(node, named.set(name, points))
  }
  const next = { ...curves }
  for (const [node, named] of fresh) {
    const known = { ...next[node] }
    for (const [name, points] of named) known[name] = thinned([...(known[name] ?? []), ...points])
    next[node] = known
  }
  return next
}

function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= LONGEST) return points
  return thinned(points.filter((_, at) => at % 2 === 0 || at === points.length - 1))
}
