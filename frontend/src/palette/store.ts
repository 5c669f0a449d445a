// What the palette offers: each page registers its commands while it is shown.

import { useEffect } from 'react'
import { create } from 'zustand'
import type { IconName } from '../core/icons'

export interface Command {
  id: string
  group: 'Actions' | 'Nodes' | 'Workflows' | 'Versions'
  title: string
  /** Further words to find it by, shown dimmed. */
  detail?: string
  keys?: string
  icon: IconName
  run: () => void
}

interface Palette {
  shown: 'palette' | 'keys' | null
  sources: Record<string, Command[]>
  open: () => void
  openKeys: () => void
  close: () => void
  offer: (source: string, commands: Command[]) => void
  withdraw: (source: string) => void
}

export const usePalette = create<Palette>((set) => ({
  shown: null,
  sources: {},
  open: () => set({ shown: 'palette' }),
  openKeys: () => set({ shown: 'keys' }),
  close: () => set({ shown: null }),
  offer: (source, commands) => set((state) => ({ sources: { ...state.sources, [source]: commands } })),
  withdraw: (source) =>
    set((state) => ({
      sources: Object.fromEntries(Object.entries(state.sources).filter(([name]) => name !== source)),
    })),
}))

/** Offers `commands` (memoised by the caller) for as long as the component is shown. */
export function useCommands(source: string, commands: Command[]): void {
  const offer = usePalette((state) => state.offer)
  const withdraw = usePalette((state) => state.withdraw)
  useEffect(() => {
    offer(source, commands)
    return () => withdraw(source)
  }, [source, commands, offer, withdraw])
}
