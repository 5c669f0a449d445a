// The places of a graph's nodes: at once where its shape is known, else the last ones until the worker has answered.

import { useEffect, useMemo, useState } from 'react'
import { layouts } from './elk'
import { shapeKey, type Graph } from './graph'
import type { Layout } from './layout'

export interface Placing {
  layout: Layout | null
  /** The shape that `layout` belongs to. */
  shape: string | null
  error: string | null
}

export function usePlaces(graph: Graph): Placing & { pending: boolean } {
  const [placing, setPlacing] = useState<Placing>({ layout: null, shape: null, error: null })
  const shape = useMemo(() => shapeKey(graph), [graph])

  useEffect(() => {
    let current = true
    layouts
      .place(graph)
      .then((layout) => {
        if (current) setPlacing({ layout, shape, error: null })
      })
      .catch((error: unknown) => {
        if (current) setPlacing((before) => ({ ...before, shape, error: String(error) }))
      })
    return () => {
      current = false
    }
    // The graph is a new object at each check, but only its shape matters here.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shape])

  return { ...placing, pending: placing.shape !== shape }
}
