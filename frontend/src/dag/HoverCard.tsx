// What one learns of a node by pointing at it: what happens to it and why, what it cost, what it gave.

import { metric } from '../core/format'
import { Prose } from '../core/Prose'
import { Costs, Fact } from './Facts'
import type { NodeView } from './view'
import styles from './HoverCard.module.css'

export interface Anchor {
  left: number
  top: number
  right: number
  bottom: number
}

const WIDTH = 300
const GAP = 18

/** Beside the node where there is room, else below or above it. */
function place(anchor: Anchor, pane: { width: number; height: number }): React.CSSProperties {
  const top = Math.max(8, Math.min(anchor.top, pane.height - 200))
  if (anchor.right + GAP + WIDTH < pane.width) return { left: anchor.right + GAP, top }
  if (anchor.left - GAP - WIDTH > 0) return { left: anchor.left - GAP - WIDTH, top }
  const left = Math.max(8, Math.min(anchor.left, pane.width - WIDTH - 8))
  if (anchor.bottom + 190 < pane.height) return { left, top: anchor.bottom + 8 }
  return { left, bottom: pane.height - anchor.top + 8 }
}

export function HoverCard({
  view,
  anchor,
  pane,
}: {
  view: NodeView
  anchor: Anchor
  pane: { width: number; height: number }
}) {
  return (
    <div
      className={styles.card}
      style={{ width: WIDTH, ...place(anchor, pane) }}
      role="tooltip"
      data-testid="node-card"
    >
      <div className={styles.title}>
        <span className={styles.name}>{view.name}</span>
        <span className={styles.operator}>{view.operator}</span>
      </div>
      {view.reason && (
        <p className={styles.reason}>
          <Prose text={view.reason} />
        </p>
      )}
      {view.error && <p className={styles.error}>{view.error}</p>}
      <dl className={styles.facts}>
        <Costs view={view} />
        {view.warnings > 0 && <Fact name="Warnings" value={String(view.warnings)} />}
        {view.metrics.map((one) => (
          <Fact key={one.name} name={one.name} value={metric(one.value)} exact={String(one.value)} />
        ))}
      </dl>
    </div>
  )
}
