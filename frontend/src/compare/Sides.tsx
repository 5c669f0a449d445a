// The two sides of a comparison as pickers, and a button that swaps them.

import { ActionIcon, Menu, TextInput, Tooltip } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { useNavigate } from 'react-router'
import { ago, exactTime } from '../core/format'
import { Icon } from '../core/icons'
import { MINUTE, useNow } from '../core/now'
import { plain, Prose } from '../core/Prose'
import { durations } from '../core/theme'
import type { ComparedSide, Comparison } from '../core/types'
import { useCommands, type Command } from '../palette/store'
import { foundQuery, versionsQuery } from '../versions/queries'
import { changed, compareAddress, DRAFT } from './address'
import { useKeys } from './useCompareKeys'
import styles from './Sides.module.css'

const MOST = 100

interface Props {
  workflow: string
  before: string
  after: string
  comparison: Comparison | undefined
}

export function Sides({ workflow, before, after, comparison }: Props) {
  const navigate = useNavigate()
  /** Goes to another pair; the runs that are told of stay with the versions that they are of. */
  const go = useCallback(
    (one: string, other: string) => {
      const params = new URLSearchParams(location.search) // of now: keys may be pressed faster than the page is drawn
      const runs = { [before]: params.get('before_run'), [after]: params.get('after_run') }
      const twin = before === after
      const swapped = twin && one === other ? [params.get('after_run'), params.get('before_run')] : null
      const kept = changed(params, {
        beforeRun: swapped ? (swapped[0] ?? null) : twin ? null : (runs[one] ?? null),
        afterRun: swapped ? (swapped[1] ?? null) : twin ? null : (runs[other] ?? null),
      })
      void navigate(`${compareAddress(workflow, one, other)}?${kept}`)
    },
    [navigate, workflow, before, after],
  )
  const swap = useCallback(() => go(after, before), [go, before, after])
  useCommands(
    'compare-sides',
    useMemo(
      (): Command[] => [
        { id: 'compare-swap', group: 'Actions', title: 'Swap the sides', icon: 'swap', keys: 'X', run: swap },
      ],
      [swap],
    ),
  )
  useKeys(useMemo(() => ({ x: swap }), [swap]))
  const parent = (side: ComparedSide | undefined) => side?.version?.parent ?? null
  return (
    <div className={styles.sides}>
      <Side
        letter="A"
        workflow={workflow}
        side={comparison?.before}
        parent={parent(comparison?.after)}
        named={before}
        choose={(version) => go(version, after)}
      />
      <Tooltip label="Swap the sides (X)">
        <ActionIcon variant="default" size={28} aria-label="Swap the sides" onClick={swap}>
          <Icon name="swap" size={14} />
        </ActionIcon>
      </Tooltip>
      <Side
        letter="B"
        workflow={workflow}
        side={comparison?.after}
        parent={parent(comparison?.before)}
        named={after}
        choose={(version) => go(before, version)}
      />
    </div>
  )
}

interface SideProps {
  letter: 'A' | 'B'
  workflow: string
  side: ComparedSide | undefined
  /** The version before that of the other side. */
  parent: string | null
  named: string
  choose: (version: string) => void
}

function Side({ letter, workflow, side, parent, named, choose }: SideProps) {
  const now = useNow(MINUTE)
  const [sought, setSought] = useState('')
  const version = side?.version
  const title = version ? `v${version.number}` : named === DRAFT ? 'Draft' : named
  const message = version ? version.message : named === DRAFT ? 'The text of now' : ''
  return (
    <Menu position="bottom-start" width={460} onClose={() => setSought('')} trapFocus>
      <Menu.Target>
        <button type="button" className={styles.side} data-testid={`side-${letter.toLowerCase()}`}>
          <span className={styles.letter}>{letter}</span>
          <b className={styles.version}>{title}</b>
          <span className={styles.message} title={plain(message)}>
            <Prose text={message} />
          </span>
          {version && (
            <span className={styles.when} title={exactTime(version.created_at)}>
              {ago(version.created_at, now)}
            </span>
          )}
          <span className={styles.open}>
            <Icon name="chevron" size={11} />
          </span>
        </button>
      </Menu.Target>
      <Menu.Dropdown className={styles.dropdown ?? ''}>
        <TextInput
          size="xs"
          mb={4}
          placeholder="Number, message or id"
          aria-label={`Find a version for ${letter}`}
          value={sought}
          onChange={(event) => setSought(event.currentTarget.value)}
          data-autofocus
        />
        <Versions workflow={workflow} sought={sought} parent={parent} letter={letter} choose={choose} />
      </Menu.Dropdown>
    </Menu>
  )
}

interface VersionsProps {
  workflow: string
  sought: string
  parent: string | null
  letter: 'A' | 'B'
  choose: (version: string) => void
}

function Versions({ workflow, sought, parent, letter, choose }: VersionsProps) {
  const now = useNow(MINUTE)
  const [asked] = useDebouncedValue(sought.trim(), durations.check)
  const { data: newest } = useQuery(versionsQuery(workflow))
  const { data: matching } = useQuery({ ...foundQuery(workflow, asked), enabled: asked !== '' })
  const versions = asked === '' ? newest : matching
  const found = versions ?? []
  const before = newest?.find((version) => version.id === parent)
  return (
    <div className={styles.list}>
      {sought === '' && (
        <Menu.Item onClick={() => choose(DRAFT)} leftSection={<b className={styles.version}>Draft</b>}>
          The text of now
        </Menu.Item>
      )}
      {sought === '' && parent !== null && (
        <Menu.Item
          onClick={() => choose(before ? `v${before.number}` : parent)}
          leftSection={before && <b className={styles.version}>v{before.number}</b>}
        >
          The version before {letter === 'A' ? 'B' : 'A'}
        </Menu.Item>
      )}
      {found.slice(0, MOST).map((version) => (
        <Menu.Item
          key={version.id}
          onClick={() => choose(`v${version.number}`)}
          leftSection={<b className={styles.version}>v{version.number}</b>}
          rightSection={<span className={styles.when}>{ago(version.created_at, now)}</span>}
        >
          <span className={styles.message}>
            <Prose text={version.message} />
          </span>
        </Menu.Item>
      ))}
      {found.length > MOST && <p className={styles.more}>{found.length - MOST} more: type to find them.</p>}
      {versions && found.length === 0 && <p className={styles.more}>No version fits.</p>}
    </div>
  )
}
