// All that is known of the selected node: what happens to it and why, what it cost, what it said and what it gave.

import { Button, Tooltip } from '@mantine/core'
import { Icon } from '../core/icons'
import { count, metric } from '../core/format'
import { Prose } from '../core/Prose'
import type { DagNode, Explanation } from '../core/types'
import { Costs, Fact } from '../dag/Facts'
import { useViews } from '../dag/useViews'
import type { NodeView } from '../dag/view'
import { Empty } from '../ide/Empty'
import { nodeNamed, showsRun, useIde } from '../ide/store'
import { useRunner } from '../ide/useRun'
import { Delta } from '../run/Delta'
import { NodeFailure } from '../run/NodeFailure'
import { isActive, type RunState } from '../run/state'
import { planSummary } from '../run/words'
import { Sparklines } from './Sparklines'
import { useExplanation, Why } from './Why'
import { Value } from './Value'
import styles from './NodeTab.module.css'

/** Of a long log the page shows the end; the tab Log has more. */
const LINES = 50

export function NodeTab() {
  const selected = useIde((ide) => ide.selected)
  const node = useIde((ide) => nodeNamed(ide.dag, ide.selected))
  const run = useIde((ide) => (showsRun(ide) ? ide.run : null))
  const view = useViews().get(selected ?? '')?.view
  const explanation = useExplanation(node?.name ?? '')
  if (!node || !view)
    return <Empty title="No node is selected" text="Choose one in the graph, or put the caret on its line." />
  return (
    <article className={styles.node} data-testid="node-tab" aria-label={`Node ${node.name}`}>
      <Head node={node} view={view} alone={explanation?.alone} />
      <div className={styles.columns}>
        <Facts node={node} view={view} />
        <div className={styles.made}>
          <Why name={node.name} explanation={explanation} />
          {run ? <Made name={node.name} view={view} run={run} /> : <NotRun />}
        </div>
      </div>
    </article>
  )
}

interface HeadProps {
  node: DagNode
  view: NodeView
  /** What computing the node alone would take, once that is known. */
  alone: Explanation['alone'] | undefined
}

function Head({ node, view, alone }: HeadProps) {
  const editor = useIde((ide) => ide.editor)
  return (
    <header className={styles.head}>
      <h2 className={styles.name}>
        {node.name} <span className={styles.operator}>{node.operator}</span>{' '}
        <button type="button" className={styles.place} onClick={() => editor?.reveal(node.line)}>
          line {node.line}
        </button>
      </h2>
      {view.reason && (
        <p className={styles.reason}>
          <Prose text={view.reason} />
        </p>
      )}
      <Actions name={node.name} alone={alone} />
    </header>
  )
}

/** Computing the node for itself, or whatever is stored: neither is offered while a run goes on, or the text has errors. */
function Actions({ name, alone }: { name: string; alone: Explanation['alone'] | undefined }) {
  const { start } = useRunner()
  const possible = useIde((ide) => ide.check?.plan != null && !(ide.run && isActive(ide.run.status)))
  const price = alone && planSummary({ ...alone, prune: 0 })
  return (
    <span className={styles.actions}>
      <Tooltip label={`This node, and what it needs, alone${price ? `: ${price}` : ''}`}>
        <Button
          variant="default"
          size="compact-xs"
          disabled={!possible}
          onClick={() => start({ only: [name] })}
          data-testid="compute-node"
        >
          Compute this node
        </Button>
      </Tooltip>
      <Tooltip label="Run, computing this node whatever is stored">
        <Button
          variant="default"
          size="compact-xs"
          disabled={!possible}
          onClick={() => start({ force: [name] })}
          data-testid="compute-anew"
        >
          Compute anew
        </Button>
      </Tooltip>
      {price && <span className={styles.dim}>alone: {price}</span>}
    </span>
  )
}

function Facts({ node, view }: { node: DagNode; view: NodeView }) {
  return (
    <dl className={styles.facts}>
      <Costs view={view} />
      {node.inputs.map(({ node: input, slot }, at) => (
        <Fact key={`${slot}${at}`} name={slot} value={input} />
      ))}
      {Object.entries(node.params).map(([name, value]) => (
        <Fact key={name} name={name} value={value} exact={value} />
      ))}
    </dl>
  )
}

const NotRun = () => <p className={styles.dim}>What it makes stands here once it ran.</p>

/** What a run had of the node: why it failed, what it warned of, its value, what it printed. */
function Made({ name, view, run }: { name: string; view: NodeView; run: RunState }) {
  const node = run.nodes[name]
  const value = run.values[name]
  const lines = run.log.filter((line) => line.node === name)
  return (
    <>
      {node?.error && <NodeFailure node={node} />}
      <Warnings of={run.warnings[name] ?? []} />
      {run.curves[name] && <Sparklines curves={run.curves[name]} />}
      {value ? (
        <section aria-label="Value" data-testid="value">
          <Value key={run.id} value={value.value} name={name} />
          {value.cut && <p className={styles.dim}>This is its beginning: all of it would be too long for a page.</p>}
        </section>
      ) : (
        view.metrics.map((one) => (
          <p key={one.name} className={styles.metric}>
            {one.name} <b title={String(one.value)}>{metric(one.value)}</b> <Delta metric={one} />
          </p>
        ))
      )}
      {lines.length > 0 && (
        <section aria-label="Log">
          <h3 className={styles.title}>
            Log{lines.length > LINES && `, the last ${LINES} of ${count(lines.length, 'piece')}`}
          </h3>
          <pre className={styles.log} tabIndex={0}>
            {lines.slice(-LINES).map((line) => line.text)}
          </pre>
        </section>
      )}
    </>
  )
}

function Warnings({ of }: { of: readonly string[] }) {
  if (of.length === 0) return null
  return (
    <ul className={styles.warnings} aria-label="Warnings" data-testid="node-warnings">
      {of.map((warning) => (
        <li key={warning}>
          <Icon name="warning" size={14} /> {warning}
        </li>
      ))}
    </ul>
  )
}
