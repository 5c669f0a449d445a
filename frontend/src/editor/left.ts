// Edits that have not reached the server yet, kept in this browser: they outlive a reload and a lost connection.

import { forget, recall, remember } from '../core/storage'
import type { Theirs } from './draft'

const key = (workflow: string): string => `draft:${workflow}`

export function leaveDraft(workflow: string, text: string, revision: number): void {
  remember(key(workflow), { text, revision })
}

export const forgetDraft = (workflow: string): void => forget(key(workflow))

export function leftDraft(workflow: string): Theirs | null {
  const left = recall(key(workflow))
  if (typeof left !== 'object' || left === null || !('text' in left) || !('revision' in left)) return null
  const { text, revision } = left
  return typeof text === 'string' && typeof revision === 'number' ? { text, revision } : null
}
