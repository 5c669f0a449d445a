// The page that compares two versions of a workflow, or one and the draft: graph, code, metrics and runs at one address.

import { Skeleton } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { useParams } from 'react-router'
import { isApiError } from '../core/api'
import { Boundary } from '../core/Failure'
import { keysOf } from '../core/queries'
import { tabId } from '../core/Tabs'
import type { Comparison, Workflow } from '../core/types'
import { useRenewed } from '../core/useRenewed'
import { leftDraft } from '../editor/left'
import { Empty, NotLoaded } from '../ide/Empty'
import { WorkflowPage } from '../workflows/WorkflowPage'
import { DRAFT, useShown, type Shown } from './address'
import { Bar, PANEL } from './Bar'
import { MetricsView } from './MetricsView'
import { comparisonQuery } from './queries'
import { RunView } from './RunView'
import { Sides } from './Sides'
import { useCompareKeys } from './useCompareKeys'
import styles from './Compare.module.css'

const DagView = lazy(() => import('./DagView'))
const CodeView = lazy(() => import('./CodeView'))

/** A run that ends changes what is told of its version; a draft that is saved, that side. */
const CHANGING = [keysOf.comparisons, keysOf.workflowNow, keysOf.versions]

export default function ComparePage() {
  return <WorkflowPage title="Compare">{(workflow) => <Sided workflow={workflow} />}</WorkflowPage>
}

function Sided({ workflow }: { workflow: Workflow }) {
  const { before = DRAFT, after = DRAFT } = useParams()
  const [shown, show] = useShown()
  useRenewed(workflow.id, CHANGING)
  const { data, error, refetch, isPlaceholderData } = useQuery({
    ...comparisonQuery(workflow.id, {
      before: { side: before, run: shown.beforeRun },
      after: { side: after, run: shown.afterRun },
      draft: leftDraft(workflow.id)?.text ?? workflow.text,
    }),
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <Sides workflow={workflow.id} before={before} after={after} comparison={data} />
      {error && !data ? (
        isApiError(error) && error.status === 404 ? (
          <Empty
            title="There is no such version or run"
            text="Choose a version of this workflow on either side, above. Its runs can be chosen in the view Run."
          />
        ) : (
          <NotLoaded what="comparison" error={error} retry={refetch} />
        )
      ) : data ? (
        <Body comparison={data} shown={shown} show={show} waiting={isPlaceholderData} />
      ) : (
        <Skeleton m="md" height={240} animate={false} />
      )}
    </>
  )
}

interface Props {
  comparison: Comparison
  shown: Shown
  show: (change: Partial<Shown>) => void
}

function Body({ comparison, shown, show, waiting }: Props & { waiting: boolean }) {
  const stepper = useCompareKeys(comparison, shown, show)
  const view = () => {
    switch (shown.view) {
      case 'dag':
        return <DagView comparison={comparison} shown={shown} show={show} />
      case 'code':
        return <CodeView comparison={comparison} shown={shown} stepper={stepper} />
      case 'metrics':
        return <MetricsView comparison={comparison} shown={shown} show={show} />
      case 'run':
        return <RunView comparison={comparison} shown={shown} show={show} />
    }
  }
  return (
    <>
      <Bar comparison={comparison} shown={shown} show={show} step={stepper.step} />
      <div
        className={styles.view}
        data-testid={`compare-${shown.view}`}
        data-waiting={waiting || undefined}
        role="tabpanel"
        id={PANEL}
        aria-labelledby={tabId(PANEL, shown.view)}
      >
        <Boundary what="view">
          <Suspense fallback={<Skeleton m="md" height={240} animate={false} />}>{view()}</Suspense>
        </Boundary>
      </div>
    </>
  )
}
