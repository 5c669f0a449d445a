// The canvas itself: nodes and edges for React Flow, the viewport, the keys, the card under the pointer.

import { MiniMap, ReactFlow, useReactFlow, useStore, useStoreApi } from '@xyflow/react'
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react'
import { recall, remember } from '../core/storage'
import { colour, durations, sizes } from '../core/theme'
import { useIdeStore, useIde, nodeNamed } from '../ide/store'
import { Controls } from './Controls'
import { neighbour, type Direction, type Graph } from './graph'
import { HoverCard, type Anchor } from './HoverCard'
import { closeView, type Layout, type Places } from './layout'
import { RouteEdge } from './RouteEdge'
import { NodeCard, type HelixNode } from './NodeCard'
import { toEdges, toNodes } from './flow'
import type { Views } from './useViews'
import { spoken } from './view'
import styles from './Dag.module.css'

const nodeTypes = { helix: NodeCard }
const edgeTypes = { route: RouteEdge }
const FIT = { padding: 0.08, maxZoom: 1 }
const FAR = 0.62
const directions: Record<string, Direction> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
}

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
  const pane = useRef<HTMLDivElement>(null)
  const far = useStore((state) => state.transform[2] < FAR)
  const [map, setMap] = useState(() => recall('minimap') === true)
  const { fit, onMoved } = useViewport(places)
  useSight(places, selected, onMoved)
  const { card, point, leave } = useCard(pane)
  const choose = useChoose()
  const onKeyDown = useKeys({ graph, places, pane, fit, choose })

  const nodes = useMemo(() => toNodes(graph, places, views, selected, faded), [graph, places, views, selected, faded])
  const edges = useMemo(() => toEdges(graph, routes, selected), [graph, routes, selected])

  const toggleMap = () => {
    remember('minimap', !map)
    setMap(!map)
  }
  const shown = card && views.get(card.name)
  const chosen = selected === null ? undefined : views.get(selected)
  return (
    <div className={styles.canvas} data-far={far || undefined} onKeyDown={onKeyDown}>
      <div ref={pane} className={styles.flow}>
        <ReactFlow<HelixNode>
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          onNodeClick={(_, node) => choose(node.id)}
          onNodeDoubleClick={() => store.getState().openTab('node')}
          onPaneClick={() => store.getState().select(null)}
          onNodeMouseEnter={(event: MouseEvent, node) => point(node.id, event.currentTarget)}
          onNodeMouseLeave={leave}
          onMoveStart={(event) => {
            leave()
            if (event) onMoved()
          }}
          onFocus={(event) => {
            const name = nodeOf(event.target)
            if (name !== null && event.target.matches(':focus-visible')) point(name, event.target)
          }}
          onBlur={leave}
          nodesDraggable={false}
          nodesConnectable={false}
          edgesFocusable={false}
          onlyRenderVisibleElements
          minZoom={0.02}
          maxZoom={1.6}
          zoomOnDoubleClick={false}
          deleteKeyCode={null}
          aria-label="Graph of the workflow"
        >
          {map && <Overview />}
        </ReactFlow>
        {shown && <HoverCard view={shown.view} anchor={card.anchor} pane={card.pane} />}
      </div>
      <Controls fit={fit} map={map} toggleMap={toggleMap} />
      <span className="visually-hidden" aria-live="polite">
        {chosen && spoken(chosen.view)}
      </span>
    </div>
  )
}

function Overview() {
  return (
    <MiniMap<HelixNode>
      pannable
      zoomable
      position="top-right"
      className={styles.map ?? ''}
      nodeColor={(node) => colour(node.data.view.accent === 'data' ? 'family-data' : 'family-learning')}
      maskColor={colour('backdrop')}
      bgColor={colour('bg-subtle')}
      ariaLabel="Overview of the graph"
    />
  )
}

const nodeOf = (target: EventTarget): string | null =>
  target instanceof Element ? (target.closest('.react-flow__node')?.getAttribute('data-id') ?? null) : null

