// Marks a value that was computed for a version after its run, with when that was.

import { day, exactTime } from './format'
import { Icon } from './icons'
import styles from './Later.module.css'

export function Later({ at }: { at: string | null | undefined }) {
  if (at == null) return null
  return (
    <span className={styles.later} title={`Computed later, on ${day(at)}: ${exactTime(at)}`}>
      <Icon name="clock" size={11} /> later{' '}
    </span>
  )
}
