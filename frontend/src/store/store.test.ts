import { describe, expect, it } from 'vitest'
import type { Kept, StoreChanged, WorkflowStore } from '../core/types'
import { address, asked, leadsTo, matches, shown, sortedBy, spansInWords, versionsInWords } from './results'
import { all, nothingChosen, ranged, toggled } from './selection'
import { audited, evicting, numbers, room, taken, undone } from './words'

const kept = (node: string, changes: Partial<Kept> = {}): Kept => ({
  digest: `${node}00000000`,
  nodes: [node],
  parts: [],
  operator: 'Reducer',
  codec: 'json',
  bytes: 10,
  workflows: ['w1'],
  hits: 0,
  saved: 0,
  benefit: 0,
  seconds: 0.5,
  used_at: 0,
  current: true,
  pinned: '',
  versions: [],
  ...changes,
})

const store = (changes: Partial<WorkflowStore> = {}): WorkflowStore => ({
  bytes: 38_000_000,
  count: 143,
  pinned: 0,
  superseded: 0,
  hits: 0,
  saved: 0,
  budget_bytes: 12e9,
  budget_count: 100_000,
  audits: { checked: 143, false_hits: 0 },
  policy: 'adaptive',
  audited: 0.01,
  matched: 143,
  names: {},
  results: [],
  ...changes,
})

const span = (first: number, last: number, workflow = 'w1') => ({ workflow, first, last })
const usual = asked(new URLSearchParams())

describe('the address', () => {
  it('leaves out what is usual, and gives back what it was given', () => {
    expect(address(usual).toString()).toBe('')
    const wanted = { text: 'model v5', everything: true, superseded: true, column: 'node', descending: true } as const
    expect(asked(address(wanted))).toEqual(wanted)
  })

  it('makes nothing of a column that is not there', () => {
    expect(asked(new URLSearchParams('sort=colour.up')).column).toBe('size')
  })

  it('turns the order of the same column around', () => {
    const first = sortedBy(usual, 'saved')
    expect([first.column, first.descending]).toEqual(['saved', true])
    expect(sortedBy(first, 'saved').descending).toBe(false)
    expect(sortedBy(first, 'node').descending).toBe(false)
  })
})

describe('what is shown', () => {
  const results = [
    kept('model', { bytes: 30, seconds: 2, operator: 'Learner', versions: [span(3, 5)] }),
    kept('rows', { bytes: 20, current: false, workflows: ['w2'] }),
    kept('a10', { bytes: 20 }),
    kept('a9', { bytes: 20, pinned: 'user' }),
  ]
  const order = (changes: Partial<typeof usual>) =>
    shown(results, { w2: 'Digits' }, { ...usual, ...changes }).map(({ nodes }) => nodes[0])

  it('is in the order asked for, and of equals in that of their names', () => {
    expect(order({})).toEqual(['model', 'a9', 'a10', 'rows'])
    expect(order({ column: 'node', descending: false })).toEqual(['a9', 'a10', 'model', 'rows'])
    expect(order({ column: 'pinned', descending: true })[0]).toBe('a9')
    expect(order({ column: 'versions', descending: true })[0]).toBe('model')
    expect(order({ column: 'state', descending: true })[0]).toBe('rows')
  })

  it('has each word in some name, is a version, or begins the digest', () => {
    expect(order({ text: 'LEARN mod' })).toEqual(['model'])
    expect(order({ text: 'digits' })).toEqual(['rows'])
    expect(order({ text: 'v4' })).toEqual(['model'])
    expect(order({ text: 'v6' })).toEqual([])
    expect(matches(kept('rows'), {}, 'rows0000')).toBe(true)
    expect(matches(kept('rows', { parts: ['train'] }), {}, 'rows train')).toBe(true)
    expect(order({ superseded: true })).toEqual(['rows'])
  })

  it('leads to the node of this workflow, else of one that is still there', () => {
    expect(leadsTo(kept('a b'), { w1: 'Census' }, 'w1')).toBe('/workflows/w1?node=a+b')
    expect(leadsTo(kept('a', { workflows: ['gone', 'w2'] }), { w2: 'Digits' }, 'w1')).toBe('/workflows/w2?node=a')
    expect(leadsTo(kept('a', { workflows: ['gone'] }), {}, 'w1')).toBeNull()
  })
})

describe('versions', () => {
  it('are told by spans, of many the newest', () => {
    expect(spansInWords([span(3, 3), span(5, 9)])).toBe('v3, v5–v9')
    expect(spansInWords([span(1, 4), span(6, 6), span(8, 9)], 2)).toBe('4 more, v6, v8–v9')
  })

  it('are told of this workflow first, and of others with their names', () => {
    const versions = [span(1, 2, 'w0'), span(7, 7), span(4, 4, 'w9')]
    expect(versionsInWords(versions, { w0: 'Digits' }, 'w1')).toBe('v7; Digits v1–v2; a deleted workflow v4')
  })
})

describe('the selection', () => {
  const order = ['a', 'b', 'c', 'd']

  it('takes a range from where the last click was, in either direction', () => {
    const two = ranged(toggled(nothingChosen, 'c'), order, 'a')
    expect([...two.chosen].sort()).toEqual(['a', 'b', 'c'])
    expect([...ranged(two, order, 'd').chosen].sort()).toEqual(['a', 'b', 'c', 'd'])
    expect([...ranged(toggled(two, 'a'), order, 'b').chosen]).toEqual(['c'])
    expect([...ranged(nothingChosen, order, 'b').chosen]).toEqual(['b'])
  })

  it('takes all, or none where all are taken', () => {
    const every = all(nothingChosen, order)
    expect(every.chosen.size).toBe(4)
    expect(all(every, order).chosen.size).toBe(0)
  })
})

describe('the words', () => {
  it('tell what is taken of the budget', () => {
    expect(room(store())).toBe('38 MB of 12 GB')
    expect(room(store({ budget_bytes: null }))).toBe('38 MB, without a limit')
    expect(numbers(store())).toBe('143 of 100,000 results')
    expect(taken(store({ budget_count: 286 }))).toBe(0.5)
    expect(taken(store({ budget_bytes: 1 }))).toBe(1)
  })

  it('tell what audits found', () => {
    expect(audited(store())).toBe('0 of 143 loads recomputed differed')
    expect(audited(store({ audits: { checked: 0, false_hits: 0 } }))).toBe('no load was recomputed yet')
  })

  it('tell what evicting costs, and what stays', () => {
    const sum = { number: 2, bytes: 12_000_000, seconds: 4.1 }
    expect(evicting(sum, 0)).toBe(
      'Evicting 2 results, 12 MB: computing them took 4.10 s, and a run that wants them computes them again.',
    )
    expect(evicting({ ...sum, number: 1 }, 1)).toContain('computes it again. 1 pinned one stays.')
  })

  it('tell what was not done, with each reason once', () => {
    const refused: StoreChanged['refused'] = ['a', 'b'].map((digest) => ({
      digest,
      reason: 'pinned',
      message: 'It is pinned.',
    }))
    expect(undone('evicted', { done: [], refused })).toBe('2 results were not evicted: It is pinned.')
    expect(undone('evicted', { done: ['a'], refused: [] })).toBeNull()
  })
})
