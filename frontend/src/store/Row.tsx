// One result: the node that it is of, its versions, what it takes and saves, and whether it stays.

import type { MouseEvent } from 'react'
import { Link } from 'react-router'
import { ago, bytes, duration, exactBytes, exactSeconds, exactTime } from '../core/format'
import { Icon } from '../core/icons'
import type { Kept } from '../core/types'
import { leadsTo, versionsInWords } from './results'
import table from '../ide/Table.module.css'
import styles from './Results.module.css'

interface Props {
  index: number
  result: Kept
  names: Record<string, string>
  here: string
  now: number
  chosen: boolean
  /** Whether Tab leads to it. */
  reachable: boolean
  choose: (event: MouseEvent) => void
  visit: () => void
}

/** Spans of versions that there is room for. */
const SPANS = 3

export function Row({ index, result, names, here, now, chosen, reachable, choose, visit }: Props) {
  const used = new Date(result.used_at * 1000).toISOString()
  const node = result.nodes[0] ?? result.digest.slice(0, 8)
  return (
    <tr
      aria-rowindex={index + 2}
      data-index={index}
      data-chosen={chosen || undefined}
      data-testid={`kept-${node}`}
      data-digest={result.digest}
    >
      <td className={styles.check}>
        <input
          type="checkbox"
          aria-label={`Select ${[node, ...result.parts].join(' ')}, ${bytes(result.bytes)}`}
          checked={chosen}
          tabIndex={reachable ? 0 : -1}
          onClick={choose}
          onChange={() => undefined}
          onFocus={visit}
        />
      </td>
      <th scope="row" className={styles.node}>
        <Node {...{ result, names, here, node, reachable }} />
      </th>
      <Versions {...{ result, names, here }} />
      <Number title={exactBytes(result.bytes)}>{bytes(result.bytes)}</Number>
      <Number title={exactSeconds(result.seconds)}>{duration(result.seconds)}</Number>
      <Number>{result.hits.toLocaleString('en')}</Number>
      <Number title={exactSeconds(result.saved)}>{result.hits === 0 ? '–' : duration(result.saved)}</Number>
      <Number title={exactSeconds(result.benefit)}>{duration(result.benefit)}</Number>
      <Number title={exactTime(used)}>{ago(used, now)}</Number>
      <td>
        <Pin pinned={result.pinned} />
      </td>
      <td className={result.current ? table.dim : styles.superseded}>{result.current ? 'current' : 'superseded'}</td>
    </tr>
  )
}

function Node({
  result,
  names,
  here,
  node,
  reachable,
}: Pick<Props, 'result' | 'names' | 'here' | 'reachable'> & { node: string }) {
  const address = leadsTo(result, names, here)
  const more = result.nodes.length - 1
  return (
    <span className={styles.what} title={[...result.nodes, result.digest.slice(0, 12)].join(', ')}>
      {address === null ? (
        <code>{node}</code>
      ) : (
        <Link to={address} tabIndex={reachable ? 0 : -1}>
          <code>{node}</code>
        </Link>
      )}
      {result.parts.length > 0 && <span className={styles.part}>{result.parts.join(', ')}</span>}
      {more > 0 && <span className={styles.more}>+{more}</span>}
      <span className={styles.operator}>{result.operator}</span>
    </span>
  )
}

function Versions({ result, names, here }: Pick<Props, 'result' | 'names' | 'here'>) {
  if (result.versions.length === 0)
    return (
      <td className={table.dim} title="It was made before versions were noted with results">
        not known
      </td>
    )
  return (
    <td className={styles.versions} title={versionsInWords(result.versions, names, here)}>
      {versionsInWords(result.versions, names, here, SPANS)}
    </td>
  )
}

function Number({ title, children }: { title?: string; children: string }) {
  return (
    <td className={table.number} title={title}>
      {children}
    </td>
  )
}

function Pin({ pinned }: { pinned: Kept['pinned'] }) {
  if (pinned === '') return null
  return (
    <span
      className={styles.pin}
      title={pinned === 'user' ? 'Not evicted until it is unpinned' : 'A run that is under way is going to read it'}
    >
      <Icon name={pinned === 'user' ? 'pin' : 'pulse'} size={13} />
      {pinned === 'user' ? 'pinned' : 'being read'}
    </span>
  )
}
