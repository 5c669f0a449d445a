// What is shown of the results, and what can be done with those that are selected.

import { Button, TextInput } from '@mantine/core'
import { bytes, count, duration, exactSeconds } from '../core/format'
import { Icon } from '../core/icons'
import type { Kept, WorkflowStore } from '../core/types'
import { sumOf, type Asked } from './results'
import styles from './Toolbar.module.css'

export interface Acts {
  evict: () => void
  pin: () => void
  unpin: () => void
}

interface Props {
  store: WorkflowStore
  wanted: Asked
  ask: (next: Asked) => void
  /** How many results are shown. */
  found: number
  chosen: Kept[]
  clear: () => void
  acts: Acts
}

export function Toolbar({ store, wanted, ask, found, chosen, clear, acts }: Props) {
  return (
    <div className={styles.bar} role="toolbar" aria-label="Results">
      <TextInput
        className={styles.filter}
        size="xs"
        type="search"
        aria-label="Filter the results"
        placeholder="Filter by node, operator, workflow, v5"
        leftSection={<Icon name="search" size={13} />}
        value={wanted.text}
        onChange={(event) => ask({ ...wanted, text: event.currentTarget.value })}
      />
      <div className={styles.choice} role="group" aria-label="Of which workflows">
        <Choice on={!wanted.everything} choose={() => ask({ ...wanted, everything: false })}>
          This workflow
        </Choice>
        <Choice on={wanted.everything} choose={() => ask({ ...wanted, everything: true })}>
          All workflows
        </Choice>
      </div>
      <label className={styles.only}>
        <input
          type="checkbox"
          checked={wanted.superseded}
          onChange={(event) => ask({ ...wanted, superseded: event.currentTarget.checked })}
        />
        Superseded only
      </label>
      <span className={styles.found} role="status" data-testid="store-found">
        {chosen.length > 0 ? <Chosen chosen={chosen} /> : <Found store={store} found={found} />}
      </span>
      {chosen.length > 0 && <Actions chosen={chosen} clear={clear} acts={acts} />}
    </div>
  )
}

function Choice({ on, choose, children }: { on: boolean; choose: () => void; children: string }) {
  return (
    <button type="button" className={styles.option} aria-pressed={on} onClick={choose}>
      {children}
    </button>
  )
}

function Found({ store: { matched, results }, found }: { store: WorkflowStore; found: number }) {
  const cut = matched > results.length ? `, of the ${count(results.length, 'largest', 'largest')}` : ''
  return found === matched && !cut
    ? count(found, 'result')
    : `${found.toLocaleString('en')} of ${count(matched, 'result')}${cut}`
}

function Chosen({ chosen }: { chosen: Kept[] }) {
  const { number, bytes: size, seconds } = sumOf(chosen)
  return (
    <span title={`${exactSeconds(seconds)}; what they are made of may have to be computed again as well`}>
      {number.toLocaleString('en')} selected · {bytes(size)} · computing {number === 1 ? 'it' : 'them'} took{' '}
      {duration(seconds)}
    </span>
  )
}

function Actions({ chosen, clear, acts }: Pick<Props, 'chosen' | 'clear' | 'acts'>) {
  const pinned = chosen.filter((result) => result.pinned === 'user').length
  return (
    <div className={styles.actions}>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<Icon name="pin" size={13} />}
        disabled={pinned === chosen.length}
        onClick={acts.pin}
      >
        Pin
      </Button>
      <Button variant="default" size="compact-sm" disabled={pinned === 0} onClick={acts.unpin}>
        Unpin
      </Button>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<Icon name="bin" size={13} />}
        disabled={pinned === chosen.length}
        title={pinned === chosen.length ? 'What is pinned is not evicted: unpin it first' : undefined}
        onClick={acts.evict}
      >
        Evict
      </Button>
      <Button variant="subtle" size="compact-sm" onClick={clear}>
        Clear
      </Button>
    </div>
  )
}
