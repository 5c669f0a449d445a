// The command palette: one list over actions, nodes, workflows and versions, driven by the keyboard.

import { Modal } from '@mantine/core'
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { Icon } from '../core/icons'
import { match } from './match'
import { usePalette, type Command } from './store'
import styles from './Palette.module.css'

export function Palette() {
  const shown = usePalette((state) => state.shown === 'palette')
  const close = usePalette((state) => state.close)
  return (
    <Modal
      opened={shown}
      onClose={close}
      withCloseButton={false}
      size={560}
      yOffset="12vh"
      padding={0}
      // At once: what is typed right after the key must not get lost.
      transitionProps={{ duration: 0 }}
      attributes={{ content: { 'aria-label': 'Search and commands' } }}
      data-testid="palette"
    >
      <Finder close={close} />
    </Modal>
  )
}

function Finder({ close }: { close: () => void }) {
  const sources = usePalette((state) => state.sources)
  const [query, setQuery] = useState('')
  const [index, setIndex] = useState(0)
  const list = useId()
  const listRef = useRef<HTMLUListElement>(null)
  const found = useMemo(() => match(query, Object.values(sources).flat()), [query, sources])
  const current = found[Math.min(index, found.length - 1)]

  useEffect(() => {
    listRef.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [current])

  const take = (command: Command | undefined) => {
    if (!command) return
    close()
    command.run()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && found.length > 0) {
      event.preventDefault()
      setIndex((Math.min(index, found.length - 1) + step + found.length) % found.length)
    } else if (event.key === 'Enter') {
      event.preventDefault()
      take(current)
    }
  }
  return (
    <div className={styles.finder}>
      <div className={styles.query}>
        <Icon name="search" />
        <input
          className={styles.input}
          data-autofocus
          autoFocus
          placeholder="Go to a workflow or a node, or do something…"
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={current ? `${list}-${current.id}` : undefined}
          aria-label="Search and commands"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value)
            setIndex(0)
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul id={list} ref={listRef} role="listbox" aria-label="Results" className={styles.list}>
        {found.map((command, at) => (
          <Row
            key={command.id}
            id={`${list}-${command.id}`}
            command={command}
            heading={command.group !== found[at - 1]?.group}
            selected={command === current}
            onPoint={() => setIndex(at)}
            onTake={() => take(command)}
          />
        ))}
      </ul>
      {found.length === 0 && <p className={styles.empty}>Nothing is called “{query}”. Try fewer letters.</p>}
    </div>
  )
}

interface RowProps {
  id: string
  command: Command
  heading: boolean
  selected: boolean
  onPoint: () => void
  onTake: () => void
}

function Row({ id, command, heading, selected, onPoint, onTake }: RowProps) {
  return (
    <>
      {heading && (
        <li role="presentation" className={styles.group}>
          {command.group}
        </li>
      )}
      <li
        id={id}
        role="option"
        aria-selected={selected}
        className={styles.row}
        onPointerMove={selected ? undefined : onPoint}
        onClick={onTake}
      >
        <Icon name={command.icon} size={14} />
        <span className={styles.title}>{command.title}</span>
        {command.detail && <span className={styles.detail}>{command.detail}</span>}
        {command.keys && <kbd className={styles.kbd}>{command.keys}</kbd>}
      </li>
    </>
  )
}
