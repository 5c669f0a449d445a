// Checks a version out: its text becomes the draft. Undo brings back the text and the version that were there before.

import { useCallback } from 'react'
import { complain, note } from '../core/toasts'
import type { CheckedOut, Version } from '../core/types'
import { useIdeStore, type IdeStore } from '../ide/store'
import { saveDraft } from '../ide/useDraft'
import { checkOut } from './checkout'

export function useCheckout(): (version: Version) => void {
  const store = useIdeStore()
  return useCallback((version: Version) => void checkout(store, version).catch(complain), [store])
}

async function checkout(store: IdeStore, version: Version): Promise<void> {
  const before = store.getState().draft.text
  const done = await moveTo(store, version.id)
  note(`Checked out v${version.number}.`, {
    label: 'Undo',
    run: () => void restore(store, done, before).catch(complain),
  })
}

async function moveTo(store: IdeStore, version: string, branch?: string): Promise<CheckedOut> {
  const { id, setMoving, setHead, change } = store.getState()
  setMoving(true)
  try {
    const done = await checkOut(id, version, branch)
    setHead(done.head)
    change({ type: 'replaced', theirs: { text: done.text, revision: done.revision } })
    return done
  } finally {
    setMoving(false)
  }
}

/** `text` is what stood in the editor, saved or not. */
async function restore(store: IdeStore, done: CheckedOut, text: string): Promise<void> {
  if (done.undo_head !== null) await moveTo(store, done.undo_head, done.undo_branch)
  store.getState().edit(text)
  await saveDraft(store)
}
