// The versions of a workflow: how they hang together, and pages of them, newest first.

import { queryOptions } from '@tanstack/react-query'
import { answer, api } from '../core/api'
import { keysOf } from '../core/queries'
import type { Outline, Version } from '../core/types'

/** Versions of one answer. */
export const PAGE = 100

const at = (workflow: string) => ({ path: { workflow_id: workflow } })

/** The newest versions. */
export const versionsQuery = (workflow: string) =>
  queryOptions({
    queryKey: keysOf.versions(workflow),
    queryFn: ({ signal }) => answer(api.GET('/api/workflows/{workflow_id}/versions', { params: at(workflow), signal })),
  })

export const outlineQuery = (workflow: string) =>
  queryOptions({
    queryKey: [...keysOf.versions(workflow), 'outline'],
    queryFn: ({ signal }): Promise<Outline> =>
      answer(api.GET('/api/workflows/{workflow_id}/outline', { params: at(workflow), signal })),
  })

export const bestQuery = (workflow: string) =>
  queryOptions({
    queryKey: [...keysOf.versions(workflow), 'best'],
    queryFn: ({ signal }) => answer(api.GET('/api/workflows/{workflow_id}/best', { params: at(workflow), signal })),
  })

/** The versions from number `newest` down, a page of them. */
export const pageQuery = (workflow: string, newest: number) =>
  queryOptions({
    queryKey: [...keysOf.versions(workflow), 'page', newest],
    queryFn: ({ signal }): Promise<Version[]> =>
      answer(
        api.GET('/api/workflows/{workflow_id}/versions', {
          params: { ...at(workflow), query: { before: newest + 1, limit: PAGE } },
          signal,
        }),
      ),
  })

/** Versions in whose message, author, branches or tags the words occur. */
export const foundQuery = (workflow: string, text: string) =>
  queryOptions({
    queryKey: [...keysOf.versions(workflow), 'found', text],
    queryFn: ({ signal }): Promise<Version[]> =>
      answer(
        api.GET('/api/workflows/{workflow_id}/versions', {
          params: { ...at(workflow), query: { text, limit: 5 * PAGE } },
          signal,
        }),
      ),
  })

/** The names of all metrics that any of the versions has, in order of appearance from the newest. */
export const metricNames = (versions: readonly Version[]): string[] => [
  ...new Set(versions.flatMap((version) => Object.keys(version.metrics))),
]
