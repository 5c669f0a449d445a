// The two accents of the graph, as in Helix: data pre-processing, and machine learning.

import type { Family } from './types'

export type Accent = 'data' | 'learning'

export const isLearning = ({ family }: { family: Family }): boolean => family === 'learner' || family === 'reducer'

export const accentOf = (of: { family: Family }): Accent => (isLearning(of) ? 'learning' : 'data')
