// What was computed for versions after their runs, as columns of a table that is taken out.

import type { Trend } from '../core/types'
import type { Cell } from './csv'
import { laterOf } from './words'

const having = (metrics: readonly Trend[]) => metrics.filter(({ later }) => Object.keys(later).length > 0)

/** A column for each metric of which some values were computed later. */
export const laterHeads = (metrics: readonly Trend[]): string[] =>
  having(metrics).map(({ name }) => `${name} computed later`)

/** When that was; nothing for what the version's own run measured. */
export const laterCells = (metrics: readonly Trend[], place: number): Cell[] =>
  having(metrics).map((metric) => laterOf(metric, place))
