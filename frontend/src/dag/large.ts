// Where the nodes of a large graph stand: rows of bounded length, layer by layer, in milliseconds. ELK takes minutes for a
// thousand nodes of which many feed one, and stretches them over a hundred screens.

import { sizes } from '../core/theme'
import type { Graph } from './graph'
import type { Places } from './layout'

const { width, height, gapX, gapY } = sizes.node

/** Width of the whole by its height. */
const ASPECT = 1.4

/** The nodes by their longest way from a source, each layer in the order of the text. */
export function layersOf({ names, edges }: Graph): string[][] {
  const layer = new Map(names.map((name) => [name, 0]))
  const waiting = new Map(names.map((name) => [name, 0]))
  const next = new Map<string, string[]>(names.map((name) => [name, []]))
  for (const { source, target } of edges) {
    next.get(source)?.push(target)
    waiting.set(target, (waiting.get(target) ?? 0) + 1)
  }
  const ready = names.filter((name) => waiting.get(name) === 0)
  for (const name of ready) {
    for (const target of next.get(name) ?? []) {
      layer.set(target, Math.max(layer.get(target) ?? 0, (layer.get(name) ?? 0) + 1))
      const left = (waiting.get(target) ?? 0) - 1
      waiting.set(target, left)
      if (left === 0) ready.push(target)
    }
  }
  const layers: string[][] = []
  for (const name of names) (layers[layer.get(name) ?? 0] ??= []).push(name)
  return layers.filter((members) => members.length > 0)
}

/** Puts each node of a layer near the middle of those that feed it; ties stay in the order of the text. */
function ordered(layers: string[][], graph: Graph): string[][] {
  const feeds = new Map<string, string[]>()
  for (const { source, target } of graph.edges) feeds.set(target, [...(feeds.get(target) ?? []), source])
  const share = new Map<string, number>()
  return layers.map((members) => {
    const middle = new Map(
      members.map((name, at) => {
        const before = feeds.get(name) ?? []
        const sum = before.reduce((total, source) => total + (share.get(source) ?? 0), 0)
        return [name, before.length > 0 ? sum / before.length : at / members.length]
      }),
    )
    const row = members.toSorted((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0))
    row.forEach((name, at) => share.set(name, (at + 0.5) / row.length))
    return row
  })
}

export function placeLarge(graph: Graph): Places {
  const columns = Math.ceil(Math.sqrt((graph.names.length * ASPECT * (height + gapY)) / (width + gapX)))
  const places = new Map<string, { x: number; y: number }>()
  let y = 0
  for (const members of ordered(layersOf(graph), graph)) {
    // Rows of about the same length, rather than full ones and a rest.
    const rows = Math.ceil(members.length / columns)
    const length = Math.ceil(members.length / rows)
    for (let from = 0; from < members.length; from += length) {
      const row = members.slice(from, from + length)
      const left = Math.round(((columns - row.length) * (width + gapX)) / 2)
      row.forEach((name, at) => places.set(name, { x: left + at * (width + gapX), y }))
      y += height + gapY
    }
    y += gapY
  }
  return places
}
