// A snapshot in the strip: a small picture of the dashboard, its number, what was asked, and how far it is.

import { memo, useEffect, useRef, useState, type DragEvent, type KeyboardEvent } from 'react'
import { useShallow } from 'zustand/shallow'
import { exactTime } from '../core/format'
import { Icon } from '../core/icons'
import { sizes } from '../core/theme'
import { useInk } from './draw/ink'
import { later } from './draw/later'
import { thumbnail } from './draw/thumbnail'
import { statusLook } from './looks'
import { useExplore } from './store'
import { figuresOf, shownKey, statusOf } from './strip'
import { snapshotAddress } from './address'
import { TileTools } from './TileTools'
import { useActions } from './useActions'
import styles from './Strip.module.css'

interface Props {
  name: string
  workflow: string
}

export const Tile = memo(function Tile({ name, workflow }: Props) {
  const tile = useExplore((state) => state.tiles[name])
  const shown = useExplore((state) => shownKey(state) === name)
  const marked = useExplore((state) => state.marked.includes(name))
  const dashboard = useExplore((state) => state.dashboard)
  const pick = useExplore((state) => state.pick)
  const actions = useActions()
  const [near, setNear] = useState(false)
  const [labelling, setLabelling] = useState(false)
  if (!tile) return null
  const status = statusOf(tile)
  const { icon, word } = statusLook(status)
  const said = tile.label || tile.words
  const onDragStart = (event: DragEvent) => {
    const address = snapshotAddress(workflow, dashboard, tile.number)
    event.dataTransfer.setData('text/uri-list', address)
    event.dataTransfer.setData('text/plain', `${said} ${address}`)
    event.dataTransfer.effectAllowed = 'copyLink'
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Delete') return
    event.preventDefault()
    actions.remove(name)
  }
  return (
    <div
      className={styles.tile}
      data-testid={`tile-${tile.number}`}
      data-status={status}
      data-shown={shown || undefined}
      data-marked={marked || undefined}
      onPointerEnter={() => setNear(true)}
      onPointerLeave={() => setNear(false)}
      onFocus={() => setNear(true)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setNear(false)
      }}
    >
      <button
        type="button"
        className={styles.main}
        aria-current={shown || undefined}
        title={`${said}\n${exactTime(tile.askedAt)}`}
        draggable
        onDragStart={onDragStart}
        onClick={() => pick(name)}
        onKeyDown={onKeyDown}
      >
        <Picture name={name} />
        <span className={styles.line}>
          <b>#{tile.number}</b>
          {tile.pinned && <Icon name="pin" size={11} label="pinned" />}
          {marked && <Icon name="compare" size={11} label="compared" />}
          <span className={styles.status} data-status={status}>
            <Icon name={icon} size={11} />
            {word}
          </span>
        </span>
        {!labelling && <span className={styles.words}>{said}</span>}
      </button>
      {labelling && (
        <Label
          label={tile.label}
          done={(label) => {
            setLabelling(false)
            if (label !== null && label !== tile.label) actions.label(name, label)
          }}
        />
      )}
      {near && !labelling && (
        <TileTools tile={tile} status={status} marked={marked} workflow={workflow} label={() => setLabelling(true)} />
      )}
    </div>
  )
})

/** Drawn when there is time, and only when another figure has come: no control waits for a picture. */
function Picture({ name }: { name: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const ink = useInk()
  const charts = useExplore((state) => state.tiles[name]?.state.charts ?? NONE)
  const figures = useExplore(useShallow((state) => figuresOf(state.tiles[name])))
  const known = figures.some((figure) => figure !== null)
  useEffect(() => {
    const element = canvas.current
    if (!element || !known) return
    const { width, picture } = sizes.tile
    return later(element, () => thumbnail(element, charts, figures, width - 10, picture, ink))
  }, [charts, figures, known, ink])
  return known ? (
    <canvas ref={canvas} className={styles.picture} aria-hidden />
  ) : (
    <span className={styles.unknown} aria-hidden />
  )
}

const NONE: [] = []

/** Enter and leaving it keep the label, Escape does not. */
function Label({ label, done }: { label: string; done: (label: string | null) => void }) {
  const over = useRef(false)
  const end = (text: string | null) => {
    if (over.current) return
    over.current = true
    done(text)
  }
  return (
    <input
      className={styles.label}
      defaultValue={label}
      maxLength={200}
      aria-label="Label of the snapshot"
      placeholder="Label"
      ref={(element) => element?.focus()}
      onBlur={(event) => end(event.currentTarget.value.trim())}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Enter') end(event.currentTarget.value.trim())
        if (event.key === 'Escape') end(null)
      }}
    />
  )
}
