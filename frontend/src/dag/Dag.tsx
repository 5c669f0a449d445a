// The graph of the workflow: drawn by React Flow where ELK placed it, showing the plan, or the run that is shown.

import '@xyflow/react/dist/base.css'
import { ReactFlowProvider } from '@xyflow/react'
import { Skeleton } from '@mantine/core'
import { useMemo } from 'react'
import { showsRun, useIde } from '../ide/store'
import { Canvas } from './Canvas'
import { graphOf } from './graph'
import { usePlaces } from './usePlaces'
import { useViews } from './useViews'
import styles from './Dag.module.css'

const empty = { names: [], edges: [] }

export default function Dag() {
  const dag = useIde((ide) => ide.dag)
  const outdated = useIde((ide) => ide.check !== null && ide.check.dag === null)
  const live = useIde(showsRun)
  const checking = useIde((ide) => ide.check === null)
  const graph = useMemo(() => (dag ? graphOf(dag) : empty), [dag])
  const { layout, pending, error } = usePlaces(graph)
  const views = useViews()

  if (!dag)
    return checking ? (
      <Waiting />
    ) : (
      <Nothing title="No graph yet" text="Mend the problems in the text, and the graph appears." />
    )
  if (dag.nodes.length === 0) {
    return <Nothing title="No nodes yet" text={'The graph grows as you write. Begin with data = Dataset("digits").'} />
  }
  return (
    <div className={styles.pane} data-testid="dag" data-pending={pending || undefined} data-live={live || undefined}>
      {outdated && (
        <p className={styles.note} role="status">
          The text has errors: this is the last graph without.
        </p>
      )}
      {error !== null && (
        <p className={styles.note} role="alert">
          The graph could not be laid out: {error}
        </p>
      )}
      {layout ? (
        <ReactFlowProvider>
          <Canvas graph={graph} layout={layout} views={views} faded={outdated} />
        </ReactFlowProvider>
      ) : (
        <Waiting />
      )}
    </div>
  )
}

function Nothing({ title, text }: { title: string; text: string }) {
  return (
    <div className={styles.empty} data-testid="dag">
      <h2>{title}</h2>
      <p>{text}</p>
    </div>
  )
}

function Waiting() {
  return (
    <div className={styles.skeleton} aria-label="The graph is being laid out" role="status">
      {[1, 3, 2, 1].map((nodes, row) => (
        <div key={row} className={styles.skeletonRow}>
          {Array.from({ length: nodes }, (_, at) => (
            <Skeleton key={at} width={150} height={44} animate={false} />
          ))}
        </div>
      ))}
    </div>
  )
}
