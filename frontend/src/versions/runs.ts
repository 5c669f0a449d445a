// What the runs of a version say of it: which one stands for it, which two to compare, and what all of it takes.

import { duration, exactSeconds } from '../core/format'
import type { Version } from '../core/types'

export type VersionRun = Version['runs'][number]

/** The newest; but a partial one says little of the version, where there is a whole one. */
export const standing = (runs: readonly VersionRun[]): VersionRun | undefined =>
  runs.findLast((run) => !run.partial) ?? runs.at(-1)

/** The newest whole run that succeeded, with reuse or without. */
export const succeeded = (runs: readonly VersionRun[], reuse: boolean): VersionRun | undefined =>
  runs.findLast((run) => run.reuse === reuse && !run.partial && run.status === 'succeeded')

/** "0.62 s" where a run took that to compute everything, else "≈ 0.62 s". */
export const scratchWord = ({ scratch }: Version): string =>
  scratch === null ? '–' : `${scratch.measured ? '' : '≈ '}${duration(scratch.seconds)}`

/** The same exactly, how it is known, and how much quicker the run was. */
export function scratchTitle({ scratch, runs }: Version): string {
  if (scratch === null) return 'Not known: no whole run of it succeeded'
  const known = scratch.measured
    ? `${exactSeconds(scratch.seconds)}, as a run took that loaded nothing`
    : `About ${duration(scratch.seconds)}, by what its nodes took when they were computed last`
  const took = standing(runs)?.seconds ?? 0
  const times = took > 0 ? scratch.seconds / took : 1
  return times < 1.05 ? known : `${known}. The run was ${times.toPrecision(2)} times as quick.`
}
