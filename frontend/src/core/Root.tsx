// What surrounds every page: the sign-in guard, the socket, the offline banner, notes, palette and keys.

import { Button, useMantineColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { Navigate, Outlet, useLocation, useNavigate } from 'react-router'
import { Keys } from '../palette/Keys'
import { Palette } from '../palette/Palette'
import { useCommands, usePalette, type Command } from '../palette/store'
import { workflowsQuery } from '../workflows/queries'
import { useConnection } from './connection'
import { Icon } from './icons'
import { useNewer } from './newer'
import { socket } from './socket'
import { complain, Toasts } from './toasts'
import styles from './Root.module.css'

export function Root() {
  return (
    <>
      <Offline />
      <Outdated />
      <Outlet />
      <Toasts />
    </>
  )
}

/** Pages for those who are signed in. */
export function SignedIn() {
  const signedIn = useConnection((state) => state.signedIn)
  const location = useLocation()
  useEffect(() => {
    if (!signedIn) return
    const stopListening = socket.listen((message) => {
      if (message.type === 'error') complain(new Error(message.message))
    })
    socket.start()
    return () => {
      stopListening()
      socket.stop()
    }
  }, [signedIn])
  if (!signedIn)
    return (
      <Navigate
        to={`/sign-in?${new URLSearchParams({ next: location.pathname + location.search }).toString()}`}
        replace
      />
    )
  return (
    <>
      <Outlet />
      <GlobalCommands />
      <Palette />
      <Keys />
    </>
  )
}

function Offline() {
  const online = useConnection((state) => state.online)
  if (online) return null
  return (
    <div className={styles.offline} role="alert" data-testid="offline">
      <Icon name="warning" size={14} />
      <span>The server cannot be reached. Edits are kept in this browser, and saved when it answers again.</span>
    </div>
  )
}

function Outdated() {
  const noticed = useNewer((state) => state.noticed)
  const online = useConnection((state) => state.online)
  if (!noticed || !online) return null
  return (
    <div className={styles.offline} role="alert" data-testid="outdated">
      <Icon name="warning" size={14} />
      <span>HelixWeb is newer than this page, which does not show all that it says.</span>
      <Button variant="default" size="compact-xs" onClick={() => location.reload()}>
        Reload
      </Button>
    </div>
  )
}

function GlobalCommands() {
  const navigate = useNavigate()
  const { setColorScheme } = useMantineColorScheme()
  const openKeys = usePalette((state) => state.openKeys)
  const { data: workflows } = useQuery(workflowsQuery)
  const commands = useMemo((): Command[] => {
    const scheme = (value: 'auto' | 'light' | 'dark', title: string, icon: Command['icon']): Command => ({
      id: `scheme-${value}`,
      group: 'Actions',
      title,
      detail: 'theme',
      icon,
      run: () => setColorScheme(value),
    })
    return [
      scheme('light', 'Light colours', 'sun'),
      scheme('dark', 'Dark colours', 'moon'),
      scheme('auto', 'Colours of the system', 'system'),
      { id: 'keys', group: 'Actions', title: 'Keyboard shortcuts', keys: '?', icon: 'keyboard', run: openKeys },
      { id: 'home', group: 'Workflows', title: 'All workflows', icon: 'branch', run: () => void navigate('/') },
      ...(workflows ?? []).map((workflow): Command => ({
        id: `workflow-${workflow.id}`,
        group: 'Workflows',
        title: workflow.name,
        detail: workflow.description,
        icon: 'branch',
        run: () => void navigate(`/workflows/${workflow.id}`),
      })),
    ]
  }, [workflows, navigate, setColorScheme, openKeys])
  useCommands('global', commands)
  useGlobalKeys()
  return null
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

function useGlobalKeys(): void {
  const { open, openKeys, close } = usePalette.getState()
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        if (usePalette.getState().shown === 'palette') close()
        else open()
      } else if (event.key === '?' && !isTyping(event.target)) {
        event.preventDefault()
        openKeys()
      }
    }
    // Before the editor, which has a Ctrl-K of its own.
    window.addEventListener('keydown', onKeyDown, { capture: true })
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true })
  }, [open, openKeys, close])
}
