import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiError } from '../core/api'
import type { Dashboard, Snapshot } from '../core/types'
import { createExplore, type ExploreStore } from './store'
import type { Setting } from './strip'
import { Telling } from './telling'

const NOTHING = { charts: [], filters: [] }

const snapshot = (number: number, set: Partial<Snapshot> = {}): Snapshot => ({
  id: `s${number}`,
  number,
  version: 1,
  state: NOTHING,
  words: '',
  label: '',
  pinned: false,
  deleted: false,
  asked_at: '2026-11-02T10:00:00Z',
  revision: number,
  answers: [],
  ...set,
})

const dashboard: Dashboard = {
  id: 'd1',
  title: 'rows',
  node: 'rows',
  version: 1,
  snapshots: 2,
  created_at: '2026-11-02T10:00:00Z',
  workflow: 'w1',
  revision: 2,
  delay: { seconds: 0, variation: 0, failing: 0 },
  strip: [snapshot(1), snapshot(2)],
}

let store: ExploreStore
let telling: Telling
let stop: () => void
/** What the server knows, by id, and what it was told, in order. */
let known: Map<string, Snapshot>
let heard: Setting[]
let asked: number
let fate: ('away' | 'refused')[]
let revision: number

/** A server that answers the later, the earlier it was asked. */
async function tell(id: string, setting: Setting): Promise<Snapshot | undefined> {
  asked += 1
  const pause = Math.max(0, 40 - 8 * asked)
  await new Promise((resolve) => setTimeout(resolve, pause))
  const now = fate.shift()
  if (now === 'away') throw new ApiError(0, 'unreachable', 'The server cannot be reached.', '', null)
  if (now === 'refused') throw new ApiError(404, 'unknown', 'There is no such snapshot.', '', null)
  heard.push(setting)
  const next = { ...(known.get(id) ?? snapshot(9)), ...setting, revision: (revision += 1) }
  known.set(id, next)
  return 'deleted' in setting ? undefined : next
}

beforeEach(() => {
  store = createExplore(dashboard, null)
  telling = new Telling(store, tell)
  stop = telling.start()
  known = new Map(dashboard.strip.map((each) => [each.id, each]))
  heard = []
  asked = 0
  fate = []
  revision = 10
})

afterEach(() => stop())

const tile = (key: string) => store.getState().tiles[key]
const told = (count: number) => vi.waitFor(() => expect(heard).toHaveLength(count))
const settled = (key: string) => vi.waitFor(() => expect(tile(key)?.untold).toEqual({}))

it('tells changes one after the other, so that the last one counts', async () => {
  telling.add('s1', { deleted: true })
  expect(store.getState().order).toEqual(['s2'])
  telling.add('s1', { deleted: false })
  telling.add('s1', { pinned: true })
  telling.add('s1', { label: 'mornings' })
  expect(store.getState().order).toEqual(['s1', 's2'])
  await settled('s1')
  expect(heard).toEqual([{ deleted: true }, { deleted: false }, { pinned: true }, { label: 'mornings' }])
  expect(known.get('s1')).toMatchObject({ deleted: false, pinned: true, label: 'mornings' })
  expect(tile('s1')).toMatchObject({ deleted: false, pinned: true, label: 'mornings' })
})

it('does not let what the server says of before stand over what was set since', async () => {
  const shown: (string | undefined)[] = []
  const end = store.subscribe((now) => shown.push(now.tiles.s1?.label))
  telling.add('s1', { pinned: true })
  telling.add('s1', { label: 'mornings' })
  store.getState().told([snapshot(1, { revision: 5, label: 'of another page' })], 5)
  await settled('s1')
  end()
  expect(shown.slice(shown.indexOf('mornings')).every((label) => label === 'mornings')).toBe(true)
  expect(tile('s1')).toMatchObject({ pinned: true, label: 'mornings' })
})

it('tells of a snapshot that is on its way once it is there', async () => {
  const key = store.getState().ask(NOTHING)
  store.getState().sends(key)
  telling.add(key, { pinned: true })
  telling.add(key, { deleted: true })
  telling.add('s1', { label: 'does not wait for it' })
  await settled('s1')
  expect(heard).toEqual([{ label: 'does not wait for it' }])
  store.getState().sent(key, snapshot(3))
  expect(store.getState().order).toEqual(['s1', 's2'])
  await settled(key)
  expect(known.get('s3')).toMatchObject({ pinned: true, deleted: true })
  expect(tile(key)).toMatchObject({ pinned: true, deleted: true })
})

it('keeps what it cannot tell until the server is back', async () => {
  fate = ['away']
  telling.add('s1', { pinned: true })
  await vi.waitFor(() => expect(fate).toEqual([]))
  store.getState().told([snapshot(1, { revision: 5 })], 5)
  expect(tile('s1')?.pinned).toBe(true)
  telling.resume()
  await told(1)
  await settled('s1')
  expect(known.get('s1')?.pinned).toBe(true)
})

it('puts back what was refused, and tells the rest', async () => {
  fate = ['refused']
  telling.add('s1', { label: 'too late' })
  telling.add('s2', { pinned: true })
  await settled('s2')
  expect(tile('s1')?.label).toBe('')
  expect(known.get('s2')?.pinned).toBe(true)
})

it('tells all at once when the page is left', () => {
  telling.add('s1', { pinned: true })
  telling.add('s2', { deleted: true })
  const asked = vi.fn(tell)
  Reflect.set(telling, 'tell', asked)
  window.dispatchEvent(new Event('pagehide'))
  expect(asked.mock.calls).toEqual([
    ['s1', { pinned: true }],
    ['s2', { deleted: true }],
  ])
})
