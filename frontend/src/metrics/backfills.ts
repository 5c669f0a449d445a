// What is said of metrics that are computed for past versions: which versions lack one, how far it is, how it ended.

import { about, count, duration } from '../core/format'
import type { Backfill, BackfillEstimate, Trends } from '../core/types'

export const isActive = ({ status }: Backfill): boolean => status === 'queued' || status === 'running'

/** The numbers of the versions that were run whole and have no value of a node's metrics. */
export function lacking({ versions, metrics }: Trends, node: string): number[] {
  const columns = metrics.filter((metric) => metric.node === node)
  return versions.number.filter(
    (_, place) => versions.run[place] != null && columns.every(({ values }) => values[place] == null),
  )
}

/** How many versions are not waited for any more. */
export const settled = ({ versions }: Backfill): number => versions.filter(({ status }) => status !== 'waiting').length

export const nodesOf = ({ nodes }: Backfill): string => nodes.map((node) => `\`${node}\``).join(', ')

/** What a backfill would do in one line: for how many versions, and how long that takes. */
export function estimateSaid({ versions, seconds }: BackfillEstimate): string {
  const able = versions.filter(({ refused }) => refused === '').length
  if (able === 0) return 'None of these versions can have it.'
  const without = versions.length - able
  return `${count(able, 'version')} in ${about(seconds)}${without > 0 ? `; ${without} cannot have it` : ''}`
}

/** How a backfill ended, with the first reason where versions went without. */
export function endSaid(backfill: Backfill): string {
  const done = backfill.versions.filter(({ status }) => status === 'done').length
  const reason = backfill.versions.find(({ status }) => status === 'failed' || status === 'refused')?.message
  const why = reason === undefined || reason === backfill.message ? '' : ` ${reason}`
  if (backfill.status === 'succeeded') {
    const took = backfill.seconds === null ? '' : ` in ${duration(backfill.seconds)}`
    const rest = backfill.message === '' ? '' : ` ${backfill.message}${why}`
    return `${nodesOf(backfill)} is computed for ${count(done, 'version')}${took}.${rest}`
  }
  return `${nodesOf(backfill)}: ${backfill.message}${backfill.status === 'failed' ? why : ''}`
}
