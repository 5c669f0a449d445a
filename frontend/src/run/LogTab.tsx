// What user code printed, and what failed, node by node.

import { useEffect, useMemo, useRef, useState } from 'react'
import { exactTime } from '../core/format'
import { Prose } from '../core/Prose'
import { Empty } from '../ide/Empty'
import { useIde } from '../ide/store'
import type { NodeRun } from '../core/types'
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
        <Failure key={node.name} node={node} />
      ))}
      {lines.map((line) => (
        <div key={line.number} className={styles.line} title={exactTime(line.at)}>
          <span className={styles.node}>{line.node}</span>
          <span className={styles.text}>{line.text.replace(/\n$/, '')}</span>
        </div>
      ))}
      <div ref={end} />
    </div>
  )
}

function Failure({ node }: { node: NodeRun }) {
  const editor = useIde((ide) => ide.editor)
  if (!node.error) return null
  const { message, line, detail, example } = node.error
  return (
    <div className={styles.failure}>
      <div>
        <b>{node.name}</b> failed
        {line !== null && (
          <>
            {' at '}
            <button type="button" className={styles.place} onClick={() => editor?.reveal(line)}>
              line {line}
            </button>
          </>
        )}
        : <Prose text={message} />
      </div>
      {example && (
        <div className={styles.dim}>
          First input that broke it: <code>{example}</code>
        </div>
      )}
      {detail && <pre className={styles.detail}>{detail}</pre>}
    </div>
  )
}
