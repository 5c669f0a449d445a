// The draft as a state machine: text typed here, text known to be on the server, and what stands between the two.

export interface Theirs {
  text: string
  revision: number
}

export interface Draft {
  text: string
  /** The text the server holds at `revision`, as far as this page knows. */
  saved: string
  revision: number
  /** What is on its way to the server, if anything. */
  sending: string | null
  /** The last attempt did not get through; it is tried again. */
  failed: string | null
  /** Somebody else saved a different text: nothing is sent until the person has chosen. */
  conflict: Theirs | null
}

export type DraftEvent =
  | { type: 'edited'; text: string }
  | { type: 'sent' }
  | { type: 'stored'; revision: number }
  | { type: 'refused'; theirs: Theirs }
  | { type: 'failed'; message: string }
  | { type: 'changed-elsewhere'; theirs: Theirs }
  | { type: 'replaced'; theirs: Theirs }
  | { type: 'take-theirs' }
  | { type: 'keep-mine' }

export type Saving = 'saved' | 'unsaved' | 'saving' | 'failed' | 'conflict'

export const draftOf = (text: string, revision: number): Draft => ({
  text,
  saved: text,
  revision,
  sending: null,
  failed: null,
  conflict: null,
})

/** A draft that was left unsaved in this browser, opened over what the server holds now. */
export function restored(left: Theirs, server: Theirs): Draft {
  const draft: Draft = { ...draftOf(server.text, server.revision), text: left.text }
  if (left.revision === server.revision || left.text === server.text) return draft
  return { ...draft, conflict: server }
}

export function reduceDraft(draft: Draft, event: DraftEvent): Draft {
  switch (event.type) {
    case 'edited':
      return draft.text === event.text ? draft : { ...draft, text: event.text }
    case 'sent':
      return wantsSaving(draft) ? { ...draft, sending: draft.text } : draft
    case 'stored':
      return draft.sending === null
        ? draft
        : { ...draft, saved: draft.sending, revision: event.revision, sending: null, failed: null }
    case 'failed':
      return { ...draft, sending: null, failed: event.message }
    case 'refused':
      return meet({ ...draft, sending: null, failed: null }, event.theirs)
    case 'changed-elsewhere':
      // Our own save causes the same message; its answer tells the new revision.
      return draft.sending !== null || event.theirs.revision <= draft.revision ? draft : meet(draft, event.theirs)
    case 'replaced':
      return draftOf(event.theirs.text, event.theirs.revision)
    case 'take-theirs':
      return draft.conflict ? draftOf(draft.conflict.text, draft.conflict.revision) : draft
    case 'keep-mine':
      return draft.conflict
        ? { ...draft, saved: draft.conflict.text, revision: draft.conflict.revision, conflict: null }
        : draft
  }
}

/** Their text against ours: equal texts and untouched drafts need no question. */
function meet(draft: Draft, theirs: Theirs): Draft {
  if (draft.text === theirs.text || draft.text === draft.saved) return draftOf(theirs.text, theirs.revision)
  return { ...draft, conflict: theirs }
}

/** Whether there is something to send, and nothing in its way. */
export const wantsSaving = (draft: Draft): boolean =>
  draft.conflict === null && draft.sending === null && draft.text !== draft.saved

export function savingOf(draft: Draft): Saving {
  if (draft.conflict) return 'conflict'
  if (draft.sending !== null) return 'saving'
  if (draft.text === draft.saved) return 'saved'
  return draft.failed === null ? 'unsaved' : 'failed'
}
