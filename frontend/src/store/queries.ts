// What is kept, as the server tells it, asked again when something changes; and pinning.

import { keepPreviousData, queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { answer, api } from '../core/api'
import { count } from '../core/format'
import { keysOf } from '../core/queries'
import { socket } from '../core/socket'
import { durations } from '../core/theme'
import { complain, note } from '../core/toasts'
import { undone } from './words'

export const storeQuery = (workflow: string, everything: boolean) =>
  queryOptions({
    queryKey: [...keysOf.store(workflow), everything],
    queryFn: ({ signal }) =>
      answer(
        api.GET('/api/workflows/{workflow_id}/store', {
          params: { path: { workflow_id: workflow }, query: { everything } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  })

/** Asks again for what is kept, wherever it is shown. */
export const askAgain = (queries: QueryClient): Promise<void> => queries.invalidateQueries({ queryKey: ['store'] })

export function usePin(pinned: boolean) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (digests: string[]) =>
      answer(api.POST(pinned ? '/api/store/pin' : '/api/store/unpin', { body: { digests } })),
    onSuccess: (changed) => {
      const done = pinned ? 'pinned' : 'unpinned'
      const not = undone(done, changed)
      if (not !== null) complain(new Error(not))
      else note(`${count(changed.done.length, 'result')} ${done}.`)
      return askAgain(queries)
    },
    onError: complain,
  })
}

/** Keeps the page as the store is: after runs, and whatever another page does with it. */
export function useLive(workflow: string, run: string | null): void {
  const queries = useQueryClient()
  useEffect(() => {
    const timers: ReturnType<typeof setTimeout>[] = []
    const ask = () => {
      void askAgain(queries)
      void queries.invalidateQueries({ queryKey: keysOf.workflowNow(workflow) })
    }
    // At once, and once more: a version is told of before its run is there, and a short run is over before it is followed.
    const soon = () => {
      timers.splice(0).forEach(clearTimeout)
      timers.push(setTimeout(ask, durations.check), setTimeout(ask, durations.poll))
    }
    const stop = socket.listen((message) => {
      if (message.type === 'workflow_changed' || message.type === 'plan_changed') soon()
      else if (message.type === 'events' && message.run === run) {
        const kinds = new Set(message.events.map(({ event }) => event.type))
        if (kinds.has('node_stored') || kinds.has('run_finished')) soon()
      }
    })
    const again = socket.onReconnect(soon)
    return () => {
      stop()
      again()
      timers.forEach(clearTimeout)
    }
  }, [queries, workflow, run])
  useEffect(() => (run === null ? undefined : socket.follow(run, () => 0)), [run])
}
