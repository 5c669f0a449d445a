// The comparison of two sides, as the server makes it.

import { queryOptions } from '@tanstack/react-query'
import { answer, api } from '../core/api'
import { keysOf } from '../core/queries'
import { DRAFT } from './address'

export interface Asked {
  before: { side: string; run: string | null }
  after: { side: string; run: string | null }
  draft: string
}

export function comparisonQuery(workflow: string, { before, after, draft }: Asked) {
  const side = ({ side, run }: Asked['before']) => (side === DRAFT ? { text: draft } : { version: side, run })
  const body = { before: side(before), after: side(after) }
  return queryOptions({
    queryKey: keysOf.comparison(workflow, body),
    queryFn: ({ signal }) =>
      answer(
        api.POST('/api/workflows/{workflow_id}/compare', { params: { path: { workflow_id: workflow } }, body, signal }),
      ),
  })
}
