// Evicting with a way back: the request is held until its note is gone, for bytes that were removed cannot be brought back.

import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useCallback, useEffect } from 'react'
import { create } from 'zustand'
import { answer, api } from '../core/api'
import { complain, note } from '../core/toasts'
import type { Kept } from '../core/types'
import { askAgain } from './queries'
import { sumOf } from './results'
import { evicting, undone } from './words'

/** So much of a request outlives the page that sends it (64 kB), in digests. */
const OUTLIVING = 800

interface Evicting {
  /** What is to go, in groups: it is not shown any more. */
  groups: readonly (readonly string[])[]
}

export const useEvicting = create<Evicting>(() => ({ groups: [] }))

const drop = (group: readonly string[]): void =>
  useEvicting.setState(({ groups }) => ({ groups: groups.filter((one) => one !== group) }))

async function send(digests: string[], queries: QueryClient): Promise<void> {
  try {
    const keepalive = digests.length <= OUTLIVING
    const not = undone('evicted', await answer(api.POST('/api/store/evict', { body: { digests }, keepalive })))
    if (not !== null) complain(new Error(not))
  } catch (error) {
    complain(error)
  }
  await askAgain(queries)
}

/** Evicts results when the note that says so is gone, or the page is left; `pinned` of them are not among these. */
export function useEvict(): (results: Kept[], pinned: number) => void {
  const queries = useQueryClient()
  useEffect(() => {
    window.addEventListener('pagehide', sendAll)
    return () => {
      window.removeEventListener('pagehide', sendAll)
      sendAll()
    }
  }, [])
  return useCallback(
    (results, pinned) => {
      const group = results.map(({ digest }) => digest)
      let held = true
      useEvicting.setState(({ groups }) => ({ groups: [...groups, group] }))
      const undo = () => {
        held = false
        drop(group)
      }
      const go = () => {
        waiting.delete(dismiss)
        if (!held) return
        held = false
        void send(group, queries).finally(() => drop(group))
      }
      const dismiss = note(evicting(sumOf(results), pinned), { label: 'Undo', run: undo }, go)
      waiting.add(dismiss)
    },
    [queries],
  )
}

const waiting = new Set<() => void>()

function sendAll(): void {
  for (const dismiss of [...waiting]) dismiss()
}
