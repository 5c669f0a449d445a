// The list of workflows, and what can be done to one.

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { answer, api } from '../core/api'
import { keysOf } from '../core/queries'
import { complain, note } from '../core/toasts'
import { copyName } from './names'
import type { Workflow } from '../core/types'

export const workflowsQuery = queryOptions({
  queryKey: keysOf.workflows,
  queryFn: ({ signal }) => answer(api.GET('/api/workflows', { signal })),
})

export const templatesQuery = queryOptions({
  queryKey: keysOf.templates,
  queryFn: ({ signal }) => answer(api.GET('/api/templates', { signal })),
  staleTime: Infinity,
})

const at = (id: string) => ({ params: { path: { workflow_id: id } } })

function useChange<T, V>(
  change: (variables: V) => Promise<T>,
  done?: (result: T, variables: V) => void,
  failed: (error: Error) => void = complain,
) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: (result, variables) => {
      done?.(result, variables)
      return queries.invalidateQueries({ queryKey: keysOf.workflows })
    },
    onError: failed,
  })
}

export const useCreate = (done: (workflow: Workflow) => void) =>
  useChange((wanted: { name: string; template: string }) => answer(api.POST('/api/workflows', { body: wanted })), done)

/** What went wrong is for the form to say: it knows what can be mended. */
export const useImport = (done: (workflow: Workflow) => void) =>
  useChange(
    (asked: { bundle: File; name: string; path: string }) => {
      const form = new FormData()
      Object.entries(asked).forEach(([key, value]) => form.append(key, value))
      const body = { ...asked, bundle: asked.bundle.name }
      return answer(api.POST('/api/imports', { body, bodySerializer: () => form }))
    },
    done,
    () => undefined,
  )

export const useRename = (done: () => void) =>
  useChange(
    ({ id, name }: { id: string; name: string }) =>
      answer(api.PATCH('/api/workflows/{workflow_id}', { ...at(id), body: { name } })),
    done,
  )

/** A copy has the text, and a history of its own that begins with its first run. */
export const useDuplicate = () =>
  useChange(async ({ id, name }: { id: string; name: string }) => {
    const { text } = await answer(api.GET('/api/workflows/{workflow_id}', at(id)))
    const copy = await answer(api.POST('/api/workflows', { body: { name: copyName(name), template: 'blank' } }))
    const draft = { text, revision: copy.revision }
    await answer(api.PUT('/api/workflows/{workflow_id}/draft', { ...at(copy.id), body: draft }))
    return copy
  })

export function useDelete() {
  const restore = useChange((id: string) => answer(api.POST('/api/workflows/{workflow_id}/restore', at(id))))
  return useChange(
    ({ id }: { id: string; name: string }) => answer(api.DELETE('/api/workflows/{workflow_id}', at(id))),
    (_, { id, name }) => note(`Deleted “${name}”.`, { label: 'Undo', run: () => restore.mutate(id) }),
  )
}
