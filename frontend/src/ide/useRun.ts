// Starts, follows, resumes and cancels the run of an open workflow.

import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useCallback, useEffect } from 'react'
import { answer, api, isApiError } from '../core/api'
import type { NumberedEvent } from '../core/types'
import { keysOf } from '../core/queries'
import { socket } from '../core/socket'
import { durations } from '../core/theme'
import { complain } from '../core/toasts'
import { hasGap, isActive, stateOf } from '../run/state'
import { batched } from './batch'
import { useIde, useIdeStore, type IdeStore } from './store'
import { saveDraft } from './useDraft'

/** What of a run may be other than usual. */
export interface Options {
  reuse?: boolean
  /** Nodes to compute whatever is stored. */
  force?: string[]
  /** Nodes to compute instead of the outputs. */
  only?: string[]
}

export interface Starter {
  start: (options?: Options) => void
  cancel: () => void
}

export function useRunner(): Starter {
  const store = useIdeStore()
  const queries = useQueryClient()
  const start = useCallback(
    (options: Options = {}) => {
      startRun(store, queries, options).catch((error: unknown) => {
        if (isApiError(error) && error.status === 409) {
          store.getState().openTab('problems')
          store.getState().recheck()
        }
        complain(error)
      })
    },
    [store, queries],
  )
  const cancel = useCallback(() => {
    const { run } = store.getState()
    if (run) answer(api.POST('/api/runs/{run_id}/cancel', { params: { path: { run_id: run.id } } })).catch(complain)
  }, [store])
  return { start, cancel }
}

/** Where the server has been asked for a run and has not answered: pressing twice starts one. */
const starting = new WeakSet<IdeStore>()

async function startRun(store: IdeStore, queries: QueryClient, options: Options): Promise<void> {
  const { id, draft, run: before } = store.getState()
  if (starting.has(store) || (before && isActive(before.status))) return
  starting.add(store)
  void saveDraft(store)
  const asked = { params: { path: { workflow_id: id } }, body: { text: draft.text, ...options } }
  const run = await answer(api.POST('/api/workflows/{workflow_id}/runs', asked)).finally(() => starting.delete(store))
  store.getState().showRun(stateOf(run), draft.text)
  store.getState().setHead(run.version)
  void queries.invalidateQueries({ queryKey: keysOf.versions(id) })
}

/** Follows the shown run for as long as it is shown; when it ends, everything that depends on it is asked again. */
export function useFollow(): void {
  const store = useIdeStore()
  const queries = useQueryClient()
  const id = useIde((ide) => ide.run?.id)

  useEffect(() => {
    if (id === undefined) return
    const after = () => (store.getState().run?.id === id ? store.getState().run?.lastEvent : undefined) ?? 0
    const batch = batched<NumberedEvent>(durations.frame, (events) => {
      store.getState().applyRunEvents(id, events)
      const run = store.getState().run
      if (run && hasGap(run)) socket.refollow(id)
    })
    const stopListening = socket.listen((message) => {
      if (message.type === 'events' && message.run === id) batch.add(message.events)
    })
    const unfollow = socket.follow(id, after)
    const timer = setInterval(() => {
      const run = store.getState().run
      if (socket.open || !run || (after() > 0 && !isActive(run.status))) return
      const asked = { params: { path: { run_id: id }, query: { after: after() } } }
      void answer(api.GET('/api/runs/{run_id}/events', asked))
        .then(({ events }) => batch.add(events))
        .catch(() => undefined) // The offline banner already says it; the next tick asks again.
    }, durations.poll)
    return () => {
      clearInterval(timer)
      unfollow()
      stopListening()
      batch.stop()
    }
  }, [id, store])

  useEffect(
    () =>
      store.subscribe(({ run }, { run: before }) => {
        const ended = run !== null && before?.id === run.id && isActive(before.status) && !isActive(run.status)
        if (ended) void settle(store, queries, run.id).catch(complain)
      }),
    [store, queries],
  )
}

async function settle(store: IdeStore, queries: QueryClient, id: string): Promise<void> {
  const workflow = store.getState().id
  store.getState().recheck()
  void queries.invalidateQueries({ queryKey: keysOf.versions(workflow) })
  void queries.invalidateQueries({ queryKey: keysOf.workflows })
  const run = await answer(api.GET('/api/runs/{run_id}', { params: { path: { run_id: id } } }))
  store.getState().mergeRun(stateOf(run))
}
