import { describe, expect, it, vi } from 'vitest'
import { useNewer } from '../core/newer'
import type { Event, NumberedEvent, Run } from '../core/types'
import { applyEvents, failedNode, hasGap, isActive, stateOf } from './state'

const run: Run = {
  id: 'r1',
  workflow: 'w1',
  version: 'abc',
  status: 'queued',
  reuse: true,
  force: [],
  only: [],
  queued_at: '2026-11-02T10:00:00Z',
  started_at: null,
  finished_at: null,
  seconds: null,
  estimate: null,
  message: '',
  last_event: 0,
  nodes: [],
  accuracy: null,
  metrics: [],
}

const at = '2026-11-02T10:00:01Z'
const numbered = (events: Event[], first = 1): NumberedEvent[] =>
  events.map((event, index) => ({ number: first + index, at, event }))

const planned = (node: string, action: 'load' | 'compute' | 'prune'): Event => ({
  type: 'node_planned',
  node,
  operator: 'Field',
  action,
  stale: action === 'compute',
  reason: 'because',
  estimate: 0.1,
  signature: 's',
  others: [],
})

const story = numbered([
  { type: 'run_started', attempt: 1, estimate: 0.3 },
  planned('rows', 'load'),
  planned('model', 'compute'),
  planned('spare', 'prune'),
  { type: 'node_started', node: 'rows' },
  { type: 'node_finished', node: 'rows', action: 'load', seconds: 0.002, bytes: 3_120_044 },
  { type: 'node_started', node: 'model' },
  { type: 'log_written', node: 'model', text: 'fitting\n' },
  { type: 'node_finished', node: 'model', action: 'compute', seconds: 0.18, bytes: 900 },
  { type: 'node_stored', node: 'model', bytes: 900, digest: 'd' },
  { type: 'metric_recorded', node: 'accuracy', name: 'accuracy', value: 0.84, step: null },
  { type: 'node_progressed', node: 'model', fraction: 0.25, message: 'step 1' },
  { type: 'metric_recorded', node: 'model', name: 'loss', value: 0.5, step: 0 },
  { type: 'metric_recorded', node: 'model', name: 'loss', value: null, step: 1 },
  { type: 'metric_recorded', node: 'model', name: 'loss', value: 0.25, step: 2 },
  { type: 'value_made', node: 'slices', value: { a: 1 }, cut: false },
  { type: 'run_finished', status: 'succeeded', seconds: 0.31, message: '' },
])

/** A generator of numbers that is the same in every run. */
function* random(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    yield state / 2 ** 32
  }
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const dice = random(seed)
  return items
    .map((item) => ({ item, place: dice.next().value }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}

describe('a run told by its events', () => {
  const told = applyEvents(stateOf(run), story)

  it('keeps what a node has done where its plan changes in the run, and prunes what is wanted no more', () => {
    const state = applyEvents(
      stateOf(run),
      numbered([
        { type: 'run_started', attempt: 1, estimate: 0.3 },
        planned('tidy', 'compute'),
        planned('model', 'compute'),
        planned('accuracy', 'compute'),
        { type: 'node_started', node: 'tidy' },
        { ...planned('tidy', 'compute'), reason: 'stale' } as Event,
        { ...planned('model', 'prune'), reason: 'reused: `tidy` turned out equal', stale: true } as Event,
        { ...planned('accuracy', 'load'), reason: 'reused: `tidy` turned out equal', stale: true } as Event,
        { type: 'node_started', node: 'accuracy' },
        { type: 'node_finished', node: 'accuracy', action: 'load', seconds: 0.001, bytes: 20 },
      ]),
    )
    expect(state.nodes.tidy?.status).toBe('running')
    expect(state.nodes.model).toMatchObject({ status: 'pruned', action: 'prune', stale: true })
    expect(state.nodes.accuracy).toMatchObject({ status: 'done', action: 'load', seconds: 0.001 })
    const over: NumberedEvent = {
      number: 11,
      at,
      event: { type: 'run_finished', status: 'succeeded', seconds: 1, message: '' },
    }
    expect(applyEvents(state, [over]).nodes.model?.status).toBe('pruned')
  })

  it('ends with what its events say', () => {
    expect(told.status).toBe('succeeded')
    expect(told.seconds).toBe(0.31)
    expect(told.lastEvent).toBe(story.length)
    expect(told.nodes.rows).toMatchObject({ status: 'done', action: 'load', bytes: 3_120_044, stored: false })
    expect(told.nodes.model).toMatchObject({ status: 'done', action: 'compute', seconds: 0.18, stored: true })
    expect(told.nodes.spare?.status).toBe('pruned')
    expect(told.values).toEqual({ slices: { value: { a: 1 }, cut: false } })
    expect(told.log).toEqual([{ number: 8, at, node: 'model', text: 'fitting\n' }])
    expect(told.progress).toEqual({ model: { fraction: 0.25, message: 'step 1' } })
    expect(told.curves).toEqual({
      model: {
        loss: [
          { step: 0, value: 0.5 },
          { step: 2, value: 0.25 },
        ],
      },
    })
    expect(told.metrics).toEqual([
      { name: 'accuracy', node: 'accuracy', value: 0.84, previous: null, higher_is_better: null, later: null },
    ])
  })

  it('is the same when events come one by one', () => {
    expect(story.reduce((state, event) => applyEvents(state, [event]), stateOf(run))).toEqual(told)
  })

  it('is not changed by a replay', () => {
    expect(applyEvents(told, story)).toBe(told)
  })

  it('is the same for every order in which the events come, with some of them twice', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const events = shuffled([...story, ...shuffled(story, seed + 1000).slice(0, 5)], seed)
      const state = events.reduce((before, event) => applyEvents(before, [event]), stateOf(run))
      expect(state).toEqual(told)
      expect(hasGap(state)).toBe(false)
    }
  })

  it('waits for a missing event, and says that one is missing', () => {
    const without = story.filter(({ number }) => number !== 6)
    const state = applyEvents(stateOf(run), without)
    expect(state.lastEvent).toBe(5)
    expect(state.status).toBe('running')
    expect(hasGap(state)).toBe(true)
    expect(applyEvents(state, story.slice(5, 6))).toEqual(told)
  })

  it('leaves the state it was given as it was', () => {
    const before = stateOf(run)
    const copy = structuredClone(before)
    applyEvents(before, story)
    expect(before).toEqual(copy)
  })
})

