// What the page shows stands in its address, so that a reload or a link brings it back.

import { useCallback, useEffect, useMemo, useRef } from 'react'
import { useSearchParams } from 'react-router'
import { rangesFrom, rangesTo, type Range } from './axes'

export const VIEWS = ['trend', 'pareto', 'parameters', 'curves', 'table'] as const
export type View = (typeof VIEWS)[number]

export type Span = readonly [from: number, to: number]

export interface Shown {
  view: View
  /** Null: the usual ones. */
  metrics: string[] | null
  /** Null: all, and the versions that no branch leads to. */
  branches: string[] | null
  log: boolean
  /** The numbers of versions between which the trend is drawn; null: all. */
  zoom: Span | null
  /** Between which values (on a log scale, powers of ten) the panels of metrics are drawn that are not drawn whole. */
  heights: ReadonlyMap<string, Span>
  /** Numbers of the selected versions, the one selected first first; at most two. */
  selected: number[]
  sort: { by: string; down: boolean }
  /** Axes of the parallel coordinates; null: the first few. */
  axes: string[] | null
  ranges: Map<string, Range>
  /** What was logged by step, as node and name. */
  curve: [node: string, name: string] | null
  /** Numbers of the versions whose curves are drawn; null: the newest few. */
  runs: number[] | null
  /** A metric that is to be computed for past versions: its dialog is open. */
  backfill: string | null
}

const several = (params: URLSearchParams, name: string): string[] | null =>
  params.has(name) ? params.getAll(name).filter((value) => value !== '') : null

const numbers = (texts: readonly string[]): number[] => texts.map(Number).filter((n) => Number.isInteger(n) && n > 0)

export function shownIn(params: URLSearchParams): Shown {
  const [by, order] = splitLast(params.get('sort') ?? 'version:down')
  const runs = several(params, 'run')
  const curve = params.get('curve')
  return {
    view: VIEWS.find((view) => view === params.get('view')) ?? 'trend',
    metrics: several(params, 'metric'),
    branches: several(params, 'branch'),
    log: params.get('log') === '1',
    zoom: spanIn(params.get('zoom') ?? ''),
    heights: heightsIn(params.getAll('y')),
    selected: numbers(params.getAll('v')).slice(0, 2),
    sort: { by, down: order !== 'up' },
    axes: several(params, 'axis'),
    ranges: rangesFrom(params.getAll('range')),
    curve: curve === null ? null : [curve, params.get('of') ?? ''],
    runs: runs === null ? null : numbers(runs),
    backfill: params.get('backfill'),
  }
}

function spanIn(text: string): Span | null {
  const [from = NaN, to = NaN] = text.split(':').map(Number)
  return from < to ? [from, to] : null
}

/** As name:from:to; a name may have colons itself. */
const heightsIn = (texts: readonly string[]): Map<string, Span> =>
  new Map(
    texts.flatMap((text): [string, Span][] => {
      const [, name, ends] = /^(.+):([^:]+:[^:]+)$/.exec(text) ?? []
      const span = spanIn(ends ?? '')
      return name !== undefined && span ? [[name, span]] : []
    }),
  )

const DIGITS = 8 // of a value in the address

const splitLast = (text: string): [string, string] => {
  const at = text.lastIndexOf(':')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** The address with some of it changed. An empty list of chosen things is a choice too: `metric=`. */
export function changed(params: URLSearchParams, change: Partial<Shown>): URLSearchParams {
  const next = new URLSearchParams(params)
  const put = (name: string, values: readonly (string | number)[] | null) => {
    next.delete(name)
    for (const value of values?.length === 0 ? [''] : (values ?? [])) next.append(name, String(value))
  }
  const one = (name: string, value: string | null) => put(name, value === null ? null : [value])
  if (change.view !== undefined) one('view', change.view === 'trend' ? null : change.view)
  if (change.metrics !== undefined) put('metric', change.metrics)
  if (change.branches !== undefined) put('branch', change.branches)
  if (change.log !== undefined) one('log', change.log ? '1' : null)
  if (change.zoom !== undefined) one('zoom', change.zoom?.map((end) => end.toFixed(1)).join(':') ?? null)
  if (change.heights !== undefined) {
    const ends = ([from, to]: Span) => [from, to].map((end) => Number(end.toPrecision(DIGITS))).join(':')
    put('y', change.heights.size > 0 ? [...change.heights].map(([name, span]) => `${name}:${ends(span)}`) : null)
  }
  if (change.selected !== undefined) put('v', change.selected.length > 0 ? change.selected : null)
  if (change.sort !== undefined) one('sort', `${change.sort.by}:${change.sort.down ? 'down' : 'up'}`)
  if (change.axes !== undefined) put('axis', change.axes)
  if (change.ranges !== undefined) put('range', change.ranges.size > 0 ? rangesTo(change.ranges) : null)
  if (change.runs !== undefined) put('run', change.runs)
  if (change.backfill !== undefined) one('backfill', change.backfill)
  if (change.curve !== undefined) {
    one('curve', change.curve?.[0] ?? null)
    one('of', change.curve?.[1] ?? null)
  }
  return next
}

/** A change, or what makes one of what is shown by then: a chart may call with what it was told before. */
export type Show = (change: Partial<Shown> | ((now: Shown) => Partial<Shown>)) => void

export function useShown(): [Shown, Show] {
  const [params, setParams] = useSearchParams()
  const shown = useMemo(() => shownIn(params), [params])
  // Two changes may come before the page is drawn again: the second is one of what the first made.
  const latest = useRef(params)
  useEffect(() => {
    latest.current = params
  }, [params])
  const show = useCallback(
    (change: Parameters<Show>[0]) => {
      const made = typeof change === 'function' ? change(shownIn(latest.current)) : change
      if (Object.keys(made).length === 0) return
      latest.current = changed(latest.current, made)
      setParams(latest.current, { replace: true })
    },
    [setParams],
  )
  return [shown, show]
}

/** Another click on a selected version takes it away; a third one takes the place of the one selected first. */
export const toggled = (selected: readonly number[], number: number): number[] =>
  selected.includes(number) ? selected.filter((one) => one !== number) : [...selected.slice(-1), number]
