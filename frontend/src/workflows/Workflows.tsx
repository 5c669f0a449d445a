// The home page: all workflows, each with its last run, and the ways to a new one.

import { Button, Group, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { RequestFailed } from '../core/Failure'
import { Header } from '../core/Header'
import { Icon } from '../core/icons'
import { MINUTE, useNow } from '../core/now'
import { useTitle } from '../core/title'
import { useCommands, type Command } from '../palette/store'
import { ImportDialog } from './ImportDialog'
import { NewDialog } from './NewDialog'
import { workflowsQuery } from './queries'
import { WorkflowRow } from './WorkflowRow'
import styles from './Workflows.module.css'

export default function Workflows() {
  useTitle('Workflows')
  const { data: workflows, error, refetch } = useQuery(workflowsQuery)
  const [making, setMaking] = useState(false)
  const [importing, setImporting] = useState(false)
  const now = useNow(MINUTE)
  useCommands(
    'workflows-page',
    useMemo(
      (): Command[] => [
        { id: 'new', group: 'Actions', title: 'New workflow', icon: 'plus', run: () => setMaking(true) },
        {
          id: 'import',
          group: 'Actions',
          title: 'Import a history from git',
          icon: 'branch',
          run: () => setImporting(true),
        },
      ],
      [],
    ),
  )
  if (error) return <RequestFailed error={error} retry={() => void refetch()} what="list of workflows" />
  return (
    <div className={styles.page}>
      <Header />
      <main className={styles.main}>
        <div className={styles.head}>
          <h1 className={styles.title}>Workflows</h1>
          <Group gap="sm">
            <Button variant="default" leftSection={<Icon name="branch" size={14} />} onClick={() => setImporting(true)}>
              Import from git
            </Button>
            <Button
              leftSection={<Icon name="plus" size={14} />}
              onClick={() => setMaking(true)}
              data-testid="new-workflow"
            >
              New workflow
            </Button>
          </Group>
        </div>
        {!workflows && <Waiting />}
        {workflows?.length === 0 && <None onNew={() => setMaking(true)} />}
        {workflows && workflows.length > 0 && (
          <ul className={styles.list} aria-label="Workflows">
            {workflows.map((workflow) => (
              <WorkflowRow key={workflow.id} workflow={workflow} now={now} />
            ))}
          </ul>
        )}
      </main>
      <NewDialog opened={making} close={() => setMaking(false)} />
      <ImportDialog opened={importing} close={() => setImporting(false)} />
    </div>
  )
}

function Waiting() {
  return (
    <div role="status" aria-label="Loading the workflows">
      {[0, 1, 2].map((row) => (
        <Skeleton key={row} height={58} mb="sm" animate={false} />
      ))}
    </div>
  )
}

function None({ onNew }: { onNew: () => void }) {
  return (
    <div className={styles.none}>
      <h2>No workflows yet</h2>
      <p>Start from an example: it runs as it is, and every edit shows what it made stale.</p>
      <Button onClick={onNew}>New from a template</Button>
    </div>
  )
}
