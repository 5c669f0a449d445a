// A node of the merged graph as it is drawn: its family, name and operator, and what became of it in sign and words.

import { Handle, Position, type Node, type NodeProps } from '@xyflow/react'
import { memo } from 'react'
import { accentOf } from '../core/family'
import { Icon } from '../core/icons'
import type { MergedNode } from '../core/types'
import type { Spotlight } from './address'
import { sideOf, toneIcon, type Tone } from './merged'
import card from '../dag/NodeCard.module.css'
import styles from './DagView.module.css'

// A type rather than an interface: React Flow wants node data with an implicit index signature.
export type MergedData = {
  node: MergedNode
  tone: Tone
  words: string
  /** The side in the light, if one is: then a node is shown as it is there. */
  side: Spotlight | null
  dim: boolean
}

export type MergedFlowNode = Node<MergedData, 'merged'>

function MergedCardInner({ data: { node, tone, words, side, dim }, selected }: NodeProps<MergedFlowNode>) {
  const drawn = (side === 'a' ? node.before : node.after) ?? sideOf(node)
  return (
    <div
      className={`${card.card} ${styles.card}`}
      data-testid={`merged-${node.id}`}
      data-tone={tone}
      data-accent={accentOf(drawn)}
      data-faded={dim || undefined}
      data-selected={selected || undefined}
      title={`${node.id}: ${words}`}
    >
      <Handle type="target" position={Position.Top} className={card.handle} isConnectable={false} />
      <div className={card.line}>
        <span className={card.name}>{drawn.label || drawn.name}</span>
        <span className={card.operator}>{drawn.operator}</span>
      </div>
      <div className={card.line}>
        <span className={`${card.state} ${styles.state}`}>
          <Icon name={toneIcon[tone]} size={12} />
          <span className={styles.words}>{words}</span>
        </span>
      </div>
      <Handle type="source" position={Position.Bottom} className={card.handle} isConnectable={false} />
    </div>
  )
}

export const MergedCard = memo(MergedCardInner)
