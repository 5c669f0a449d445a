// The strip of snapshots as a pure function of what was asked and what came back: in the order asked, each answer in its own tile,
// an older one never over a newer one.

import type { Answer, AnswerStatus, Chart, DashboardState, Figure, Profile, Snapshot } from '../core/types'
import { askedBy, sameState } from './state'

/** Of a snapshot that the server knows: "sent". */
export type Sending = 'queued' | 'sending' | 'sent' | 'not sent'

export interface Tile {
  /** Its name on this page, from the moment it was asked. */
  key: string
  /** The server's; empty until it has answered. */
  id: string
  number: number
  version: number | null
  /** The version's id that was asked for; null for the last snapshot's. */
  asked: string | null
  state: DashboardState
  words: string
  label: string
  pinned: boolean
  deleted: boolean
  askedAt: string
  revision: number
  sending: Sending
  /** Why it was not sent. */
  problem: string
  /** By chart; `PROFILE` is what is known of the columns. */
  answers: Readonly<Record<string, Answer>>
  /** What was set here and the server does not know yet. */
  untold: Setting
}

/** What a person sets on a snapshot. */
export type Setting = Partial<Pick<Tile, 'pinned' | 'label' | 'deleted'>>

/** An interaction, by whose key the server knows it again. */
export type Asked = Pick<Tile, 'key' | 'state' | 'words' | 'asked' | 'askedAt'>

export interface Strip {
  tiles: Readonly<Record<string, Tile>>
  /** Keys of the tiles that are shown, in the order asked. */
  order: readonly string[]
  /** The key of the tile that is looked at; null follows the newest. */
  picked: string | null
  /** All changes up to this one are known. */
  revision: number
  /** Snapshots that nobody here is known to have asked for, while something is being sent: it may be that. */
  early: readonly Snapshot[]
}

export const PROFILE = 'profile'
export const NOT_KEPT = 'not-kept'

/** A name that nobody else gives. Pages that are not served securely have no `crypto.randomUUID`. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

export const empty = (revision = 0): Strip => ({ tiles: {}, order: [], picked: null, revision, early: [] })

/** An interaction: its tile is there at once, at the end, and looked at. */
export function asked(strip: Strip, tile: Asked): Strip {
  const made: Tile = {
    ...tile,
    id: '',
    version: tile.asked === null ? (shownTile(strip)?.version ?? null) : null,
    number: 1 + Math.max(0, ...Object.values(strip.tiles).map(({ number }) => number)),
    label: '',
    pinned: false,
    deleted: false,
    revision: 0,
    sending: 'queued',
    problem: '',
    answers: {},
    untold: {},
  }
  return { ...strip, tiles: { ...strip.tiles, [tile.key]: made }, order: [...strip.order, tile.key], picked: null }
}

/** What a person set: what is deleted is not shown, looked at or compared any more. */
export function set(strip: Strip, key: string, setting: Setting): Strip {
  const next = changed(strip, key, setting)
  if (setting.deleted === undefined) return next
  return { ...settled(next), picked: next.picked === key ? null : next.picked }
}

export const changed = (strip: Strip, key: string, change: Partial<Tile>): Strip => {
  const tile = strip.tiles[key]
  return tile ? { ...strip, tiles: { ...strip.tiles, [key]: { ...tile, ...change } } } : strip
}

/** The server knows what was asked: the tile has its true number now. */
export function sent(strip: Strip, key: string, snapshot: Snapshot): Strip {
  const tile = strip.tiles[key]
  if (!tile) return strip
  const others = strip.early.filter(({ id }) => id === snapshot.id)
  const twin = Object.values(strip.tiles).find((one) => one.id === snapshot.id && one.key !== key)
  const known = { ...tile, id: snapshot.id, sending: 'sent' as const, problem: '', answers: twin?.answers ?? {} }
  const merged = [snapshot, ...others].reduce(withSnapshot, known)
  const tiles = { ...strip.tiles, [key]: merged }
  if (twin) Reflect.deleteProperty(tiles, twin.key)
  return settled({ ...strip, tiles, early: strip.early.filter(({ id }) => id !== snapshot.id) })
}

/** It could not be sent: the tile stays, and says why. */
export const notSent = (strip: Strip, key: string, problem: string): Strip =>
  settled(changed(strip, key, { sending: 'not sent', problem }))

