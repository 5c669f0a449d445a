// Problems as CodeMirror's diagnostics: lines and columns (from 1) become places in the text.

import type { Diagnostic } from '@codemirror/lint'
import type { Text } from '@codemirror/state'
import { proseNodes } from '../core/Prose'
import type { Problem } from '../ide/store'

/** The place of a line and column in the text; what lies beyond the text is moved to its edge. */
export function placeOf(doc: Text, line: number, column: number): number {
  const { from, length } = doc.line(Math.min(Math.max(1, line), doc.lines))
  return from + Math.min(Math.max(0, column - 1), length)
}

export function toDiagnostic(doc: Text, problem: Problem): Diagnostic {
  const from = placeOf(doc, problem.line, problem.column)
  const to = placeOf(doc, problem.end_line, problem.end_column)
  return {
    from,
    to: Math.max(from, to),
    severity: problem.severity,
    message: problem.hint ? `${problem.message}\n${problem.hint}` : problem.message,
    renderMessage: () => render(problem),
  }
}

function render(problem: Problem): Node {
  const box = document.createElement('div')
  const message = document.createElement('div')
  message.append(...proseNodes(problem.node === null ? problem.message : `${problem.node} failed: ${problem.message}`))
  box.append(message)
  if (problem.hint) {
    const hint = document.createElement('div')
    hint.className = 'hint'
    hint.append(...proseNodes(problem.hint))
    box.append(hint)
  }
  return box
}
