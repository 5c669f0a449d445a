// What a run of each side did with every node, plan against plan: action, time and size beside each other, and totals.

import { Button, Menu } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useParams } from 'react-router'
import { about, ago, count, duration, exactSeconds, exactTime } from '../core/format'
import { Icon } from '../core/icons'
import { MINUTE, useNow } from '../core/now'
import type { ComparedRun, ComparedSide, Comparison, Cost, MergedNode } from '../core/types'
import { Empty } from '../ide/Empty'
import { planSummary, statusIcon, statusWord } from '../run/words'
import { useActions } from '../versions/useActions'
import type { Shown } from './address'
import { costsDiffer, secondsOf } from './merged'
import { actionWord, sizeWord, timeWord } from './NodePanel'
import { sideTitle } from './titles'
import table from '../ide/Table.module.css'
import styles from './Tables.module.css'

interface Props {
  comparison: Comparison
  shown: Shown
  show: (change: Partial<Shown>) => void
}

export function RunView({ comparison, shown, show }: Props) {
  const { before, after, dag } = comparison
  const rows = (dag?.nodes ?? []).filter((node) => node.before?.cost || node.after?.cost)
  const wanted = shown.all ? rows : rows.filter(differs)
  const longest = Math.max(
    ...rows.flatMap((node) => [node.before, node.after]).map((side) => secondsOf(side?.cost ?? null)),
    0,
  )
  return (
    <div className={styles.scroll}>
      <div className={styles.totals}>
        <Total letter="A" side={before} other={after} choose={(beforeRun) => show({ beforeRun })} />
        <Total letter="B" side={after} other={before} choose={(afterRun) => show({ afterRun })} />
      </div>
      {before.version && before.version.id === after.version?.id && before.runs.length === 1 && (
        <OneRun version={before.version} runs={before.runs} />
      )}
      {!dag ? (
        <Empty title="No nodes to compare" text="A side has errors: the graph says in which line." />
      ) : rows.length === 0 ? (
        <Empty title="Neither side was run" text="Run the workflow, and choose the version that this makes." />
      ) : (
        <>
          {wanted.length > 0 && (
            <table className={table.table}>
              <thead>
                <tr>
                  <th scope="col">Node</th>
                  <Heads title={sideTitle(before, 'A')} />
                  <Heads title={sideTitle(after, 'B')} />
                </tr>
              </thead>
              <tbody>
                {wanted.map((node) => (
                  <Row key={node.id} node={node} longest={longest} chosen={node.id === shown.node} />
                ))}
              </tbody>
            </table>
          )}
          {rows.length > wanted.length && (
            <p className={styles.note}>
              Of {count(rows.length - wanted.length, 'node')} both did the same, in about the same time.
              <Button variant="default" size="compact-xs" onClick={() => show({ all: true })}>
                Show all
              </Button>
            </p>
          )}
        </>
      )}
    </div>
  )
}

/** Of a version that ran once, both sides show that run: the other one is for the asking. */
function OneRun({ version, runs }: { version: NonNullable<ComparedSide['version']>; runs: ComparedRun[] }) {
  const { id = '' } = useParams()
  const { runAgain } = useActions(id)
  const [reuse] = runs.map((run) => !run.reuse)
  if (reuse === undefined) return null
  return (
    <p className={styles.note}>
      v{version.number} ran once, so both sides show that run.
      <Button variant="default" size="compact-xs" onClick={() => runAgain({ ...version, runs }, reuse)}>
        {reuse ? 'Run again with reuse' : 'Run again without reuse'}
      </Button>
    </p>
  )
}

const differs = (node: MergedNode): boolean => costsDiffer(node.before?.cost ?? null, node.after?.cost ?? null)

function Heads({ title }: { title: string }) {
  return (
    <>
      <th scope="col" className={styles.sideStart}>
        {title}
      </th>
      <th scope="col" className={table.number}>
        Time
      </th>
      <th scope="col" aria-label="Time as a bar" className={styles.barColumn} />
      <th scope="col" className={table.number}>
        Size
      </th>
    </>
  )
}

