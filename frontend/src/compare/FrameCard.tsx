// The frame behind nodes that were split or merged, with what became of them in its title.

import type { Node, NodeProps } from '@xyflow/react'
import { memo } from 'react'
import { Icon } from '../core/icons'
import type { GroupFrame } from './merged'
import styles from './DagView.module.css'

export type FrameNode = Node<{ title: string }, 'frame'>

/** The frame in React Flow's terms: behind all nodes, and nothing that can be pointed at. */
export const frameNode = ({ id, title, x, y, width, height }: GroupFrame): FrameNode => ({
  id,
  type: 'frame',
  position: { x, y },
  width,
  height,
  measured: { width, height },
  zIndex: -1,
  selectable: false,
  focusable: false,
  style: { pointerEvents: 'none' },
  data: { title },
})

export const FrameCard = memo(function FrameCard({ data: { title } }: NodeProps<FrameNode>) {
  return (
    <div className={styles.frame} data-testid="group-frame">
      <Icon name="branch" size={11} />
      <span className={styles.words}>{title}</span>
    </div>
  )
})
