// The graph of an open workflow on its pane: what a click does there, and the card under the pointer.

import { useCallback, useEffect, useMemo, useRef, useState, type RefObject } from 'react'
import { durations } from '../core/theme'
import { nodeNamed, useIde, useIdeStore } from '../ide/store'
import { Legend } from './Controls'
import { toEdges, toNodes } from './flow'
import type { Graph } from './graph'
import { HoverCard, type Anchor } from './HoverCard'
import type { Layout } from './layout'
import { NodeCard } from './NodeCard'
import { Pane } from './Pane'
import type { Views } from './useViews'
import { spoken } from './view'

const nodeTypes = { helix: NodeCard }

interface Props {
  graph: Graph
  layout: Layout
  views: Views
  faded: boolean
}

export function Canvas({ graph, layout, views, faded }: Props) {
  const { places, routes } = layout
  const store = useIdeStore()
  const selected = useIde((ide) => ide.selected)
  const select = useIde((ide) => ide.select)
  const pane = useRef<HTMLDivElement>(null)
  const { card, point, leave } = useCard(pane)
  const choose = useChoose()

  const nodes = useMemo(() => toNodes(graph, places, views, selected, faded), [graph, places, views, selected, faded])
  const edges = useMemo(() => toEdges(graph, routes, selected), [graph, routes, selected])
  const shown = card && views.get(card.name)
  const chosen = selected === null ? undefined : views.get(selected)
  return (
    <>
      <Pane
        graph={graph}
        layout={layout}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        colourOf={(node) => (node.data.view.accent === 'data' ? 'family-data' : 'family-learning')}
        label="Graph of the workflow"
        legend={<Legend />}
        selected={selected}
        select={select}
        choose={choose}
        open={() => store.getState().openTab('node')}
        point={point}
        leave={leave}
        pane={pane}
      >
        {shown && <HoverCard view={shown.view} anchor={card.anchor} pane={card.pane} />}
      </Pane>
      <span className="visually-hidden" aria-live="polite">
        {chosen && spoken(chosen.view)}
      </span>
    </>
  )
}

/** Selects a node, and shows its line in the editor; goes there by Enter. */
function useChoose() {
  const store = useIdeStore()
  return useCallback(
    (name: string, entered: boolean) => {
      const { select, dag, editor } = store.getState()
      select(name)
      const node = nodeNamed(dag, name)
      if (node) editor?.reveal(node.line)
      if (entered) editor?.focus()
    },
    [store],
  )
}

interface Card {
  name: string
  anchor: Anchor
  pane: { width: number; height: number }
}

/** The node under the pointer (or the one that has the focus), after a moment. */
function useCard(pane: RefObject<HTMLDivElement | null>) {
  const [card, setCard] = useState<Card | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const leave = useCallback(() => {
    clearTimeout(timer.current)
    setCard(null)
  }, [])
  const point = useCallback(
    (name: string, element: Element) => {
      clearTimeout(timer.current)
      timer.current = setTimeout(() => {
        const frame = pane.current?.getBoundingClientRect()
        if (!frame || !element.isConnected) return
        const box = element.getBoundingClientRect()
        const anchor = {
          left: box.left - frame.left,
          top: box.top - frame.top,
          right: box.right - frame.left,
          bottom: box.bottom - frame.top,
        }
        setCard({ name, anchor, pane: { width: frame.width, height: frame.height } })
      }, durations.hover)
    },
    [pane],
  )
  useEffect(() => () => clearTimeout(timer.current), [])
  return { card, point, leave }
}
