// Which results are selected, by their digests, and where the next range begins.

export interface Selection {
  chosen: ReadonlySet<string>
  /** The row that a range begins at. */
  anchor: string | null
}

export const nothingChosen: Selection = { chosen: new Set(), anchor: null }

/** Choose a row, or choose it no longer. */
export function toggled({ chosen }: Selection, digest: string): Selection {
  const next = new Set(chosen)
  if (!next.delete(digest)) next.add(digest)
  return { chosen: next, anchor: digest }
}

/** Make all rows from the anchor to this one what the anchor is; without an anchor that is this one alone. */
export function ranged(selection: Selection, order: readonly string[], digest: string): Selection {
  const { chosen, anchor } = selection
  const from = anchor === null ? -1 : order.indexOf(anchor)
  const to = order.indexOf(digest)
  if (anchor === null || from < 0 || to < 0) return toggled(selection, digest)
  const next = new Set(chosen)
  for (const each of order.slice(Math.min(from, to), Math.max(from, to) + 1)) {
    if (chosen.has(anchor)) next.add(each)
    else next.delete(each)
  }
  return { chosen: next, anchor }
}

/** All rows, or none where all are chosen already. */
export function all({ chosen }: Selection, order: readonly string[]): Selection {
  const every = order.length > 0 && order.every((digest) => chosen.has(digest))
  return { chosen: new Set(every ? [] : order), anchor: null }
}
