// The pane that a graph is drawn in, whatever its nodes look like: the viewport, the keys that walk and zoom, the overview.

import {
  MiniMap,
  ReactFlow,
  useReactFlow,
  useStore,
  useStoreApi,
  type Edge,
  type Node,
  type NodeTypes,
} from '@xyflow/react'
import {
  useCallback,
  useEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  type RefObject,
} from 'react'
import { recall, remember } from '../core/storage'
import { colour, durations, sizes } from '../core/theme'
import { Controls } from './Controls'
import { neighbour, type Direction, type Graph } from './graph'
import { closeView, type Layout, type Places } from './layout'
import { RouteEdge } from './RouteEdge'
import styles from './Dag.module.css'

const edgeTypes = { route: RouteEdge }
const FIT = { padding: 0.08, maxZoom: 1 }
const FAR = 0.62
const directions: Record<string, Direction> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
}

interface Props<N extends Node> {
  graph: Graph
  layout: Layout
  nodes: N[]
  edges: Edge[]
  nodeTypes: NodeTypes
  /** The colour of a node in the overview. */
  colourOf: (node: N) => Parameters<typeof colour>[0]
  label: string
  legend: ReactNode
  selected: string | null
  /** Whether a node that is selected is brought to the middle, even where it is in sight. */
  centred?: boolean
  select: (name: string | null) => void
  /** By a click, or by Enter (then `entered`). */
  choose: (name: string, entered: boolean) => void
  open?: (name: string) => void
  /** The pointer, or the focus, is on a node; then it is on none. */
  point?: (name: string, element: Element) => void
  leave?: () => void
  pane: RefObject<HTMLDivElement | null>
  children?: ReactNode
}

const nothing = (): void => undefined

export function Pane<N extends Node>({
  graph,
  layout: { places },
  nodes,
  edges,
  nodeTypes,
  colourOf,
  label,
  legend,
  selected,
  centred = false,
  select,
  choose,
  open = nothing,
  point = nothing,
  leave = nothing,
  pane,
  children,
}: Props<N>) {
  const far = useStore((state) => state.transform[2] < FAR)
  const [map, setMap] = useState(() => recall('minimap') === true)
  const { fit, onMoved } = useViewport(places)
  useSight(places, selected, onMoved, centred)
  const onKeyDown = useKeys({ graph, places, pane, fit, select, choose })
  const toggleMap = () => {
    remember('minimap', !map)
    setMap(!map)
  }
  return (
    <div className={styles.canvas} data-far={far || undefined} onKeyDown={onKeyDown}>
      <div ref={pane} className={styles.flow}>
        <ReactFlow<N>
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          onNodeClick={(_, node) => choose(node.id, false)}
          onNodeDoubleClick={(_, node) => open(node.id)}
          onPaneClick={() => select(null)}
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
          aria-label={label}
        >
          {map && (
            <MiniMap<N>
              pannable
              zoomable
              position="top-right"
              className={styles.map ?? ''}
              nodeColor={(node) => colour(colourOf(node))}
              maskColor={colour('backdrop')}
              bgColor={colour('bg-subtle')}
              ariaLabel="Overview of the graph"
            />
          )}
        </ReactFlow>
        {children}
      </div>
      <Controls fit={fit} map={map} toggleMap={toggleMap} legend={legend} />
    </div>
  )
}

const nodeOf = (target: EventTarget): string | null =>
  target instanceof Element ? (target.closest('.react-flow__node')?.getAttribute('data-id') ?? null) : null

interface Keyed {
  graph: Graph
  places: Places
  pane: RefObject<HTMLDivElement | null>
  fit: () => void
  select: (name: string) => void
  choose: (name: string, entered: boolean) => void
}

/** Arrows walk from node to node, Enter and space choose one, + − 0 zoom. */
function useKeys({ graph, places, pane, fit, select, choose }: Keyed) {
  const flow = useReactFlow()
  const zoom: Record<string, () => void> = {
    '+': () => void flow.zoomIn({ duration: durations.motion }),
    '=': () => void flow.zoomIn({ duration: durations.motion }),
    '-': () => void flow.zoomOut({ duration: durations.motion }),
    '0': fit,
  }
  const walk = async (to: string) => {
    select(to)
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
      choose(name, event.key === 'Enter')
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

/** A node that is selected elsewhere (in the text, the palette, the address) is brought into sight, or to the middle. */
function useSight(places: Places, selected: string | null, onMoved: () => void, centred: boolean): void {
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
      if (!centred && x >= 0 && x <= width && y >= 0 && y <= height) return
      onMoved()
      void flow.setCenter(middle.x, middle.y, { zoom, duration: durations.motion })
    })
    return () => cancelAnimationFrame(frame)
  }, [flow, store, measured, place, selected, onMoved, centred])
}
