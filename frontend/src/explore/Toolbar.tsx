// Above the charts: which dashboard this is, of what data, what is pending, and what can be done to all of it.

import { ActionIcon, Button, Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { count } from '../core/format'
import { Icon } from '../core/icons'
import { plain } from '../core/Prose'
import type { Dashboard as Told, Workflow } from '../core/types'
import { useCommands, type Command } from '../palette/store'
import { versionsQuery } from '../versions/queries'
import { Dashboards } from './Dashboards'
import { LatencyBadge, LatencyDialog } from './Latency'
import { useExplore, useExploreStore } from './store'
import { isPending, profileOf, shownKey, shownTile } from './strip'
import { useActions } from './useActions'
import { MOST_CHARTS } from './state'
import { whole } from './words'
import styles from './Dashboard.module.css'

interface Props {
  workflow: Workflow
  dashboard: Told
  add: () => void
}

const MOST = 30 // versions that are offered

export function Toolbar({ workflow, dashboard, add }: Props) {
  const delay = useExplore((state) => state.delay)
  const [latency, setLatency] = useState(false)
  const full = useExplore((state) => (shownTile(state)?.state.charts.length ?? 0) >= MOST_CHARTS)
  useCommands(
    'explore',
    useMemo(
      (): Command[] => [
        { id: 'add-chart', group: 'Actions', title: 'Add a chart', icon: 'plus', run: add },
        { id: 'latency', group: 'Actions', title: 'Set the latency', icon: 'clock', run: () => setLatency(true) },
      ],
      [add],
    ),
  )
  return (
    <div className={styles.bar}>
      <Dashboards workflow={workflow} current={dashboard} />
      <Data workflow={workflow.id} node={dashboard.node} />
      <span className={styles.space} />
      <Following />
      <Pending />
      <LatencyBadge delay={delay} open={() => setLatency(true)} />
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<Icon name="plus" size={13} />}
        disabled={full}
        title={full ? `A dashboard has at most ${MOST_CHARTS} charts.` : undefined}
        onClick={add}
      >
        Add chart
      </Button>
      <Menu position="bottom-end" width={180}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label="More of this dashboard">
            <Icon name="dots" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name="clock" size={14} />} onClick={() => setLatency(true)}>
            Latency…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {latency && <LatencyDialog dashboard={dashboard.id} delay={delay} close={() => setLatency(false)} />}
    </div>
  )
}

/** What the charts are of; another version can be asked. */
function Data({ workflow, node }: { workflow: string; node: string }) {
  const version = useExplore((state) => shownTile(state)?.version ?? null)
  const rows = useExplore((state) => profileOf(state, shownKey(state))?.rows ?? null)
  const [opened, setOpened] = useState(false)
  const { data: versions } = useQuery({ ...versionsQuery(workflow), enabled: opened })
  const store = useExploreStore()
  const { ask } = useActions()
  const askOf = (id: string) => {
    const shown = shownTile(store.getState())
    if (shown) ask(shown.state, id)
  }
  return (
    <span className={styles.data}>
      {node === '' ? 'the versions' : <code>{node}</code>}
      {node !== '' && version !== null && (
        <Menu position="bottom-start" width={320} opened={opened} onChange={setOpened}>
          <Menu.Target>
            <button type="button" className={styles.version} title="Ask the same of another version">
              v{version}
              <Icon name="chevron" size={10} />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>Ask the same of another version</Menu.Label>
            {versions?.slice(0, MOST).map(({ id, number, message }) => (
              <Menu.Item
                key={id}
                disabled={number === version}
                leftSection={<b>v{number}</b>}
                onClick={() => askOf(id)}
              >
                <span className={styles.cut}>{plain(message)}</span>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {rows !== null && <span title={`${rows} rows`}>{whole(rows)} rows</span>}
    </span>
  )
}

function Following() {
  const picked = useExplore((state) => (state.picked === null ? null : (shownTile(state)?.number ?? null)))
  const follow = useExplore((state) => state.follow)
  if (picked === null) return null
  return (
    <>
      <span className={styles.hint}>Looking at #{picked}</span>
      <Button size="compact-sm" variant="light" onClick={follow}>
        Follow newest
      </Button>
    </>
  )
}

function Pending() {
  const pending = useExplore(({ order, tiles }) => {
    let found = 0
    for (const key of order) if (tiles[key] && isPending(tiles[key])) found += 1
    return found
  })
  const { cancel } = useActions()
  if (pending === 0) return null
  return (
    <>
      <span className={styles.pending} data-testid="pending">
        <Icon name="clock" size={12} />
        {count(pending, 'pending', 'pending')}
      </span>
      <Button size="compact-sm" variant="subtle" onClick={() => cancel(null)}>
        Cancel all
      </Button>
    </>
  )
}
