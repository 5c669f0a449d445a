// What the address of a comparison says: the sides, the view, what of it is shown, and which runs it tells of.

import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'react-router'

export const VIEWS = ['dag', 'code', 'metrics', 'run'] as const
export type View = (typeof VIEWS)[number]
export const viewTitles: Record<View, string> = { dag: 'Graph', code: 'Code', metrics: 'Metrics', run: 'Run' }

export const DRAFT = 'draft'

export type Spotlight = 'a' | 'b'

export interface Shown {
  view: View
  /** Also what is the same. */
  all: boolean
  spotlight: Spotlight | null
  node: string | null
  /** Code in one column rather than side by side. */
  inline: boolean
  beforeRun: string | null
  afterRun: string | null
}

const names: Record<keyof Shown, string> = {
  view: 'view',
  all: 'all',
  spotlight: 'spotlight',
  node: 'node',
  inline: 'inline',
  beforeRun: 'before_run',
  afterRun: 'after_run',
}

export function shownBy(params: URLSearchParams): Shown {
  const spotlight = params.get(names.spotlight)
  return {
    view: VIEWS.find((view) => view === params.get(names.view)) ?? 'dag',
    all: params.get(names.all) === '1',
    spotlight: spotlight === 'a' || spotlight === 'b' ? spotlight : null,
    node: params.get(names.node),
    inline: params.get(names.inline) === '1',
    beforeRun: params.get(names.beforeRun),
    afterRun: params.get(names.afterRun),
  }
}

const written = (value: string | boolean | null): string | null =>
  typeof value === 'boolean' ? (value ? '1' : null) : value

export function changed(params: URLSearchParams, change: Partial<Shown>): URLSearchParams {
  const now = new URLSearchParams(params)
  for (const [key, value] of Object.entries(change) as [keyof Shown, string | boolean | null][]) {
    const text = written(value)
    if (text === null) now.delete(names[key])
    else now.set(names[key], text)
  }
  return now
}

/** What the address says now: keys may be pressed faster than the page is drawn. */
export const shownNow = (): Shown => shownBy(new URLSearchParams(location.search))

export function useShown(): [Shown, (change: Partial<Shown>) => void] {
  const [params, setParams] = useSearchParams()
  const shown = useMemo(() => shownBy(params), [params])
  const show = useCallback(
    (change: Partial<Shown>) => setParams(changed(new URLSearchParams(location.search), change), { replace: true }),
    [setParams],
  )
  return [shown, show]
}

export const compareAddress = (workflow: string, before: string, after: string): string =>
  `/workflows/${workflow}/compare/${before}/${after}`

/** Two runs of one version beside each other. */
export const runsAddress = (workflow: string, version: string, beforeRun: string, afterRun: string): string => {
  const search = changed(new URLSearchParams(), { view: 'run', beforeRun, afterRun })
  return `${compareAddress(workflow, version, version)}?${search}`
}
