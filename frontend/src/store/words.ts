// The words for the store's totals: room, audits, policy, and what evicting costs.

import { bytes, count, duration } from '../core/format'
import type { StoreChanged, WorkflowStore } from '../core/types'
import type { Sum } from './results'

/** The part of the budget that is taken, by bytes or by number, whichever is nearer to its end: 0 to 1. */
export function taken({ bytes: size, count: number, budget_bytes, budget_count }: WorkflowStore): number {
  const room = budget_bytes === null ? 0 : size / budget_bytes
  return Math.min(1, Math.max(room, number / budget_count))
}

/** "38 MB of 12 GB" */
export const room = ({ bytes: size, budget_bytes }: WorkflowStore): string =>
  budget_bytes === null ? `${bytes(size)}, without a limit` : `${bytes(size)} of ${bytes(Math.round(budget_bytes))}`

/** "143 of 100,000 results" */
export const numbers = ({ count: number, budget_count }: WorkflowStore): string =>
  `${number.toLocaleString('en')} of ${count(budget_count, 'result')}`

/** "0 of 143 loads recomputed differed" */
export const audited = ({ audits: { checked, false_hits } }: WorkflowStore): string =>
  checked === 0
    ? 'no load was recomputed yet'
    : `${false_hits.toLocaleString('en')} of ${count(checked, 'load')} recomputed differed`

export const policies: Record<WorkflowStore['policy'], string> = {
  adaptive:
    'keeps values and models up to 1 MB and whatever is up to 64 kB, and of the rest what the next edits are expected to leave useful and costs more to compute than its room is worth',
  helix: 'keeps a result that took more than twice as long to arrive at as loading it takes, while there is room',
  all: 'keeps every result',
  none: 'keeps nothing',
  lru: 'keeps every result, and evicts what was used longest ago',
  outputs: 'keeps outputs alone',
}

/** "Evicting 3 results, 12 MB: computing them took 4.1 s." */
export function evicting({ number, bytes: size, seconds }: Sum, pinned: number): string {
  const it = number === 1 ? 'it' : 'them'
  const stay = pinned === 0 ? '' : ` ${count(pinned, 'pinned one stays', 'pinned ones stay')}.`
  return `Evicting ${count(number, 'result')}, ${bytes(size)}: computing ${it} took ${duration(seconds)}, and a run that wants ${it} computes ${it} again.${stay}`
}

/** What was not done, and why; nothing where all was. */
export function undone(what: string, { refused }: StoreChanged): string | null {
  const reasons = [...new Set(refused.map(({ message }) => message))]
  return refused.length === 0
    ? null
    : `${count(refused.length, 'result was', 'results were')} not ${what}: ${reasons.join(' ')}`
}
