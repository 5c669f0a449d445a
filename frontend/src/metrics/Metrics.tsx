// The metrics of a workflow over its versions: trends, against the time of runs, against parameters, by step, as a table.

import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, type KeyboardEvent } from 'react'
import { Link } from 'react-router'
import { messageOf } from '../core/api'
import { never } from '../core/never'
import type { Trends, Workflow } from '../core/types'
import { Empty } from '../ide/Empty'
import { WorkflowPage } from '../workflows/WorkflowPage'
import { useShown, VIEWS, type Show, type Shown, type View } from './address'
import { Backfilling, Lacking } from './Backfilling'
import { CurvesView } from './CurvesView'
import { linesOf, usual, type Line } from './lines'
import { ParametersView } from './ParametersView'
import { ParetoView } from './ParetoView'
import { trendsQuery, useFresh } from './queries'
import { Rail } from './Rail'
import { Selection } from './Selection'
import { TableView } from './TableView'
import { TrendView } from './TrendView'
import tabs from '../core/Tab.module.css'
import styles from './Metrics.module.css'

export default function Metrics() {
  return <WorkflowPage title="Metrics">{(workflow) => <Loaded key={workflow.id} workflow={workflow} />}</WorkflowPage>
}

/** What every view is given. */
export interface ViewProps {
  workflow: Workflow
  trends: Trends
  /** The chosen branches' versions. */
  lines: Line[]
  shown: Shown & { metrics: string[] }
  show: Show
}

const titles: Record<View, string> = {
  trend: 'Trend',
  pareto: 'Against time',
  parameters: 'Parameters',
  curves: 'Curves',
  table: 'Table',
}

function Loaded({ workflow }: { workflow: Workflow }) {
  const { data: trends, error, refetch } = useQuery(trendsQuery(workflow.id))
  useFresh(workflow.id)
  if (error)
    return (
      <Empty title="The metrics could not be loaded" text={messageOf(error)}>
        <Button mt="sm" variant="default" onClick={() => void refetch()}>
          Try again
        </Button>
      </Empty>
    )
  if (!trends) return <Skeleton m="md" height={240} animate={false} role="status" aria-label="Loading the metrics" />
  return (
    <>
      <Backfilling workflow={workflow} trends={trends} />
      {trends.metrics.length === 0 ? (
        <None workflow={workflow} trends={trends} />
      ) : (
        <Page workflow={workflow} trends={trends} />
      )}
    </>
  )
}

function None({ workflow, trends }: { workflow: Workflow; trends: Trends }) {
  const versions = trends.versions.number.length
  return (
    <div className={styles.none}>
      <Empty
        title={versions === 0 ? 'No versions yet' : 'No metrics yet'}
        text={
          versions === 0
            ? 'Each run commits a version; what its metrics measured is drawn here, from version to version.'
            : 'None of the runs that succeeded measured a number. Add a metric to the text, such as Accuracy(predictions), name it in Output(…), and run.'
        }
      >
        <Button component={Link} to={`/workflows/${workflow.id}`} mt="sm" variant="default">
          Open the editor
        </Button>
      </Empty>
      <div className={styles.lackingAlone}>
        <Lacking workflow={workflow} trends={trends} />
      </div>
    </div>
  )
}

function Page({ workflow, trends }: { workflow: Workflow; trends: Trends }) {
  const [address, show] = useShown()
  const lines = useMemo(() => linesOf(trends, address.branches), [trends, address.branches])
  const shown = useMemo(() => {
    const known = new Set(trends.metrics.map(({ name }) => name))
    return { ...address, metrics: (address.metrics ?? usual(trends.metrics)).filter((name) => known.has(name)) }
  }, [address, trends])
  const props: ViewProps = { workflow, trends, lines, shown, show }
  return (
    <div className={styles.page}>
      <Tabs view={shown.view} show={show} />
      <div className={styles.body}>
        {shown.view !== 'curves' && <Rail {...props} />}
        <section
          id="metrics-view"
          role="tabpanel"
          aria-labelledby={`view-${shown.view}`}
          className={styles.view}
          data-testid="metrics-view"
        >
          <Shown {...props} />
        </section>
        <Selection {...props} />
      </div>
    </div>
  )
}

function Shown(props: ViewProps) {
  const { view } = props.shown
  switch (view) {
    case 'trend':
      return <TrendView {...props} />
    case 'pareto':
      return <ParetoView {...props} />
    case 'parameters':
      return <ParametersView {...props} />
    case 'curves':
      return <CurvesView {...props} />
    case 'table':
      return <TableView {...props} />
    default:
      return never(view)
  }
}

function Tabs({ view, show }: { view: View; show: Show }) {
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    const next = step === undefined ? undefined : VIEWS[(VIEWS.indexOf(view) + step + VIEWS.length) % VIEWS.length]
    if (!next) return
    show({ view: next })
    document.getElementById(`view-${next}`)?.focus()
  }
  return (
    <div role="tablist" aria-label="Views of the metrics" className={styles.tabs} onKeyDown={onKeyDown}>
      {VIEWS.map((name) => (
        <button
          key={name}
          id={`view-${name}`}
          type="button"
          role="tab"
          className={tabs.tab}
          aria-selected={view === name}
          aria-controls="metrics-view"
          tabIndex={view === name ? 0 : -1}
          onClick={() => show({ view: name })}
        >
          {titles[name]}
        </button>
      ))}
    </div>
  )
}
