// The smallest change that turns one text into another, so that caret, folds and marks stay where they are.

export interface Change {
  from: number
  to: number
  insert: string
}

export function changeBetween(before: string, after: string): Change | null {
  if (before === after) return null
  let start = 0
  const shorter = Math.min(before.length, after.length)
  while (start < shorter && before[start] === after[start]) start += 1
  let end = 0
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) }
}
