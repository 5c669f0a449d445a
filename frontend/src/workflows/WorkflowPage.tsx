// What surrounds a workflow's pages but the editor's: its name, the sections, and what is said while it is fetched.

import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link, useParams } from 'react-router'
import { answer, api } from '../core/api'
import { Boundary, RequestFailed } from '../core/Failure'
import { Header } from '../core/Header'
import { Icon } from '../core/icons'
import { keysOf } from '../core/queries'
import { Sections } from '../core/Sections'
import { useTitle } from '../core/title'
import type { Workflow } from '../core/types'
import { useSectionCommands } from './useSectionCommands'
import styles from './WorkflowPage.module.css'

export function WorkflowPage({ title, children }: { title: string; children: (workflow: Workflow) => ReactNode }) {
  const { id = '' } = useParams()
  const { data, error, refetch } = useQuery({
    queryKey: keysOf.workflowNow(id),
    queryFn: ({ signal }) =>
      answer(api.GET('/api/workflows/{workflow_id}', { params: { path: { workflow_id: id } }, signal })),
  })
  useTitle(data ? `${title} · ${data.name}` : title)
  useSectionCommands(id)
  if (error) return <RequestFailed error={error} retry={() => void refetch()} what="workflow" />
  return (
    <div className={styles.page}>
      <Header sections={<Sections workflow={id} />}>
        <Icon name="chevron" size={12} />
        <Link to={`/workflows/${id}`} className={styles.name} data-testid="workflow-name">
          {data?.name ?? '…'}
        </Link>
      </Header>
      <main className={styles.main}>
        <Boundary what={title.toLowerCase()}>
          {data ? children(data) : <Skeleton m="md" height={120} animate={false} />}
        </Boundary>
      </main>
    </div>
  )
}
