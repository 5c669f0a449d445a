// What the palette and the keys offer while a workflow is open.

import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { MOD, keys } from '../core/platform'
import { plain } from '../core/Prose'
import { useCommands, type Command } from '../palette/store'
import { isActive } from '../run/state'
import { useCheckout } from '../versions/useCheckout'
import { versionsQuery } from '../versions/queries'
import { TABS, useIde, useIdeStore, type IdeStore, type Tab } from './store'
import { saveDraft } from './useDraft'
import type { Starter } from './useRun'

const tabTitles: Record<Tab, string> = {
  problems: 'Show problems',
  log: 'Show log',
  metrics: 'Show metrics',
  versions: 'Show versions',
  node: 'Show the selected node',
}

export function useIdeCommands(start: Starter['start'], cancel: Starter['cancel']): void {
  const store = useIdeStore()
  const active = useIde((ide) => ide.run !== null && isActive(ide.run.status))
  useCommands(
    'ide',
    useMemo(() => actions(store, start, active ? cancel : null), [store, start, cancel, active]),
  )
  useNodeCommands(store, start)
  useVersionCommands()
  useKeys(store, start)
}

function actions(store: IdeStore, start: Starter['start'], cancel: Starter['cancel'] | null): Command[] {
  const { openTab, toggleDrawer } = store.getState()
  const action = (id: string, title: string, icon: Command['icon'], run: () => void, key?: string): Command => ({
    id,
    group: 'Actions',
    title,
    icon,
    run,
    ...(key ? { keys: key } : {}),
  })
  return [
    ...(cancel
      ? [action('cancel', 'Cancel the run', 'stop', cancel)]
      : [
          action('run', 'Run', 'play', () => start(), `${MOD}+Enter`),
          action('run-anew', 'Run everything anew, without reuse', 'play', () => start({ reuse: false })),
        ]),
    action('save', 'Save now', 'check', () => void saveDraft(store), keys('S')),
    ...TABS.map((tab, at) => action(`tab-${tab}`, tabTitles[tab], 'chevron', () => openTab(tab), `Alt+${at + 1}`)),
    action('drawer', 'Open or close the drawer', 'chevron', toggleDrawer),
    action('edit', 'Go to the editor', 'pencil', () => store.getState().editor?.focus()),
  ]
}

function useNodeCommands(store: IdeStore, start: Starter['start']): void {
  const nodes = useIde((ide) => ide.dag?.nodes)
  const selected = useIde((ide) => ide.selected)
  const commands = useMemo(() => {
    const forced: Command[] =
      selected === null
        ? []
        : [
            {
              id: 'only',
              group: 'Actions',
              title: `Compute ${selected} alone`,
              icon: 'play',
              run: () => start({ only: [selected] }),
            },
            {
              id: 'force',
              group: 'Actions',
              title: `Run, computing ${selected} anew`,
              icon: 'play',
              run: () => start({ force: [selected] }),
            },
          ]
    const found = (nodes ?? []).map((node): Command => ({
      id: `node-${node.name}`,
      group: 'Nodes',
      title: node.name,
      detail: `${node.operator}, line ${node.line}`,
      icon: 'ring',
      run: () => {
        const { select, editor } = store.getState()
        select(node.name)
        editor?.reveal(node.line)
      },
    }))
    return [...forced, ...found]
  }, [store, start, nodes, selected])
  useCommands('nodes', commands)
}

function useVersionCommands(): void {
  const id = useIde((ide) => ide.id)
  const { data: versions } = useQuery(versionsQuery(id))
  const checkout = useCheckout()
  const commands = useMemo(
    () =>
      (versions ?? []).map((version): Command => ({
        id: `version-${version.id}`,
        group: 'Versions',
        title: `Check out v${version.number}`,
        detail: plain(version.message),
        icon: 'branch',
        run: () => checkout(version),
      })),
    [versions, checkout],
  )
  useCommands('versions', commands)
}

/** Keys that work wherever the focus is. In the editor CodeMirror sees them first. */
function useKeys(store: IdeStore, start: Starter['start']): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return
      const act = keyed(event, store, start)
      if (!act) return
      event.preventDefault()
      act()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [store, start])
}

function keyed(event: KeyboardEvent, store: IdeStore, start: Starter['start']): (() => void) | null {
  const { run, openTab, editor } = store.getState()
  if (event.ctrlKey || event.metaKey) {
    if (event.key === 'Enter') return () => (run && isActive(run.status) ? undefined : start())
    if (event.key === 's') return () => void saveDraft(store)
    return null
  }
  if (event.key === 'F8') return () => editor?.nextProblem()
  const tab = event.altKey ? TABS[Number(event.code.replace('Digit', '')) - 1] : undefined
  return tab ? () => openTab(tab) : null
}
