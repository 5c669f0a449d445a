// A page may be older than its server, for one that was opened before HelixWeb was updated goes on. What it does not know it
// passes over, and asks to be loaded again.

import { create } from 'zustand'

export const useNewer = create(() => ({ noticed: false }))

/** Ends a switch over a union of the server's: tsc holds the switch to all variants, and one of a newer server counts as `instead`. */
export function newer<T>(_variant: never, instead: T): T {
  // Not at once: it may be a part of the page that is being drawn which notices.
  if (!useNewer.getState().noticed) queueMicrotask(() => useNewer.setState({ noticed: true }))
  return instead
}
