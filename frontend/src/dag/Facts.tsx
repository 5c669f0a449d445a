// What is known of a node in figures, as terms and descriptions: its state, and what it costs.

import { about, bytes, duration, exactBytes, exactSeconds } from '../core/format'
import { lookWord } from '../run/words'
import type { NodeView } from './view'

export function Fact({ name, value, exact }: { name: string; value: string; exact?: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd title={exact}>{value}</dd>
    </>
  )
}

export function Costs({ view }: { view: NodeView }) {
  return (
    <>
      <Fact name="State" value={view.marked ? `${lookWord[view.look]}, stale` : lookWord[view.look]} />
      {view.seconds !== null && <Fact name="Time" value={duration(view.seconds)} exact={exactSeconds(view.seconds)} />}
      {view.estimate !== null && view.action !== 'prune' && (
        <Fact name="Estimate" value={about(view.estimate)} exact={exactSeconds(view.estimate)} />
      )}
      {view.bytes !== null && view.bytes > 0 && (
        <Fact name="Size" value={bytes(view.bytes)} exact={exactBytes(view.bytes)} />
      )}
      {view.seconds !== null && (
        <Fact name="Store" value={view.loaded ? 'loaded from it' : view.stored ? 'kept' : 'not kept'} />
      )}
    </>
  )
}