/** What the server tells: snapshots with the answers that changed. */
export function told(strip: Strip, snapshots: readonly Snapshot[], revision: number): Strip {
  const byId = new Map(Object.values(strip.tiles).flatMap((tile) => (tile.id === '' ? [] : [[tile.id, tile] as const])))
  const tiles = { ...strip.tiles }
  const early = [...strip.early]
  for (const snapshot of snapshots) {
    const tile = byId.get(snapshot.id)
    if (tile) tiles[tile.key] = withSnapshot(tiles[tile.key] ?? tile, snapshot)
    else early.push(snapshot)
  }
  return settled({ ...strip, tiles, early, revision: Math.max(strip.revision, revision) })
}

/** Figures that were fetched, by question; `gone` are those that the server has no longer. */
export function withFigures(
  strip: Strip,
  figures: Readonly<Record<string, Figure | Profile>>,
  gone: readonly string[],
): Strip {
  const lost = new Set(gone)
  const tiles = { ...strip.tiles }
  for (const tile of Object.values(strip.tiles)) {
    const answers = Object.entries(tile.answers).map(([chart, answer]): [string, Answer] => {
      if (answer.status !== 'ready' || answer.figure !== null) return [chart, answer]
      const figure = figures[answer.question]
      if (figure) return [chart, { ...answer, figure }]
      return [chart, lost.has(answer.question) ? { ...answer, ...GONE } : answer]
    })
    if (answers.some(([chart, answer]) => answer !== tile.answers[chart]))
      tiles[tile.key] = { ...tile, answers: Object.fromEntries(answers) }
  }
  return { ...strip, tiles }
}

const GONE = {
  status: 'failed' as const,
  code: NOT_KEPT,
  message: 'Its figure is not kept any more. Ask again: that makes a new snapshot.',
}

/** The questions of figures that are ready and not here: those of tiles in sight first, then the newest first. */
export function lacking(strip: Strip, inSight: ReadonlySet<string>): string[] {
  const keys = [...strip.order].reverse()
  const first = keys.filter((key) => inSight.has(key) || key === shownKey(strip))
  const found = [...first, ...keys].flatMap((key) =>
    Object.values(strip.tiles[key]?.answers ?? {})
      .filter(({ status, figure }) => status === 'ready' && figure === null)
      .map(({ question }) => question),
  )
  return [...new Set(found)]
}

/** The key of the tile that is shown large: the picked one, else the newest. */
export const shownKey = ({ picked, order, tiles }: Strip): string | null =>
  picked !== null && tiles[picked] && !tiles[picked].deleted ? picked : (order.at(-1) ?? null)

export const shownTile = (strip: Strip): Tile | undefined => strip.tiles[shownKey(strip) ?? '']

/** Looks at a tile; at the newest one of all, what comes is followed. */
export const picked = (strip: Strip, key: string): Strip => ({
  ...strip,
  picked: key === strip.order.at(-1) ? null : key,
})

export type TileStatus = AnswerStatus | 'not sent'

const statuses = new WeakMap<Tile, TileStatus>()

/** How far a tile is; found once for each that there is, since many ask. */
export function statusOf(tile: Tile): TileStatus {
  let status = statuses.get(tile)
  if (status === undefined) statuses.set(tile, (status = judged(tile)))
  return status
}

function judged({ sending, answers }: Tile): TileStatus {
  if (sending === 'not sent') return 'not sent'
  const found = new Set(Object.values(answers).map(({ status }) => status))
  if (found.has('waiting')) return 'waiting'
  if (sending !== 'sent' || found.size === 0 || found.has('pending')) return 'pending'
  if (found.has('failed')) return 'failed'
  return found.has('cancelled') ? 'cancelled' : 'ready'
}

export const isPending = (tile: Tile): boolean => ['pending', 'waiting'].includes(statusOf(tile))

/** What is known of the columns: the tile's own profile, else that of the tile nearest before it. */
export function profileOf(strip: Strip, key: string | null): Profile | null {
  const before = key === null ? strip.order : strip.order.slice(0, strip.order.indexOf(key) + 1)
  for (const each of before.toReversed()) {
    const figure = strip.tiles[each]?.answers[PROFILE]?.figure
    if (figure && 'columns' in figure && !('type' in figure)) return figure
  }
  return null
}

