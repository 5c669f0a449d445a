// The filters that hold, as chips: each says what it keeps, and can be taken away.

import { Button } from '@mantine/core'
import { useShallow } from 'zustand/shallow'
import { Icon } from '../core/icons'
import { unfiltered, without } from './state'
import { timesOf, useExplore } from './store'
import { shownTile } from './strip'
import { useActions } from './useActions'
import { filterWords } from './words'
import styles from './Dashboard.module.css'

export function Filters() {
  const filters = useExplore(useShallow((state) => shownTile(state)?.state.filters ?? []))
  const times = useExplore(useShallow((state) => [...timesOf(state)]))
  const { edit } = useActions()
  if (filters.length === 0) return <p className={styles.hint}>Brush a range or click a bar: the other charts follow.</p>
  const known = new Set(times)
  return (
    <ul className={styles.chips} aria-label="Filters">
      {filters.map((filter) => {
        const words = filterWords(filter, known)
        return (
          <li key={JSON.stringify(filter)} className={styles.chip}>
            <span className={styles.chipText} title={words}>
              {words}
            </span>
            <button
              type="button"
              className={styles.chipClose}
              aria-label={`Take away ${words}`}
              onClick={() => edit((state) => without(state, filter))}
            >
              <Icon name="cross" size={10} />
            </button>
          </li>
        )
      })}
      <li>
        <Button size="compact-xs" variant="subtle" onClick={() => edit(unfiltered)}>
          Clear all
        </Button>
      </li>
    </ul>
  )
}
