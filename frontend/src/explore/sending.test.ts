import { beforeEach, expect, it, vi } from 'vitest'
import { ApiError } from '../core/api'
import type { Dashboard, DashboardState, Snapshot } from '../core/types'
import { Sending } from './sending'
import { createExplore, type ExploreStore } from './store'

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

let store: ExploreStore
let made: number
let reachable: boolean
let sending: Sending

/** A server that answers when it gets round to it. */
async function post(state: DashboardState): Promise<Snapshot> {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 3))
  if (!reachable) throw away
  made += 1
  return {
    id: `s${made}`,
    number: made,
    version: 1,
    state,
    words: '',
    label: '',
    pinned: false,
    deleted: false,
    asked_at: '2026-11-02T10:00:00Z',
    revision: made,
    answers: [],
  }
}

beforeEach(() => {
  store = createExplore(dashboard, null)
  made = 0
  reachable = true
  sending = new Sending(store, post)
})

const sent = () => Object.values(store.getState().tiles).map((tile) => tile.sending)
const binsInOrder = () =>
  store.getState().order.map((key) => {
    const chart = store.getState().tiles[key]?.state.charts[0]
    return chart?.kind === 'histogram' ? chart.bins : null
  })

it('sends one after the other, in the order asked', async () => {
  for (let n = 1; n <= 30; n += 1) sending.add(store.getState().ask(nth(n)))
  expect(store.getState().order).toHaveLength(30)
  await vi.waitFor(() => expect(sent().every((each) => each === 'sent')).toBe(true))
  expect(binsInOrder()).toEqual(Array.from({ length: 30 }, (_, at) => at + 1))
  expect(store.getState().order.map((key) => store.getState().tiles[key]?.number)).toEqual(binsInOrder())
})

it('keeps what it cannot send, and sends it when the server is back', async () => {
  reachable = false
  for (const n of [1, 2]) sending.add(store.getState().ask(nth(n)))
  await vi.waitFor(() => expect(sent()).toEqual(['not sent', 'not sent']))
  reachable = true
  sending.resume()
  await vi.waitFor(() => expect(sent()).toEqual(['sent', 'sent']))
  expect(binsInOrder()).toEqual([1, 2])
})

it('sends one again that was asked for again', async () => {
  reachable = false
  const key = store.getState().ask(nth(1))
  sending.add(key)
  await vi.waitFor(() => expect(sent()).toEqual(['not sent']))
  reachable = true
  sending.again(key)
  await vi.waitFor(() => expect(sent()).toEqual(['sent']))
})
