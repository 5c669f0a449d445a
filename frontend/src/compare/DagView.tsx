// The merged graph of two sides: what differs, with its neighbours, or all; one side in the light, or both.

import '@xyflow/react/dist/base.css'
import { Button, Skeleton } from '@mantine/core'
import { ReactFlowProvider, type Edge } from '@xyflow/react'
import { useMemo, useRef } from 'react'
import { count } from '../core/format'
import { Icon } from '../core/icons'
import type { ComparedSide, Comparison, MergedDag } from '../core/types'
import { frame, toEdges } from '../dag/flow'
import type { Layout } from '../dag/layout'
import { Pane } from '../dag/Pane'
import { usePlaces } from '../dag/usePlaces'
import { Empty } from '../ide/Empty'
import type { Shown, Spotlight } from './address'
import { FrameCard, frameNode, type FrameNode } from './FrameCard'
import { framesOf, graphOf, toneIcon, toneOf, wordsOf, type Tone } from './merged'
import { MergedCard, type MergedFlowNode } from './MergedCard'
import { NodePanel } from './NodePanel'
import dagStyles from '../dag/Dag.module.css'
import styles from './DagView.module.css'

const nodeTypes = { merged: MergedCard, frame: FrameCard }

interface Props {
  comparison: Comparison
  shown: Shown
  show: (change: Partial<Shown>) => void
}

export default function DagView({ comparison, shown, show }: Props) {
  const { dag, before, after } = comparison
  if (!dag) return <Broken before={before} after={after} />
  return <Merged dag={dag} comparison={comparison} shown={shown} show={show} />
}

function Merged({ dag, comparison, shown, show }: Props & { dag: MergedDag }) {
  const graph = useMemo(() => graphOf(dag, shown.all), [dag, shown.all])
  const { layout, pending, error } = usePlaces(graph)
  const chosen = dag.nodes.find((node) => node.id === shown.node)
  const folded = dag.nodes.length - graph.names.length
  if (graph.names.length === 0)
    return (
      <Empty
        title={dag.nodes.length === 0 ? 'Neither side has nodes' : 'No node differs'}
        text={
          dag.nodes.length === 0
            ? 'The code view shows the two texts.'
            : `${count(dag.nodes.length, 'node is', 'nodes are')} the same on both sides. The view Run tells what each run did with them.`
        }
      >
        {dag.nodes.length > 0 && (
          <Button mt="sm" variant="default" onClick={() => show({ all: true })}>
            Show all
          </Button>
        )}
      </Empty>
    )
  return (
    <div className={styles.split}>
      <div className={dagStyles.pane} data-testid="merged" data-pending={pending || undefined}>
        {error !== null && (
          <p className={dagStyles.note} role="alert">
            The graph could not be laid out: {error}
          </p>
        )}
        {layout ? (
          <ReactFlowProvider>
            <Flow dag={dag} graph={graph} layout={layout} shown={shown} show={show} folded={folded} />
          </ReactFlowProvider>
        ) : (
          <Skeleton m="md" height={240} animate={false} />
        )}
      </div>
      {chosen && <NodePanel node={chosen} dag={dag} comparison={comparison} close={() => show({ node: null })} />}
    </div>
  )
}

interface FlowProps {
  dag: MergedDag
  graph: ReturnType<typeof graphOf>
  layout: Layout
  shown: Shown
  show: (change: Partial<Shown>) => void
  folded: number
}

/** Whether what is on one side alone is out of the light. */
const dimmed = (tone: Tone | 'same', spotlight: Spotlight | null): boolean =>
  (spotlight === 'a' && tone === 'added') || (spotlight === 'b' && tone === 'removed')

function Flow({ dag, graph, layout, shown, show, folded }: FlowProps) {
  const { spotlight, node: selected } = shown
  const pane = useRef<HTMLDivElement>(null)
  const frames = useMemo(() => framesOf(dag.groups, layout.places).map(frameNode), [dag, layout])
  const cards = useMemo(() => {
    const wanted = new Set(graph.names)
    return dag.nodes.flatMap((node): MergedFlowNode[] => {
      const position = layout.places.get(node.id)
      if (!position || !wanted.has(node.id)) return []
      const [tone, words] = [toneOf(node), wordsOf(node, dag.groups)]
      return [
        {
          id: node.id,
          type: 'merged',
          position,
          ...frame,
          selected: node.id === selected,
          ariaLabel: `${node.id}, ${words}`,
          data: { node, tone, words, side: spotlight, dim: dimmed(tone, spotlight) },
        },
      ]
    })
  }, [dag, graph, layout, spotlight, selected])
  const nodes = useMemo((): (MergedFlowNode | FrameNode)[] => [...frames, ...cards], [frames, cards])
  const edges = useMemo((): Edge[] => {
    const status = new Map(dag.edges.map((edge) => [`${edge.source}→${edge.target}`, edge.status]))
    return toEdges(graph, layout.routes, selected, ({ id }) => {
      const tone = status.get(id) ?? 'same'
      return `${tone} ${dimmed(tone, spotlight) ? 'dim' : ''}`
    })
  }, [dag, graph, layout, selected, spotlight])
  return (
    <div className={styles.flow}>
      <Pane
        graph={graph}
        layout={layout}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        colourOf={({ data }) => {
          if (!('tone' in data)) return 'bg-inset'
          return data.tone === 'same' ? 'border-strong' : data.tone
        }}
        label="Merged graph of both sides"
        legend={<Legend folded={folded} />}
        selected={selected}
        centred
        select={(node) => show({ node })}
        choose={(node) => show({ node })}
        pane={pane}
      />
    </div>
  )
}

function Legend({ folded }: { folded: number }) {
  const tones: Tone[] = ['added', 'removed', 'changed', 'same']
  return (
    <ul className={dagStyles.legend} aria-label="Legend">
      {tones.map((tone) => (
        <li key={tone} className={styles.key} data-tone={tone}>
          <Icon name={toneIcon[tone]} size={11} /> {tone}
        </li>
      ))}
      {folded > 0 && <li data-testid="folded">{count(folded, 'node')} the same and folded</li>}
    </ul>
  )
}

/** A text that does not compile has no graph: which line is wrong, and what to do. */
function Broken({ before, after }: { before: ComparedSide; after: ComparedSide }) {
  const broken = [
    { letter: 'A', side: before },
    { letter: 'B', side: after },
  ].filter(({ side }) => side.errors.length > 0)
  return (
    <div className={styles.broken} role="alert" data-testid="broken">
      <h2>There is no graph to compare</h2>
      {broken.map(({ letter, side }) => (
        <section key={letter}>
          <p>
            {side.version ? `v${side.version.number}` : 'The draft'} (side {letter}) has errors. Mend them in the
            editor, or choose another version; the code view works as it is.
          </p>
          <ul>
            {side.errors.map((error, at) => (
              <li key={at}>
                <b>Line {error.line}:</b> {error.message} {error.hint}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}
