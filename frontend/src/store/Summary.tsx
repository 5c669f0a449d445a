// The totals: the room that is taken, what is pinned and superseded, what was saved, what audits found, and the policy.

import type { ReactNode } from 'react'
import { bytes, count, duration, exactBytes, exactSeconds } from '../core/format'
import { Icon } from '../core/icons'
import type { WorkflowStore } from '../core/types'
import { audited, numbers, policies, room, taken } from './words'
import styles from './Summary.module.css'

export function Summary({ store }: { store: WorkflowStore }) {
  const { pinned, superseded, saved, hits } = store
  return (
    <section className={styles.summary} aria-label="In all">
      {store.audits.false_hits > 0 && <Alarm store={store} />}
      <dl className={styles.facts}>
        <Fact name="Kept" title={exactBytes(store.bytes)} below={numbers(store)} testid="kept">
          {room(store)}
          <Room share={taken(store)} words={`${room(store)}; ${numbers(store)}`} />
        </Fact>
        <Fact name="Pinned" title={exactBytes(pinned)} below="is never evicted" testid="pinned">
          {bytes(pinned)}
        </Fact>
        <Fact name="Superseded" title={exactBytes(superseded)} below="of versions that were left" testid="superseded">
          {bytes(superseded)}
        </Fact>
        <Fact name="Saved" title={exactSeconds(saved)} below={`by ${count(hits, 'load')}`} testid="saved">
          {duration(saved)}
        </Fact>
        <Fact name="Audits" title={audited(store)} below={audited(store)} testid="audits">
          <Verdict store={store} />
        </Fact>
      </dl>
      <p className={styles.policy}>
        The policy <strong>{store.policy}</strong> {policies[store.policy]}. Over the budget the least benefit for its
        size is evicted. The server&rsquo;s environment sets the budget (<code>HELIX_BUDGET</code>,{' '}
        <code>HELIX_BUDGET_COUNT</code>) and the share of loads that are recomputed, {share(store.audited)} (
        <code>HELIX_AUDIT</code>): see <code>docs/operations.md</code>.
      </p>
    </section>
  )
}

const share = (part: number): string => `${(part * 100).toLocaleString('en', { maximumFractionDigits: 2 })} %`

interface FactProps {
  name: string
  title: string
  below: string
  testid: string
  children: ReactNode
}

function Fact({ name, title, below, testid, children }: FactProps) {
  return (
    <div className={styles.fact} data-testid={`store-${testid}`}>
      <dt className={styles.name}>{name}</dt>
      <dd className={styles.value} title={title}>
        {children}
      </dd>
      <dd className={styles.below}>{below}</dd>
    </div>
  )
}

function Room({ share: part, words }: { share: number; words: string }) {
  return (
    <span
      className={styles.room}
      role="meter"
      aria-label="Budget taken"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(part * 100)}
      aria-valuetext={words}
    >
      <span className={styles.taken} style={{ width: `${part * 100}%` }} />
    </span>
  )
}

function Verdict({ store: { audits } }: { store: WorkflowStore }) {
  if (audits.false_hits > 0)
    return (
      <span className={styles.wrong}>
        <Icon name="error" size={14} /> {count(audits.false_hits, 'false hit')}
      </span>
    )
  return audits.checked === 0 ? (
    <span>none yet</span>
  ) : (
    <span className={styles.right}>
      <Icon name="check" size={14} /> all equal
    </span>
  )
}

function Alarm({ store }: { store: WorkflowStore }) {
  const { false_hits } = store.audits
  return (
    <div className={styles.alarm} role="alert">
      <Icon name="error" />
      <p>
        <strong>{count(false_hits, 'stored result was', 'stored results were')} not what computing gives.</strong> Each
        was moved to the store&rsquo;s <code>quarantine</code> folder, and what was made of it is forgotten. Run the
        workflows again: what is missing is computed. Then look for a function that gives something else each time
        (random numbers without a seed, the clock, a file or a service that it reads by itself); the server&rsquo;s log
        names the node after &ldquo;false hit&rdquo;.
      </p>
    </div>
  )
}
