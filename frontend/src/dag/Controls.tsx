// Zoom, fit and overview, at the corner of the graph; and what its colours and drums mean.

import { ActionIcon, Tooltip } from '@mantine/core'
import { useReactFlow } from '@xyflow/react'
import type { ReactNode } from 'react'
import { Icon, type IconName } from '../core/icons'
import { durations } from '../core/theme'
import styles from './Dag.module.css'

interface Props {
  fit: () => void
  map: boolean
  toggleMap: () => void
  legend: ReactNode
}

export function Controls({ fit, map, toggleMap, legend }: Props) {
  const flow = useReactFlow()
  return (
    <div className={styles.foot}>
      {legend}
      <div className={styles.controls} role="toolbar" aria-label="Graph">
        <Control icon="plus" label="Zoom in (+)" onClick={() => void flow.zoomIn({ duration: durations.motion })} />
        <Control icon="minus" label="Zoom out (−)" onClick={() => void flow.zoomOut({ duration: durations.motion })} />
        <Control icon="fit" label="Fit (0)" onClick={fit} />
        <Control icon="map" label={map ? 'Hide the overview' : 'Show the overview'} onClick={toggleMap} pressed={map} />
      </div>
    </div>
  )
}

/** What the colours and drums of an open workflow's graph mean. */
export function Legend() {
  return (
    <ul className={styles.legend} aria-label="Legend">
      <li data-accent="data">data</li>
      <li data-accent="learning">learning</li>
      <li data-drum="left">
        <Icon name="drum" size={12} /> loaded
      </li>
      <li data-drum="right">
        kept <Icon name="drum" size={12} />
      </li>
    </ul>
  )
}

function Control({
  icon,
  label,
  onClick,
  pressed,
}: {
  icon: IconName
  label: string
  onClick: () => void
  pressed?: boolean
}) {
  return (
    <Tooltip label={label} position="top-end">
      <ActionIcon variant="subtle" color="gray" size={24} aria-label={label} aria-pressed={pressed} onClick={onClick}>
        <Icon name={icon} size={14} />
      </ActionIcon>
    </Tooltip>
  )
}
