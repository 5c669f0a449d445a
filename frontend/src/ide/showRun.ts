// Shows a run of the open workflow, whoever started it.

import { answer, api } from '../core/api'
import { stateOf } from '../run/state'
import type { IdeStore } from './store'

/** Shows a run: its summary at once, then its events, past and coming. One that was started meanwhile stays. */
export async function showRun(store: IdeStore, id: string): Promise<void> {
  const shown = store.getState().run?.id
  const run = await answer(api.GET('/api/runs/{run_id}', { params: { path: { run_id: id } } }))
  if (run.workflow !== store.getState().id)
    throw new Error('The run that the address names is one of another workflow, so it is not shown.')
  if (store.getState().run?.id !== shown) return
  store.getState().showRun(stateOf(run), null)
  const version = await answer(api.GET('/api/versions/{version_id}', { params: { path: { version_id: run.version } } }))
  store.getState().setRunText(id, version.text)
}
