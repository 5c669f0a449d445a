// Where things lie on a chart: the rectangle of its marks, and scales between values, places and pixels.

import type { Axis } from '../../core/types'
import { compact, moment, short, valueText, whole } from '../words'
import { numberTicks, timeTicks } from './ticks'

export interface Plot {
  left: number
  top: number
  width: number
  height: number
}

export interface Mark {
  /** Pixels. */
  at: number
  label: string
}

/** The places of an axis, from pixel `from` to pixel `to`. */
export interface Places {
  count: number
  start: (place: number) => number
  end: (place: number) => number
  /** The place at a pixel, -1 where there is none. */
  placeAt: (pixel: number) => number
  /** For axes of numbers and times only. */
  at: ((value: number) => number) | null
  valueAt: ((pixel: number) => number) | null
  marks: Mark[]
}

export interface Linear {
  at: (value: number) => number
  marks: Mark[]
}

export const countOf = (axis: Axis): number =>
  axis.type === 'bins' ? Math.max(0, axis.edges.length - 1) : axis.values.length + (axis.rest > 0 ? 1 : 0)

/** What stands at a place: a range, a value, or that others share it. */
export function placeText(axis: Axis, place: number): string {
  if (axis.type === 'values')
    return place < axis.values.length ? valueText(axis.values[place] ?? null) : `${whole(axis.rest)} others`
  const shown = axis.time ? moment : short
  return `${shown(axis.edges[place] ?? 0)}–${shown(axis.edges[place + 1] ?? 0)}`
}

/** `spacing` is how many pixels a mark needs. */
export function placesOf(axis: Axis, from: number, to: number, spacing: number): Places {
  return axis.type === 'bins' ? bins(axis, from, to, spacing) : bands(axis, from, to, spacing)
}

type Bins = Extract<Axis, { type: 'bins' }>
type Values = Extract<Axis, { type: 'values' }>

function bins(axis: Bins, from: number, to: number, spacing: number): Places {
  const { edges } = axis
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 1]
  const { at, valueAt } = linear(low, high, from, to)
  const make = axis.time ? timeTicks : numberTicks
  return {
    count: countOf(axis),
    start: (place) => at(edges[place] ?? low),
    end: (place) => at(edges[place + 1] ?? high),
    placeAt: (pixel) => binAt(edges, valueAt(pixel)),
    at,
    valueAt,
    marks: make(low, high, Math.abs(to - from) / spacing).map(({ value, label }) => ({ at: at(value), label })),
  }
}

/** The place whose edges a value lies between; the last has its upper edge too. */
export function binAt(edges: readonly number[], value: number): number {
  const last = edges.length - 1
  if (last < 1 || !(value >= (edges[0] ?? 0)) || value > (edges[last] ?? 0)) return -1
  let [low, high] = [0, last]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((edges[middle] ?? 0) <= value) low = middle
    else high = middle
  }
  return low
}

function bands(axis: Values, from: number, to: number, spacing: number): Places {
  const count = countOf(axis)
  const band = (to - from) / Math.max(1, count)
  const every = Math.max(1, Math.ceil(spacing / Math.max(1, Math.abs(band))))
  return {
    count,
    start: (place) => from + place * band,
    end: (place) => from + (place + 1) * band,
    placeAt: (pixel) => {
      const place = Math.floor((pixel - from) / band)
      return place >= 0 && place < count ? place : -1
    },
    at: null,
    valueAt: null,
    marks: Array.from({ length: Math.ceil(count / every) }, (_, at) => ({
      at: from + (at * every + 0.5) * band,
      label: placeText(axis, at * every),
    })),
  }
}

export function linear(low: number, high: number, from: number, to: number) {
  const span = high - low || 1
  return {
    at: (value: number): number => from + ((value - low) / span) * (to - from),
    valueAt: (pixel: number): number => low + ((pixel - from) / (to - from || 1)) * span,
  }
}

/** A scale of figures from 0, or from below where some are negative, with round marks; `whole` where they are counts. */
export function figures(
  values: readonly (number | null)[],
  from: number,
  to: number,
  spacing: number,
  whole = false,
): Linear {
  let [low, high] = [0, 0]
  for (const value of values) {
    if (value === null) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  if (low === high) high = low + 1
  const { at } = linear(low, high, from, to)
  const marks = numberTicks(low, high, Math.abs(to - from) / spacing, whole)
  return { at, marks: marks.map(({ value, label }) => ({ at: at(value), label })) }
}

/** A scale between the least and the greatest, with a little room at both ends. */
export function extent(low: number, high: number, from: number, to: number, spacing: number): Linear {
  const room = (high - low || Math.abs(high) || 1) * 0.04
  const { at } = linear(low - room, high + room, from, to)
  const marks = numberTicks(low - room, high + room, Math.abs(to - from) / spacing)
  return { at, marks: marks.map(({ value, label }) => ({ at: at(value), label: label || compact(value) })) }
}
