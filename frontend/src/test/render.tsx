// Renders a part of the IDE over a store of its own, as the page does.

import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { cssVariables, theme } from '../core/theme'
import type { Check, DagNode, Workflow } from '../core/types'
import { createIde, IdeContext, type IdeStore } from '../ide/store'

export const workflow: Workflow = {
  id: 'w1',
  name: 'Census',
  text: 'rows = CSVScanner(data)\nmodel = Learner(rows, SVC())\n',
  revision: 1,
  updated_at: '2026-11-02T10:00:00Z',
  head: null,
  branch: 'main',
  active_run: null,
  last_run: null,
}

export const node = (name: string, line: number, changes: Partial<DagNode> = {}): DagNode => ({
  name,
  label: name,
  operator: 'Field',
  family: 'extractor',
  kind: 'feature',
  line,
  end_line: line,
  inputs: [],
  params: {},
  wanted: true,
  output: false,
  metric: false,
  ...changes,
})

export const check = (changes: Partial<Check> = {}): Check => ({
  diagnostics: [],
  dag: null,
  plan: null,
  missing: [],
  ...changes,
})

export function renderIde(children: ReactNode): IdeStore {
  const store = createIde(workflow, null)
  const queries = new QueryClient({ defaultOptions: { queries: { enabled: false } } })
  render(
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables}>
      <QueryClientProvider client={queries}>
        <IdeContext value={store}>{children}</IdeContext>
      </QueryClientProvider>
    </MantineProvider>,
  )
  return store
}
