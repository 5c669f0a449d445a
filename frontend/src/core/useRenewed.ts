// Answers that are asked for anew when a workflow changed elsewhere, or word of that may have been lost.

import { useQueryClient, type QueryKey } from '@tanstack/react-query'
import { useEffect } from 'react'
import { onWorkflowChange } from './socket'

/** `keys` gives the beginnings of keys of a workflow; it has to be the same list at every call. */
export function useRenewed(workflow: string, keys: readonly ((workflow: string) => QueryKey)[]): void {
  const queries = useQueryClient()
  useEffect(
    () =>
      onWorkflowChange(workflow, () => {
        for (const key of keys) void queries.invalidateQueries({ queryKey: key(workflow) })
      }),
    [queries, workflow, keys],
  )
}
