// Saves the draft as one types: after a pause, at once on demand, again after a failure; and notices what others save.

import { useEffect } from 'react'
import { answer, api, messageOf, refusalOf } from '../core/api'
import { onWorkflowChange, socket } from '../core/socket'
import { durations } from '../core/theme'
import { complain, note } from '../core/toasts'
import { wantsSaving } from '../editor/draft'
import { forgetDraft, leaveDraft } from '../editor/left'
import { showRun } from './showRun'
import { useIdeStore, type IdeStore } from './store'

/** Sends the draft if there is something to send; resolves when the server has answered. */
export async function saveDraft(store: IdeStore): Promise<void> {
  const { id, draft, change } = store.getState()
  if (!wantsSaving(draft)) return
  change({ type: 'sent' })
  try {
    const body = { text: draft.text, revision: draft.revision }
    const asked = { params: { path: { workflow_id: id } }, body }
    const saved = await answer(api.PUT('/api/workflows/{workflow_id}/draft', asked))
    change({ type: 'stored', revision: saved.revision })
  } catch (error) {
    const theirs = refusalOf(error, 'draft-changed')
    if (theirs) change({ type: 'refused', theirs })
    else change({ type: 'failed', message: messageOf(error) })
  }
}

export function useDraft(): void {
  const store = useIdeStore()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const schedule = (pause: number) => {
      clearTimeout(timer)
      timer = setTimeout(() => void saveDraft(store), pause)
    }
    const { draft } = store.getState()
    if (draft.text !== draft.saved && !draft.conflict) note('Edits that were not saved yet were restored.')
    if (wantsSaving(draft)) schedule(0)
    const stop = store.subscribe((state, before) => {
      const { draft, id } = state
      if (draft === before.draft) return
      if (draft.text !== draft.saved) leaveDraft(id, draft.text, draft.revision)
      else if (!draft.conflict) forgetDraft(id)
      if (wantsSaving(draft)) schedule(draft.failed === null ? durations.save : durations.retry)
    })
    return () => {
      stop()
      clearTimeout(timer)
      void saveDraft(store)
    }
  }, [store])

  useEffect(() => {
    const stopListening = onWorkflowChange(store.getState().id, () => void lookForChanges(store).catch(complain))
    const stopReconnects = socket.onReconnect(() => void saveDraft(store))
    return () => {
      stopListening()
      stopReconnects()
    }
  }, [store])
}

async function lookForChanges(store: IdeStore): Promise<void> {
  const workflow = await answer(
    api.GET('/api/workflows/{workflow_id}', { params: { path: { workflow_id: store.getState().id } } }),
  )
  const { moving, draft, run, rename, setHead, change } = store.getState()
  if (moving) return
  rename(workflow.name)
  setHead(workflow.head)
  change({ type: 'changed-elsewhere', theirs: { text: workflow.text, revision: workflow.revision } })
  if (store.getState().draft.text !== draft.text) note('This workflow was changed in another tab; its text is shown.')
  if (workflow.active_run !== null && workflow.active_run !== run?.id) await showRun(store, workflow.active_run)
}
