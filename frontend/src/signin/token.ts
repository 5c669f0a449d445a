// Finds the token in what was opened or pasted, and where to go with it.

/** The token in an address or a fragment such as "#token=…"; null where there is none. */
export function tokenIn(text: string): string | null {
  const at = text.indexOf('#')
  if (at === -1) return null
  return new URLSearchParams(text.slice(at + 1)).get('token')?.trim() ?? null
}

/** Only a path of this application: an address from outside must not send anyone elsewhere. */
export function destination(next: string | null): string {
  if (next === null || !/^\/(?![/\\])/.test(next) || next.startsWith('/sign-in')) return '/'
  return next
}
