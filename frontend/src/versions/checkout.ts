// Checking a version out, and undoing that: the text, the version and the branch that were there before.

import { answer, api } from '../core/api'
import type { CheckedOut } from '../core/types'

const at = (workflow: string) => ({ params: { path: { workflow_id: workflow } } })

/** Makes a version's text the draft; `branch` is the one to stand on, of several that end with it. */
export const checkOut = (workflow: string, version: string, branch = ''): Promise<CheckedOut> =>
  answer(
    api.POST('/api/workflows/{workflow_id}/checkout', { ...at(workflow), body: { version, branch: branch || null } }),
  )

export async function undoCheckout(workflow: string, done: CheckedOut): Promise<void> {
  const back = done.undo_head === null ? done : await checkOut(workflow, done.undo_head, done.undo_branch)
  await putDraft(workflow, done.undo_text, back.revision)
}

export async function putDraft(workflow: string, text: string, revision: number): Promise<void> {
  await answer(api.PUT('/api/workflows/{workflow_id}/draft', { ...at(workflow), body: { text, revision } }))
}
