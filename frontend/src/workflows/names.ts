// A name that no workflow has yet: census, census 2, census 3, …

export function freeName(wanted: string, taken: readonly string[]): string {
  const known = new Set(taken)
  if (!known.has(wanted)) return wanted
  let number = 2
  while (known.has(`${wanted} ${number}`)) number += 1
  return `${wanted} ${number}`
}
