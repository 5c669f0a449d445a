// Draws a history as lanes: which column each version stands in, and how lines run from it down to its parents.

export interface Line {
  /** Columns at the upper and the lower edge of the row. */
  from: number
  to: number
  /** What the colour of the line goes by: the column of the version that it leads to or comes from. */
  lane: number
}

export interface Row {
  lane: number
  /** Whether a line comes to the version from above, that is from a child of it. */
  above: boolean
  /** Lines of the upper half, from the edge to the middle, and of the lower half, from the middle to the edge. */
  upper: Line[]
  lower: Line[]
  /** How many columns the row takes. */
  width: number
}

/**
 * One row a version, in the order of `parents`: newest first, each version's parents by number, the last of the list
 * being number 1. A version stands in the first column where a child of it awaits it, else in the first free one; lines
 * of several children run down beside each other and meet at their parent.
 */
export function lanesOf(parents: readonly (readonly number[])[]): Row[] {
  const awaited: (number | null)[] = []
  const freeLane = (): number => {
    const free = awaited.indexOf(null)
    return free < 0 ? awaited.length : free
  }
  return parents.map((ancestors, index) => {
    const number = parents.length - index
    const found = awaited.indexOf(number)
    const lane = found < 0 ? freeLane() : found
    const upper: Line[] = awaited.flatMap((next, from) =>
      next === null ? [] : [{ from, to: next === number ? lane : from, lane: from }],
    )
    awaited.forEach((next, at) => {
      if (next === number) awaited[at] = null
    })
    awaited[lane] = null
    const passing = awaited.flatMap((next, at) => (next === null ? [] : [at]))
    const lower: Line[] = passing.map((at) => ({ from: at, to: at, lane: at }))
    ancestors.forEach((ancestor, place) => {
      const there = awaited.indexOf(ancestor)
      const to = place === 0 ? lane : there >= 0 ? there : freeLane()
      awaited[to] = ancestor
      lower.push({ from: lane, to, lane: to })
    })
    while (awaited.length > 0 && awaited.at(-1) === null) awaited.pop()
    const ends = [lane, ...upper.flatMap((line) => [line.from, line.to]), ...lower.map((line) => line.to)]
    return { lane, above: found >= 0, upper, lower, width: Math.max(...ends) + 1 }
  })
}
