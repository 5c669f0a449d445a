// The page of one workflow: editor and graph side by side, the drawer below, the run bar at the foot.

import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useParams, useSearchParams } from 'react-router'
import { answer, api } from '../core/api'
import { Boundary, RequestFailed } from '../core/Failure'
import { Header } from '../core/Header'
import { Icon } from '../core/icons'
import { keysOf } from '../core/queries'
import { Sections } from '../core/Sections'
import { useTitle } from '../core/title'
import { complain } from '../core/toasts'
import type { Workflow } from '../core/types'
import { MissingData } from '../data/MissingData'
import { ConflictDialog } from '../editor/ConflictDialog'
import { RunBar } from '../run/RunBar'
import { useSectionCommands } from '../workflows/useSectionCommands'
import { Drawer } from './Drawer'
import { Split } from './Split'
import { createIde, IdeContext, useIde, useIdeStore } from './store'
import { useCheck } from './useCheck'
import { saveDraft, useDraft } from './useDraft'
import { useIdeCommands } from './useIdeCommands'
import { showRun } from './showRun'
import { useFollow, useRunner } from './useRun'
import styles from './Ide.module.css'

const Editor = lazy(() => import('../editor/Editor'))
const Dag = lazy(() => import('../dag/Dag'))

export default function IdePage() {
  const { id = '' } = useParams()
  const { data, error, refetch } = useQuery({
    queryKey: keysOf.workflow(id),
    queryFn: ({ signal }) =>
      answer(api.GET('/api/workflows/{workflow_id}', { params: { path: { workflow_id: id } }, signal })),
    // From here on the page's own state is the truth; an answer from the cache would be an old draft.
    staleTime: Infinity,
    gcTime: 0,
  })
  if (error) return <RequestFailed error={error} retry={() => void refetch()} what="workflow" />
  return data ? <OpenWorkflow key={data.id} workflow={data} /> : <Opening />
}

function Opening() {
  return (
    <div className={styles.page} role="status" aria-label="The workflow is being opened">
      <Header />
      <div className={styles.opening}>
        <Skeleton height="100%" animate={false} />
        <Skeleton height="100%" animate={false} />
      </div>
    </div>
  )
}

function OpenWorkflow({ workflow }: { workflow: Workflow }) {
  const [params] = useSearchParams()
  const [store] = useState(() => createIde(workflow, params.get('node')))
  useEffect(() => {
    const run = workflow.active_run ?? params.get('run') ?? workflow.last_run
    if (run !== null) showRun(store, run).catch(complain)
    // Only what the page was opened with counts; later the address follows the page.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [store])
  return (
    <IdeContext value={store}>
      <Workbench />
    </IdeContext>
  )
}

function Workbench() {
  const store = useIdeStore()
  const id = useIde((ide) => ide.id)
  const name = useIde((ide) => ide.name)
  const open = useIde((ide) => ide.drawerOpen)
  const { start, cancel } = useRunner()
  const run = () => start()
  const save = () => void saveDraft(store)
  useTitle(name)
  useDraft()
  useCheck()
  useFollow()
  useAddress()
  useIdeCommands(start, cancel)
  useSectionCommands(id)
  return (
    <div className={styles.page}>
      <Header sections={<Sections workflow={id} />}>
        <Icon name="chevron" size={12} />
        <h1 className={styles.name} data-testid="workflow-name">
          {name}
        </h1>
      </Header>
      <MissingData />
      <main className={styles.main}>
        <Split
          name="drawer"
          direction="column"
          label="Height of the drawer"
          initial={0.73}
          maximum={0.88}
          open={open}
          first={
            <Split
              name="editor"
              direction="row"
              label="Width of the editor"
              initial={0.44}
              first={
                <Boundary what="editor">
                  <Suspense fallback={<Skeleton height="100%" animate={false} radius={0} />}>
                    <Editor onRun={run} onSave={save} />
                  </Suspense>
                </Boundary>
              }
              second={
                <Boundary what="graph">
                  <Suspense fallback={<Skeleton height="100%" animate={false} radius={0} />}>
                    <Dag />
                  </Suspense>
                </Boundary>
              }
            />
          }
          second={
            <Boundary what="drawer">
              <Drawer />
            </Boundary>
          }
        />
      </main>
      <RunBar onRun={run} onCancel={cancel} onSave={save} />
      <ConflictDialog />
    </div>
  )
}

/** The address restores what is seen: the selected node and the shown run. */
function useAddress(): void {
  const [, setParams] = useSearchParams()
  const node = useIde((ide) => ide.selected)
  const run = useIde((ide) => ide.run?.id ?? null)
  useEffect(() => {
    setParams(
      (params) => {
        for (const [key, value] of Object.entries({ node, run })) {
          if (value === null) params.delete(key)
          else params.set(key, value)
        }
        return params
      },
      { replace: true },
    )
  }, [node, run, setParams])
}
