// The list of workflows, and what can be done to one.

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../core/api'
import { keysOf } from '../core/queries'
import { complain, note } from '../core/toasts'
import { copyName } from './names'
import type { Template, Workflow, WorkflowSummary } from '../core/types'

export const workflowsQuery = queryOptions({
  queryKey: keysOf.workflows,
  queryFn: ({ signal }) => api.get<WorkflowSummary[]>('/workflows', signal),
})

export const templatesQuery = queryOptions({
  queryKey: keysOf.templates,
  queryFn: ({ signal }) => api.get<Template[]>('/templates', signal),
  staleTime: Infinity,
})

function useChange<T, V>(change: (variables: V) => Promise<T>, done?: (result: T, variables: V) => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: (result, variables) => {
      done?.(result, variables)
      return queries.invalidateQueries({ queryKey: keysOf.workflows })
    },
    onError: complain,
  })
}

export const useCreate = (done: (workflow: Workflow) => void) =>
  useChange((wanted: { name: string; template: string }) => api.post<Workflow>('/workflows', wanted), done)

export const useRename = (done: () => void) =>
  useChange(({ id, name }: { id: string; name: string }) => api.patch<Workflow>(`/workflows/${id}`, { name }), done)

/** A copy has the text, and a history of its own that begins with its first run. */
export const useDuplicate = () =>
  useChange(async ({ id, name }: { id: string; name: string }) => {
    const { text } = await api.get<Workflow>(`/workflows/${id}`)
    const copy = await api.post<Workflow>('/workflows', { name: copyName(name), template: 'blank' })
    await api.put(`/workflows/${copy.id}/draft`, { text, revision: copy.revision })
    return copy
  })

export function useDelete() {
  const restore = useChange((id: string) => api.post(`/workflows/${id}/restore`))
  return useChange(
    ({ id }: { id: string; name: string }) => api.delete(`/workflows/${id}`),
    (_, { id, name }) => note(`Deleted “${name}”.`, { label: 'Undo', run: () => restore.mutate(id) }),
  )
}
