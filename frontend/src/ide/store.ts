// The state of one open workflow: the draft, what the last check said of it, the run that is shown, and what is selected.

import { createContext, useContext } from 'react'
import { createStore, useStore, type StoreApi } from 'zustand'
import type { Check, Dag, DagNode, Diagnostic, NumberedEvent, Plan, Workflow } from '../core/types'
import { recall, remember } from '../core/storage'
import { draftOf, reduceDraft, restored, type Draft, type DraftEvent } from '../editor/draft'
import { leftDraft } from '../editor/left'
import { applyEvents, isActive, type RunState } from '../run/state'

export type Tab = 'problems' | 'log' | 'metrics' | 'versions' | 'node'

export const TABS: Tab[] = ['problems', 'log', 'metrics', 'versions', 'node']

/** What the editor can be asked to do. */
export interface EditorHandle {
  reveal: (line: number, column?: number) => void
  focus: () => void
  nextProblem: () => void
}

export interface Ide {
  id: string
  name: string
  head: string | null
  draft: Draft
  check: Check | null
  /** The text that `check` is about; null while nothing was checked. */
  checked: string | null
  checkError: string | null
  /** Counts what makes a check of the same text worth repeating: a finished run, fetched data. */
  checkAgain: number
  /** A run of the workflow has ended: before that everything is stale, which says nothing of what an edit did. */
  ranBefore: boolean
  /** A checkout is under way: what the server then says has changed is our own doing. */
  moving: boolean
  /** The last DAG of a text without errors. */
  dag: Dag | null
  /** What the next run of that text would do. */
  plan: Plan | null
  run: RunState | null
  /** The run that was shown before it: what a plan was compared with when it started. */
  runBefore: string | null
  /** The text of `run`, once known. */
  runText: string | null
  selected: string | null
  tab: Tab
  drawerOpen: boolean
  editor: EditorHandle | null

  rename: (name: string) => void
  setHead: (head: string | null) => void
  setMoving: (moving: boolean) => void
  change: (event: DraftEvent) => void
  edit: (text: string) => void
  setCheck: (text: string, check: Check) => void
  failCheck: (message: string) => void
  recheck: () => void
  showRun: (run: RunState, text: string | null) => void
  hideRun: () => void
  setRunText: (run: string, text: string) => void
  mergeRun: (run: RunState) => void
  applyRunEvents: (run: string, events: readonly NumberedEvent[]) => void
  select: (node: string | null) => void
  openTab: (tab: Tab) => void
  toggleDrawer: () => void
  setEditor: (editor: EditorHandle | null) => void
}

export type IdeStore = StoreApi<Ide>

const initialDraft = (workflow: Workflow): Draft => {
  const left = leftDraft(workflow.id)
  return left ? restored(left, workflow) : draftOf(workflow.text, workflow.revision)
}

