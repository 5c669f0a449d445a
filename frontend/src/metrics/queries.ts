// What the server knows of a workflow's metrics, its parameters and its curves.

import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { answer, api } from '../core/api'
import { keysOf } from '../core/queries'
import { socket } from '../core/socket'

export const trendsQuery = (workflow: string) =>
  queryOptions({
    queryKey: keysOf.trends(workflow),
    queryFn: ({ signal }) =>
      answer(api.GET('/api/workflows/{workflow_id}/trends', { params: { path: { workflow_id: workflow } }, signal })),
  })

/** Of at most a few hundred versions, whose texts the server compiles for it; a version's are the same for good. */
export const parametersQuery = (workflow: string, numbers: number[]) =>
  queryOptions({
    queryKey: keysOf.parameters(workflow, numbers),
    queryFn: ({ signal }) =>
      answer(
        api.GET('/api/workflows/{workflow_id}/parameters', {
          params: { path: { workflow_id: workflow }, query: { number: numbers } },
          signal,
        }),
      ),
    staleTime: Infinity,
  })

export const curveListQuery = (workflow: string) =>
  queryOptions({
    queryKey: keysOf.curves(workflow),
    queryFn: ({ signal }) =>
      answer(api.GET('/api/workflows/{workflow_id}/curves', { params: { path: { workflow_id: workflow } }, signal })),
  })

export const curveQuery = (workflow: string, node: string, name: string, numbers: number[]) =>
  queryOptions({
    queryKey: keysOf.curve(workflow, node, name, numbers),
    queryFn: ({ signal }) =>
      answer(
        api.GET('/api/workflows/{workflow_id}/curves/points', {
          params: { path: { workflow_id: workflow }, query: { node, name, number: numbers } },
          signal,
        }),
      ),
  })

/** Asks again when the workflow changed elsewhere: a run commits a version. */
export function useFresh(workflow: string): void {
  const queries = useQueryClient()
  useEffect(() => {
    const renew = () => void queries.invalidateQueries({ queryKey: keysOf.trends(workflow) })
    const stopListening = socket.listen((message) => {
      if (message.type === 'workflow_changed' && message.workflow === workflow) renew()
    })
    const stopReconnects = socket.onReconnect(renew)
    return () => {
      stopListening()
      stopReconnects()
    }
  }, [queries, workflow])
}
