// The versions of a workflow, newest first.

import { queryOptions } from '@tanstack/react-query'
import { answer, api } from '../core/api'
import { keysOf } from '../core/queries'
import type { Version } from '../core/types'

export const versionsQuery = (workflow: string) =>
  queryOptions({
    queryKey: keysOf.versions(workflow),
    queryFn: async ({ signal }) => {
      const versions = await answer(
        api.GET('/api/workflows/{workflow_id}/versions', { params: { path: { workflow_id: workflow } }, signal }),
      )
      return versions.toSorted((a, b) => b.number - a.number)
    },
  })

/** The names of all metrics that any of the versions has, in order of appearance from the newest. */
export const metricNames = (versions: readonly Version[]): string[] => [
  ...new Set(versions.flatMap((version) => Object.keys(version.metrics))),
]
