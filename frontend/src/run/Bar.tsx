// How far something that goes on is: the fraction that it tells, else its elapsed time against its estimate.

import { about, elapsed } from '../core/format'
import { useNow } from '../core/now'
import { durations } from '../core/theme'
import type { Progress } from './state'
import styles from './Bar.module.css'

/** An estimate is never more than nearly over: only the end is the end. */
const NEARLY = 0.95

export interface Going {
  /** When it began. */
  since: string | null
  progress: Progress | null
  /** Seconds it was to take. */
  estimate: number | null
}

/** The share that is done, 0 to 1, and whether that was told or is guessed from the time; null where neither is known. */
export function share({ since, progress, estimate }: Going, now: number): { value: number; told: boolean } | null {
  if (progress?.fraction != null) return { value: progress.fraction, told: true }
  if (since === null || estimate === null || estimate <= 0) return null
  return { value: Math.min(NEARLY, Math.max(0, (now - Date.parse(since)) / 1000 / estimate)), told: false }
}

/** "42 %, tree 42 of 100", or "1.2 s of about 3 s". */
export function going({ since, progress, estimate }: Going, now: number): string {
  const percent = progress?.fraction == null ? null : `${Math.round(progress.fraction * 100)} %`
  if (percent !== null || progress?.message) return [percent, progress?.message].filter(Boolean).join(', ')
  if (since === null) return ''
  const passed = elapsed((now - Date.parse(since)) / 1000)
  return estimate === null ? passed : `${passed} of ${about(estimate)}`
}

export function Bar({ going: told, label }: { going: Going; label: string }) {
  const now = useNow(durations.tick)
  const done = share(told, now)
  return (
    <span
      className={styles.bar}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(done?.told ? { 'aria-valuenow': Math.round(done.value * 100) } : {})}
      aria-valuetext={going(told, now)}
      data-told={done?.told || undefined}
    >
      <span className={styles.done} style={{ width: `${(done?.value ?? 0) * 100}%` }} />
    </span>
  )
}

/** The words of the bar, renewed as time goes on. */
export function Words({ going: told }: { going: Going }) {
  return <>{going(told, useNow(durations.tick))}</>
}
