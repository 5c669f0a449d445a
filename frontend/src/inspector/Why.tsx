// Why the plan does with a node what it does: the way to each change, and the values or lines that changed.

import { useQuery } from '@tanstack/react-query'
import { answer, api } from '../core/api'
import { Prose } from '../core/Prose'
import { keysOf } from '../core/queries'
import type { Change, Diff, Explanation } from '../core/types'
import { isChecked, showsRun, useIde } from '../ide/store'
import styles from './Why.module.css'

/** What the server says of a node of the text that is shown. While a run is shown, what it said before that began. */
export function useExplanation(name: string): Explanation | undefined {
  const id = useIde((ide) => ide.id)
  const text = useIde((ide) => ide.draft.text)
  const ready = useIde((ide) => isChecked(ide) && ide.check?.plan != null)
  const shown = useIde(showsRun)
  const since = useIde((ide) => (showsRun(ide) ? ide.runBefore : (ide.run?.id ?? null)))
  const { data } = useQuery({
    queryKey: keysOf.explanation(id, text, name, since),
    queryFn: ({ signal }) =>
      answer(
        api.POST('/api/workflows/{workflow_id}/explain', {
          params: { path: { workflow_id: id } },
          body: { text, node: name },
          signal,
        }),
      ),
    enabled: name !== '' && ready && !shown,
    retry: false,
  })
  return data
}

export function Why({ name, explanation }: { name: string; explanation: Explanation | undefined }) {
  const causes = explanation?.causes ?? []
  if (causes.length === 0) return null
  return (
    <section aria-label="Why" className={styles.why} data-testid="why">
      {causes.map((cause) => (
        <div key={cause.path.join(' ')} className={styles.cause}>
          <Path path={cause.path} own={name} />
          {cause.changes.map((change, at) => (
            <OneChange key={at} change={change} />
          ))}
        </div>
      ))}
    </section>
  )
}

/** "because income ← rows changed": each node can be gone to. */
function Path({ path, own }: { path: string[]; own: string }) {
  const select = useIde((ide) => ide.select)
  const above = path.filter((node) => node !== own)
  if (above.length === 0) return null
  return (
    <p className={styles.path}>
      because{' '}
      {above.map((node, at) => (
        <span key={node}>
          {at > 0 && ' ← '}
          <button type="button" className={styles.node} onClick={() => select(node)}>
            {node}
          </button>
        </span>
      ))}{' '}
      changed
    </p>
  )
}

export function OneChange({ change }: { change: Change }) {
  if (change.diff) return <CodeDiff text={change.text} diff={change.diff} />
  const values = change.before !== change.after && (change.before !== null || change.after !== null)
  return (
    <div className={styles.change}>
      <Prose text={change.text} />
      {values && change.kind !== 'package' && (
        <div className={styles.values}>
          {change.before !== null && <del>{change.before}</del>}
          {change.after !== null && <ins>{change.after}</ins>}
        </div>
      )}
    </div>
  )
}

const MARKS = { same: ' ', removed: '−', added: '+', skipped: '…' } as const

function CodeDiff({ text, diff }: { text: string; diff: Diff }) {
  const file = diff.after_file ?? diff.before_file ?? ''
  const moved = diff.before_file !== null && diff.before_file !== file
  return (
    <figure className={styles.diff} aria-label={`Difference: ${text.replaceAll('`', '')}`}>
      <figcaption className={styles.caption}>
        <span>
          <Prose text={text} />
        </span>
        <span className={styles.file}>{moved ? `${diff.before_file} → ${file}` : file}</span>
      </figcaption>
      <div className={styles.lines} tabIndex={0} role="region" aria-label={`Lines of ${file}`}>
        <table>
          <tbody>
            {diff.lines.map((line, at) => (
              <tr key={at} data-mark={line.mark}>
                <td className={styles.number}>{line.before}</td>
                <td className={styles.number}>{line.after}</td>
                <td className={styles.mark}>{MARKS[line.mark]}</td>
                <td className={styles.code}>{line.text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {diff.cut && <p className={styles.path}>There is more of it than a page can show.</p>}
    </figure>
  )
}
