// One dashboard: its filters, its charts as the shown snapshot has them, and the strip of all snapshots.

import { Button, Skeleton } from '@mantine/core'
import { useCallback, useDeferredValue, useEffect, useRef, useState } from 'react'
import { useSearchParams } from 'react-router'
import { Icon } from '../core/icons'
import type { Chart, Dashboard as Told, Workflow } from '../core/types'
import { Empty } from '../ide/Empty'
import { numberIn } from './address'
import { Card } from './Card'
import { Compare } from './Compare'
import { Filters } from './Filters'
import { followDashboard } from './following'
import { ChartForm } from './Form'
import { postTo, Sending, unsentOf } from './sending'
import { createExplore, ExploreContext, useExplore } from './store'
import { Strip } from './Strip'
import { PROFILE, shownKey, shownTile, statusOf } from './strip'
import { tellTo, Telling } from './telling'
import { Toolbar } from './Toolbar'
import { CarriersProvider, isRetriable, useActions } from './useActions'
import { useAddress, useProposals, useStripKeys, useProposed } from './useDashboard'
import cards from './Card.module.css'
import styles from './Dashboard.module.css'

export function Dashboard({ workflow, dashboard }: { workflow: Workflow; dashboard: Told }) {
  const [params] = useSearchParams()
  const [store] = useState(() => createExplore(dashboard, numberIn(params), unsentOf(dashboard.id)))
  const [carriers] = useState(() => ({
    sending: new Sending(store, postTo(dashboard.id)),
    telling: new Telling(store, tellTo(dashboard.id)),
  }))
  const seen = useRef<ReadonlySet<string>>(new Set())
  const sees = useCallback((keys: ReadonlySet<string>) => {
    seen.current = keys
  }, [])
  useEffect(() => carriers.sending.start(), [carriers])
  useEffect(() => carriers.telling.start(), [carriers])
  useEffect(() => followDashboard(store, carriers, () => seen.current), [store, carriers])
  return (
    <ExploreContext value={store}>
      <CarriersProvider value={carriers}>
        <Shown workflow={workflow} dashboard={dashboard} sees={sees} />
      </CarriersProvider>
    </ExploreContext>
  )
}

interface Props {
  workflow: Workflow
  dashboard: Told
  sees: (keys: ReadonlySet<string>) => void
}

function Shown({ workflow, dashboard, sees }: Props) {
  /** The chart that the form is about; null for a new one, undefined where there is no form. */
  const [form, setForm] = useState<Chart | null | undefined>(undefined)
  const add = useCallback(() => setForm(null), [])
  useProposals()
  useAddress()
  useStripKeys()
  return (
    <>
      <Toolbar workflow={workflow} dashboard={dashboard} add={add} />
      <div className={styles.main} data-testid="dashboard">
        <Main workflow={workflow.id} add={add} edit={setForm} />
      </div>
      <Strip workflow={workflow.id} sees={sees} />
      {form !== undefined && <ChartForm chart={form} close={() => setForm(undefined)} />}
    </>
  )
}

interface MainProps {
  workflow: string
  add: () => void
  edit: (chart: Chart) => void
}

function Main(props: MainProps) {
  const [first, second] = useExplore((state) => state.marked)
  const one = useExplore((state) => (first === undefined ? undefined : state.tiles[first]))
  const other = useExplore((state) => (second === undefined ? undefined : state.tiles[second]))
  if (one && other) return <Compare one={one} other={other} />
  return (
    <>
      <div className={styles.filters}>
        <Filters />
      </div>
      <Unsent />
      <Charts {...props} />
    </>
  )
}

function Charts({ workflow, add, edit }: MainProps) {
  // The strip goes first: the charts follow it when nothing else is to be drawn.
  const key = useDeferredValue(useExplore(shownKey))
  const charts = useExplore((state) => state.tiles[key ?? '']?.state.charts)
  if (key === null || !charts || charts.length === 0) return <NoCharts add={add} />
  return (
    <div className={cards.cards} data-testid="charts" data-tile={key}>
      {charts.map((chart, place) => (
        <Card
          key={chart.id}
          workflow={workflow}
          tile={key}
          chart={chart}
          place={place}
          count={charts.length}
          edit={edit}
        />
      ))}
    </div>
  )
}

function NoCharts({ add }: { add: () => void }) {
  const tile = useExplore(shownTile)
  const { retry } = useActions()
  const propose = useProposed()
  const answer = tile?.answers[PROFILE]
  if (tile && answer && isRetriable(answer.status))
    return (
      <Empty title="What columns there are is not known" text={answer.message}>
        <Button mt="sm" variant="default" onClick={() => retry(tile.key)}>
          Ask again
        </Button>
      </Empty>
    )
  if (tile && ['pending', 'waiting'].includes(statusOf(tile)))
    return (
      <div className={styles.waiting} role="status" aria-label="Waiting for the columns">
        <p className={styles.hint}>
          {answer?.note || 'Looking at the columns: charts that suit them are proposed at once.'}
        </p>
        <div className={cards.cards}>
          {[0, 1, 2].map((each) => (
            <Skeleton key={each} height={160} animate={false} />
          ))}
        </div>
      </div>
    )
  return (
    <Empty title="No charts" text="Add one, or have those proposed that suit the columns of the data.">
      <div className={styles.choices}>
        <Button variant="default" leftSection={<Icon name="plus" size={14} />} onClick={add}>
          Add a chart
        </Button>
        <Button variant="default" leftSection={<Icon name="star" size={14} />} onClick={propose}>
          Propose charts
        </Button>
      </div>
    </Empty>
  )
}

/** What could not be sent says so above its charts, too. */
function Unsent() {
  const key = useExplore(shownKey)
  const problem = useExplore((state) => {
    const tile = shownTile(state)
    return tile?.sending === 'not sent' ? tile.problem : null
  })
  const { retry } = useActions()
  if (problem === null || key === null) return null
  return (
    <div className={styles.unsent} role="alert">
      <Icon name="warning" size={14} />
      <span>Not sent: {problem}</span>
      <Button size="compact-xs" variant="default" onClick={() => retry(key)}>
        Retry
      </Button>
    </div>
  )
}
