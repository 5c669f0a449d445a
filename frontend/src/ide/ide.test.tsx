import { act, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Run } from '../core/types'
import { applyEvents, stateOf } from '../run/state'
import { MetricsTab } from '../run/MetricsTab'
import { RunBar } from '../run/RunBar'
import { check, node, renderIde, workflow } from '../test/render'
import { ProblemsTab } from './ProblemsTab'
import { viewsOf } from '../dag/useViews'
import { nodeAtLine, problemsOf, showsRun, type IdeStore } from './store'

const diagnostic = {
  code: 'unknown-operator',
  message: 'There is no operator `Lerner`.',
  hint: 'Did you mean `Learner`?',
  severity: 'error' as const,
  line: 2,
  column: 9,
  end_line: 2,
  end_column: 15,
}

const run: Run = {
  id: 'r1',
  workflow: 'w1',
  version: 'v1',
  status: 'running',
  reuse: true,
  force: [],
  only: [],
  queued_at: '2026-11-02T10:00:00Z',
  started_at: '2026-11-02T10:00:00Z',
  finished_at: null,
  seconds: null,
  estimate: 0.3,
  message: '',
  last_event: 0,
  nodes: [],
  accuracy: null,
  metrics: [],
}

const failed = applyEvents(stateOf(run), [
  {
    number: 1,
    at: run.queued_at,
    event: { type: 'node_failed', node: 'model', code: 'x', message: 'KeyError', line: 2, detail: '', example: '{}' },
  },
  { number: 2, at: run.queued_at, event: { type: 'run_finished', status: 'failed', seconds: 0.2, message: '' } },
])

beforeEach(() => {
  localStorage.clear()
})

describe('the list of problems', () => {
  it('says what is wrong and what to write instead, and leads to the place', async () => {
    const store = renderIde(<ProblemsTab />)
    const reveal = vi.fn()
    act(() => {
      store.getState().setEditor({ reveal, focus: () => undefined, nextProblem: () => undefined })
      store.getState().setCheck(workflow.text, check({ diagnostics: [diagnostic] }))
    })
    expect(screen.getByTestId('problem').textContent).toBe('There is no operator Lerner. Did you mean Learner?2:9')
    await userEvent.click(screen.getByRole('button'))
    expect(reveal).toHaveBeenCalledWith(2, 9)
  })

  it('names the node that failed, for as long as the text is the one that ran', () => {
    const store = renderIde(<ProblemsTab />)
    act(() => store.getState().showRun(failed, workflow.text))
    expect(screen.getByTestId('problem').textContent).toContain('model failed: KeyError')
    act(() => store.getState().edit('rows = 1\n'))
    expect(problemsOf(store.getState())).toEqual([])
  })
})

describe('the run bar', () => {
  const bar = () => {
    const onRun = vi.fn()
    const store = renderIde(<RunBar onRun={onRun} onCancel={() => undefined} onSave={() => undefined} />)
    return { store, onRun }
  }
  const plan = { nodes: {}, compute: 4, load: 3, prune: 6, estimate: 0.31 }

  it('says in numbers what a run would do, and runs', async () => {
    const { store, onRun } = bar()
    act(() => store.getState().setCheck(workflow.text, check({ dag: { nodes: [], outputs: [] }, plan })))
    expect(screen.getByTestId('plan-summary').textContent).toBe('4 to compute · 3 to load · 6 not needed · about 0.3 s')
    await userEvent.click(screen.getByTestId('run'))
    expect(onRun).toHaveBeenCalledOnce()
  })

  it('leads to the problems of a text that cannot run', async () => {
    const { store, onRun } = bar()
    act(() => {
      store.getState().openTab('log')
      store.getState().setCheck(workflow.text, check({ diagnostics: [diagnostic] }))
    })
    await userEvent.click(screen.getByTestId('run'))
    expect(onRun).not.toHaveBeenCalled()
    expect(store.getState().tab).toBe('problems')
  })

  it('offers to cancel a run that goes on, and tells how one ended', () => {
    const { store } = bar()
    act(() => store.getState().showRun(stateOf(run), workflow.text))
    expect(screen.queryByTestId('run')).toBeNull()
    expect(screen.getByTestId('cancel')).toBeTruthy()
    act(() =>
      store.getState().applyRunEvents('r1', [
        {
          number: 1,
          at: run.queued_at,
          event: { type: 'run_finished', status: 'succeeded', seconds: 0.31, message: '' },
        },
      ]),
    )
    const status = screen.getByTestId('run-status')
    expect(status.textContent.trim()).toBe('Succeeded in 0.31 s, estimated 0.30 s')
    expect(status.dataset).toMatchObject({ status: 'succeeded', run: 'r1', lastEvent: '1' })
  })

  it('goes back to the plan once the text is edited', () => {
    const { store } = bar()
    act(() => {
      store.getState().setCheck(workflow.text, check({ dag: { nodes: [], outputs: [] }, plan }))
      store.getState().showRun(failed, workflow.text)
    })
    expect(showsRun(store.getState())).toBe(true)
    act(() => store.getState().edit(`${workflow.text}\n`))
    expect(screen.queryByTestId('run-status')).toBeNull()
    expect(screen.getByTestId('plan-summary')).toBeTruthy()
  })
})