/** Selects a node, and shows its line in the editor. */
function useChoose() {
  const store = useIdeStore()
  return useCallback(
    (name: string) => {
      const { select, dag, editor } = store.getState()
      select(name)
      const node = nodeNamed(dag, name)
      if (node) editor?.reveal(node.line)
    },
    [store],
  )
}

interface Keyed {
  graph: Graph
  places: Places
  pane: React.RefObject<HTMLDivElement | null>
  fit: () => void
  choose: (name: string) => void
}

/** Arrows walk from node to node, Enter leads to the code, + − 0 zoom. */
function useKeys({ graph, places, pane, fit, choose }: Keyed) {
  const store = useIdeStore()
  const flow = useReactFlow<HelixNode>()
  const zoom: Record<string, () => void> = {
    '+': () => void flow.zoomIn({ duration: durations.motion }),
    '=': () => void flow.zoomIn({ duration: durations.motion }),
    '-': () => void flow.zoomOut({ duration: durations.motion }),
    '0': fit,
  }
  const walk = async (to: string) => {
    store.getState().select(to)
    const place = places.get(to)
    // Only nodes in sight are there to take the focus.
    if (!focusNode(pane.current, to) && place) {
      await flow.setCenter(place.x + sizes.node.width / 2, place.y + sizes.node.height / 2, { zoom: flow.getZoom() })
      requestAnimationFrame(() => focusNode(pane.current, to))
    }
  }
  return (event: KeyboardEvent<HTMLDivElement>) => {
    zoom[event.key]?.()
    const name = nodeOf(event.target)
    if (name === null) return
    const direction = directions[event.key]
    const next = direction && neighbour(graph, places, name, direction)
    if (next) {
      event.preventDefault()
      void walk(next)
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      choose(name)
      if (event.key === 'Enter') store.getState().editor?.focus()
    }
  }
}

function focusNode(pane: HTMLElement | null, name: string): boolean {
  const node = pane?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(name)}"]`)
  node?.focus()
  return node != null
}

/** Fits the graph when it appears, and again at each new shape or size, until the person has moved it. */
function useViewport(places: Places) {
  const flow = useReactFlow()
  const width = useStore((state) => state.width)
  const height = useStore((state) => state.height)
  const moved = useRef(false)
  const fit = useCallback(() => {
    moved.current = false
    void flow.fitView({ ...FIT, duration: durations.motion })
  }, [flow])
  useEffect(() => {
    if (moved.current || width === 0) return
    const close = closeView(places, width, height)
    const frame = requestAnimationFrame(() => void (close ? flow.setViewport(close) : flow.fitView(FIT)))
    return () => cancelAnimationFrame(frame)
  }, [flow, places, width, height])
  const onMoved = useCallback(() => {
    moved.current = true
  }, [])
  return { fit, onMoved }
}

/** A node that is selected elsewhere (in the text, the palette, the address) is brought into sight. */
function useSight(places: Places, selected: string | null, onMoved: () => void): void {
  const flow = useReactFlow()
  const store = useStoreApi()
  const measured = useStore((state) => state.width > 0)
  const seen = useRef<string | null>(null)
  const place = selected === null ? undefined : places.get(selected)
  useEffect(() => {
    if (!place || !measured || seen.current === selected) return
    // After the frame in which the viewport is fitted.
    const frame = requestAnimationFrame(() => {
      seen.current = selected
      const { width, height, transform } = store.getState()
      const [left, top, zoom] = transform
      const middle = { x: place.x + sizes.node.width / 2, y: place.y + sizes.node.height / 2 }
      const [x, y] = [left + zoom * middle.x, top + zoom * middle.y]
      if (x >= 0 && x <= width && y >= 0 && y <= height) return
      onMoved()
      void flow.setCenter(middle.x, middle.y, { zoom, duration: durations.motion })
    })
    return () => cancelAnimationFrame(frame)
  }, [flow, store, measured, place, selected, onMoved])
}

interface Card {
  name: string
  anchor: Anchor
  pane: { width: number; height: number }
}

/** The node under the pointer (or the one that has the focus), after a moment. */
function useCard(pane: React.RefObject<HTMLDivElement | null>) {
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
