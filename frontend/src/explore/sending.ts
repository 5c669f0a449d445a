// Sends what is asked, one after the other, so that numbers keep the order asked; nobody waits for it, and nothing is lost: what the
// server could not be reached for is sent again, also after a reload of the page, and is one snapshot however often it was sent.

import { answer, api, isApiError, messageOf } from '../core/api'
import { forget, recall, remember } from '../core/storage'
import { durations } from '../core/theme'
import type { Snapshot } from '../core/types'
import type { ExploreStore } from './store'
import { newKey, type Asked, type Tile } from './strip'

export type Post = (asked: Pick<Asked, 'key' | 'state' | 'asked'>) => Promise<Snapshot>

const place = (dashboard: string): string => `unsent:${dashboard}`

/** What this tab asked in a dashboard and has no answer to. */
export function unsentOf(dashboard: string): Asked[] {
  const known = recall(place(dashboard), 'tab')
  return Array.isArray(known) ? (known as Asked[]) : []
}

export class Sending {
  /** Keys of all that has to be sent, in the order asked. */
  private queue: readonly string[]
  private busy = false
  private stopped = false
  /** Whether something is written down. */
  private kept: boolean
  /** Why the server cannot be reached; null while it can. */
  private away: string | null = null
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly store: ExploreStore,
    private readonly post: Post,
  ) {
    const { order, tiles } = store.getState()
    this.queue = order.filter((key) => tiles[key]?.sending === 'queued')
    this.kept = this.queue.length > 0
  }

  /** Begins with what is queued. Gives what ends it: the rest is sent by the next page that shows the dashboard. */
  start(): () => void {
    this.stopped = false
    const left = () => this.keep()
    window.addEventListener('pagehide', left)
    this.resume()
    return () => {
      window.removeEventListener('pagehide', left)
      this.keep()
      this.stopped = true
      clearTimeout(this.timer)
    }
  }

  /** Sends a tile that is queued, after those before it. */
  add(key: string): void {
    if (this.unknown().length === 0) this.away = null
    this.queue = [...this.queue, key]
    if (this.away === null) this.resume()
    else {
      this.store.getState().notSent(key, this.away)
      this.keep()
    }
  }

  /** Tries again what the server could not be reached for. */
  resume(): void {
    clearTimeout(this.timer)
    if (!this.busy) void this.run()
  }

  again(key: string): void {
    if (this.queue.includes(key)) {
      this.resume()
      return
    }
    this.store.getState().again(key)
    this.add(key)
  }

  /** Does not send these any more, as far as they are not on their way. */
  withdraw(keys: readonly string[], why: string): void {
    const { notSent } = this.store.getState()
    const dropped = keys.filter((key) => this.queue.includes(key) && this.tile(key)?.sending !== 'sending')
    for (const key of dropped) {
      this.done(key)
      notSent(key, why)
    }
  }

  private async run(): Promise<void> {
    this.busy = true
    for (let key = this.queue[0]; key !== undefined && !this.stopped; key = this.queue[0])
      if (!(await this.send(key))) break
    this.busy = false
  }

  /** Whether the server was reached. */
  private async send(key: string): Promise<boolean> {
    const tile = this.tile(key)
    if (!tile || tile.deleted || tile.sending === 'sent') {
      this.done(key)
      return true
    }
    this.store.getState().sends(key)
    try {
      const snapshot = await this.post(tile)
      this.done(key)
      this.store.getState().sent(key, snapshot)
    } catch (error) {
      if (isAway(error)) {
        this.lost(messageOf(error))
        return false
      }
      this.done(key)
      this.store.getState().notSent(key, messageOf(error))
    }
    this.found()
    return true
  }

  private done(key: string): void {
    this.queue = this.queue.filter((one) => one !== key)
    if (this.kept) this.keep()
  }

  private lost(problem: string): void {
    this.away = problem
    for (const key of this.unknown()) this.store.getState().notSent(key, problem)
    this.keep()
    if (!this.stopped) this.timer = setTimeout(() => this.resume(), durations.retry)
  }

  private found(): void {
    if (this.away === null) return
    this.away = null
    for (const key of this.unknown()) this.store.getState().change(key, { sending: 'queued', problem: '' })
  }

  private tile(key: string): Tile | undefined {
    return this.store.getState().tiles[key]
  }

  /** What of the queue the server has not told of, as it does where only its answer was lost. */
  private unknown(): string[] {
    return this.queue.filter((key) => this.tile(key)?.id === '')
  }

  /** Writes down what is not sent, when there may soon be no page that knows it: while all goes well that costs nothing. */
  private keep(): void {
    if (this.stopped) return
    const { dashboard } = this.store.getState()
    const asked = this.queue.flatMap((key): Asked[] => {
      const tile = this.tile(key)
      return tile ? [{ key, state: tile.state, asked: tile.asked, words: tile.words, askedAt: tile.askedAt }] : []
    })
    this.kept = asked.length > 0
    if (this.kept) remember(place(dashboard), asked, 'tab')
    else forget(place(dashboard), 'tab')
  }
}

/** Whether it may go through later: no server, one that is starting anew behind a proxy, or a session that is over. */
export const isAway = (error: unknown): boolean =>
  isApiError(error) &&
  (error.unreachable || (error.status >= 502 && error.status <= 504) || error.code === 'not-signed-in')

/** Posts to a dashboard. */
export const postTo =
  (dashboard: string): Post =>
  ({ key, state, asked }) =>
    answer(
      api.POST('/api/dashboards/{dashboard_id}/snapshots', {
        params: { path: { dashboard_id: dashboard } },
        body: { client: client(), key, state, version: asked },
      }),
    )

/** This browser's name: what it waits for is bounded. */
function client(): string {
  const known = recall('client')
  if (typeof known === 'string' && known !== '') return known
  const made = newKey()
  remember('client', made)
  return made
}
