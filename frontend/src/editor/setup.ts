// Everything CodeMirror is asked to do here, in one list.

import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { python } from '@codemirror/lang-python'
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from '@codemirror/language'
import { lintGutter, lintKeymap } from '@codemirror/lint'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { EditorState, type Extension } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view'
import { appearance } from './appearance'
import { facts } from './facts'
import { hover } from './hover'

export interface Listeners {
  onEdit: (text: string) => void
  onCaret: (line: number) => void
  onRun: () => void
  onSave: () => void
}

export function extensions({ onEdit, onCaret, onRun, onSave }: Listeners): Extension[] {
  const command = (act: () => void) => () => {
    act()
    return true
  }
  return [
    keymap.of([
      { key: 'Mod-Enter', run: command(onRun), preventDefault: true },
      { key: 'Mod-s', run: command(onSave), preventDefault: true },
    ]),
    lintGutter(),
    lineNumbers(),
    facts,
    foldGutter({ markerDOM: foldMarker }),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    history(),
    drawSelection(),
    EditorState.allowMultipleSelections.of(true),
    rectangularSelection(),
    indentUnit.of('    '),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    highlightSelectionMatches(),
    search({ top: true }),
    python(),
    hover,
    keymap.of([
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...lintKeymap,
      indentWithTab,
    ]),
    EditorView.contentAttributes.of({ 'aria-label': 'Workflow text', spellcheck: 'false', tabindex: '0' }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onEdit(update.state.doc.toString())
      if (update.selectionSet && update.view.hasFocus)
        onCaret(update.state.doc.lineAt(update.state.selection.main.head).number)
    }),
    appearance,
  ]
}

/** A text that is read, not written: highlighted as in the editor, with a caret to go by. */
export const reading = (label: string): Extension[] => [
  lineNumbers(),
  drawSelection(),
  highlightSelectionMatches(),
  search({ top: true }),
  python(),
  keymap.of([...defaultKeymap, ...searchKeymap]),
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  EditorView.contentAttributes.of({
    'aria-label': label,
    role: 'textbox',
    'aria-readonly': 'true',
    'aria-multiline': 'true',
    tabindex: '0',
  }),
  appearance,
]

function foldMarker(open: boolean): HTMLElement {
  const marker = document.createElement('span')
  marker.textContent = open ? '⌄' : '›'
  marker.title = open ? 'Fold' : 'Unfold'
  return marker
}
