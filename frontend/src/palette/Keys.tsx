// The list of keys, shown by `?`.

import { Modal } from '@mantine/core'
import { keys, MOD } from '../core/platform'
import { usePalette } from './store'
import styles from './Keys.module.css'

const groups: { title: string; rows: [string, string][] }[] = [
  {
    title: 'Everywhere',
    rows: [
      [keys('K'), 'Search and commands'],
      ['?', 'This list'],
      ['Esc', 'Close what is open'],
    ],
  },
  {
    title: 'Workflow',
    rows: [
      [`${MOD}+Enter`, 'Run'],
      [keys('S'), 'Save now'],
      ['F8', 'Next problem'],
      ['Alt+1 … Alt+4', 'Problems, Log, Metrics, Versions'],
    ],
  },
  {
    title: 'Editor',
    rows: [
      [keys('F'), 'Find and replace'],
      [keys('/'), 'Comment in or out'],
      [keys('Z'), 'Undo'],
      [`${MOD}+Alt+G`, 'Go to line'],
      ['Ctrl+M', 'Let Tab move the focus, or indent again'],
    ],
  },
  {
    title: 'Graph',
    rows: [
      ['← ↑ ↓ →', 'Walk from node to node'],
      ['Enter', 'Show the line of code'],
      ['+  −  0', 'Zoom in, out, fit'],
    ],
  },
  {
    title: 'Store',
    rows: [
      ['↑ ↓ Home End', 'Walk from result to result'],
      ['Space', 'Select, or not; with Shift and ↑ ↓ several'],
      [keys('A'), 'Select all that are listed'],
      ['Del', 'Evict what is selected'],
    ],
  },
  {
    title: 'Compare',
    rows: [
      ['J  K', 'Next, previous difference'],
      ['X', 'Swap the sides'],
      ['1 … 4', 'Graph, code, metrics, run'],
      ['A', 'Show all, or differences only'],
    ],
  },
  {
    title: 'Explore',
    rows: [
      ['← → Home End', 'From snapshot to snapshot'],
      ['← →  [ ]  { }', 'Move the range of a chart; its ends out, in'],
      ['↑ ↓  Space', 'Walk along bars; choose, with Shift several'],
      ['Alt+← →', 'Move a chart'],
      ['Esc', 'Take away the filter of a chart'],
      ['Del', 'Delete a snapshot'],
    ],
  },
]

export function Keys() {
  const shown = usePalette((state) => state.shown === 'keys')
  const close = usePalette((state) => state.close)
  return (
    <Modal opened={shown} onClose={close} title="Keyboard shortcuts" size={640}>
      <div className={styles.groups}>
        {groups.map((group) => (
          <section key={group.title}>
            <h3 className={styles.title}>{group.title}</h3>
            <dl className={styles.rows}>
              {group.rows.map(([key, what]) => (
                <div key={what} className={styles.row}>
                  <dt>{what}</dt>
                  <dd className={styles.key}>
                    <kbd>{key}</kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  )
}
