// The drawer below editor and graph: problems, log, metrics, versions, and the selected node.

import { ActionIcon } from '@mantine/core'
import { type KeyboardEvent } from 'react'
import { Icon } from '../core/icons'
import { never } from '../core/never'
import { NodeTab } from '../inspector/NodeTab'
import { LogTab } from '../run/LogTab'
import { MetricsTab } from '../run/MetricsTab'
import { VersionsTab } from '../versions/VersionsTab'
import { ProblemsTab } from './ProblemsTab'
import { problemsOf, TABS, useIde, type Tab } from './store'
import tabs from '../core/Tab.module.css'
import styles from './Drawer.module.css'

const titles: Record<Tab, string> = {
  problems: 'Problems',
  log: 'Log',
  metrics: 'Metrics',
  versions: 'Versions',
  node: 'Node',
}

export function Drawer() {
  const tab = useIde((ide) => ide.tab)
  const open = useIde((ide) => ide.drawerOpen)
  const openTab = useIde((ide) => ide.openTab)
  const toggle = useIde((ide) => ide.toggleDrawer)
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    const next = step === undefined ? undefined : TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length]
    if (!next) return
    openTab(next)
    document.getElementById(`tab-${next}`)?.focus()
  }
  return (
    <section className={styles.drawer} aria-label="Drawer">
      <div className={styles.head}>
        <div role="tablist" aria-label="Drawer" className={styles.tabs} onKeyDown={onKeyDown}>
          {TABS.map((name) => (
            <button
              key={name}
              id={`tab-${name}`}
              type="button"
              role="tab"
              className={tabs.tab}
              aria-selected={open && tab === name}
              aria-controls="drawer-panel"
              tabIndex={tab === name ? 0 : -1}
              onClick={() => openTab(name)}
              data-testid={`tab-${name}`}
            >
              {titles[name]}
              <Count tab={name} />
            </button>
          ))}
        </div>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={open ? 'Close the drawer' : 'Open the drawer'}
          aria-expanded={open}
          onClick={toggle}
        >
          <span className={styles.chevron} data-open={open}>
            <Icon name="chevron" size={14} />
          </span>
        </ActionIcon>
      </div>
      {open && (
        <div id="drawer-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0} className={styles.panel}>
          <Panel tab={tab} />
        </div>
      )}
    </section>
  )
}

function Panel({ tab }: { tab: Tab }) {
  switch (tab) {
    case 'problems':
      return <ProblemsTab />
    case 'log':
      return <LogTab />
    case 'metrics':
      return <MetricsTab />
    case 'versions':
      return <VersionsTab />
    case 'node':
      return <NodeTab />
    default:
      return never(tab)
  }
}

function Count({ tab }: { tab: Tab }) {
  const problems = useIde((ide) => problemsOf(ide).length)
  const errors = useIde((ide) => problemsOf(ide).some(({ severity }) => severity === 'error'))
  const metrics = useIde((ide) => ide.run?.metrics.length ?? 0)
  const lines = useIde((ide) => ide.run?.log.length ?? 0)
  const count = { problems, metrics, log: lines, versions: 0, node: 0 }[tab]
  if (count === 0) return null
  return (
    <span className={styles.count} data-severity={tab === 'problems' ? (errors ? 'error' : 'warning') : undefined}>
      {count}
    </span>
  )
}
