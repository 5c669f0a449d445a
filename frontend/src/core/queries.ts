// The query client, and the keys under which answers are remembered.

import { QueryClient, type InvalidateOptions, type InvalidateQueryFilters, type QueryKey } from '@tanstack/react-query'
import { isApiError } from './api'

export const keysOf = {
  session: ['session'] as const,
  workflows: ['workflows'] as const,
  workflow: (id: string) => ['workflow', id] as const,
  /** Of pages beside the editor, whose own state is not to be taken for an answer. */
  workflowNow: (id: string) => ['workflow-now', id] as const,
  accessTokens: ['access-tokens'] as const,
  templates: ['templates'] as const,
  versions: (workflow: string) => ['versions', workflow] as const,
  trends: (workflow: string) => ['trends', workflow] as const,
  parameters: (workflow: string, numbers: readonly number[]) => ['parameters', workflow, numbers] as const,
  curves: (workflow: string) => ['curves', workflow] as const,
  curve: (workflow: string, node: string, name: string, numbers: readonly number[]) =>
    ['curves', workflow, node, name, numbers] as const,
  draftMetrics: (workflow: string, revision: number) => ['draft-metrics', workflow, revision] as const,
  backfills: (workflow: string) => ['backfills', workflow] as const,
  backfillEstimate: (workflow: string, asked: unknown) => ['backfill-estimate', workflow, asked] as const,
  explanation: (workflow: string, text: string, node: string, since: string | null) =>
    ['explanation', workflow, text, node, since] as const,
  store: (workflow: string) => ['store', workflow] as const,
  comparisons: (workflow: string) => ['comparison', workflow] as const,
  comparison: (workflow: string, asked: unknown) => ['comparison', workflow, asked] as const,
  dashboards: (workflow: string) => ['dashboards', workflow] as const,
  dashboard: (id: string) => ['dashboard', id] as const,
  tables: (version: string) => ['tables', version] as const,
  operators: ['operators'] as const,
  datasets: ['datasets'] as const,
}

/** A client that asks again also for what is being asked for the first time: that answer may be of before what made it stale. */
export class Queries extends QueryClient {
  override invalidateQueries<K extends QueryKey = QueryKey>(
    filters?: InvalidateQueryFilters<K>,
    options?: InvalidateOptions,
  ): Promise<void> {
    for (const query of this.getQueryCache().findAll(filters))
      if (query.isActive() && query.state.data === undefined) void query.cancel({ silent: true })
    return super.invalidateQueries(filters, options)
  }
}

export const queryClient = new Queries({
  defaultOptions: {
    queries: {
      // The server is often this very machine: whether the browser thinks that there is a network says nothing.
      networkMode: 'always',
      staleTime: 5_000,
      retry: (failures, error) => isApiError(error) && error.unreachable && failures < 3,
    },
    mutations: { networkMode: 'always' },
  },
})
