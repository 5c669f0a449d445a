// The state of one dashboard's page: the strip, what is marked to be compared, and what a person does to them. A control changes it
// at once; what has to be sent goes after.

import { createContext, use } from 'react'
import { useStore } from 'zustand'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Dashboard, DashboardState, Delay, Figure, Profile, ProfiledColumn, Snapshot } from '../core/types'
import { NOTHING } from './state'
import * as strips from './strip'
import { newKey, type Asked, type Setting, type Strip, type Tile } from './strip'
import { stateWords } from './words'

export interface Explore extends Strip {
  dashboard: string
  /** How late answers come on purpose. */
  delay: Delay
  /** Keys of at most two tiles that are compared. */
  marked: readonly string[]
  /** Adds a snapshot of this state at the end of the strip; gives its key. `version` is an id; null is the last one's. */
  ask: (state: DashboardState, version?: string | null) => string
  /** Puts what could not be sent at the end again. */
  again: (key: string) => void
  /** It is being sent. */
  sends: (key: string) => void
  sent: (key: string, snapshot: Snapshot) => void
  notSent: (key: string, problem: string) => void
  told: (snapshots: readonly Snapshot[], revision: number) => void
  figures: (found: Readonly<Record<string, Figure | Profile>>, gone: readonly string[]) => void
  delayed: (delay: Partial<Delay>) => void
  change: (key: string, change: Partial<Tile>) => void
  /** A person sets something on it. */
  sets: (key: string, setting: Setting) => void
  pick: (key: string) => void
  /** The tile so many places further on. */
  walk: (by: number) => void
  follow: () => void
  mark: (key: string) => void
  unmark: () => void
}

export type ExploreStore = StoreApi<Explore>

/** Answers come as soon as they are there. */
export const AT_ONCE = { seconds: 0, variation: 0, failing: 0 }

/** A dashboard as the server tells it, and what this tab had asked in it before it was loaded anew. */
export function createExplore(
  { id, revision, delay, strip }: Dashboard,
  numberPicked: number | null,
  unsent: readonly Asked[] = [],
): ExploreStore {
  return createStore<Explore>()((set, get) => {
    const first = unsent.reduce(strips.asked, strips.told(strips.empty(), strip, revision))
    const chosen = first.order.find((key) => first.tiles[key]?.number === numberPicked)
    return {
      ...(chosen === undefined ? first : strips.picked(first, chosen)),
      dashboard: id,
      delay: { ...AT_ONCE, ...delay },
      marked: [],
      ask: (state, version = null) => {
        const now = get()
        const shown = strips.shownTile(now)
        const words = stateWords(state, shown?.state ?? NOTHING, timesOf(now))
        const tile = { key: newKey(), state, words, asked: version, askedAt: new Date().toISOString() }
        set({ ...strips.asked(now, tile), marked: [] })
        return tile.key
      },
      again: (key) => {
        const { order } = get()
        set({ ...strips.changed(get(), key, { sending: 'queued', problem: '' }) })
        set({ order: [...order.filter((one) => one !== key), key] })
      },
      sends: (key) => set(strips.changed(get(), key, { sending: 'sending' })),
      sent: (key, snapshot) => set(strips.sent(get(), key, snapshot)),
      notSent: (key, problem) => set(strips.notSent(get(), key, problem)),
      told: (snapshots, revision) => set(strips.told(get(), snapshots, revision)),
      figures: (found, gone) => set(strips.withFigures(get(), found, gone)),
      delayed: (delay) => set({ delay: { ...AT_ONCE, ...delay } }),
      change: (key, change) => set(strips.changed(get(), key, change)),
      sets: (key, setting) => {
        const next = strips.set(get(), key, setting)
        set({ ...next, marked: setting.deleted ? get().marked.filter((one) => one !== key) : get().marked })
      },
      pick: (key) => set({ ...strips.picked(get(), key), marked: [] }),
      walk: (by) => {
        const { order } = get()
        const at = order.indexOf(strips.shownKey(get()) ?? '')
        const key = order[Math.min(order.length - 1, Math.max(0, at + by))]
        if (key !== undefined) set({ ...strips.picked(get(), key), marked: [] })
      },
      follow: () => set({ picked: null }),
      mark: (key) => {
        const { marked } = get()
        set({ marked: marked.includes(key) ? marked.filter((one) => one !== key) : [...marked.slice(-1), key] })
      },
      unmark: () => set({ marked: [] }),
    }
  })
}

/** The columns that are times, as far as that is known. */
export const timesOf = (strip: Strip): ReadonlySet<string> => namesOf(strip, ({ kind }) => kind === 'time')

/** The columns of whole numbers. */
export const wholesOf = (strip: Strip): ReadonlySet<string> => namesOf(strip, ({ whole }) => whole)

/** The columns of numbers. */
export const numericOf = (strip: Strip): ReadonlySet<string> => namesOf(strip, ({ kind }) => kind === 'number')

const namesOf = (strip: Strip, which: (column: ProfiledColumn) => boolean): ReadonlySet<string> =>
  new Set((strips.profileOf(strip, strips.shownKey(strip))?.columns ?? []).filter(which).map(({ name }) => name))

export const ExploreContext = createContext<ExploreStore | null>(null)

export function useExploreStore(): ExploreStore {
  const store = use(ExploreContext)
  if (!store) throw new Error('This part of the page is shown outside of a dashboard.')
  return store
}

export const useExplore = <T>(select: (state: Explore) => T): T => useStore(useExploreStore(), select)
