// What can be done to a version from the page of versions; each act that replaces something says how to undo it.

import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useNavigate } from 'react-router'
import { compareAddress, runsAddress } from '../compare/address'
import { answer, api } from '../core/api'
import { keysOf } from '../core/queries'
import { complain, note } from '../core/toasts'
import type { Version } from '../core/types'
import { checkOut, putDraft, undoCheckout } from './checkout'
import { succeeded } from './runs'

export type Kind = 'branch' | 'tag'

export interface Actions {
  checkOut: (version: Pick<Version, 'id' | 'number'>, branch?: string) => void
  rollBack: (version: Version) => void
  create: (kind: Kind, name: string, version: Version) => Promise<boolean>
  rename: (kind: Kind, name: string, other: string) => Promise<boolean>
  remove: (kind: Kind, name: string) => void
  describe: (version: Version, message: string) => Promise<boolean>
  runAgain: (version: Pick<Version, 'id' | 'number' | 'runs'>, reuse: boolean) => void
  compare: (before: Pick<Version, 'id'>, after: Pick<Version, 'id'>) => void
}

export function useActions(workflow: string): Actions {
  const queries = useQueryClient()
  const navigate = useNavigate()
  return useMemo(() => {
    const of = { params: { path: { workflow_id: workflow } } }
    const renew = () => queries.invalidateQueries({ queryKey: keysOf.versions(workflow) })
    /** Whether it was done; what went wrong is said. */
    const tried = async (act: () => Promise<unknown>): Promise<boolean> => {
      try {
        await act()
        await renew()
        return true
      } catch (error) {
        complain(error)
        return false
      }
    }
    const check: Actions['checkOut'] = ({ id, number }, branch) =>
      void tried(async () => {
        const done = await checkOut(workflow, id, branch)
        const undo = { label: 'Undo', run: () => void tried(() => undoCheckout(workflow, done)) }
        note(`Checked out v${number}${done.branch ? ` of ${done.branch}` : ''}: the editor has its text.`, undo)
      })
    const rollBack: Actions['rollBack'] = ({ id, number }) =>
      void tried(async () => {
        const asked = { ...of, body: { version: id } }
        const out = await answer(api.POST('/api/workflows/{workflow_id}/roll-back', asked))
        const back = async () => {
          if (out.undo_head === null) return
          const body = { version: out.undo_head }
          const now = await answer(api.POST('/api/workflows/{workflow_id}/roll-back', { ...of, body }))
          await putDraft(workflow, out.undo_text, now.revision)
        }
        const undo = { label: 'Undo', run: () => void tried(back) }
        note(`Rolled ${out.branch} back to v${number}. What came later stays in the log.`, undo)
      })
    const put = (kind: Kind, name: string, version: string) =>
      answer(
        api.POST('/api/workflows/{workflow_id}/refs', {
          ...of,
          body: { kind, name, version, stand: kind === 'branch' },
        }),
      )
    const named = (kind: Kind, name: string) => ({
      params: { path: { workflow_id: workflow }, query: { kind, name } },
    })
    return {
      checkOut: check,
      rollBack,
      create: (kind, name, version) => tried(() => put(kind, name, version.id)),
      rename: (kind, name, other) =>
        tried(() =>
          answer(api.PATCH('/api/workflows/{workflow_id}/refs', { ...named(kind, name), body: { name: other } })),
        ),
      remove: (kind, name) =>
        void tried(async () => {
          const { version } = await answer(api.DELETE('/api/workflows/{workflow_id}/refs', named(kind, name)))
          const undo = { label: 'Undo', run: () => void tried(() => put(kind, name, version)) }
          note(`Deleted the ${kind} ${name}; its versions stay.`, undo)
        }),
      describe: (version, message) =>
        tried(() =>
          answer(
            api.PUT('/api/versions/{version_id}/message', {
              params: { path: { version_id: version.id } },
              body: { message },
            }),
          ),
        ),
      runAgain: (version, reuse) =>
        void tried(async () => {
          const asked = { params: { path: { version_id: version.id } }, body: { reuse } }
          const run = await answer(api.POST('/api/versions/{version_id}/runs', asked))
          const how = reuse ? 'reusing what is stored' : 'without reuse'
          const reusing = reuse ? undefined : succeeded(version.runs, true)
          const [label, there] = reusing
            ? ['Compare with the run with reuse', runsAddress(workflow, version.id, reusing.id, run.id)]
            : ['Watch', `/workflows/${workflow}?run=${run.id}`]
          note(`v${version.number} runs again, ${how}.`, { label, run: () => void navigate(there) })
        }),
      compare: (before, after) => void navigate(compareAddress(workflow, before.id, after.id)),
    }
  }, [queries, navigate, workflow])
}