function Row({ node, longest, chosen }: { node: MergedNode; longest: number; chosen: boolean }) {
  const row = useRef<HTMLTableRowElement>(null)
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return (
    <tr ref={row} data-testid={`cost-${node.id}`} data-chosen={chosen || undefined}>
      <th scope="row" className={styles.name}>
        {node.id}
        {differs(node) && <Icon name="tilde" size={11} label="differs" />}
      </th>
      <Costs cost={node.before?.cost ?? null} longest={longest} there={node.before !== null} />
      <Costs cost={node.after?.cost ?? null} longest={longest} there={node.after !== null} />
    </tr>
  )
}

function Costs({ cost, longest, there }: { cost: Cost | null; longest: number; there: boolean }) {
  const action = cost?.action ?? 'none'
  return (
    <>
      <td className={styles.sideStart} title={cost?.reason.replaceAll('`', '')}>
        <span className={styles.action} data-action={action}>
          {cost && <Icon name={action === 'load' ? 'drum' : action === 'prune' ? 'dashed' : 'gear'} size={12} />}
          {there ? actionWord(cost) : 'not there'}
        </span>
      </td>
      <td className={table.number} title={cost?.seconds == null ? undefined : exactSeconds(cost.seconds)}>
        {timeWord(cost)}
      </td>
      <td className={styles.barColumn}>
        <span
          className={styles.bar}
          data-action={action}
          style={{ width: `${longest > 0 ? (secondsOf(cost) / longest) * 100 : 0}%` }}
        />
      </td>
      <td className={`${table.number} ${table.dim}`}>{sizeWord(cost)}</td>
    </>
  )
}

interface TotalProps {
  letter: 'A' | 'B'
  side: ComparedSide
  other: ComparedSide
  choose: (run: string) => void
}

/** The time that a side took, or would take, beside that of the other; and which of its runs is told of. */
function Total({ letter, side, other, choose }: TotalProps) {
  const { run, plan } = side
  const seconds = totalOf(side)
  const most = Math.max(seconds, totalOf(other))
  const counts = run ?? plan
  return (
    <section className={styles.total} aria-label={`Run of ${letter}`} data-testid={`total-${letter.toLowerCase()}`}>
      <header className={styles.totalHead}>
        <b>{sideTitle(side, letter)}</b>
        {side.runs.length > 0 && <Runs letter={letter} side={side} choose={choose} />}
        {plan && <span className={table.dim}>not run yet: what a run would do</span>}
      </header>
      <p className={styles.seconds} title={run?.seconds == null ? undefined : exactSeconds(run.seconds)}>
        {run ? timeOf(run) : plan ? about(plan.estimate) : 'not run'}
        {run?.estimate != null && <span className={table.dim}> estimated {duration(run.estimate)}</span>}
      </p>
      <span className={styles.track}>
        <span className={styles.bar} style={{ width: `${most > 0 ? (seconds / most) * 100 : 0}%` }} />
      </span>
      {counts && (
        <p className={table.dim}>
          {plan ? planSummary(plan) : `${counts.compute} computed · ${counts.load} loaded · ${counts.prune} not needed`}
        </p>
      )}
    </section>
  )
}

/** What the run took; of one that has not ended, how it stands. */
const timeOf = ({ seconds, status }: ComparedRun): string =>
  seconds === null ? statusWord(status).toLowerCase() : duration(seconds)

const totalOf = ({ run, plan }: ComparedSide): number => run?.seconds ?? plan?.estimate ?? 0

const reuseWord = (run: ComparedRun): string => (run.reuse ? 'with reuse' : 'without reuse')

function Runs({ letter, side, choose }: Omit<TotalProps, 'other'>) {
  const now = useNow(MINUTE)
  return (
    <Menu position="bottom-start" width={420}>
      <Menu.Target>
        <Button variant="default" size="compact-xs" title={`Choose the run of ${letter}`}>
          {side.run ? `${reuseWord(side.run)}, ${ago(side.run.queued_at, now)}` : 'Choose a run'}
          {side.runs.length > 1 && ` · ${side.runs.length} runs`}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={styles.runs ?? ''}>
        {side.runs.map((run) => (
          <Menu.Item
            key={run.id}
            onClick={() => choose(run.id)}
            leftSection={<Icon name={statusIcon(run.status)} size={13} label={statusWord(run.status)} />}
            rightSection={run.id === side.run?.id ? <Icon name="check" size={13} label="shown" /> : null}
            title={exactTime(run.queued_at)}
          >
            {reuseWord(run)}
            {run.partial && ', partial'} · {run.seconds === null ? '–' : duration(run.seconds)} ·{' '}
            {ago(run.queued_at, now)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
