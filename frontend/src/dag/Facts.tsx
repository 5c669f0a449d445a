// What is known of a node in figures, as terms and descriptions: its state, and what it costs.

import type { ReactNode } from 'react'
import { about, bytes, duration, exactBytes, exactSeconds } from '../core/format'
import { Words } from '../run/Bar'
import { lookWord } from '../run/words'
import type { NodeView } from './view'

interface FactProps {
  name: string
  value?: string
  exact?: string
  children?: ReactNode
}

export function Fact({ name, value, exact, children }: FactProps) {
  return (
    <>
      <dt>{name}</dt>
      <dd title={exact}>{children ?? value}</dd>
    </>
  )
}

export function Costs({ view }: { view: NodeView }) {
  return (
    <>
      <Fact name="State" value={view.marked ? `${lookWord[view.look]}, stale` : lookWord[view.look]} />
      {view.seconds !== null && <Fact name="Time" value={duration(view.seconds)} exact={exactSeconds(view.seconds)} />}
      {view.running && (
        <Fact name="Progress">
          <Words going={{ ...view.running, estimate: view.estimate }} />
        </Fact>
      )}
      {view.estimate !== null && view.action !== 'prune' && view.seconds === null && (
        <Fact name="Estimate" value={about(view.estimate)} exact={exactSeconds(view.estimate)} />
      )}
      {view.estimate !== null && view.action !== 'prune' && view.seconds !== null && (
        <Fact name="Estimated" value={duration(view.estimate)} exact={exactSeconds(view.estimate)} />
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
