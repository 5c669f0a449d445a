// Checks a version out from outside the editor, and goes there. Undo brings back the text and the version that were there.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from 'react-router'
import { answer, api } from '../core/api'
import { keysOf } from '../core/queries'
import { complain, note } from '../core/toasts'
import type { Workflow } from '../core/types'

export function useCheckout(workflow: Workflow) {
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { id } = workflow
  const path = { path: { workflow_id: id } }
  const checkout = (version: string) =>
    answer(api.POST('/api/workflows/{workflow_id}/checkout', { params: path, body: { version } }))
  const renew = () => queries.invalidateQueries({ queryKey: keysOf.workflowNow(id) })

  return useMutation({
    mutationFn: async ({ version }: { version: string; number: number }) => {
      const { head } = await answer(api.GET('/api/workflows/{workflow_id}', { params: path }))
      const done = await checkout(version)
      return { head, text: done.undo_text, revision: done.revision }
    },
    onSuccess: async (before, { number }) => {
      note(`Checked out v${number}.`, { label: 'Undo', run: () => void restore(before).catch(complain) })
      await renew()
      await navigate(`/workflows/${id}`)
    },
    onError: complain,
  })

  async function restore(before: { head: string | null; text: string; revision: number }): Promise<void> {
    const revision = before.head === null ? before.revision : (await checkout(before.head)).revision
    const body = { text: before.text, revision }
    await answer(api.PUT('/api/workflows/{workflow_id}/draft', { params: path, body }))
    await renew()
  }
}
