// Keeps a dashboard's page in step with the server: what changed comes through the socket, figures of a strip that was loaded are
// fetched, and after a gap all is asked again.

import { answer, api } from '../core/api'
import { socket } from '../core/socket'
import { durations } from '../core/theme'
import { complain } from '../core/toasts'
import type { Delay, Snapshot } from '../core/types'
import { batched } from '../ide/batch'
import type { ExploreStore } from './store'
import { isPartial, lacking, shownTile } from './strip'
import type { Carriers } from './useActions'

const BATCH = 60 // questions whose figures are fetched at once
const TOGETHER = 12 // milliseconds within which what comes is shown together

/** Follows a dashboard until the function that it gives is called. `inSight` are the keys of tiles that can be seen. */
export function followDashboard(
  store: ExploreStore,
  { sending, telling }: Carriers,
  inSight: () => ReadonlySet<string>,
): () => void {
  const { dashboard } = store.getState()
  let stopped = false
  let fetching = false
  const fetched = new Set<string>()

  const refresh = async () => {
    fetched.clear()
    const { strip, revision, delay } = await answer(
      api.GET('/api/dashboards/{dashboard_id}', { params: { path: { dashboard_id: dashboard } } }),
    )
    if (stopped) return
    store.getState().told(strip, revision)
    store.getState().delayed(delay)
  }

  const fetchFigures = async () => {
    if (fetching) return
    fetching = true
    try {
      for (;;) {
        const questions = lacking(store.getState(), inSight())
          .filter((each) => !fetched.has(each))
          .slice(0, BATCH)
        if (questions.length === 0 || stopped) return
        const { figures } = await answer(api.POST('/api/figures', { body: { questions } }))
        for (const question of questions) fetched.add(question)
        store.getState().figures(
          figures,
          questions.filter((question) => !(question in figures)),
        )
      }
    } catch {
      // The banner says that the server is away; they are asked for again at the next change, or when it is back.
    } finally {
      fetching = false
    }
  }

  const batch = batched<{ snapshots: Snapshot[]; revision: number; delay: Partial<Delay> }>(TOGETHER, (messages) => {
    const revision = Math.max(...messages.map((message) => message.revision))
    store.getState().told(
      messages.flatMap(({ snapshots }) => snapshots),
      revision,
    )
    const { delay } = messages.at(-1) ?? {}
    if (delay) store.getState().delayed(delay)
    if (Object.values(store.getState().tiles).some((tile) => !tile.deleted && isPartial(tile)))
      void refresh().catch(complain)
    void fetchFigures()
  })

  const stops = [
    socket.listen((message) => {
      if (message.type === 'snapshots' && message.dashboard === dashboard) batch.add([message])
    }),
    socket.show(dashboard, () => ({
      after: store.getState().revision,
      lookedAt: shownTile(store.getState())?.id ?? '',
    })),
    socket.onReconnect(() => {
      void refresh()
        .then(() => {
          sending.resume()
          telling.resume()
        })
        .then(fetchFigures)
        .catch(complain)
    }),
    lookedAt(store, dashboard),
    () => batch.stop(),
  ]
  void fetchFigures()
  return () => {
    stopped = true
    for (const stop of stops) stop()
  }
}

/** Tells which snapshot is looked at, once it has stayed the same for a moment. */
function lookedAt(store: ExploreStore, dashboard: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let told = shownTile(store.getState())?.id
  const stop = store.subscribe((state) => {
    const now = shownTile(state)?.id
    if (now === told || now === '') return
    told = now
    clearTimeout(timer)
    timer = setTimeout(() => socket.look(dashboard), durations.save)
  })
  return () => {
    clearTimeout(timer)
    stop()
  }
}
