// Shows a run of the open workflow, whoever started it.

import { api } from '../core/api'
import type { Run, VersionText } from '../core/types'
import { stateOf } from '../run/state'
import type { IdeStore } from './store'

/** Shows a run: its summary at once, then its events, past and coming. */
export async function showRun(store: IdeStore, id: string): Promise<void> {
  const run = await api.get<Run>(`/runs/${id}`)
  if (run.workflow !== store.getState().id)
    throw new Error('The run that the address names is one of another workflow, so it is not shown.')
  store.getState().showRun(stateOf(run), null)
  const version = await api.get<VersionText>(`/versions/${run.version}`)
  store.getState().setRunText(id, version.text)
}
