// Why a node failed: where in the text, what its function said, and the input that broke it.

import { Prose } from '../core/Prose'
import type { NodeRun } from '../core/types'
import { useIde } from '../ide/store'
import { Value } from '../inspector/Value'
import styles from './NodeFailure.module.css'

export function NodeFailure({ node }: { node: NodeRun }) {
  const editor = useIde((ide) => ide.editor)
  if (!node.error) return null
  const { message, line, detail, example } = node.error
  return (
    <div className={styles.failure} data-testid={`failure-${node.name}`}>
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
      {example && <Example text={example} name={node.name} />}
      {detail && (
        <pre className={styles.detail} tabIndex={0}>
          {detail}
        </pre>
      )}
    </div>
  )
}

/** The input as its function saw it; rows that are given as JSON become a table. */
function Example({ text, name }: { text: string; name: string }) {
  const rows = parsed(text)
  return (
    <div className={styles.example}>
      <div className={styles.dim}>First input that broke it:</div>
      {rows === null ? (
        <pre className={styles.detail} tabIndex={0}>
          {text}
        </pre>
      ) : (
        <Value value={rows} name={`input of ${name}`} />
      )}
    </div>
  )
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' ? value : null
  } catch {
    return null // most examples are Python's own words for a value
  }
}
