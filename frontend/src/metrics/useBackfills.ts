// The backfills of a workflow as they go on: progress comes over the socket, and each that ends says how, with a way back.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef } from 'react'
import { answer, api } from '../core/api'
import { keysOf } from '../core/queries'
import { socket } from '../core/socket'
import { complain, note } from '../core/toasts'
import type { Backfill, Workflow } from '../core/types'
import { endSaid, isActive, nodesOf } from './backfills'
import { backfillsQuery } from './queries'

const at = (backfill: Backfill) => ({ params: { path: { backfill_id: backfill.id } } })

export function useBackfills({ id }: Workflow, ended: (backfill: Backfill) => void): Backfill[] {
  const queries = useQueryClient()
  const { data: backfills } = useQuery(backfillsQuery(id))
  const { remove } = useBackfillActions(id)
  useEffect(() => {
    const renew = () => void queries.invalidateQueries({ queryKey: keysOf.backfills(id) })
    const stopListening = socket.listen((message) => {
      if (message.type === 'workflow_changed' && message.workflow === id) renew()
      if (message.type !== 'backfill' || message.backfill.workflow !== id) return
      queries.setQueryData<Backfill[]>(keysOf.backfills(id), (known) => withOne(known ?? [], message.backfill))
    })
    const stopReconnects = socket.onReconnect(renew)
    return () => {
      stopListening()
      stopReconnects()
    }
  }, [queries, id])
  const active = useRef(new Set<string>())
  useEffect(() => {
    for (const backfill of backfills ?? []) {
      if (isActive(backfill)) active.current.add(backfill.id)
      else if (active.current.delete(backfill.id)) {
        const undo = { label: 'Undo', run: () => remove(backfill) }
        note(endSaid(backfill), backfill.values > 0 ? undo : null)
        for (const queryKey of [keysOf.trends(id), keysOf.versions(id)]) void queries.invalidateQueries({ queryKey })
        ended(backfill)
      }
    }
  }, [backfills, queries, id, remove, ended])
  return backfills ?? []
}

/** The newest first; of one that is known, what comes later counts. */
const withOne = (known: readonly Backfill[], one: Backfill): Backfill[] =>
  known.some(({ id }) => id === one.id) ? known.map((each) => (each.id === one.id ? one : each)) : [one, ...known]

export interface Asked {
  text: string
  nodes: string[]
  numbers: number[] | null
}

/** Starting, cancelling, and taking away what one added, which can be computed again. */
export function useBackfillActions(workflow: string) {
  const queries = useQueryClient()
  const renew = useCallback(
    () =>
      Promise.all(
        [keysOf.backfills(workflow), keysOf.trends(workflow), keysOf.versions(workflow)].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      ),
    [queries, workflow],
  )
  const start = useMutation({
    mutationFn: (body: Asked) =>
      answer(api.POST('/api/workflows/{workflow_id}/backfills', { params: { path: { workflow_id: workflow } }, body })),
    onSuccess: (made) =>
      queries.setQueryData<Backfill[]>(keysOf.backfills(workflow), (known) => {
        const told = known?.find(({ id }) => id === made.id)
        return told ? known : withOne(known ?? [], made)
      }),
  })
  const cancel = useMutation({
    mutationFn: (backfill: Backfill) => answer(api.POST('/api/backfills/{backfill_id}/cancel', at(backfill))),
    onError: complain,
  })
  const { mutate: remove } = useMutation({
    mutationFn: (backfill: Backfill) => answer(api.DELETE('/api/backfills/{backfill_id}', at(backfill))),
    onSuccess: (_, backfill) => {
      note(`What was computed later of ${nodesOf(backfill)} is removed.`)
      return renew()
    },
    onError: complain,
  })
  return { start, cancel, remove }
}
