import { beforeEach, expect, it, vi } from 'vitest'
import { ApiError } from '../core/api'
import { durations } from '../core/theme'
import type { Dashboard, DashboardState, Snapshot } from '../core/types'
import { Sending, unsentOf } from './sending'
import { createExplore, type ExploreStore } from './store'
import type { Asked } from './strip'

const dashboard: Dashboard = {
  id: 'd1',
  title: 'rows',
  node: 'rows',
  version: 1,
  snapshots: 0,
  created_at: '2026-11-02T10:00:00Z',
  workflow: 'w1',
  revision: 0,
  delay: { seconds: 0, variation: 0, failing: 0 },
  strip: [],
}

const nth = (bins: number): DashboardState => ({ charts: [{ id: 'c1', kind: 'histogram', x: 'a', bins }], filters: [] })
const away = new ApiError(0, 'unreachable', 'The server cannot be reached.', '', null)
const refused = new ApiError(422, 'invalid-request', 'No such column.', '', null)

let store: ExploreStore
let sending: Sending
/** What the server knows, by key. */
let made: Map<string, Snapshot>
/** What becomes of the next requests; without one they are answered. */
let fate: ('away' | 'refused' | 'answer lost')[]
let reachable: boolean

/** A server that answers when it gets round to it. */
async function post({ key, state }: Pick<Asked, 'key' | 'state'>): Promise<Snapshot> {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 3))
  const now = fate.shift()
  if (!reachable || now === 'away') throw away
  if (now === 'refused') throw refused
  const number = made.size + 1
  const known = made.get(key) ?? {
    id: `s${number}`,
    number,
    version: 1,
    state,
    words: '',
    label: '',
    pinned: false,
    deleted: false,
    asked_at: '2026-11-02T10:00:00Z',
    revision: number,
    answers: [],
  }
  made.set(key, known)
  if (now === 'answer lost') throw away
  return known
}

function open(): void {
  store = createExplore(dashboard, null, unsentOf(dashboard.id))
  sending = new Sending(store, post)
}

beforeEach(() => {
  sessionStorage.clear()
  made = new Map()
  fate = []
  reachable = true
  open()
})

const ask = (bins: number): string => {
  const key = store.getState().ask(nth(bins))
  sending.add(key)
  return key
}
const tiles = () => store.getState().order.map((key) => store.getState().tiles[key])
const sent = () => tiles().map((tile) => tile?.sending)
const binsOf = (state: DashboardState | undefined) => {
  const chart = state?.charts[0]
  return chart?.kind === 'histogram' ? chart.bins : null
}
const binsInOrder = () => tiles().map((tile) => binsOf(tile?.state))
const binsAtServer = () => [...made.values()].map(({ state }) => binsOf(state as DashboardState))
const upTo = (n: number) => Array.from({ length: n }, (_, at) => at + 1)
const all = (count: number, what: string) => vi.waitFor(() => expect(sent()).toEqual(upTo(count).map(() => what)))

it('sends one after the other, in the order asked', async () => {
  for (const n of upTo(30)) ask(n)
  expect(store.getState().order).toHaveLength(30)
  await all(30, 'sent')
  expect(binsInOrder()).toEqual(upTo(30))
  expect(binsAtServer()).toEqual(upTo(30))
  expect(tiles().map((tile) => tile?.number)).toEqual(upTo(30))
})

it('keeps what it cannot send, with what is asked meanwhile, and sends all in order when the server is back', async () => {
  fate = ['away']
  for (const n of [1, 2]) ask(n)
  await all(2, 'not sent')
  ask(3)
  await all(3, 'not sent')
  sending.resume()
  await all(3, 'sent')
  expect(binsInOrder()).toEqual([1, 2, 3])
  expect(binsAtServer()).toEqual([1, 2, 3])
})

it('tries again by itself', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  fate = ['away']
  ask(1)
  await all(1, 'not sent')
  await vi.advanceTimersByTimeAsync(durations.retry)
  await all(1, 'sent')
  vi.useRealTimers()
})

it('makes one snapshot of what was sent twice since its answer was lost', async () => {
  fate = ['answer lost']
  for (const n of [1, 2]) ask(n)
  await all(2, 'not sent')
  sending.resume()
  await all(2, 'sent')
  expect(binsAtServer()).toEqual([1, 2])
})

it('sends one again that was refused, when it is asked to', async () => {
  fate = ['refused']
  const key = ask(1)
  await all(1, 'not sent')
  expect(store.getState().tiles[key]?.problem).toBe('No such column.')
  sending.again(key)
  await all(1, 'sent')
})

it('sends what another page of the tab left, in order, and each once', async () => {
  reachable = false
  for (const n of [1, 2, 3]) ask(n)
  await all(3, 'not sent')
  open()
  expect(sent()).toEqual(['queued', 'queued', 'queued'])
  reachable = true
  fate = ['answer lost']
  const stop = sending.start()
  await all(3, 'not sent')
  stop()
  open()
  sending.start()
  await all(3, 'sent')
  expect(binsInOrder()).toEqual([1, 2, 3])
  expect(binsAtServer()).toEqual([1, 2, 3])
  expect(unsentOf(dashboard.id)).toEqual([])
})

it('does not send what was withdrawn', async () => {
  const keys = [1, 2, 3].map(ask)
  sending.withdraw(keys, 'Cancelled before it was sent.')
  await vi.waitFor(() => expect(sent()).toEqual(['sent', 'not sent', 'not sent']))
  expect(binsAtServer()).toEqual([1])
  expect(unsentOf(dashboard.id)).toEqual([])
})
