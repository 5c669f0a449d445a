// Sends what is asked, one after the other, so that numbers keep the order asked; nobody waits for it, and nothing is lost.

import { answer, api, isApiError, messageOf } from '../core/api'
import { recall, remember } from '../core/storage'
import type { DashboardState, Snapshot } from '../core/types'
import type { ExploreStore } from './store'

export type Post = (state: DashboardState, version: string | null) => Promise<Snapshot>

export class Sending {
  private readonly queue: string[] = []
  private busy = false
  /** What the server could not be reached for. */
  private readonly lost = new Set<string>()

  constructor(
    private readonly store: ExploreStore,
    private readonly post: Post,
  ) {}

  /** Sends a tile that is queued, after those before it. */
  add(key: string): void {
    this.queue.push(key)
    if (!this.busy) void this.run()
  }

  /** Sends anew what the server could not be reached for, in its order. */
  resume(): void {
    const { order, tiles } = this.store.getState()
    for (const key of order) if (tiles[key]?.sending === 'not sent' && this.lost.delete(key)) this.again(key)
  }

  again(key: string): void {
    this.store.getState().again(key)
    this.add(key)
  }

  private async run(): Promise<void> {
    this.busy = true
    for (let key = this.queue.shift(); key !== undefined; key = this.queue.shift()) await this.send(key)
    this.busy = false
  }

  private async send(key: string): Promise<void> {
    const store = this.store.getState()
    const tile = store.tiles[key]
    if (tile?.sending !== 'queued') return
    store.sends(key)
    try {
      store.sent(key, await this.post(tile.state, tile.asked))
    } catch (error) {
      if (isApiError(error) && error.unreachable) this.lost.add(key)
      store.notSent(key, messageOf(error))
    }
  }
}

/** Posts to a dashboard. */
export const postTo =
  (dashboard: string): Post =>
  (state, version) =>
    answer(
      api.POST('/api/dashboards/{dashboard_id}/snapshots', {
        params: { path: { dashboard_id: dashboard } },
        body: { client: client(), state, version },
      }),
    )

/** This browser's name: what it waits for is bounded. */
function client(): string {
  const known = recall('client')
  if (typeof known === 'string' && known !== '') return known
  const made = Array.from({ length: 4 }, () => Math.random().toString(36).slice(2, 8)).join('')
  remember('client', made)
  return made
}
