// The bar at the foot of the page: run or cancel, what would happen or what did, and whether the text is saved.

import { Button, Tooltip } from '@mantine/core'
import { about, elapsed, exactSeconds } from '../core/format'
import { Icon } from '../core/icons'
import { useNow } from '../core/now'
import { keys } from '../core/platform'
import { durations } from '../core/theme'
import { Prose } from '../core/Prose'
import { isChecked, problemsOf, showsRun, useIde } from '../ide/store'
import { Bar, going } from './Bar'
import { SavedState } from './SavedState'
import { failedNode, isActive, type RunState } from './state'
import { alone, foretold, outcome, planSummary, statusIcon, statusWord, tally } from './words'
import styles from './RunBar.module.css'

/** Seconds: what is over sooner needs no bar. */
const SHORT = 0.5

interface Props {
  onRun: () => void
  onCancel: () => void
  onSave: () => void
}

export function RunBar({ onRun, onCancel, onSave }: Props) {
  const run = useIde((ide) => ide.run)
  const active = run !== null && isActive(run.status)
  const shown = useIde(showsRun)
  return (
    <footer className={styles.bar}>
      {active ? (
        <Button
          variant="default"
          className={styles.cancel ?? ''}
          leftSection={<Icon name="stop" size={12} />}
          onClick={onCancel}
          data-testid="cancel"
        >
          Cancel
        </Button>
      ) : (
        <RunButton onRun={onRun} />
      )}
      {run && shown ? <RunStatusLine run={run} /> : <PlanLine />}
      <SavedState onSave={onSave} />
    </footer>
  )
}

function RunButton({ onRun }: { onRun: () => void }) {
  const errors = useIde((ide) => ide.check?.diagnostics.some((diagnostic) => diagnostic.severity === 'error') ?? false)
  const plan = useIde((ide) => ide.check?.plan ?? null)
  const openTab = useIde((ide) => ide.openTab)
  const refused = errors ? { 'data-disabled': true, 'aria-disabled': true } : {}
  return (
    <Tooltip label={errors ? 'Mend the problems first' : `${keys('Enter')}${plan ? `: ${planSummary(plan)}` : ''}`}>
      <Button
        leftSection={<Icon name="play" size={12} />}
        onClick={errors ? () => openTab('problems') : onRun}
        data-testid="run"
        {...refused}
      >
        Run
      </Button>
    </Tooltip>
  )
}

/** "Run · 4 to compute · 3 to load · 6 not needed · about 0.3 s", or what keeps the text from running. */
function PlanLine() {
  const plan = useIde((ide) => ide.check?.plan ?? null)
  const error = useIde((ide) => ide.checkError)
  const fresh = useIde(isChecked)
  const problems = useIde((ide) => problemsOf(ide).filter((problem) => problem.severity === 'error').length)
  const openTab = useIde((ide) => ide.openTab)
  return (
    <div className={styles.line} data-fresh={fresh} aria-live="polite" aria-atomic="true">
      {problems > 0 && !plan ? (
        <button
          type="button"
          className={styles.problems}
          onClick={() => openTab('problems')}
          data-testid="plan-summary"
        >
          <Icon name="error" size={14} /> {problems === 1 ? '1 problem' : `${problems} problems`} to mend before it can
          run
        </button>
      ) : (
        <span data-testid="plan-summary" title={plan ? `estimate: ${exactSeconds(plan.estimate)}` : undefined}>
          {plan ? planSummary(plan) : (error ?? 'Planning…')}
        </span>
      )}
    </div>
  )
}

function RunStatusLine({ run }: { run: RunState }) {
  const failed = failedNode(run)
  const line = failed?.error?.line
  const editor = useIde((ide) => ide.editor)
  const select = useIde((ide) => ide.select)
  const reveal = () => {
    if (failed) select(failed.name)
    if (line) editor?.reveal(line)
    editor?.focus()
  }
  return (
    <div
      className={styles.line}
      data-testid="run-status"
      data-status={run.status}
      data-run={run.id}
      data-last-event={run.lastEvent}
    >
      <span className={styles.status} role="status">
        {isActive(run.status) ? <Progress run={run} /> : <Outcome run={run} />}
      </span>
      {failed?.error && (
        <button type="button" className={styles.failure} onClick={reveal} title={failed.error.message}>
          <b>{failed.name}</b>
          {line ? (
            <>
              , <span className={styles.place}>line {line}</span>
            </>
          ) : null}
          : <Prose text={failed.error.message} />
        </button>
      )}
      {!failed && run.status === 'failed' && run.message && <span className={styles.failure}>{run.message}</span>}
      {run.status === 'queued' && run.message && <span>{run.message} It is tried again.</span>}
    </div>
  )
}

function Outcome({ run }: { run: RunState }) {
  return (
    <span
      className={styles.outcome}
      data-status={run.status}
      title={run.seconds === null ? undefined : [exactSeconds(run.seconds), foretold(run)].filter(Boolean).join('. ')}
    >
      <Icon name={statusIcon(run.status)} size={14} /> {outcome(run)}
    </span>
  )
}

function Progress({ run }: { run: RunState }) {
  const now = useNow(durations.tick)
  const { done, wanted } = tally(run)
  const since = Date.parse(run.startedAt ?? run.queuedAt)
  const told = Object.entries(run.progress).findLast(([name]) => run.nodes[name]?.status === 'running')
  const estimated = run.startedAt !== null && run.estimate !== null && run.estimate >= SHORT
  return (
    <span className={styles.outcome} data-status={run.status}>
      <Icon name={statusIcon(run.status)} size={14} />
      {statusWord(run.status)}{' '}
      <span aria-hidden>
        {elapsed((now - since) / 1000)}
        {estimated && ` of ${about(run.estimate ?? 0)}`}
      </span>
      {wanted > 0 && ` · ${done} of ${wanted} nodes`}
      {alone(run) && ` · ${alone(run)}`}
      {told && (
        <span aria-hidden>
          {` · ${told[0]} `}
          {going({ since: null, estimate: null, progress: told[1] }, now)}
        </span>
      )}
      {estimated && (
        <span className={styles.progress} aria-hidden>
          <Bar going={{ since: run.startedAt, estimate: run.estimate, progress: null }} label="Progress of the run" />
        </span>
      )}
      {run.attempt > 1 && ` · attempt ${run.attempt}`}
    </span>
  )
}
