// Which versions no other one beats in both: quicker to run, and better by a metric.

export interface Candidate {
  place: number
  seconds: number
  value: number
}

/** One that stands for `others` as well, which are so close to it that there is no room for them. */
export interface Mark extends Candidate {
  others: number
}

const FINEST = 128 // cells of a chart in either direction
const COARSER = 0.7

/** At most so many marks: where there are more candidates, the first of each cell of a grid, as fine as can be. */
export function thinned(candidates: readonly Candidate[], most: number, log: boolean): Mark[] {
  if (candidates.length <= most) return candidates.map((candidate) => ({ ...candidate, others: 0 }))
  for (let cells = FINEST; ; cells *= COARSER) {
    const marks = firstOfCells(candidates, cells, log)
    if (marks.length <= most) return marks
  }
}

function firstOfCells(candidates: readonly Candidate[], cells: number, log: boolean): Mark[] {
  const across = celled(
    candidates.map(({ seconds }) => (log ? Math.log(seconds) : seconds)),
    cells,
  )
  const up = celled(
    candidates.map(({ value }) => value),
    cells,
  )
  const marks = new Map<number, Mark>()
  candidates.forEach((candidate, at) => {
    const cell = (across[at] ?? 0) * (FINEST + 1) + (up[at] ?? 0)
    const mark = marks.get(cell)
    if (mark) mark.others += 1
    else marks.set(cell, { ...candidate, others: 0 })
  })
  return [...marks.values()]
}

/** The cell that each value falls into, of so many from the least to the greatest. */
function celled(values: readonly number[], cells: number): number[] {
  const finite = values.filter(Number.isFinite)
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity)
  const high = finite.reduce((a, b) => Math.max(a, b), -Infinity)
  return values.map((value) =>
    high > low && Number.isFinite(value) ? Math.floor((cells * (value - low)) / (high - low)) : 0,
  )
}

/** The front, quickest first: each is better than all that are as quick or quicker. Of equal ones the earliest. */
export function front(candidates: readonly Candidate[], higherIsBetter: boolean): Candidate[] {
  const sign = higherIsBetter ? 1 : -1
  const sorted = candidates.toSorted((a, b) => a.seconds - b.seconds || sign * (b.value - a.value) || a.place - b.place)
  const found: Candidate[] = []
  for (const candidate of sorted) {
    const best = found.at(-1)
    if (best === undefined || sign * (candidate.value - best.value) > 0) found.push(candidate)
  }
  return found
}
