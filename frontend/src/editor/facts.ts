// What the last check and run said of the text, as decorations that move along with edits until the next answer comes.

import { syntaxTree } from '@codemirror/language'
import { RangeSet, RangeSetBuilder, StateEffect, StateField, type EditorState, type Text } from '@codemirror/state'
import {
  Decoration,
  EditorView,
  GutterMarker,
  ViewPlugin,
  gutter,
  type DecorationSet,
  type ViewUpdate,
} from '@codemirror/view'
import { plain } from '../core/Prose'
import { isLearning } from '../core/family'
import type { DagNode, Operator, Plan } from '../core/types'

export interface Facts {
  operators: ReadonlyMap<string, Operator>
  nodes: readonly DagNode[]
  /** Whether the nodes' lines are those of this very text: with errors in it, the last good graph still gives names. */
  fresh: boolean
  plan: Plan | null
  failedLines: readonly number[]
  /** Before the first run everything is stale, and no line is marked. */
  ranBefore: boolean
}

const none: Facts = { operators: new Map(), nodes: [], fresh: false, plan: null, failedLines: [], ranBefore: false }

/** Says what is known of the text as it stands now. */
export const setFacts = StateEffect.define<Facts>()
/** Marks the lines (from 1) of the selected node; null marks nothing. */
export const setSelected = StateEffect.define<{ line: number; end: number } | null>()

export const factsField = StateField.define<Facts>({
  create: () => none,
  update: (value, transaction) =>
    transaction.effects.reduce((facts, effect) => (effect.is(setFacts) ? effect.value : facts), value),
})

/** Lines that are there: a node's lines may lie beyond a text that has just become shorter. */
const linesOf = (doc: Text, line: number, end: number): number[] => {
  const last = Math.min(end, doc.lines)
  return line < 1 || line > last ? [] : Array.from({ length: last - line + 1 }, (_, at) => line + at)
}

const unwantedLine = Decoration.line({ class: 'hx-unwanted', attributes: { title: 'No output needs this.' } })
const failedLine = Decoration.line({ class: 'hx-failed-line' })
const selectedLine = Decoration.line({ class: 'hx-selected-line' })

const decorate = (doc: Text, lines: readonly number[], decoration: Decoration): DecorationSet =>
  Decoration.set([...new Set(lines)].sort((a, b) => a - b).map((line) => decoration.range(doc.line(line).from)))

const lineField = (
  make: (effect: StateEffect<unknown>, state: EditorState) => DecorationSet | null,
): StateField<DecorationSet> =>
  StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update: (value, transaction) =>
      transaction.effects.reduce(
        (set, effect) => make(effect, transaction.state) ?? set,
        value.map(transaction.changes),
      ),
    provide: (field) => EditorView.decorations.from(field),
  })

/** A statement is greyed when every node that it makes is unwanted. */
export function unwantedLines(nodes: readonly DagNode[], doc: Text): number[] {
  const wanted = new Set(nodes.filter((node) => node.wanted).flatMap((node) => linesOf(doc, node.line, node.end_line)))
  const unwanted = nodes.filter((node) => !node.wanted).flatMap((node) => linesOf(doc, node.line, node.end_line))
  return unwanted.filter((line) => !wanted.has(line))
}

const unwantedField = lineField((effect, { doc }) =>
  effect.is(setFacts) && effect.value.fresh
    ? decorate(doc, unwantedLines(effect.value.nodes, doc), unwantedLine)
    : null,
)
const failedField = lineField((effect, { doc }) =>
  effect.is(setFacts)
    ? decorate(
        doc,
        effect.value.failedLines.flatMap((line) => linesOf(doc, line, line)),
        failedLine,
      )
    : null,
)
const selectedField = lineField((effect, { doc }) =>
  effect.is(setSelected)
    ? decorate(doc, effect.value ? linesOf(doc, effect.value.line, effect.value.end) : [], selectedLine)
    : null,
)

class StaleMark extends GutterMarker {
  constructor(readonly reason: string) {
    super()
  }

  override eq(other: GutterMarker): boolean {
    return other instanceof StaleMark && other.reason === this.reason
  }

  override toDOM(): Node {
    const mark = document.createElement('div')
    mark.className = 'hx-stale-mark'
    mark.title = plain(this.reason)
    return mark
  }
}

/** The reason of each line that a stale node stands on. */
export function staleLines(facts: Facts, doc: Text): Map<number, string> {
  const reasons = new Map<number, string>()
  for (const node of facts.nodes) {
    const plan = facts.ranBefore ? facts.plan?.nodes[node.name] : undefined
    if (!plan?.stale || !node.wanted) continue
    for (const line of linesOf(doc, node.line, node.end_line)) {
      const before = reasons.get(line)
      reasons.set(line, [before, `${node.name}: ${plan.reason}`].filter(Boolean).join('\n'))
    }
  }
  return reasons
}

const staleField = StateField.define<RangeSet<GutterMarker>>({
  create: () => RangeSet.empty,
  update: (value, { changes, effects, state }) =>
    effects.reduce((set, effect) => {
      if (!effect.is(setFacts) || !effect.value.fresh) return set
      const reasons = [...staleLines(effect.value, state.doc)].sort(([a], [b]) => a - b)
      return RangeSet.of(reasons.map(([line, reason]) => new StaleMark(reason).range(state.doc.line(line).from)))
    }, value.map(changes)),
})

const staleGutter = gutter({ class: 'cm-plan-gutter', markers: (view) => view.state.field(staleField) })

const operatorData = Decoration.mark({ class: 'hx-operator-data' })
const operatorLearning = Decoration.mark({ class: 'hx-operator-learning' })
const nodeName = Decoration.mark({ class: 'hx-node' })

function names(view: EditorView): DecorationSet {
  const { operators, nodes } = view.state.field(factsField)
  const known = new Set(nodes.map((node) => node.name))
  const builder = new RangeSetBuilder<Decoration>()
  for (const { from, to } of view.visibleRanges) {
    syntaxTree(view.state).iterate({
      from,
      to,
      enter: (token) => {
        if (token.name !== 'VariableName') return
        const name = view.state.sliceDoc(token.from, token.to)
        const operator = operators.get(name)
        if (operator) builder.add(token.from, token.to, isLearning(operator) ? operatorLearning : operatorData)
        else if (known.has(name)) builder.add(token.from, token.to, nodeName)
      },
    })
  }
  return builder.finish()
}

const nameHighlighter = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet

    constructor(view: EditorView) {
      this.decorations = names(view)
    }

    update(update: ViewUpdate): void {
      const told = update.state.field(factsField) !== update.startState.field(factsField)
      const parsed = syntaxTree(update.state) !== syntaxTree(update.startState)
      if (update.docChanged || update.viewportChanged || told || parsed) this.decorations = names(update.view)
    }
  },
  { decorations: (plugin) => plugin.decorations },
)

export const facts = [factsField, unwantedField, failedField, selectedField, staleField, staleGutter, nameHighlighter]
