// What user code printed, and what failed, node by node.

import { useEffect, useMemo, useRef, useState } from 'react'
import { exactTime } from '../core/format'
import { Icon } from '../core/icons'
import { Empty } from '../ide/Empty'
import { useIde } from '../ide/store'
import { NodeFailure } from './NodeFailure'
import type { LogLine } from './state'
import { warningsIn } from './warnings'
import styles from './LogTab.module.css'

const ALL = ''
/** A log may be long; the page shows its end. */
const SHOWN = 2000

export function LogTab() {
  const run = useIde((ide) => ide.run)
  const [only, setOnly] = useState(ALL)
  const end = useRef<HTMLDivElement>(null)
  const log = run?.log
  const names = useMemo(() => [...new Set(log?.map((line) => line.node))].sort(), [log])
  const lines = useMemo(
    () => log?.filter((line) => only === ALL || line.node === only).slice(-SHOWN) ?? [],
    [log, only],
  )
  const failed = Object.values(run?.nodes ?? {}).filter((node) => node.error)
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' })
  }, [lines.length])

  if (!run) return <Empty title="No log yet" text="Run the workflow: what its functions print stands here." />
  if (lines.length === 0 && failed.length === 0) {
    return (
      <Empty
        title="Nothing was printed"
        text="What print() writes inside a function of the workflow stands here, node by node. A node that is loaded prints nothing."
      />
    )
  }
  return (
    <div className={styles.log}>
      {names.length > 1 && (
        <label className={styles.filter}>
          Node{' '}
          <select value={only} onChange={(event) => setOnly(event.target.value)}>
            <option value={ALL}>all</option>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      {failed.map((node) => (
        <NodeFailure key={node.name} node={node} />
      ))}
      {lines.map((line) => (
        <Line key={line.number} line={line} />
      ))}
      <div ref={end} />
    </div>
  )
}

function Line({ line }: { line: LogLine }) {
  const warns = warningsIn(line.text).length > 0
  return (
    <div className={styles.line} title={exactTime(line.at)} data-warns={warns || undefined}>
      <span className={styles.node}>
        {warns && <Icon name="warning" size={13} label="warning" />} {line.node}
      </span>
      <span className={styles.text}>{line.text.replace(/\n$/, '')}</span>
    </div>
  )
}
