// What the page's table shows of what is kept: which columns there are, in which order results come, which match, and in what words.

import type { Kept, Span } from '../core/types'

export const COLUMNS = [
  { key: 'node', title: 'Node', numeric: false },
  { key: 'versions', title: 'Versions', numeric: false },
  { key: 'size', title: 'Size', numeric: true },
  { key: 'seconds', title: 'To compute', numeric: true },
  { key: 'loads', title: 'Loads', numeric: true },
  { key: 'saved', title: 'Saved', numeric: true },
  { key: 'benefit', title: 'Benefit', numeric: true },
  { key: 'used', title: 'Last used', numeric: true },
  { key: 'pinned', title: 'Pinned', numeric: false },
  { key: 'state', title: 'State', numeric: false },
] as const

export type Column = (typeof COLUMNS)[number]['key']

export const MEANING: Record<Column, string> = {
  node: 'The node whose result it is, which part of that, and its operator',
  versions: 'The versions that have this result in their graph',
  size: 'Bytes of the stored result',
  seconds: 'What computing it took, its inputs not counted',
  loads: 'How often a run loaded it',
  saved: 'The time that those loads saved',
  benefit: 'The time that keeping it is expected to save: the least for its size is evicted first',
  used: 'When it came, or was loaded last',
  pinned: 'Whether it is kept from being evicted',
  state: 'Whether the last run of a workflow still has it in its graph',
}

export interface Asked {
  text: string
  /** Results of every workflow, rather than of this one. */
  everything: boolean
  superseded: boolean
  column: Column
  descending: boolean
}

export const startsDescending = (column: Column): boolean =>
  COLUMNS.some(({ key, numeric }) => key === column && numeric) || column === 'pinned' || column === 'versions'

const isColumn = (word: string | undefined): word is Column => COLUMNS.some(({ key }) => key === word)

/** What the address asks for. */
export function asked(params: URLSearchParams): Asked {
  const [word, direction] = (params.get('sort') ?? '').split('.')
  const column = isColumn(word) ? word : 'size'
  return {
    text: params.get('q') ?? '',
    everything: params.get('all') === '1',
    superseded: params.get('superseded') === '1',
    column,
    descending: direction === 'up' ? false : direction === 'down' ? true : startsDescending(column),
  }
}

/** The address that asks for it: what is usual is left out. */
export function address({ text, everything, superseded, column, descending }: Asked): URLSearchParams {
  const params = new URLSearchParams()
  if (text) params.set('q', text)
  if (everything) params.set('all', '1')
  if (superseded) params.set('superseded', '1')
  if (column !== 'size' || !descending) params.set('sort', `${column}.${descending ? 'down' : 'up'}`)
  return params
}

/** What a click on a column's head asks for: that column, or the other direction of it. */
export const sortedBy = (before: Asked, column: Column): Asked => ({
  ...before,
  column,
  descending: before.column === column ? !before.descending : startsDescending(column),
})

const newest = (result: Kept): number => Math.max(0, ...result.versions.map(({ last }) => last))

function valueOf(result: Kept, column: Column): number | string {
  switch (column) {
    case 'node':
      return result.nodes[0] ?? ''
    case 'versions':
      return newest(result)
    case 'size':
      return result.bytes
    case 'seconds':
      return result.seconds
    case 'loads':
      return result.hits
    case 'saved':
      return result.saved
    case 'benefit':
      return result.benefit
    case 'used':
      return result.used_at
    case 'pinned':
      return ['', 'run', 'user'].indexOf(result.pinned)
    case 'state':
      return result.current ? 0 : 1
  }
}

const collator = new Intl.Collator('en', { numeric: true })

/** Negative where the first comes before the second, going up. */
function compared(one: Kept, other: Kept, column: Column): number {
  const [a, b] = [valueOf(one, column), valueOf(other, column)]
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))
}

/** Those that match, in the order asked for; what is equal in it by the node's name. */
export function shown(results: readonly Kept[], names: Record<string, string>, wanted: Asked): Kept[] {
  const { text, superseded, column, descending } = wanted
  return results
    .filter((result) => (!superseded || !result.current) && matches(result, names, text))
    .toSorted(
      (one, other) =>
        (descending ? -1 : 1) * compared(one, other, column) ||
        compared(one, other, 'node') ||
        collator.compare(one.digest, other.digest),
    )
}

/** Whether each word is in a node's, a part's, the operator's or a workflow's name, begins the digest, or is a version, as v5. */
export function matches(result: Kept, names: Record<string, string>, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const called = [...result.nodes, ...result.parts, result.operator, ...result.workflows.map((id) => names[id] ?? '')]
  return words.every(
    (word) =>
      called.some((name) => name.toLowerCase().includes(word)) ||
      (word.length >= 6 && result.digest.startsWith(word)) ||
      (/^v\d+$/.test(word) &&
        result.versions.some(({ first, last }) => first <= Number(word.slice(1)) && Number(word.slice(1)) <= last)),
  )
}

/** "v3, v5–v9"; of more than `most` spans the newest, and how many versions more. */
export function spansInWords(spans: readonly Span[], most = Infinity): string {
  const word = ({ first, last }: Span) => (first === last ? `v${first}` : `v${first}–v${last}`)
  const left = spans.slice(0, Math.max(0, spans.length - most))
  const more = left.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  return [...(more > 0 ? [`${more.toLocaleString('en')} more`] : []), ...spans.slice(left.length).map(word)].join(', ')
}

/** The versions of each workflow in words, this workflow's first and without its name. */
export function versionsInWords(
  versions: readonly Span[],
  names: Record<string, string>,
  here: string,
  most = Infinity,
): string {
  const workflows = [...new Set(versions.map(({ workflow }) => workflow))]
  return workflows
    .toSorted((one, other) => Number(other === here) - Number(one === here))
    .map((id) => {
      const words = spansInWords(
        versions.filter(({ workflow }) => workflow === id),
        most,
      )
      return id === here ? words : `${names[id] ?? 'a deleted workflow'} ${words}`
    })
    .join('; ')
}

/** The node that the row leads to: of this workflow if it has the result, else of the first that is there. */
export function leadsTo(result: Kept, names: Record<string, string>, here: string): string | null {
  const workflow = result.workflows.includes(here) ? here : result.workflows.find((id) => id in names)
  const node = result.nodes[0]
  return workflow === undefined || node === undefined
    ? null
    : `/workflows/${workflow}?${new URLSearchParams({ node }).toString()}`
}

export interface Sum {
  number: number
  bytes: number
  seconds: number
}

export const sumOf = (results: readonly Kept[]): Sum => ({
  number: results.length,
  bytes: results.reduce((sum, { bytes }) => sum + bytes, 0),
  seconds: results.reduce((sum, { seconds }) => sum + seconds, 0),
})
