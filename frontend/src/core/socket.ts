// The one WebSocket: it reconnects with a growing pause, and asks again for each run and each dashboard from what was seen last.

import { answer, api } from './api'
import { useConnection } from './connection'
import { newer } from './newer'
import { durations } from './theme'
import type { ClientMessage, ServerMessage } from './types'

type Listener = (message: ServerMessage) => void

/** What a page that shows a dashboard knows: the last revision seen, and the snapshot that it shows large, or none. */
export interface Showing {
  after: number
  lookedAt: string
}

const FIRST_PAUSE = 300
const LONGEST_PAUSE = 8000

/** The pause before the n-th attempt (from 0) to connect again, in milliseconds; `jitter` is between 0 and 1. */
export const pauseBefore = (attempt: number, jitter: number): number =>
  Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt) * (0.75 + jitter / 2)

export class Socket {
  private socket: WebSocket | null = null
  private attempt = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private offlineTimer: ReturnType<typeof setTimeout> | undefined
  private wanted = false
  private readonly listeners = new Set<Listener>()
  private readonly openListeners = new Set<() => void>()
  private readonly runs = new Map<string, () => number>()
  private readonly dashboards = new Map<string, () => Showing>()

  constructor(
    private readonly address: () => string,
    /** Called when a connection was refused: perhaps the session is over. */
    private readonly refused: () => void,
    private readonly make: (address: string) => WebSocket = (address) => new WebSocket(address),
  ) {}

  get open(): boolean {
    return this.socket?.readyState === WebSocket.OPEN
  }

  start(): void {
    this.wanted = true
    if (!this.socket) this.connect()
  }

  stop(): void {
    this.wanted = false
    clearTimeout(this.timer)
    clearTimeout(this.offlineTimer)
    const socket = this.socket
    this.socket = null
    socket?.close()
  }

  listen(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Calls `listener` each time the connection is there again: what happened in between has to be asked for. */
  onReconnect(listener: () => void): () => void {
    this.openListeners.add(listener)
    return () => this.openListeners.delete(listener)
  }

  /** Follow a run's events; `after` gives the last number seen, and is asked again at each reconnect. */
  follow(run: string, after: () => number): () => void {
    this.runs.set(run, after)
    if (this.open) this.subscribe(run, after)
    return () => {
      this.runs.delete(run)
      if (this.open) this.send({ type: 'unsubscribe', run })
    }
  }

  /** Ask again for what comes after the last number seen (a gap was noticed). */
  refollow(run: string): void {
    const after = this.runs.get(run)
    if (after && this.open) this.subscribe(run, after)
  }

  /** Be told of a dashboard's changes; `showing` is asked again at each reconnect, and when `look` says that it changed. */
  show(dashboard: string, showing: () => Showing): () => void {
    this.dashboards.set(dashboard, showing)
    if (this.open) this.tell(dashboard, showing)
    return () => {
      this.dashboards.delete(dashboard)
      if (this.open) this.send({ type: 'leave', dashboard })
    }
  }

  /** Another snapshot is looked at. */
  look(dashboard: string): void {
    const showing = this.dashboards.get(dashboard)
    if (showing && this.open) this.tell(dashboard, showing)
  }

  private connect(): void {
    const socket = this.make(this.address())
    let opened = false
    this.socket = socket
    socket.onopen = () => {
      opened = true
      const again = this.attempt > 0
      this.attempt = 0
      clearTimeout(this.offlineTimer)
      this.offlineTimer = undefined
      useConnection.getState().reached()
      for (const [run, after] of this.runs) this.subscribe(run, after)
      for (const [dashboard, showing] of this.dashboards) this.tell(dashboard, showing)
      if (again) for (const listener of this.openListeners) listener()
    }
    socket.onmessage = (message: MessageEvent<string>) => {
      this.hear(JSON.parse(message.data) as ServerMessage)
    }
    socket.onclose = () => {
      if (this.socket !== socket) return
      this.socket = null
      if (!this.wanted) return
      if (!opened) this.refused()
      this.retry()
    }
  }

  private hear(message: ServerMessage): void {
    switch (message.type) {
      case 'events':
      case 'workflow_changed':
      case 'plan_changed':
      case 'dataset':
      case 'snapshots':
      case 'backfill':
      case 'error':
        for (const listener of this.listeners) listener(message)
        return
      default:
        newer(message, undefined)
    }
  }

  private retry(): void {
    this.offlineTimer ??= setTimeout(() => useConnection.getState().lost(), durations.offlineGrace)
    this.timer = setTimeout(
      () => {
        if (this.wanted && !this.socket) this.connect()
      },
      pauseBefore(this.attempt, Math.random()),
    )
    this.attempt += 1
  }

  private subscribe(run: string, after: () => number): void {
    this.send({ type: 'subscribe', run, after: after() })
  }

  private tell(dashboard: string, showing: () => Showing): void {
    const { after, lookedAt } = showing()
    this.send({ type: 'show', dashboard, after, looked_at: lookedAt })
  }

  private send(message: ClientMessage): void {
    this.socket?.send(JSON.stringify(message))
  }
}

const address = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`

export const socket = new Socket(address, () => void answer(api.GET('/api/session')).catch(() => undefined))

/** Calls `act` when a workflow changed, or may have while the socket was closed. */
export function onWorkflowChange(workflow: string, act: () => void): () => void {
  const stopListening = socket.listen((message) => {
    if (message.type === 'workflow_changed' && message.workflow === workflow) act()
  })
  const stopReconnects = socket.onReconnect(act)
  return () => {
    stopListening()
    stopReconnects()
  }
}
