// What the server knows of a workflow's metrics, its parameters and its curves.

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { answer, api } from '../core/api'
import { keysOf } from '../core/queries'
import { socket } from '../core/socket'
import { durations } from '../core/theme'
import type { Curve, Workflow } from '../core/types'
import { isActive } from './backfills'

export const trendsQuery = (workflow: string) =>
  queryOptions({
    queryKey: keysOf.trends(workflow),
    queryFn: ({ signal }) =>
      answer(api.GET('/api/workflows/{workflow_id}/trends', { params: { path: { workflow_id: workflow } }, signal })),
  })

/** Of at most a few hundred versions, whose texts the server compiles for it; a version's are the same for good. */
export const parametersQuery = (workflow: string, numbers: number[]) =>
  queryOptions({
    queryKey: keysOf.parameters(workflow, numbers),
    queryFn: ({ signal }) =>
      answer(
        api.GET('/api/workflows/{workflow_id}/parameters', {
          params: { path: { workflow_id: workflow }, query: { number: numbers } },
          signal,
        }),
      ),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  })

export const curveListQuery = (workflow: string) =>
  queryOptions({
    queryKey: keysOf.curves(workflow),
    queryFn: ({ signal }) =>
      answer(api.GET('/api/workflows/{workflow_id}/curves', { params: { path: { workflow_id: workflow } }, signal })),
  })

/** While others of its versions are asked for, those that were drawn stay; but never those of another curve. */
export const curveQuery = (workflow: string, node: string, name: string, numbers: number[]) =>
  queryOptions({
    queryKey: keysOf.curve(workflow, node, name, numbers),
    placeholderData: (before: Curve[] | undefined, query) =>
      query?.queryKey[2] === node && query.queryKey[3] === name ? before : undefined,
    queryFn: ({ signal }) =>
      answer(
        api.GET('/api/workflows/{workflow_id}/curves/points', {
          params: { path: { workflow_id: workflow }, query: { node, name, number: numbers } },
          signal,
        }),
      ),
  })

/** The metrics that the draft has, by their nodes; none where it has errors. */
export const draftMetricsQuery = ({ id, revision, text }: Workflow) =>
  queryOptions({
    queryKey: keysOf.draftMetrics(id, revision),
    queryFn: async ({ signal }) => {
      const asked = { params: { path: { workflow_id: id } }, body: { text }, signal }
      const { dag } = await answer(api.POST('/api/workflows/{workflow_id}/check', asked))
      return (dag?.nodes ?? []).filter(({ metric }) => metric).map(({ name }) => name)
    },
    staleTime: Infinity,
  })

export const backfillsQuery = (workflow: string) =>
  queryOptions({
    queryKey: keysOf.backfills(workflow),
    queryFn: ({ signal }) =>
      answer(
        api.GET('/api/workflows/{workflow_id}/backfills', { params: { path: { workflow_id: workflow } }, signal }),
      ),
    refetchInterval: (query) => (query.state.data?.some(isActive) && !socket.open ? durations.poll : false),
  })

/** What computing a metric of the draft for versions would take; for all that lack it where none are numbered. */
export const backfillEstimateQuery = ({ id, revision, text }: Workflow, node: string, numbers: number[] | null) =>
  queryOptions({
    queryKey: keysOf.backfillEstimate(id, [revision, node, numbers]),
    queryFn: ({ signal }) =>
      answer(
        api.POST('/api/workflows/{workflow_id}/backfills/estimate', {
          params: { path: { workflow_id: id } },
          body: { text, nodes: [node], numbers },
          signal,
        }),
      ),
    staleTime: 0,
    gcTime: 0,
  })
