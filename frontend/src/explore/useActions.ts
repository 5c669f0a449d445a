// What a person does to snapshots: it shows at once, and is told to the server after.

import { createContext, use, useMemo } from 'react'
import { answer, api } from '../core/api'
import { complain, note } from '../core/toasts'
import type { DashboardState, Snapshot } from '../core/types'
import type { Sending } from './sending'
import { NOTHING } from './state'
import { useExploreStore, type ExploreStore } from './store'
import { NOT_KEPT, shownTile, type TileStatus } from './strip'
import type { Telling } from './telling'

export interface Actions {
  /** Asks for what a change makes of the state that is shown; nothing where it changes nothing. */
  edit: (change: (state: DashboardState) => DashboardState) => void
  ask: (state: DashboardState, version?: string | null) => void
  retry: (key: string, charts?: string[]) => void
  cancel: (keys: readonly string[] | null) => void
  remove: (key: string) => void
  pin: (key: string, pinned: boolean) => void
  label: (key: string, label: string) => void
}

/** What carries to the server what a person does. */
export interface Carriers {
  sending: Sending
  telling: Telling
}

const CarriersContext = createContext<Carriers | null>(null)
export const CarriersProvider = CarriersContext.Provider

export function useActions(): Actions {
  const store = useExploreStore()
  const carriers = use(CarriersContext)
  return useMemo(() => {
    if (!carriers) throw new Error('This part of the page is shown outside of a dashboard.')
    return actionsOf(store, carriers)
  }, [store, carriers])
}

function actionsOf(store: ExploreStore, { sending, telling }: Carriers): Actions {
  const { dashboard } = store.getState()
  const at = { path: { dashboard_id: dashboard } }
  const snapshotAt = (id: string) => ({ params: { path: { dashboard_id: dashboard, snapshot_id: id } } })
  const tile = (key: string) => store.getState().tiles[key]
  const idsOf = (keys: readonly string[]) => keys.map((key) => tile(key)?.id ?? '').filter((id) => id !== '')
  const hear = (asked: Promise<Snapshot>) => {
    asked.then((snapshot) => store.getState().told([snapshot], 0), complain)
  }
  const ask: Actions['ask'] = (state, version = null) => sending.add(store.getState().ask(state, version))
  return {
    ask,
    edit: (change) =>
      afterPaint(() => {
        const now = shownTile(store.getState())?.state ?? NOTHING
        const next = change(now)
        if (next !== now) ask(next)
      }),
    retry: (key, charts = []) => {
      const found = tile(key)
      if (!found) return
      if (found.sending === 'not sent') sending.again(key)
      else if (Object.values(found.answers).some(({ code }) => code === NOT_KEPT)) ask(found.state)
      else
        hear(
          answer(
            api.POST('/api/dashboards/{dashboard_id}/snapshots/{snapshot_id}/retry', {
              ...snapshotAt(found.id),
              body: { charts },
            }),
          ),
        )
    },
    cancel: (keys) => {
      sending.withdraw(keys ?? store.getState().order, 'Cancelled before it was sent.')
      const snapshots = keys === null ? null : idsOf(keys)
      if (snapshots?.length !== 0)
        answer(api.POST('/api/dashboards/{dashboard_id}/cancel', { params: at, body: { snapshots } })).catch(complain)
    },
    remove: (key) => {
      const found = tile(key)
      if (!found) return
      sending.withdraw([key], 'Deleted before it was sent.')
      telling.add(key, { deleted: true })
      note(`Deleted #${found.number}.`, { label: 'Undo', run: () => telling.add(key, { deleted: false }) })
    },
    pin: (key, pinned) => telling.add(key, { pinned }),
    label: (key, label) => telling.add(key, { label }),
  }
}

/** The control itself is drawn first; the rest of the page follows it. A page that is hidden draws nothing. */
function afterPaint(work: () => void): void {
  if (document.hidden) work()
  else requestAnimationFrame(() => setTimeout(work))
}

/** Whether there is something in a tile that can be asked again. */
export const isRetriable = (status: TileStatus): boolean =>
  status === 'failed' || status === 'cancelled' || status === 'not sent'
