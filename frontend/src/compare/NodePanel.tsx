// A node of the merged graph in full: what changed, its parameters and operands on both sides, and what each run paid for it.

import { ActionIcon } from '@mantine/core'
import type { ReactNode } from 'react'
import { about, bytes, duration, exactBytes, exactSeconds } from '../core/format'
import { Icon } from '../core/icons'
import { Prose } from '../core/Prose'
import type { Comparison, Cost, MergedDag, MergedNode, NodeSide } from '../core/types'
import { OneChange } from '../inspector/Why'
import { liveLook, lookWord, plannedLook } from '../run/words'
import { toneIcon, toneOf, wordsOf } from './merged'
import { sideTitle } from './titles'
import styles from './NodePanel.module.css'

interface Props {
  node: MergedNode
  dag: MergedDag
  comparison: Comparison
  close: () => void
}

export function NodePanel({ node, dag, comparison, close }: Props) {
  const tone = toneOf(node)
  return (
    <aside className={styles.panel} aria-label={`Node ${node.id}`} data-testid="node-panel">
      <header className={styles.head}>
        <h2 className={styles.title}>{node.id}</h2>
        <ActionIcon variant="subtle" color="gray" aria-label="Close the node" onClick={close}>
          <Icon name="cross" size={14} />
        </ActionIcon>
      </header>
      <p className={styles.words} data-tone={tone}>
        <Icon name={toneIcon[tone]} size={12} /> {wordsOf(node, dag.groups)}
      </p>
      {node.changes.length > 0 && (
        <section aria-label="Changes" className={styles.changes} data-testid="node-changes">
          {node.changes.map((change, at) => (
            <OneChange key={at} change={change} />
          ))}
        </section>
      )}
      <Beside title="Parameters" comparison={comparison} rows={parametersOf(node)} />
      <Beside title="Costs" comparison={comparison} rows={costsOf(node)} />
    </aside>
  )
}

export interface Row {
  name: string
  before: ReactNode
  after: ReactNode
  exactBefore?: string
  exactAfter?: string
  differs: boolean
}

function parametersOf({ before, after }: MergedNode): Row[] {
  const one = settingsOf(before)
  const other = settingsOf(after)
  return [...new Set([...one.keys(), ...other.keys()])].map((name) => ({
    name,
    before: one.get(name) ?? '–',
    after: other.get(name) ?? '–',
    differs: before !== null && after !== null && one.get(name) !== other.get(name),
  }))
}

/** The operator, the operands by the parameter that they are given to, and the values of the other parameters. */
function settingsOf(side: NodeSide | null): Map<string, string> {
  const found = new Map<string, string>()
  if (side === null) return found
  found.set('operator', side.operator)
  for (const { slot, node, split } of side.inputs) {
    const operand = split === null ? node : `${node}["${split}"]`
    const before = found.get(slot)
    found.set(slot, before === undefined ? operand : `${before}, ${operand}`)
  }
  for (const [name, value] of Object.entries(side.params)) found.set(name, value)
  return found
}

export const actionWord = (cost: Cost | null): string => {
  if (cost === null) return 'not run'
  return lookWord[cost.status === null ? plannedLook(cost.action) : liveLook(cost.status, cost.action)]
}

export const timeWord = (cost: Cost | null): string => {
  if (cost === null || cost.action === 'prune') return '–'
  if (cost.seconds !== null) return duration(cost.seconds)
  return cost.status === null ? about(cost.estimate) : '–'
}

export const sizeWord = (cost: Cost | null): string =>
  cost?.bytes == null || cost.action === 'prune' ? '–' : bytes(cost.bytes)

function costsOf({ before, after }: MergedNode): Row[] {
  const [one, other] = [before?.cost ?? null, after?.cost ?? null]
  const row = (name: string, word: (cost: Cost | null) => string, exact?: (cost: Cost) => string | undefined): Row => ({
    name,
    before: word(one),
    after: word(other),
    ...(one && exact?.(one) ? { exactBefore: exact(one) ?? '' } : {}),
    ...(other && exact?.(other) ? { exactAfter: exact(other) ?? '' } : {}),
    differs: one !== null && other !== null && word(one) !== word(other),
  })
  return [
    row('action', actionWord),
    row('time', timeWord, (cost) => (cost.seconds === null ? undefined : exactSeconds(cost.seconds))),
    row('size', sizeWord, (cost) => (cost.bytes === null ? undefined : exactBytes(cost.bytes))),
    row('store', (cost) => (cost === null || cost.status === null ? '–' : cost.stored ? 'kept' : 'not kept')),
    {
      name: 'why',
      before: <Prose text={one?.reason ?? '–'} />,
      after: <Prose text={other?.reason ?? '–'} />,
      differs: false,
    },
  ]
}

function Beside({ title, comparison, rows }: { title: string; comparison: Comparison; rows: Row[] }) {
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col">{sideTitle(comparison.before, 'A')}</th>
          <th scope="col">{sideTitle(comparison.after, 'B')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name} data-differs={row.differs || undefined}>
            <th scope="row">
              {row.name}
              {row.differs && <Icon name="tilde" size={11} label="differs" />}
            </th>
            <td title={row.exactBefore}>{row.before}</td>
            <td title={row.exactAfter}>{row.after}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
