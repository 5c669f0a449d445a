// Whether the server can be reached and the session holds: what the offline banner and the sign-in guard look at.

import { create } from 'zustand'

interface Connection {
  online: boolean
  signedIn: boolean
  /** A request or the socket got through. */
  reached: () => void
  /** A request could not be sent, or the socket stayed shut. */
  lost: () => void
  signedOut: () => void
  signedInAgain: () => void
}

export const useConnection = create<Connection>((set, get) => ({
  online: true,
  signedIn: true,
  reached: () => {
    if (!get().online) set({ online: true })
  },
  lost: () => set({ online: false }),
  signedOut: () => set({ signedIn: false }),
  signedInAgain: () => set({ signedIn: true }),
}))
