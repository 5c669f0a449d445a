// Tells the server what a person sets on snapshots, one after the other, so that what was set last counts. Until it is told, it stands
// over what the server says; it waits for a question that is on its way, and for a server that cannot be reached.

import { answer, api } from '../core/api'
import { complain } from '../core/toasts'
import type { Snapshot } from '../core/types'
import { isAway } from './sending'
import type { ExploreStore } from './store'
import type { Setting } from './strip'

/** Gives the snapshot as it then is, where the server says it. */
export type Tell = (id: string, setting: Setting) => Promise<Snapshot | undefined>

interface Change {
  key: string
  setting: Setting
  /** What was there before. */
  before: Setting
}

export class Telling {
  /** What the server does not know, the oldest first. */
  private queue: readonly Change[] = []
  private busy = false

  constructor(
    private readonly store: ExploreStore,
    private readonly tell: Tell,
  ) {
    // A snapshot can be told of once its question has arrived, also when the page has gone on to another one by then.
    store.subscribe((now, before) => {
      if (now.tiles !== before.tiles) this.resume()
    })
  }

  /** Tells what is left when the page is closed. Gives what ends it. */
  start(): () => void {
    const left = () => {
      for (const change of this.queue) if (this.idOf(change) !== '') void this.send(change)
    }
    window.addEventListener('pagehide', left)
    return () => window.removeEventListener('pagehide', left)
  }

  /** Shows it at once, and tells it after what was set before. */
  add(key: string, setting: Setting): void {
    const tile = this.store.getState().tiles[key]
    if (!tile) return
    const before = Object.fromEntries(Object.keys(setting).map((name) => [name, tile[name as keyof Setting]]))
    this.store.getState().sets(key, setting)
    this.renew([...this.queue, { key, setting, before }], key)
    this.resume()
  }

  /** Goes on, if there is something that can be told. */
  resume(): void {
    if (!this.busy) void this.run()
  }

  private async run(): Promise<void> {
    this.busy = true
    for (let next = this.next(); next; next = this.next()) if (!(await this.send(next))) break
    this.busy = false
  }

  private next(): Change | undefined {
    return this.queue.find((change) => this.idOf(change) !== '')
  }

  private idOf({ key }: Change): string {
    return this.store.getState().tiles[key]?.id ?? ''
  }

  /** Whether the server was reached. */
  private async send(change: Change): Promise<boolean> {
    const { key, setting, before } = change
    try {
      const snapshot = await this.tell(this.idOf(change), setting)
      this.done(change)
      if (snapshot) this.store.getState().told([snapshot], 0)
    } catch (error) {
      if (isAway(error)) return false
      this.done(change)
      this.store.getState().sets(key, { ...before, ...this.untold(key) })
      complain(error)
    }
    return true
  }

  private done(change: Change): void {
    this.renew(
      this.queue.filter((one) => one !== change),
      change.key,
    )
  }

  private renew(queue: readonly Change[], key: string): void {
    this.queue = queue
    this.store.getState().change(key, { untold: this.untold(key) })
  }

  private untold(key: string): Setting {
    return Object.assign({}, ...this.queue.filter((one) => one.key === key).map(({ setting }) => setting)) as Setting
  }
}

/** Tells it to a dashboard, also from a page that is being left. */
export const tellTo =
  (dashboard: string): Tell =>
  async (id, { deleted, ...told }) => {
    const keepalive = true
    if (deleted === undefined) {
      const params = { path: { dashboard_id: dashboard, snapshot_id: id } }
      const asked = api.PATCH('/api/dashboards/{dashboard_id}/snapshots/{snapshot_id}', {
        params,
        body: told,
        keepalive,
      })
      return answer(asked)
    }
    const params = { path: { dashboard_id: dashboard } }
    const body = { snapshots: [id], deleted }
    await answer(api.POST('/api/dashboards/{dashboard_id}/snapshots/delete', { params, body, keepalive }))
    return undefined
  }