/** What each chart of a tile shows so far: its figure, or an estimate of it. */
export const figuresOf = (tile: Tile | undefined): (Figure | null)[] =>
  (tile?.state.charts ?? []).map(({ id }) => {
    const answer = tile?.answers[id]
    const figure = answer?.figure ?? answer?.estimate?.figure
    return figure && 'type' in figure ? figure : null
  })

/** The newest figure of a chart that asks the same, before a tile: its axes are those that the pending one will have. */
export function ghostOf(strip: Strip, key: string, chart: Chart): Figure | null {
  const asks = askedBy(chart)
  const at = strip.order.indexOf(key)
  for (const each of strip.order.slice(0, at < 0 ? undefined : at).toReversed()) {
    const tile = strip.tiles[each]
    const figure = tile?.answers[chart.id]?.figure
    const asked = figure && tile.state.charts.find(({ id }) => id === chart.id)
    if (asked && 'type' in figure && (asked === chart || askedBy(asked) === asks)) return figure
  }
  return null
}

function withSnapshot(tile: Tile, snapshot: Snapshot): Tile {
  const answers = { ...tile.answers }
  for (const answer of snapshot.answers) {
    const known = answers[answer.chart]
    if (known && known.revision > answer.revision) continue
    const figure =
      answer.figure ?? (known?.question === answer.question && answer.status === 'ready' ? known.figure : null)
    answers[answer.chart] = { ...answer, figure }
  }
  // What was changed here since is not undone by what was said before.
  if (snapshot.revision <= tile.revision) return { ...tile, answers }
  return {
    ...tile,
    number: snapshot.number,
    version: snapshot.version,
    // Charts that are the same stay the same, so that nothing is drawn anew for it.
    state: sameState(tile.state, snapshot.state as DashboardState) ? tile.state : (snapshot.state as DashboardState),
    words: snapshot.words,
    label: snapshot.label,
    pinned: snapshot.pinned,
    deleted: snapshot.deleted,
    askedAt: snapshot.asked_at,
    revision: snapshot.revision,
    answers,
    ...tile.untold,
  }
}

const tileOf = (snapshot: Snapshot): Tile =>
  withSnapshot(
    {
      key: snapshot.id,
      id: snapshot.id,
      number: snapshot.number,
      version: snapshot.version,
      asked: null,
      state: snapshot.state as DashboardState,
      words: '',
      label: '',
      pinned: false,
      deleted: false,
      askedAt: '',
      revision: 0,
      sending: 'sent',
      problem: '',
      answers: {},
      untold: {},
    },
    snapshot,
  )

/** Takes up what came early once nothing is being sent that it could be the answer to, and puts all in the order asked. */
function settled(strip: Strip): Strip {
  const tiles = { ...strip.tiles }
  let { early } = strip
  if (!Object.values(tiles).some(({ sending }) => sending === 'sending')) {
    for (const snapshot of early) {
      const unsent = Object.values(tiles).find(
        (tile) =>
          tile.sending === 'not sent' && tile.id === '' && sameState(tile.state, snapshot.state as DashboardState),
      )
      const known = Object.values(tiles).find(({ id }) => id === snapshot.id)
      if (known) tiles[known.key] = withSnapshot(known, snapshot)
      else if (unsent)
        // Its answer was lost on the way, but the question had arrived.
        tiles[unsent.key] = withSnapshot({ ...unsent, id: snapshot.id, sending: 'sent', problem: '' }, snapshot)
      else tiles[snapshot.id] = tileOf(snapshot)
    }
    early = []
  }
  const shown = Object.values(tiles).filter(({ deleted }) => !deleted)
  const rank = new Map(strip.order.map((key, at) => [key, at]))
  shown.sort((one, other) => place(one) - place(other) || (rank.get(one.key) ?? 0) - (rank.get(other.key) ?? 0))
  const order = shown.map(({ key }) => key)
  return { ...strip, tiles, early, order: unchanged(order, strip.order) ? strip.order : order }
}

/** What the server does not know yet comes after all that it does. */
const place = ({ id, number }: Tile): number => (id === '' ? Infinity : number)

const unchanged = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((key, at) => key === other[at])

/** Whether a snapshot that came is known only in part: it was put back into the strip, or made elsewhere, a while ago. */
export const isPartial = ({ sending, state, answers }: Tile): boolean =>
  sending === 'sent' && (!answers[PROFILE] || state.charts.some(({ id }) => !answers[id]))
