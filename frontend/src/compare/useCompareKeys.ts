// What the keys and the palette offer while two sides are compared.

import { useCallback, useEffect, useMemo, useState } from 'react'
import type { Comparison } from '../core/types'
import { useCommands, usePalette, type Command } from '../palette/store'
import { shownNow, VIEWS, viewTitles, type Shown } from './address'
import { costsDiffer, differing, metricDiffers, step } from './merged'

export interface Stepper {
  /** Goes to the next difference of the view, or to the one before. */
  step: (by: 1 | -1) => void
  /** The code view steps by itself: it knows what of the text differs. */
  register: (code: Stepper['step'] | null) => void
}

/** What j and k step through. */
function stepsOf({ dag, metrics }: Comparison, { view }: Shown): string[] {
  if (view === 'metrics') return [...new Set(metrics.filter(metricDiffers).map((metric) => metric.node))]
  const nodes = dag?.nodes ?? []
  if (view === 'run') {
    return nodes
      .filter((node) => costsDiffer(node.before?.cost ?? null, node.after?.cost ?? null))
      .map((node) => node.id)
  }
  return dag ? differing(dag) : []
}

export function useCompareKeys(comparison: Comparison, shown: Shown, show: (change: Partial<Shown>) => void): Stepper {
  const [code, setCode] = useState<Stepper['step'] | null>(null)
  const register = useCallback((stepping: Stepper['step'] | null) => setCode(() => stepping), [])
  const go = useCallback(
    (by: 1 | -1) => {
      const now = shownNow()
      if (now.view === 'code') code?.(by)
      else show({ node: step(stepsOf(comparison, now), now.node, by) })
    },
    [code, comparison, show],
  )
  const { all } = shown
  useCommands(
    'compare',
    useMemo(
      () => [
        action('compare-next', 'Next difference', 'down', 'J', () => go(1)),
        action('compare-previous', 'Previous difference', 'up', 'K', () => go(-1)),
        ...VIEWS.map((view, at) =>
          action(`compare-${view}`, `Compare: ${viewTitles[view].toLowerCase()}`, 'chevron', String(at + 1), () =>
            show({ view }),
          ),
        ),
        action('compare-all', all ? 'Show differences only' : 'Show all, not only differences', 'map', 'A', () =>
          show({ all: !all }),
        ),
      ],
      [go, show, all],
    ),
  )
  const keys = useMemo(
    () => ({
      j: () => go(1),
      k: () => go(-1),
      a: () => show({ all: !shownNow().all }),
      ...Object.fromEntries(VIEWS.map((view, at) => [String(at + 1), () => show({ view })])),
    }),
    [go, show],
  )
  useKeys(keys)
  return useMemo(() => ({ step: go, register }), [go, register])
}

const action = (id: string, title: string, icon: Command['icon'], keys: string, run: () => void): Command => ({
  id,
  group: 'Actions',
  title,
  icon,
  keys,
  run,
})

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input, textarea, select, [role=menuitem]'))

/** Single keys that work wherever nothing is typed, and nothing is open. */
export function useKeys(keys: Record<string, () => void>): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return
      const act = keys[event.key.toLowerCase()]
      if (!act || usePalette.getState().shown !== null) return
      event.preventDefault()
      act()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [keys])
}