describe('the metrics of a run', () => {
  it('are compared with those before, better or worse by their direction', () => {
    const store = renderIde(<MetricsTab />)
    const metrics = [
      { name: 'accuracy', node: 'accuracy', value: 0.84, previous: 0.83, higher_is_better: true, later: null },
      { name: 'loss', node: 'loss', value: 0.5, previous: 0.4, higher_is_better: false, later: null },
      { name: 'new', node: 'new', value: 1, previous: null, higher_is_better: null, later: null },
    ]
    act(() => store.getState().showRun(stateOf({ ...run, metrics }), workflow.text))
    expect(screen.getByTestId('metric-accuracy').textContent).toContain('+0.0100 better')
    expect(screen.getByTestId('metric-loss').textContent).toContain('+0.1000 worse')
    expect(screen.getByTestId('metric-new').textContent).toContain('first value')
  })
})

describe('what is stale', () => {
  const plan = {
    nodes: { model: { action: 'compute' as const, stale: true, reason: 'new', estimate: 0.1, conditional: false } },
    compute: 1,
    load: 0,
    prune: 0,
    estimate: 0.1,
  }
  const checked = check({ dag: { nodes: [node('model', 2)], outputs: [] }, plan })
  const marked = (store: IdeStore) => {
    const { dag, plan, ranBefore } = store.getState()
    return viewsOf(dag, plan, null, ranBefore).get('model')?.view.marked
  }

  it('has no mark before the first run has ended, and one after an edit then', () => {
    const store = renderIde(null)
    store.getState().setCheck(workflow.text, checked)
    expect(marked(store)).toBe(false)
    store.getState().showRun(stateOf(run), workflow.text)
    store.getState().setHead('v1')
    store.getState().setCheck(workflow.text, checked)
    expect(marked(store)).toBe(false)
    store
      .getState()
      .applyRunEvents('r1', [
        { number: 1, at: run.queued_at, event: { type: 'run_finished', status: 'succeeded', seconds: 1, message: '' } },
      ])
    store.getState().setCheck(workflow.text, checked)
    expect(marked(store)).toBe(true)
  })
})

it('a line that makes several nodes stands for the one that it is named after', () => {
  const dag = { nodes: [node('loss.feature', 3), node('loss', 3), node('age', 4)], outputs: [] }
  expect(nodeAtLine(dag, 3)?.name).toBe('loss')
  expect(nodeAtLine(dag, 9)).toBeUndefined()
})

it('keeps the events of a run that is shown a second time', () => {
  const store = renderIde(null)
  store.getState().showRun(failed, null)
  store.getState().showRun(stateOf(run), workflow.text)
  expect(store.getState().run).toBe(failed)
  expect(store.getState().runText).toBe(workflow.text)
})
