import { describe, expect, it } from 'vitest'
import type { NodeRun, Plan } from '../core/types'
import type { RunState } from './state'
import { foretold, liveLook, outcome, planSummary, statusWord, tally } from './words'

const plan = (compute: number, load: number, prune: number, estimate: number): Plan => ({
  nodes: {},
  compute,
  load,
  prune,
  estimate,
})

describe('the summary of a plan', () => {
  it('says in numbers what a run would do', () => {
    expect(planSummary(plan(4, 3, 6, 0.31))).toBe('4 to compute · 3 to load · 6 not needed · about 0.3 s')
  })

  it('leaves out what is zero', () => {
    expect(planSummary(plan(4, 0, 0, 0.31))).toBe('4 to compute · about 0.3 s')
  })

  it('says that nothing is computed where all is loaded', () => {
    expect(planSummary(plan(0, 2, 11, 0.004))).toBe('nothing to compute · 2 to load · 11 not needed · under 10 ms')
  })

  it('says that there is nothing to do', () => {
    expect(planSummary(plan(0, 0, 3, 0))).toBe('nothing to do')
  })
})

const node = (name: string, status: NodeRun['status'], action: NodeRun['action']): NodeRun => ({
  name,
  operator: 'Field',
  status,
  action,
  stale: false,
  reason: '',
  estimate: 0,
  seconds: null,
  bytes: null,
  stored: false,
  error: null,
})

const state = (status: RunState['status'], seconds: number | null, nodes: NodeRun[]): RunState => ({
  id: 'r',
  workflow: 'w',
  version: 'v',
  status,
  queuedAt: '',
  startedAt: null,
  seconds,
  estimate: null,
  accuracy: null,
  only: [],
  message: '',
  nodes: Object.fromEntries(nodes.map((one) => [one.name, one])),
  metrics: [],
  values: {},
  warnings: {},
  attempt: 1,
  log: [],
  started: {},
  progress: {},
  curves: {},
  lastEvent: 0,
  early: new Map(),
})

const mixed = [
  node('a', 'done', 'compute'),
  node('b', 'done', 'load'),
  node('c', 'pruned', 'prune'),
  node('d', 'failed', 'compute'),
  node('e', 'skipped', 'compute'),
]

describe('the outcome of a run', () => {
  it('says what was computed and what was loaded', () => {
    expect(outcome(state('succeeded', 0.31, mixed.slice(0, 3)))).toBe('Succeeded in 0.31 s · 1 computed, 1 loaded')
  })

  it('says what was estimated, and of a partial run what it was to compute', () => {
    const told = { ...state('succeeded', 0.5, mixed.slice(0, 3)), estimate: 0.4, only: ['a'] }
    expect(outcome(told)).toBe('Succeeded in 0.50 s, estimated 0.40 s · 1 computed, 1 loaded · a alone')
  })

  it('says how near the estimates of its nodes were', () => {
    const accuracy = { nodes: 4, near: 3, farthest: 'b', estimate: 0.1, seconds: 0.4 }
    expect(foretold({ accuracy })).toBe(
      '3 of 4 nodes took at most twice and at least half of what was estimated. Farthest off: b, 0.40 s for an estimate of 0.10 s.',
    )
    expect(foretold({ accuracy: { ...accuracy, near: 4 } })).not.toContain('Farthest')
    expect(foretold({ accuracy: null })).toBe('')
  })

  it('says what failed and what was skipped', () => {
    expect(outcome(state('failed', 0.2, mixed))).toBe('Failed after 0.20 s · 1 computed, 1 loaded, 1 failed, 1 skipped')
  })

  it('counts pruned nodes as not wanted', () => {
    expect(tally(state('running', null, mixed))).toEqual({
      computed: 1,
      loaded: 1,
      pruned: 1,
      done: 2,
      failed: 1,
      skipped: 1,
      wanted: 4,
    })
  })
})

it('has a word for a state that only a newer server knows', () => {
  expect(statusWord('paused' as RunState['status'])).toBe('Unknown')
  expect(liveLook('dreaming' as NodeRun['status'], 'compute')).toBe('unknown')
})

it('tells a loaded node from a computed one', () => {
  expect(liveLook('done', 'load')).toBe('loaded')
  expect(liveLook('done', 'compute')).toBe('computed')
})
