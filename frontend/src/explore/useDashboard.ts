// What a dashboard's page does by itself: proposes first charts, keeps the address in step, and listens to keys.

import { useCallback, useEffect, useRef } from 'react'
import { useSearchParams } from 'react-router'
import { answer, api } from '../core/api'
import { durations } from '../core/theme'
import { complain } from '../core/toasts'
import type { Chart } from '../core/types'
import { useExplore, useExploreStore } from './store'
import { PROFILE, shownTile } from './strip'
import { useActions } from './useActions'

/** Asks for the charts that suit the columns. */
export function useProposed(): () => void {
  const store = useExploreStore()
  const { ask } = useActions()
  return useCallback(() => {
    const { dashboard } = store.getState()
    answer(api.GET('/api/dashboards/{dashboard_id}/proposals', { params: { path: { dashboard_id: dashboard } } }))
      .then(({ charts }) => {
        if (charts.length > 0) ask({ charts: charts as Chart[], filters: [] })
        else complain(new Error('No chart suits these data: they have no rows, or their columns are not known yet.'))
      })
      .catch(complain)
  }, [store, ask])
}

/** A new dashboard shows charts by itself, once its columns are known. */
export function useProposals(): void {
  const fresh = useExplore(({ order, tiles }) => {
    const first = tiles[order[0] ?? '']
    return order.length === 1 && first?.number === 1 && first.answers[PROFILE]?.status === 'ready'
  })
  const propose = useProposed()
  const done = useRef(false)
  useEffect(() => {
    if (!fresh || done.current) return
    done.current = true
    propose()
  }, [fresh, propose])
}

/** The snapshot that was picked stands in the address; none while the newest is followed. */
export function useAddress(): void {
  const number = useExplore((state) => (state.picked === null ? null : (shownTile(state)?.number ?? null)))
  const [, setParams] = useSearchParams()
  useEffect(() => {
    const timer = setTimeout(() => {
      const next = new URLSearchParams(location.search)
      const wanted = number === null ? null : String(number)
      if (next.get('snapshot') === wanted) return
      if (wanted === null) next.delete('snapshot')
      else next.set('snapshot', wanted)
      setParams(next, { replace: true })
    }, durations.check)
    return () => clearTimeout(timer)
  }, [number, setParams])
}

const TAKEN = 'input, textarea, select, [role="menu"], [role="dialog"], [role="region"], [role="combobox"]'

/** The arrows, Home and End go from snapshot to snapshot, wherever they are not needed otherwise. */
export function useStripKeys(): void {
  const store = useExploreStore()
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
      if (event.target instanceof Element && event.target.closest(TAKEN)) return
      const by = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key]
      if (by !== undefined) store.getState().walk(by)
      else if (event.key === 'Escape' && store.getState().marked.length > 0) store.getState().unmark()
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [store])
}
