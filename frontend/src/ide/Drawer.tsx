// The drawer below editor and graph: problems, log, metrics, versions, and the selected node.

import { ActionIcon } from '@mantine/core'
import { Icon } from '../core/icons'
import { never } from '../core/never'
import { tabId, Tabs } from '../core/Tabs'
import { NodeTab } from '../inspector/NodeTab'
import { LogTab } from '../run/LogTab'
import { MetricsTab } from '../run/MetricsTab'
import { VersionsTab } from '../versions/VersionsTab'
import { ProblemsTab } from './ProblemsTab'
import { problemsOf, TABS, useIde, type Tab } from './store'
import styles from './Drawer.module.css'

const PANEL = 'drawer-panel'

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
  return (
    <section className={styles.drawer} aria-label="Drawer">
      <div className={styles.head}>
        <Tabs
          label="Drawer"
          names={TABS}
          shown={tab}
          panel={PANEL}
          open={open}
          className={styles.tabs}
          choose={openTab}
          title={(name) => (
            <>
              {titles[name]}
              <Count tab={name} />
            </>
          )}
        />
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
        <div id={PANEL} role="tabpanel" aria-labelledby={tabId(PANEL, tab)} tabIndex={0} className={styles.panel}>
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
