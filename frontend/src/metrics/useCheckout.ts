// Checks a version out from outside the editor, and goes there. Undo brings back what was there.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from 'react-router'
import { keysOf } from '../core/queries'
import { complain, note } from '../core/toasts'
import type { Workflow } from '../core/types'
import { checkOut, undoCheckout } from '../versions/checkout'

export function useCheckout({ id }: Workflow) {
  const navigate = useNavigate()
  const queries = useQueryClient()
  const renew = () => queries.invalidateQueries({ queryKey: keysOf.workflowNow(id) })
  return useMutation({
    mutationFn: ({ version }: { version: string; number: number }) => checkOut(id, version),
    onSuccess: async (done, { number }) => {
      const run = () => void undoCheckout(id, done).then(renew).catch(complain)
      note(`Checked out v${number}.`, { label: 'Undo', run })
      await renew()
      await navigate(`/workflows/${id}`)
    },
    onError: complain,
  })
}
