// Checks a version out: its text becomes the draft. Undo brings back the text and the version that were there before.

import { useCallback } from 'react'
import { answer, api } from '../core/api'
import { complain, note } from '../core/toasts'
import type { Version } from '../core/types'
import { useIdeStore, type IdeStore } from '../ide/store'
import { saveDraft } from '../ide/useDraft'

export function useCheckout(): (version: Version) => void {
  const store = useIdeStore()
  return useCallback((version: Version) => void checkout(store, version).catch(complain), [store])
}

async function checkout(store: IdeStore, version: Version): Promise<void> {
  const { draft, head } = store.getState()
  const before = draft.text
  await moveTo(store, version.id)
  note(`Checked out v${version.number}.`, {
    label: 'Undo',
    run: () => void restore(store, head, before).catch(complain),
  })
}

async function moveTo(store: IdeStore, version: string): Promise<void> {
  const { id, setMoving, setHead, change } = store.getState()
  setMoving(true)
  try {
    const asked = { params: { path: { workflow_id: id } }, body: { version } }
    const workflow = await answer(api.POST('/api/workflows/{workflow_id}/checkout', asked))
    setHead(workflow.head)
    change({ type: 'replaced', theirs: { text: workflow.text, revision: workflow.revision } })
  } finally {
    setMoving(false)
  }
}

async function restore(store: IdeStore, head: string | null, text: string): Promise<void> {
  if (head !== null) await moveTo(store, head)
  store.getState().edit(text)
  await saveDraft(store)
}
