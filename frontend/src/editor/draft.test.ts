import { describe, expect, it } from 'vitest'
import { draftOf, reduceDraft, restored, savingOf, wantsSaving, type Draft, type DraftEvent } from './draft'

const after = (draft: Draft, ...events: DraftEvent[]): Draft => events.reduce(reduceDraft, draft)
const opened = draftOf('a', 1)

describe('a draft that is saved as one types', () => {
  it('is saved when opened, unsaved after a keystroke, saving once sent, saved once stored', () => {
    expect(savingOf(opened)).toBe('saved')
    const edited = after(opened, { type: 'edited', text: 'ab' })
    expect(savingOf(edited)).toBe('unsaved')
    const sent = after(edited, { type: 'sent' })
    expect(savingOf(sent)).toBe('saving')
    const stored = after(sent, { type: 'stored', revision: 2 })
    expect(savingOf(stored)).toBe('saved')
    expect(stored).toMatchObject({ text: 'ab', saved: 'ab', revision: 2 })
  })

  it('is still unsaved when more was typed while it was on its way', () => {
    const draft = after(
      opened,
      { type: 'edited', text: 'ab' },
      { type: 'sent' },
      { type: 'edited', text: 'abc' },
      { type: 'stored', revision: 2 },
    )
    expect(draft.saved).toBe('ab')
    expect(savingOf(draft)).toBe('unsaved')
    expect(wantsSaving(draft)).toBe(true)
  })

  it('sends one text at a time', () => {
    const sending = after(opened, { type: 'edited', text: 'ab' }, { type: 'sent' }, { type: 'edited', text: 'abc' })
    expect(wantsSaving(sending)).toBe(false)
    expect(after(sending, { type: 'sent' })).toBe(sending)
  })

  it('needs no saving when an edit was taken back', () => {
    expect(wantsSaving(after(opened, { type: 'edited', text: 'ab' }, { type: 'edited', text: 'a' }))).toBe(false)
  })

  it('keeps the text and tries again when the server cannot be reached', () => {
    const failed = after(
      opened,
      { type: 'edited', text: 'ab' },
      { type: 'sent' },
      { type: 'failed', message: 'unreachable' },
    )
    expect(savingOf(failed)).toBe('failed')
    expect(failed.text).toBe('ab')
    expect(wantsSaving(failed)).toBe(true)
  })
})

describe('a draft that somebody else changed', () => {
  const theirs = { text: 'theirs', revision: 5 }
  const refused = after(opened, { type: 'edited', text: 'mine' }, { type: 'sent' }, { type: 'refused', theirs })

  it('is not sent until the person has chosen', () => {
    expect(savingOf(refused)).toBe('conflict')
    expect(wantsSaving(refused)).toBe(false)
    expect(refused.text).toBe('mine')
  })

  it('becomes theirs on demand', () => {
    expect(after(refused, { type: 'take-theirs' })).toEqual(draftOf('theirs', 5))
  })

  it('goes over theirs, at their revision, when mine is kept', () => {
    const kept = after(refused, { type: 'keep-mine' })
    expect(kept).toMatchObject({ text: 'mine', saved: 'theirs', revision: 5, conflict: null })
    expect(wantsSaving(kept)).toBe(true)
  })

  it('is simply theirs when nothing was typed here', () => {
    expect(after(opened, { type: 'changed-elsewhere', theirs })).toEqual(draftOf('theirs', 5))
  })

  it('is no conflict when both wrote the same', () => {
    expect(after(opened, { type: 'edited', text: 'theirs' }, { type: 'changed-elsewhere', theirs })).toEqual(
      draftOf('theirs', 5),
    )
  })

  it('does not take the echo of its own save for somebody else', () => {
    const sending = after(opened, { type: 'edited', text: 'ab' }, { type: 'sent' })
    expect(after(sending, { type: 'changed-elsewhere', theirs: { text: 'ab', revision: 2 } })).toBe(sending)
    const stored = after(sending, { type: 'stored', revision: 2 })
    expect(
      after(stored, { type: 'edited', text: 'abc' }, { type: 'changed-elsewhere', theirs: { text: 'ab', revision: 2 } })
        .conflict,
    ).toBeNull()
  })
})

describe('a draft that was left in this browser', () => {
  it('goes on where the server has not moved', () => {
    const draft = restored({ text: 'left', revision: 1 }, { text: 'a', revision: 1 })
    expect(draft.text).toBe('left')
    expect(wantsSaving(draft)).toBe(true)
  })

  it('is a question where the server has moved', () => {
    const draft = restored({ text: 'left', revision: 1 }, { text: 'other', revision: 3 })
    expect(savingOf(draft)).toBe('conflict')
    expect(draft.text).toBe('left')
  })

  it('is nothing where the server has the same text', () => {
    expect(restored({ text: 'a', revision: 1 }, { text: 'a', revision: 3 })).toEqual(draftOf('a', 3))
  })
})

it('never loses the typed text, whatever happens around it, until the person gives it up', () => {
  const happenings: DraftEvent[] = [
    { type: 'sent' },
    { type: 'stored', revision: 9 },
    { type: 'failed', message: 'x' },
    { type: 'refused', theirs: { text: 'other', revision: 12 } },
    { type: 'changed-elsewhere', theirs: { text: 'third', revision: 15 } },
    { type: 'keep-mine' },
  ]
  for (const first of happenings) {
    for (const second of happenings) {
      for (const third of happenings) {
        const draft = after(opened, { type: 'edited', text: 'mine' }, first, second, third)
        // Once the server has stored it, another tab's newer text may take its place.
        if (draft.text !== 'mine') expect([first.type, second.type, third.type]).toContain('stored')
      }
    }
  }
})
