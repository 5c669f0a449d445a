// Names of workflows: how long one may be, and one that no workflow has yet: census, census 2, census 3, …

export const LONGEST_NAME = 120

/** The name of a copy, cut where it would be too long. */
export const copyName = (name: string): string => `${name.slice(0, LONGEST_NAME - ' copy'.length)} copy`

export function freeName(wanted: string, taken: readonly string[]): string {
  const known = new Set(taken)
  if (!known.has(wanted)) return wanted
  let number = 2
  while (known.has(`${wanted} ${number}`)) number += 1
  return `${wanted} ${number}`
}
