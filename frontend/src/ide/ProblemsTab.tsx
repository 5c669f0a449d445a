// What is wrong, in the order of the text; a click leads to the place.

import { Icon } from '../core/icons'
import { Prose } from '../core/Prose'
import { Empty } from './Empty'
import { problemsOf, useIdeStore, useIde, type Problem } from './store'
import { useShallow } from 'zustand/shallow'
import styles from './ProblemsTab.module.css'

export function ProblemsTab() {
  const checked = useIde((ide) => ide.check !== null)
  const error = useIde((ide) => ide.checkError)
  const state = useIde(
    useShallow(({ check, checked, draft, run, runText }) => ({ check, checked, draft, run, runText })),
  )
  const problems = problemsOf(state)
  if (error !== null) return <Empty title="The text could not be checked" text={error} />
  if (problems.length === 0) {
    return checked ? (
      <Empty title="No problems" text="The text compiles. The graph shows what the next run would do." />
    ) : (
      <Empty title="Checking…" text="The text is being checked on the server." />
    )
  }
  return (
    <ul className={styles.list} aria-label="Problems">
      {problems.map((problem, at) => (
        <ProblemRow key={at} problem={problem} />
      ))}
    </ul>
  )
}

function ProblemRow({ problem }: { problem: Problem }) {
  const store = useIdeStore()
  const show = () => {
    const { editor, select } = store.getState()
    if (problem.node !== null) select(problem.node)
    editor?.reveal(problem.line, problem.column)
    editor?.focus()
  }
  return (
    <li data-testid="problem" data-code={problem.code} data-severity={problem.severity} data-line={problem.line}>
      <button type="button" className={styles.row} onClick={show}>
        <span className={styles.icon} data-severity={problem.severity}>
          <Icon name={problem.severity === 'error' ? 'error' : 'warning'} size={14} label={problem.severity} />
        </span>
        <span className={styles.text}>
          {problem.node !== null && <b>{problem.node} failed: </b>}
          <Prose text={problem.message} />{' '}
          <span className={styles.hint} data-run={problem.node !== null || undefined}>
            <Prose text={problem.hint} />
          </span>
        </span>
        <span className={styles.place}>
          {problem.line}:{problem.column}
        </span>
      </button>
    </li>
  )
}