describe('a run that is taken up again', () => {
  it('has no point of a curve from the attempt before, even in one batch', () => {
    const again = applyEvents(stateOf(run), [
      ...story.slice(0, 15),
      ...numbered([{ type: 'run_started', attempt: 2, estimate: 0.2 }], 16),
    ])
    expect(again).toMatchObject({ curves: {}, progress: {} })
  })

  it('starts from nothing', () => {
    const again = applyEvents(
      applyEvents(stateOf(run), story.slice(0, 9)),
      numbered([{ type: 'run_started', attempt: 2, estimate: 0.2 }, planned('rows', 'load')], 10),
    )
    expect(Object.keys(again.nodes)).toEqual(['rows'])
    expect(again.log).toEqual([])
    expect(again.attempt).toBe(2)
    expect(again.status).toBe('running')
  })

  it('shows nothing of the attempt that was interrupted while it waits, but why', () => {
    const waiting = applyEvents(stateOf(run), [
      ...story.slice(0, 10),
      ...numbered([{ type: 'run_requeued', reason: 'Its worker died.' }], 11),
    ])
    expect(waiting).toMatchObject({ status: 'queued', startedAt: null, message: 'Its worker died.', log: [] })
    expect(waiting.nodes.model).toMatchObject({ status: 'waiting', seconds: null, bytes: null, stored: false })
    expect(waiting.nodes.spare?.status).toBe('pruned')
    expect(isActive(waiting.status)).toBe(true)
  })
})

describe('an event of a newer server', () => {
  const strange = { type: 'node_admired', node: 'model' } as unknown as Event

  it('is passed over without a gap, and the page notices that it is old', async () => {
    useNewer.setState({ noticed: false })
    const told = applyEvents(stateOf(run), [
      ...story.slice(0, 7),
      ...numbered([strange], 8),
      ...numbered([story.at(-1)?.event ?? strange], 9),
    ])
    expect(told).toMatchObject({ status: 'succeeded', lastEvent: 9 })
    expect(hasGap(told)).toBe(false)
    await vi.waitFor(() => expect(useNewer.getState().noticed).toBe(true))
  })
})

describe('a run that fails', () => {
  const failed = applyEvents(stateOf(run), [
    ...story.slice(0, 7),
    ...numbered(
      [
        {
          type: 'node_failed',
          node: 'model',
          code: 'user-code',
          message: 'ZeroDivisionError',
          line: 9,
          detail: '',
          example: 'x=0',
        },
        { type: 'node_skipped', node: 'accuracy', because: 'model' },
        { type: 'run_finished', status: 'failed', seconds: 0.2, message: 'model failed' },
      ],
      8,
    ),
  ])

  it('names the node, the line and what broke it', () => {
    expect(failedNode(failed)?.name).toBe('model')
    expect(failed.nodes.model?.error).toMatchObject({ line: 9, example: 'x=0' })
    expect(failed.nodes.accuracy).toMatchObject({ status: 'skipped', reason: 'skipped: model failed' })
  })

  it('is over', () => {
    expect(isActive(failed.status)).toBe(false)
    expect(failed.message).toBe('model failed')
  })
})

it('leaves no node waiting when a run is cancelled', () => {
  const cancelled = applyEvents(stateOf(run), [
    ...story.slice(0, 7),
    ...numbered([{ type: 'run_finished', status: 'cancelled', seconds: 1, message: '' }], 8),
  ])
  expect(cancelled.nodes.model?.status).toBe('skipped')
  expect(cancelled.nodes.rows?.status).toBe('done')
})

it('keeps the previous value of a metric that the server had summed up', () => {
  const known = stateOf({
    ...run,
    metrics: [{ name: 'accuracy', node: 'accuracy', value: 0.84, previous: 0.83, higher_is_better: true, later: null }],
  })
  expect(applyEvents(known, story).metrics).toEqual([
    { name: 'accuracy', node: 'accuracy', value: 0.84, previous: 0.83, higher_is_better: true, later: null },
  ])
})
