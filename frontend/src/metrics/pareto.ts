// Which versions no other one beats in both: quicker to run, and better by a metric.

export interface Candidate {
  place: number
  seconds: number
  value: number
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
