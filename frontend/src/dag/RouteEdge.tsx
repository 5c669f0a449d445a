// An edge along the route that the layout found for it, clear of the nodes in between.

import { BaseEdge, type Edge, type EdgeProps } from '@xyflow/react'

export type Routed = Edge<{ path: string }, 'route'>

export function RouteEdge({ data }: EdgeProps<Routed>) {
  return <BaseEdge path={data?.path ?? ''} />
}
