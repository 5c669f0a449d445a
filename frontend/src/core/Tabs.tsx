// Tabs above a panel: the Tab key reaches the one that is shown, and the arrows go on to the others.

import type { KeyboardEvent, ReactNode } from 'react'
import styles from './Tabs.module.css'

interface Props<T extends string> {
  label: string
  names: readonly T[]
  shown: T
  /** The id of the panel below, which is labelled by the tab that `tabId` names. */
  panel: string
  /** Whether that panel is there. */
  open?: boolean
  className: string | undefined
  choose: (name: T) => void
  title: (name: T) => ReactNode
}

export const tabId = (panel: string, name: string): string => `${panel}-${name}`

export function Tabs<T extends string>({
  label,
  names,
  shown,
  panel,
  open = true,
  className,
  choose,
  title,
}: Props<T>) {
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    const next = step === undefined ? undefined : names[(names.indexOf(shown) + step + names.length) % names.length]
    if (next === undefined) return
    choose(next)
    document.getElementById(tabId(panel, next))?.focus()
  }
  return (
    <div role="tablist" aria-label={label} className={className} onKeyDown={onKeyDown}>
      {names.map((name) => (
        <button
          key={name}
          id={tabId(panel, name)}
          type="button"
          role="tab"
          className={styles.tab}
          aria-selected={open && shown === name}
          aria-controls={panel}
          tabIndex={shown === name ? 0 : -1}
          onClick={() => choose(name)}
          data-testid={`tab-${name}`}
        >
          {title(name)}
        </button>
      ))}
    </div>
  )
}