export const createIde = (workflow: Workflow, selected: string | null): IdeStore =>
  createStore<Ide>((set) => ({
    id: workflow.id,
    name: workflow.name,
    head: workflow.head,
    draft: initialDraft(workflow),
    check: null,
    checked: null,
    checkError: null,
    checkAgain: 0,
    ranBefore: workflow.head !== null && workflow.active_run === null,
    moving: false,
    dag: null,
    plan: null,
    run: null,
    runBefore: null,
    runText: null,
    selected,
    tab: rememberedTab(),
    drawerOpen: recall('drawer-open') !== false,
    editor: null,

    rename: (name) => set({ name }),
    setHead: (head) => set({ head }),
    setMoving: (moving) => set({ moving }),
    change: (event) => set((state) => ({ draft: reduceDraft(state.draft, event) })),
    edit: (text) => set((state) => ({ draft: reduceDraft(state.draft, { type: 'edited', text }) })),
    setCheck: (text, check) =>
      set((state) => ({
        check,
        checked: text,
        checkError: null,
        ranBefore: state.ranBefore || (state.head !== null && !(state.run && isActive(state.run.status))),
        ...(check.dag ? { dag: check.dag, plan: check.plan } : {}),
      })),
    failCheck: (message) => set({ checkError: message }),
    recheck: () => set((state) => ({ checkAgain: state.checkAgain + 1 })),
    // A run that is shown already keeps the events that have come since.
    showRun: (run, text) =>
      set((state) =>
        state.run?.id === run.id
          ? { runText: text ?? state.runText }
          : { run, runBefore: state.run?.id ?? null, runText: text },
      ),
    hideRun: () => set({ run: null, runText: null }),
    setRunText: (run, text) => set((state) => (state.run?.id === run ? { runText: text } : {})),
    // What only the server's summary holds: the deltas against the previous version, and how near the estimates were.
    mergeRun: (run) =>
      set((state) =>
        state.run?.id === run.id ? { run: { ...state.run, metrics: run.metrics, accuracy: run.accuracy } } : {},
      ),
    applyRunEvents: (id, events) =>
      set((state) => (state.run?.id === id ? { run: applyEvents(state.run, events) } : {})),
    select: (node) => set((state) => (state.selected === node ? {} : { selected: node })),
    openTab: (tab) => {
      remember('drawer-tab', tab)
      remember('drawer-open', true)
      set({ tab, drawerOpen: true })
    },
    toggleDrawer: () =>
      set((state) => {
        remember('drawer-open', !state.drawerOpen)
        return { drawerOpen: !state.drawerOpen }
      }),
    setEditor: (editor) => set({ editor }),
  }))

function rememberedTab(): Tab {
  const tab = recall('drawer-tab')
  return TABS.find((known) => known === tab) ?? 'problems'
}

export const IdeContext = createContext<IdeStore | null>(null)

export function useIdeStore(): IdeStore {
  const store = useContext(IdeContext)
  if (!store) throw new Error('There is no open workflow here.')
  return store
}

export function useIde<T>(selector: (ide: Ide) => T): T {
  return useStore(useIdeStore(), selector)
}

/** Whether the check is about the very text that is shown. */
export const isChecked = (ide: Pick<Ide, 'checked' | 'draft'>): boolean => ide.checked === ide.draft.text

/** Whether what the run did still describes the text that is shown. */
export const showsRun = (ide: Pick<Ide, 'run' | 'runText' | 'draft'>): boolean =>
  ide.run !== null && (isActive(ide.run.status) || ide.runText === ide.draft.text)

export const nodeNamed = (dag: Dag | null, name: string | null): DagNode | undefined =>
  name === null ? undefined : dag?.nodes.find((node) => node.name === name)

/** The node whose statement covers a line; of a statement's nodes the one it is named after, not one nested in it. */
export function nodeAtLine(dag: Dag, line: number): DagNode | undefined {
  let best: DagNode | undefined
  for (const node of dag.nodes) {
    if (line < node.line || line > node.end_line) continue
    if (!best || node.name.length < best.name.length) best = node
  }
  return best
}

export interface Problem extends Diagnostic {
  /** What failed in a run rather than in the text. */
  node: string | null
}

/** What is wrong with the text that is shown: the check's diagnostics, and the nodes that failed in its last run. */
export function problemsOf(ide: Pick<Ide, 'check' | 'checked' | 'draft' | 'run' | 'runText'>): Problem[] {
  const problems: Problem[] = (ide.check?.diagnostics ?? []).map((diagnostic) => ({ ...diagnostic, node: null }))
  if (!ide.run || ide.runText !== ide.draft.text) return problems
  for (const node of Object.values(ide.run.nodes)) {
    if (!node.error) continue
    const line = node.error.line ?? 1
    problems.push({
      code: node.error.code,
      message: node.error.message,
      hint: node.error.example ? `First input that broke it: ${node.error.example}` : '',
      severity: 'error',
      line,
      column: 1,
      end_line: line,
      end_column: Number.MAX_SAFE_INTEGER,
      node: node.name,
    })
  }
  return problems
}
