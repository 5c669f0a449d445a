// The merged graph of two sides: which of its nodes are shown, what is said of each, and how far costs and metrics differ.

import type { IconName } from '../core/icons'
import type { ComparedMetric, Cost, MergedDag, MergedNode, NodeSide } from '../core/types'
import { sizes } from '../core/theme'
import type { Graph, Place } from '../dag/graph'
import type { Places } from '../dag/layout'

export type Tone = 'added' | 'removed' | 'changed' | 'same'

export const toneIcon: Record<Tone, IconName> = { added: 'plus', removed: 'minus', changed: 'tilde', same: 'ring' }

export const toneOf = (node: MergedNode): Tone => {
  if (node.before === null) return 'added'
  if (node.after === null) return 'removed'
  return node.differences.length > 0 ? 'changed' : 'same'
}

/** The node as the later side has it, else as it was. */
export function sideOf(node: MergedNode): NodeSide {
  const side = node.after ?? node.before
  if (side === null) throw new Error(`The node ${node.id} is on neither side.`)
  return side
}

/** "renamed from age, changed"; of the nodes of a split or merge also what they were. */
export function wordsOf(node: MergedNode, groups: MergedDag['groups']): string {
  const words = node.differences.map((word) =>
    word === 'renamed' && node.before ? `renamed from ${node.before.name}` : word,
  )
  return [...words, ...groupWords(node, groups)].join(', ') || 'the same'
}

function groupWords({ id }: MergedNode, groups: MergedDag['groups']): string[] {
  return groups.flatMap(({ kind, before, after }) => {
    if (kind === 'split') {
      if (before.includes(id)) return [`split into ${after.join(', ')}`]
      return after.includes(id) ? [`split off ${before.join(', ')}`] : []
    }
    if (after.includes(id)) return [`merged from ${before.join(', ')}`]
    return before.includes(id) ? [`merged into ${after.join(', ')}`] : []
  })
}

/** A box around nodes that one side has as one and the other as several. */
export interface GroupFrame extends Place {
  id: string
  title: string
  width: number
  height: number
}

const ROOM = 7 // pixels between a node and its frame
const HEAD = 15 // more of them above, for the title

/** A frame for each split and merge: around its nodes together, or around each where another stands between them. */
export function framesOf(groups: MergedDag['groups'], places: Places): GroupFrame[] {
  return groups.flatMap(({ kind, before, after }, at) => {
    const members = [...new Set([...before, ...after])].filter((id) => places.has(id))
    const together = boxOf(members, places)
    const alone = ![...places.keys()].some((id) => !members.includes(id) && overlap(together, boxOf([id], places)))
    const boxes = alone ? [together] : members.map((id) => boxOf([id], places))
    const title = `${kind}: ${before.join(', ')} → ${after.join(', ')}`
    return members.length === 0 ? [] : boxes.map((box, part) => ({ id: `${kind} ${at}.${part}`, title, ...box }))
  })
}

type Box = Omit<GroupFrame, 'id' | 'title'>

function boxOf(ids: readonly string[], places: Places): Box {
  const found = ids.flatMap((id) => places.get(id) ?? [])
  const [left, top] = [Math.min(...found.map(({ x }) => x)), Math.min(...found.map(({ y }) => y))]
  const [right, bottom] = [Math.max(...found.map(({ x }) => x)), Math.max(...found.map(({ y }) => y))]
  return {
    x: left - ROOM,
    y: top - ROOM - HEAD,
    width: right - left + sizes.node.width + 2 * ROOM,
    height: bottom - top + sizes.node.height + 2 * ROOM + HEAD,
  }
}

const overlap = (one: Box, other: Box): boolean =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height

export const differing = (dag: MergedDag): string[] =>
  dag.nodes.filter((node) => node.differences.length > 0).map((node) => node.id)

/** The nodes that differ and their direct neighbours, or all; with the edges between them. */
export function graphOf(dag: MergedDag, all: boolean): Graph {
  const shown = new Set(all ? dag.nodes.map((node) => node.id) : differing(dag))
  if (!all) {
    const own = new Set(shown)
    for (const { source, target, status } of dag.edges) {
      if (own.has(target) || status !== 'same') shown.add(source)
      if (own.has(source) || status !== 'same') shown.add(target)
    }
  }
  return {
    names: dag.nodes.filter((node) => shown.has(node.id)).map((node) => node.id),
    edges: dag.edges
      .filter((edge) => shown.has(edge.source) && shown.has(edge.target))
      .map(({ source, target }) => ({ id: `${source}→${target}`, source, target })),
  }
}

const LEAST = 0.01
const SHARE = 0.1

/** Whether two runs did something else with a node, or took another time for it: by more than 10 ms and a tenth. */
export function costsDiffer(before: Cost | null, after: Cost | null): boolean {
  if (before === null || after === null) return before !== after
  if (before.action !== after.action || (before.status ?? '') !== (after.status ?? '')) return true
  const [one, other] = [secondsOf(before), secondsOf(after)]
  return Math.abs(one - other) > Math.max(LEAST, SHARE * Math.max(one, other))
}

/** Measured seconds, or those of a plan. */
export const secondsOf = (cost: Cost | null): number =>
  cost === null || cost.action === 'prune' ? 0 : (cost.seconds ?? (cost.status === null ? cost.estimate : 0))

export const metricDiffers = ({ before, after }: ComparedMetric): boolean => before !== after

/** The element before or after `current`; the first, or last, where there is none. */
export function step(names: readonly string[], current: string | null, by: 1 | -1): string | null {
  if (names.length === 0) return null
  const at = current === null ? -1 : names.indexOf(current)
  if (at < 0) return (by === 1 ? names[0] : names.at(-1)) ?? null
  return names[(at + by + names.length) % names.length] ?? null
}
