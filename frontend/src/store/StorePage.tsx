// The page of what is kept: what it takes and saves in all, and each result with the versions that it is for.

import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { note } from '../core/toasts'
import type { Workflow, WorkflowStore } from '../core/types'
import { Empty, NotLoaded } from '../ide/Empty'
import { WorkflowPage } from '../workflows/WorkflowPage'
import { useEvict, useEvicting } from './evicting'
import { storeQuery, useLive, usePin } from './queries'
import { address, asked, shown, type Asked } from './results'
import { Results } from './Results'
import { nothingChosen } from './selection'
import { Summary } from './Summary'
import { Toolbar } from './Toolbar'
import styles from './Store.module.css'

export default function StorePage() {
  return <WorkflowPage title="Store">{(workflow) => <Store key={workflow.id} workflow={workflow} />}</WorkflowPage>
}

function Store({ workflow }: { workflow: Workflow }) {
  const [params, setParams] = useSearchParams()
  const wanted = useMemo(() => asked(params), [params])
  const ask = (next: Asked) => setParams(address(next), { replace: true })
  const { data: store, error, refetch } = useQuery(storeQuery(workflow.id, wanted.everything))
  useLive(workflow.id, workflow.active_run)
  if (error && !store) return <NotLoaded what="store" error={error} retry={refetch} />
  if (!store) return <Waiting />
  return (
    <div className={styles.store}>
      <Summary store={store} />
      {store.count === 0 ? <Nothing workflow={workflow.id} /> : <Kept {...{ workflow, store, wanted, ask }} />}
    </div>
  )
}

function Waiting() {
  return (
    <div className={styles.waiting} role="status" aria-label="Loading what is kept">
      <Skeleton height={76} animate={false} />
      <Skeleton height={240} animate={false} />
    </div>
  )
}

function Nothing({ workflow }: { workflow: string }) {
  return (
    <Empty
      title="Nothing is kept yet"
      text="Run the workflow: results that are worth their room are kept, and the next run loads them instead of computing them."
    >
      <Button mt="sm" component={Link} to={`/workflows/${workflow}`}>
        Open the editor
      </Button>
    </Empty>
  )
}

interface KeptProps {
  workflow: Workflow
  store: WorkflowStore
  wanted: Asked
  ask: (next: Asked) => void
}

function Kept({ workflow, store, wanted, ask }: KeptProps) {
  const { results: every, names } = store
  const going = useEvicting((state) => state.groups)
  const results = useMemo(() => {
    const hidden = new Set(going.flat())
    const staying = hidden.size === 0 ? every : every.filter(({ digest }) => !hidden.has(digest))
    return shown(staying, names, wanted)
  }, [every, names, wanted, going])
  const [selection, setSelection] = useState(nothingChosen)
  const chosen = useMemo(() => results.filter(({ digest }) => selection.chosen.has(digest)), [results, selection])
  const evict = useEvict()
  const pin = usePin(true)
  const unpin = usePin(false)
  const done = useCallback(() => setSelection(nothingChosen), [])
  const acts = {
    evict: () => {
      const free = chosen.filter(({ pinned }) => pinned !== 'user')
      if (free.length === 0) {
        if (chosen.length > 0) note('What is pinned is not evicted. Unpin it first.')
        return
      }
      evict(free, chosen.length - free.length)
      done()
    },
    pin: () => pin.mutate(chosen.map(({ digest }) => digest)),
    unpin: () => unpin.mutate(chosen.map(({ digest }) => digest)),
  }
  return (
    <>
      <Toolbar {...{ store, wanted, ask, chosen, acts }} found={results.length} clear={done} />
      {results.length > 0 ? (
        <Results {...{ results, names, wanted, ask, selection, setSelection, acts }} here={workflow.id} />
      ) : (
        <NoMatch {...{ workflow, store, wanted, ask }} />
      )}
    </>
  )
}

function NoMatch({ workflow, store, wanted, ask }: KeptProps) {
  if (store.matched === 0 && !wanted.everything)
    return (
      <Empty title="Nothing is kept for this workflow yet" text="Run it, or look at what is kept for the others.">
        <div className={styles.next}>
          <Button component={Link} to={`/workflows/${workflow.id}`}>
            Open the editor
          </Button>
          <Button variant="default" onClick={() => ask({ ...wanted, everything: true })}>
            Show all workflows
          </Button>
        </div>
      </Empty>
    )
  return (
    <Empty
      title="No result matches"
      text={
        wanted.superseded
          ? 'None that was superseded has these words.'
          : 'No node, operator or workflow has these words.'
      }
    >
      <Button mt="sm" variant="default" onClick={() => ask({ ...wanted, text: '', superseded: false })}>
        Clear the filter
      </Button>
    </Empty>
  )
}
