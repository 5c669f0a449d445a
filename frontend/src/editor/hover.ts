// Help under the pointer: an operator's documentation, or what is known of a node.

import { hoverTooltip, type EditorView, type Tooltip } from '@codemirror/view'
import { about } from '../core/format'
import { proseNodes } from '../core/Prose'
import type { DagNode, NodePlan, Operator } from '../core/types'
import { plannedReason } from '../dag/view'
import { factsField } from './facts'

function element(tag: string, className: string, text: string): HTMLElement {
  const made = document.createElement(tag)
  made.className = className
  made.append(...proseNodes(text))
  return made
}

function box(...children: HTMLElement[]): HTMLElement {
  const made = element('div', 'hx-hover', '')
  made.append(...children)
  return made
}

/** "CSVScanner(source, columns=…, header=…)". */
export function signature(operator: Operator): string {
  const shown = operator.parameters.map((parameter) => (parameter.required ? parameter.name : `${parameter.name}=…`))
  return `${operator.name}(${shown.join(', ')})`
}

function operatorHelp(operator: Operator): HTMLElement {
  const parts = [element('div', 'title', signature(operator)), element('p', '', operator.doc)]
  if (operator.example) parts.push(element('pre', '', operator.example))
  return box(...parts)
}

function nodeHelp(node: DagNode, plan: NodePlan | undefined): HTMLElement {
  const parts = [element('div', 'title', node.name), element('div', 'dim', `${node.operator} → ${node.kind}`)]
  if (plan)
    parts.push(
      element('p', '', plan.action === 'prune' ? plan.reason : `${plannedReason(plan)} · ${about(plan.estimate)}`),
    )
  return box(...parts)
}

export const hover = hoverTooltip((view: EditorView, position: number): Tooltip | null => {
  const word = view.state.wordAt(position)
  if (!word) return null
  const name = view.state.sliceDoc(word.from, word.to)
  const { operators, nodes, plan } = view.state.field(factsField)
  const operator = operators.get(name)
  const node = nodes.find((known) => known.name === name)
  if (!operator && !node) return null
  const make = () => (operator ? operatorHelp(operator) : node ? nodeHelp(node, plan?.nodes[name]) : box())
  return { pos: word.from, end: word.to, above: true, create: () => ({ dom: make() }) }
})
