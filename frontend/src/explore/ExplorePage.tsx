// Charts over the data of any node, linked by brushing and filtering, that never make one wait: each interaction is a snapshot.

import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, Navigate, useParams } from 'react-router'
import { isApiError, messageOf } from '../core/api'
import type { Workflow } from '../core/types'
import { Empty } from '../ide/Empty'
import { versionsQuery } from '../versions/queries'
import { WorkflowPage } from '../workflows/WorkflowPage'
import { dashboardAddress } from './address'
import { Dashboard } from './Dashboard'
import { NewDashboard } from './NewDashboard'
import { dashboardQuery, dashboardsQuery } from './queries'
import styles from './Dashboard.module.css'

export default function ExplorePage() {
  const { dashboard } = useParams()
  return (
    <WorkflowPage title="Explore">
      {(workflow) =>
        dashboard === undefined ? (
          <Newest key={workflow.id} workflow={workflow} />
        ) : (
          <Opened key={dashboard} workflow={workflow} id={dashboard} />
        )
      }
    </WorkflowPage>
  )
}

/** The newest dashboard, or how to come to a first one. */
function Newest({ workflow }: { workflow: Workflow }) {
  const { data: listed, error, refetch } = useQuery(dashboardsQuery(workflow.id))
  if (error)
    return (
      <Empty title="The dashboards could not be loaded" text={messageOf(error)}>
        <Button mt="sm" variant="default" onClick={() => void refetch()}>
          Try again
        </Button>
      </Empty>
    )
  if (!listed) return <Waiting />
  const [newest] = listed
  if (newest) return <Navigate to={dashboardAddress(workflow.id, newest.id)} replace />
  return <None workflow={workflow} />
}

function Waiting() {
  return <Skeleton m="md" height={240} animate={false} role="status" aria-label="Loading the dashboard" />
}

function None({ workflow }: { workflow: Workflow }) {
  const { data: versions } = useQuery(versionsQuery(workflow.id))
  return (
    <div className={styles.none}>
      <Empty
        title="Look at the data of any node"
        text="Brush a range or click a bar, and all charts follow; each question stays as a snapshot that you can go back to. Answers may come late: you never wait for them."
      />
      {versions?.length === 0 ? (
        <div className={styles.choices}>
          <Button component={Link} to={`/workflows/${workflow.id}`} variant="default">
            Run it in the editor first
          </Button>
        </div>
      ) : (
        <div className={styles.start}>
          <NewDashboard workflow={workflow.id} done={() => undefined} />
        </div>
      )}
    </div>
  )
}

function Opened({ workflow, id }: { workflow: Workflow; id: string }) {
  const { data, error, refetch } = useQuery(dashboardQuery(id))
  if (error && isApiError(error) && error.status === 404)
    return (
      <Empty title="There is no such dashboard" text={error.message}>
        <Button mt="sm" variant="default" component={Link} to={`/workflows/${workflow.id}/explore`}>
          Show what there is
        </Button>
      </Empty>
    )
  if (error)
    return (
      <Empty title="The dashboard could not be loaded" text={messageOf(error)}>
        <Button mt="sm" variant="default" onClick={() => void refetch()}>
          Try again
        </Button>
      </Empty>
    )
  return data ? <Dashboard workflow={workflow} dashboard={data} /> : <Waiting />
}
