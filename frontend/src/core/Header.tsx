// The header of every signed-in page: where one is, the palette, the colour scheme, the way out.

import {
  ActionIcon,
  Menu,
  Tooltip,
  UnstyledButton,
  useMantineColorScheme,
  type MantineColorScheme,
} from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { usePalette } from '../palette/store'
import { answer, api } from './api'
import { useConnection } from './connection'
import { Icon, type IconName } from './icons'
import { keys } from './platform'
import { complain } from './toasts'
import styles from './Header.module.css'

export function Header({ children, sections }: { children?: ReactNode; sections?: ReactNode }) {
  const openPalette = usePalette((state) => state.open)
  return (
    <header className={styles.header}>
      <nav className={styles.trail} aria-label="Breadcrumb">
        <Link to="/" className={styles.brand}>
          <Logo />
          HelixWeb
        </Link>
        {children}
      </nav>
      {sections}
      <UnstyledButton className={styles.search} onClick={openPalette} aria-keyshortcuts="Control+K">
        <Icon name="search" size={14} />
        <span className={styles.hint}>Search and commands</span>
        <kbd className={styles.kbd} aria-hidden>
          {keys('K')}
        </kbd>
      </UnstyledButton>
      <div className={styles.tools}>
        <KeysButton />
        <SchemeMenu />
        <SignOut />
      </div>
    </header>
  )
}

export function Logo() {
  return (
    <svg width="18" height="18" viewBox="0 0 32 32" fill="none" strokeWidth="3.4" strokeLinecap="round" aria-hidden>
      <path className={styles.strandData} d="M9 3c0 9 14 9 14 17 0 4-3 6-5 9" />
      <path className={styles.strandLearning} d="M23 3c0 9-14 9-14 17 0 4 3 6 5 9" />
    </svg>
  )
}

function KeysButton() {
  const openKeys = usePalette((state) => state.openKeys)
  return (
    <Tooltip label="Keyboard shortcuts (?)">
      <ActionIcon variant="subtle" color="gray" aria-label="Keyboard shortcuts" onClick={openKeys}>
        <Icon name="keyboard" />
      </ActionIcon>
    </Tooltip>
  )
}

const schemes: { value: MantineColorScheme; label: string; icon: IconName }[] = [
  { value: 'auto', label: 'System', icon: 'system' },
  { value: 'light', label: 'Light', icon: 'sun' },
  { value: 'dark', label: 'Dark', icon: 'moon' },
]

function SchemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const current = schemes.find((scheme) => scheme.value === colorScheme)
  return (
    <Menu position="bottom-end" width={150}>
      <Menu.Target>
        <Tooltip label={`Colours: ${current?.label ?? 'System'}`}>
          <ActionIcon variant="subtle" color="gray" aria-label="Colour scheme">
            <Icon name={current?.icon ?? 'system'} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {schemes.map((scheme) => (
          <Menu.Item
            key={scheme.value}
            leftSection={<Icon name={scheme.icon} size={14} />}
            rightSection={scheme.value === colorScheme ? <Icon name="check" size={14} label="chosen" /> : null}
            onClick={() => setColorScheme(scheme.value)}
          >
            {scheme.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function SignOut() {
  // The guard around the pages leads to the sign-in page, and from there back here.
  const leave = () => {
    answer(api.DELETE('/api/session')).then(useConnection.getState().signedOut).catch(complain)
  }
  return (
    <Tooltip label="Sign out">
      <ActionIcon variant="subtle" color="gray" aria-label="Sign out" onClick={leave}>
        <Icon name="out" />
      </ActionIcon>
    </Tooltip>
  )
}
