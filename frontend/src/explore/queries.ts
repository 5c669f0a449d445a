// The dashboards of a workflow, the tables of a version that they can show, and what is done to a dashboard as a whole.

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { answer, api } from '../core/api'
import { keysOf } from '../core/queries'
import { complain, note } from '../core/toasts'
import type { Dashboard, DagNode, Delay } from '../core/types'

const of = (dashboard: string) => ({ params: { path: { dashboard_id: dashboard } } })

export const dashboardsQuery = (workflow: string) =>
  queryOptions({
    queryKey: keysOf.dashboards(workflow),
    queryFn: ({ signal }) =>
      answer(
        api.GET('/api/workflows/{workflow_id}/dashboards', { params: { path: { workflow_id: workflow } }, signal }),
      ),
  })

/** As it was when its page was opened: from then on the page's store is what is true. */
export const dashboardQuery = (id: string) =>
  queryOptions({
    queryKey: keysOf.dashboard(id),
    queryFn: ({ signal }) => answer(api.GET('/api/dashboards/{dashboard_id}', { ...of(id), signal })),
    staleTime: Infinity,
    gcTime: 0,
  })

const TABLES: readonly DagNode['kind'][] = ['rows', 'feature', 'predictions']

/** The nodes of a version whose data are tables; what Predict made comes first, then rows. */
export const tablesQuery = (workflow: string, version: string) =>
  queryOptions({
    queryKey: keysOf.tables(version),
    queryFn: async ({ signal }): Promise<DagNode[]> => {
      const { text } = await answer(
        api.GET('/api/versions/{version_id}', { params: { path: { version_id: version } }, signal }),
      )
      const { dag } = await answer(
        api.POST('/api/workflows/{workflow_id}/check', {
          params: { path: { workflow_id: workflow } },
          body: { text },
          signal,
        }),
      )
      const tables = (dag?.nodes ?? []).filter(({ kind, wanted }) => wanted && TABLES.includes(kind))
      const rank = ({ kind }: DagNode) => ['predictions', 'rows', 'feature'].indexOf(kind)
      return tables.toSorted((one, other) => rank(one) - rank(other))
    },
    staleTime: Infinity,
  })

function useChange<V, T>(workflow: string, change: (asked: V) => Promise<T>, done?: (result: T, asked: V) => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: (result, asked) => {
      done?.(result, asked)
      return queries.invalidateQueries({ queryKey: keysOf.dashboards(workflow) })
    },
    onError: complain,
  })
}

export interface Wanted {
  node: string
  version: string | null
}

export const useCreateDashboard = (workflow: string, done: (made: Dashboard) => void) =>
  useChange(
    workflow,
    ({ node, version }: Wanted) =>
      answer(
        api.POST('/api/workflows/{workflow_id}/dashboards', {
          params: { path: { workflow_id: workflow } },
          body: { node, version, title: '' },
        }),
      ),
    done,
  )

export const useRenameDashboard = (workflow: string, done: () => void) =>
  useChange(
    workflow,
    ({ id, title }: { id: string; title: string }) =>
      answer(api.PATCH('/api/dashboards/{dashboard_id}', { ...of(id), body: { title } })),
    done,
  )

export function useDeleteDashboard(workflow: string, done: () => void) {
  const queries = useQueryClient()
  const restore = useChange(workflow, (id: string) =>
    answer(api.POST('/api/dashboards/{dashboard_id}/restore', of(id))),
  )
  return useChange(
    workflow,
    ({ id }: { id: string; title: string }) => answer(api.DELETE('/api/dashboards/{dashboard_id}', of(id))),
    (_, { id, title }) => {
      note(`Deleted the dashboard “${title}”.`, { label: 'Undo', run: () => restore.mutate(id) })
      // The page goes on to what is left of the list, and must not come back to this one.
      queries.setQueryData(dashboardsQuery(workflow).queryKey, (listed) => listed?.filter((one) => one.id !== id))
      done()
    },
  )
}

export const setDelay = (dashboard: string, delay: Delay): Promise<unknown> =>
  answer(api.PUT('/api/dashboards/{dashboard_id}/delay', { ...of(dashboard), body: delay }))
