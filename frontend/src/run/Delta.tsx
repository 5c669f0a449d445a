// The difference of a metric to the previous version: sign, number, and better or worse in colour and words.

import { Icon } from '../core/icons'
import { delta } from '../core/format'
import type { Metric } from '../core/types'
import { betterOf } from '../dag/view'
import styles from './Delta.module.css'

export function Delta({ metric, terse = false }: { metric: Metric; terse?: boolean }) {
  if (metric.value === null) return null
  if (metric.previous === null) return terse ? null : <span className={styles.delta}>first value</span>
  const change = metric.value - metric.previous
  const better = betterOf(metric)
  const word = better === null ? (change === 0 ? 'unchanged' : '') : better ? 'better' : 'worse'
  return (
    <span className={styles.delta} data-better={better ?? undefined} title={`${word} (before: ${metric.previous})`}>
      {change !== 0 && <Icon name={change > 0 ? 'up' : 'fall'} size={9} />}
      {change === 0 && terse ? '' : delta(change)}
      {terse ? <span className="visually-hidden"> {word}</span> : ` ${word}`}
    </span>
  )
}
