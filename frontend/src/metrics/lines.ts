// The versions of a workflow as the lines of its branches, and what can be said of a metric over them.

import type { Trend, Trends } from '../core/types'

/** Versions by their places in the columns, oldest first. */
export interface Line {
  /** The branch; null for versions that no branch leads to. */
  branch: string | null
  /** The version that the line forks from, drawn already by another line; null where it begins by itself. */
  fork: number | null
  places: number[]
}

export const placesOf = (trends: Trends): Map<number, number> =>
  new Map(trends.versions.number.map((number, place) => [number, place]))

const MAIN = 'main'

/** Names of branches in the order in which they are drawn: main first, for the others fork from it. */
export const branchNames = (trends: Trends): string[] =>
  trends.branches.map(({ name }) => name).toSorted((a, b) => Number(b === MAIN) - Number(a === MAIN))

/** Every version of the chosen branches once: a branch follows the parents of its newest version down to where it meets an
 * earlier one. Where all are chosen (null), versions that no branch leads to make up a line of their own. */
export function linesOf(trends: Trends, chosen: readonly string[] | null): Line[] {
  const places = placesOf(trends)
  const parentOf = (place: number): number | null => {
    const parent = trends.versions.parent[place] ?? null
    return parent === null ? null : (places.get(parent) ?? null)
  }
  const seen = new Set<number>()
  const lines: Line[] = []
  for (const branch of branchNames(trends)) {
    if (chosen !== null && !chosen.includes(branch)) continue
    const tip = trends.branches.find(({ name }) => name === branch)?.number
    let place = tip === undefined ? null : (places.get(tip) ?? null)
    const found: number[] = []
    while (place !== null && !seen.has(place)) {
      seen.add(place)
      found.push(place)
      place = parentOf(place)
    }
    if (found.length > 0) lines.push({ branch, fork: place, places: found.reverse() })
  }
  const rest =
    chosen === null ? trends.versions.number.map((_, place) => place).filter((place) => !seen.has(place)) : []
  if (rest.length > 0) lines.push({ branch: null, fork: null, places: rest })
  return lines
}

/** The chosen versions by their places, oldest first. */
export const placesIn = (lines: readonly Line[]): number[] =>
  lines.flatMap(({ places }) => places).sort((a, b) => a - b)

/** The place of the best value among the versions; the earliest of equal ones. Null where no direction is better, or none has one. */
export function bestOf({ values, higher_is_better }: Trend, places: readonly number[]): number | null {
  if (higher_is_better === null) return null
  let best: number | null = null
  for (const place of places) {
    const value = values[place] ?? null
    if (value === null) continue
    const known = best === null ? null : (values[best] ?? null)
    if (known === null || (value !== known && value > known === higher_is_better)) best = place
  }
  return best
}

/** What the version's parent has of a metric; null where there is none, or it lacks it. */
export function ofParent(trends: Trends, { values }: Trend, place: number): number | null {
  const parent = trends.versions.parent[place] ?? null
  // Numbers count from 1 without a gap unless versions were removed, so the place is nearly always the number less one.
  if (parent === null) return null
  const at = trends.versions.number[parent - 1] === parent ? parent - 1 : trends.versions.number.indexOf(parent)
  return values[at] ?? null
}

export interface Group {
  node: string
  /** What is called as its node, and what was logged under a name of its own. */
  plain: Trend[]
  /** Parts of a value that are called after the node: by_sex.Male, by_sex.Female. */
  slices: Trend[]
}

/** The metrics under the nodes that measure them, slices apart. */
export function grouped(metrics: readonly Trend[]): Group[] {
  const groups = new Map<string, Group>()
  for (const metric of metrics) {
    const group = groups.get(metric.node) ?? { node: metric.node, plain: [], slices: [] }
    group[metric.name.startsWith(`${metric.node}.`) ? 'slices' : 'plain'].push(metric)
    groups.set(metric.node, group)
  }
  return [...groups.values()]
}

export const sliceName = ({ name, node }: Trend): string => name.slice(node.length + 1)

/** What is shown where nothing was chosen: metrics that have a better direction, else whatever there is; three of them. */
export function usual(metrics: readonly Trend[]): string[] {
  const whole = grouped(metrics).flatMap(({ plain }) => plain)
  const directed = whole.filter((metric) => metric.higher_is_better !== null)
  const found = directed.length > 0 ? directed : whole.length > 0 ? whole : metrics
  return found.slice(0, 3).map(({ name }) => name)
}
