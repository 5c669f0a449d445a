// The editor of the workflow's text: CodeMirror, told by the store what the check and the run said.

import { isolateHistory } from '@codemirror/commands'
import { nextDiagnostic, setDiagnostics } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { useEffect, useMemo, useRef } from 'react'
import { useQuery } from '@tanstack/react-query'
import { answer, api } from '../core/api'
import { keysOf } from '../core/queries'
import {
  isChecked,
  nodeAtLine,
  nodeNamed,
  problemsOf,
  useIde,
  useIdeStore,
  type EditorHandle,
  type IdeStore,
} from '../ide/store'
import { setFacts, setSelected } from './facts'
import { placeOf, toDiagnostic } from './problems'
import { changeBetween } from './replace'
import { extensions } from './setup'
import styles from './Editor.module.css'

interface Props {
  onRun: () => void
  onSave: () => void
}

export default function Editor({ onRun, onSave }: Props) {
  const store = useIdeStore()
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const listeners = useRef({ onRun, onSave })
  useEffect(() => {
    listeners.current = { onRun, onSave }
  }, [onRun, onSave])

  useEffect(() => {
    if (!host.current) return
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: store.getState().draft.text,
        extensions: extensions({
          onEdit: (text) => store.getState().edit(text),
          onCaret: (line) => selectAt(store, line),
          onRun: () => listeners.current.onRun(),
          onSave: () => listeners.current.onSave(),
        }),
      }),
    })
    view.current = made
    store.getState().setEditor(handleOf(made))
    return () => {
      view.current = null
      store.getState().setEditor(null)
      made.destroy()
    }
  }, [store])

  useText(view)
  useFacts(view)
  useSelection(view)
  return <div ref={host} className={styles.editor} data-testid="editor" role="region" aria-label="Editor" />
}

type ViewRef = React.RefObject<EditorView | null>

/** A text that did not come from typing (a checkout, another tab's) replaces what is shown, and can be undone there. */
function useText(view: ViewRef): void {
  const text = useIde((ide) => ide.draft.text)
  useEffect(() => {
    const change = view.current && changeBetween(view.current.state.doc.toString(), text)
    // A step of its own for undo, however soon after typing it comes.
    if (change) view.current?.dispatch({ changes: change, annotations: isolateHistory.of('full') })
  }, [view, text])
}

function useFacts(view: ViewRef): void {
  const store = useIdeStore()
  const { data: operators } = useQuery({
    queryKey: keysOf.operators,
    queryFn: ({ signal }) => answer(api.GET('/api/operators', { signal })),
    staleTime: Infinity,
  })
  const known = useMemo(() => new Map(operators?.map((operator) => [operator.name, operator])), [operators])
  const check = useIde((ide) => ide.check)
  const checked = useIde(isChecked)
  const errors = useIde((ide) => (ide.runText === ide.draft.text ? ide.run?.status : undefined))

  useEffect(() => {
    // While the answer to the last keystroke is on its way, the marks of the one before move along with the text.
    if (!view.current || !checked) return
    const { state } = view.current
    const ide = store.getState()
    const problems = problemsOf(ide)
    const failedLines = problems.flatMap((problem) => (problem.node === null ? [] : [problem.line]))
    const plan = check?.plan ?? null
    view.current.dispatch(
      {
        effects: setFacts.of({
          operators: known,
          nodes: ide.dag?.nodes ?? [],
          fresh: check?.dag != null,
          plan,
          failedLines,
          ranBefore: ide.ranBefore,
        }),
      },
      setDiagnostics(
        state,
        problems.map((problem) => toDiagnostic(state.doc, problem)),
      ),
    )
  }, [view, store, known, check, checked, errors])
}

function useSelection(view: ViewRef): void {
  const store = useIdeStore()
  const node = useIde((ide) => nodeNamed(ide.dag, ide.selected))
  const linked = useRef(store.getState().selected)
  useEffect(() => {
    // The node that the address names is shown once the graph is known, unless somebody writes already.
    if (!node || node.name !== linked.current) return
    linked.current = null
    if (!view.current?.hasFocus) store.getState().editor?.reveal(node.line)
  }, [view, store, node])
  useEffect(() => {
    view.current?.dispatch({ effects: setSelected.of(node ? { line: node.line, end: node.end_line } : null) })
  }, [view, node])
}

function selectAt(store: IdeStore, line: number): void {
  const ide = store.getState()
  if (!ide.dag || !isChecked(ide)) return
  const node = nodeAtLine(ide.dag, line)
  // A line that makes several nodes keeps the one that was chosen in the graph.
  const chosen = nodeNamed(ide.dag, ide.selected)
  if (node && !(chosen && chosen.line <= line && line <= chosen.end_line)) ide.select(node.name)
}

const handleOf = (view: EditorView): EditorHandle => ({
  reveal: (line, column = 1) => {
    const place = placeOf(view.state.doc, line, column)
    view.dispatch({ selection: { anchor: place }, effects: EditorView.scrollIntoView(place, { y: 'center' }) })
  },
  focus: () => view.focus(),
  nextProblem: () => {
    nextDiagnostic(view)
    view.focus()
  },
})
