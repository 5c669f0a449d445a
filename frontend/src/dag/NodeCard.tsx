// A node as it is drawn in the graph: family, name, operator, state, time and bytes, or the metric it gave.

import { Handle, Position, type Node, type NodeProps } from '@xyflow/react'
import { memo } from 'react'
import { Icon, type IconName } from '../core/icons'
import { count, metric } from '../core/format'
import { Bar } from '../run/Bar'
import { Delta } from '../run/Delta'
import { lookWord, type Look } from '../run/words'
import type { Drawn } from './useViews'
import { costs, hasLargeResult } from './view'
import styles from './NodeCard.module.css'

export type HelixNode = Node<Drawn & { faded: boolean }, 'helix'>

const icons: Record<Look, IconName> = {
  'to-compute': 'gear',
  'to-load': 'drum',
  'to-prune': 'dashed',
  waiting: 'clock',
  running: 'pulse',
  computed: 'check',
  loaded: 'drum',
  failed: 'error',
  skipped: 'skip',
  pruned: 'dashed',
  unknown: 'ring',
}

function NodeCardInner({ data: { view, state, faded }, selected }: NodeProps<HelixNode>) {
  const only = view.metrics.length === 1 ? view.metrics[0] : undefined
  // Where there is little room the icon alone tells the state.
  const tight = only !== undefined || (view.seconds !== null && hasLargeResult(view))
  return (
    <div
      className={styles.card}
      data-testid={`node-${view.name}`}
      data-state={state}
      data-action={view.action ?? ''}
      data-stale={view.stale}
      data-marked={view.marked || undefined}
      data-look={view.look}
      data-metric={only ? '' : undefined}
      data-accent={view.accent}
      data-faded={faded || undefined}
      data-selected={selected || undefined}
    >
      <Handle type="target" position={Position.Top} className={styles.handle} isConnectable={false} />
      {view.loaded && (
        <span className={styles.drumLeft} title="Loaded from the store">
          <Icon name="drum" size={13} label="loaded from the store" />
        </span>
      )}
      <div className={styles.line}>
        <span className={styles.name}>{view.label || view.name}</span>
        <span className={styles.operator}>{view.operator}</span>
      </div>
      <div className={styles.line}>
        <span className={styles.state} title={lookWord[view.look]}>
          <Icon name={icons[view.look]} size={12} />
          <span className={tight ? 'visually-hidden' : undefined}>{lookWord[view.look]}</span>
        </span>
        {view.warnings > 0 && (
          <span className={styles.warns} title={count(view.warnings, 'warning')} data-testid="card-warns">
            <Icon name="warning" size={12} label={count(view.warnings, 'warning')} />
          </span>
        )}
        {view.marked && state === 'compute' && <span className={styles.stale}>stale</span>}
        <span className={styles.costs}>
          {only ? (
            <>
              <b className={styles.value}>{metric(only.value)}</b>{' '}
              <span className={styles.delta}>
                <Delta metric={only} terse />
              </span>
            </>
          ) : view.running?.progress?.fraction != null ? (
            `${Math.round(view.running.progress.fraction * 100)} %`
          ) : (
            costs(view)
          )}
        </span>
      </div>
      {view.running && (
        <span className={styles.progress}>
          <Bar going={{ ...view.running, estimate: view.estimate }} label={`Progress of ${view.name}`} />
        </span>
      )}
      {view.stored && (
        <span className={styles.drumRight} title="Kept in the store">
          <Icon name="drum" size={13} label="kept in the store" />
        </span>
      )}
      <Handle type="source" position={Position.Bottom} className={styles.handle} isConnectable={false} />
    </div>
  )
}

export const NodeCard = memo(
  NodeCardInner,
  (before, after) =>
    before.data.key === after.data.key && before.data.faded === after.data.faded && before.selected === after.selected,
)
