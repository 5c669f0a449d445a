// Which metrics and which branches are shown: slices stand under their node, folded until one is wanted.

import { useMemo } from 'react'
import { metric as metricText } from '../core/format'
import type { Trend } from '../core/types'
import { Lacking } from './Backfilling'
import { branchNames, grouped, sliceName } from './lines'
import type { ViewProps } from './Metrics'
import { seriesStyle } from './styles'
import styles from './Metrics.module.css'

export function Rail({ workflow, trends, shown, show }: ViewProps) {
  const choosesMetrics = shown.view === 'trend' || shown.view === 'parameters'
  if (!choosesMetrics && trends.branches.length === 0) return null
  return (
    <aside className={styles.rail} aria-label="What is shown">
      {choosesMetrics && (
        <MetricChooser metrics={trends.metrics} chosen={shown.metrics} choose={(metrics) => show({ metrics })} />
      )}
      {choosesMetrics && <Lacking workflow={workflow} trends={trends} />}
      <BranchChooser
        names={branchNames(trends)}
        chosen={shown.branches}
        choose={(branches) => show({ branches, zoom: null, heights: new Map() })}
        marked={shown.view === 'trend'}
      />
    </aside>
  )
}

interface ChooserProps {
  metrics: Trend[]
  chosen: string[]
  choose: (names: string[]) => void
}

function MetricChooser({ metrics, chosen, choose }: ChooserProps) {
  const groups = useMemo(() => grouped(metrics), [metrics])
  const set = (names: string[], on: boolean) =>
    choose(
      on
        ? [...chosen, ...names.filter((name) => !chosen.includes(name))]
        : chosen.filter((name) => !names.includes(name)),
    )
  const box = (metric: Trend, label: string) => (
    <label key={metric.name} className={styles.choice}>
      <input
        type="checkbox"
        checked={chosen.includes(metric.name)}
        onChange={(event) => set([metric.name], event.currentTarget.checked)}
      />
      <span className={styles.choiceName}>{label}</span>
      <Last metric={metric} />
    </label>
  )
  return (
    <fieldset className={styles.chooser}>
      <legend>Metrics</legend>
      {groups.map(({ node, plain, slices }) => (
        <div key={node}>
          {plain.map((metric) => box(metric, metric.name))}
          {slices.length > 0 && (
            <details open={slices.some(({ name }) => chosen.includes(name))}>
              <summary>
                {node} <span className={styles.faint}>{slices.length} slices</span>
              </summary>
              <button
                type="button"
                className={styles.link}
                onClick={() => {
                  const names = slices.map(({ name }) => name)
                  set(names, !names.every((name) => chosen.includes(name)))
                }}
              >
                {slices.every(({ name }) => chosen.includes(name)) ? 'none' : 'all'} of {node}
              </button>
              {slices.map((metric) => box(metric, sliceName(metric)))}
            </details>
          )}
        </div>
      ))}
    </fieldset>
  )
}

function Last({ metric }: { metric: Trend }) {
  const last = metric.values.findLast((value) => value !== null)
  if (last == null) return null
  return (
    <span className={styles.last} title={`Its newest value: ${last}`}>
      {metricText(last)}
    </span>
  )
}

interface BranchProps {
  names: string[]
  chosen: string[] | null
  choose: (names: string[] | null) => void
  /** Whether the chart tells branches apart. */
  marked: boolean
}

function BranchChooser({ names, chosen, choose, marked }: BranchProps) {
  if (names.length === 0) return null
  const toggle = (name: string, on: boolean) => {
    const now = chosen ?? names
    choose(names.filter((one) => (one === name ? on : now.includes(one))))
  }
  return (
    <fieldset className={styles.chooser}>
      <legend>Branches</legend>
      <label className={styles.choice}>
        <input
          type="checkbox"
          checked={chosen === null}
          onChange={(event) => choose(event.currentTarget.checked ? null : names.slice(0, 1))}
        />
        <span className={styles.choiceName}>All versions</span>
      </label>
      {names.map((name, at) => (
        <label key={name} className={styles.choice}>
          <input
            type="checkbox"
            checked={chosen?.includes(name) ?? true}
            onChange={(event) => toggle(name, event.currentTarget.checked)}
          />
          <span className={styles.choiceName}>{name}</span>
          {marked && (
            <span aria-hidden style={{ color: `var(--hx-${seriesStyle(at).colour})` }}>
              {seriesStyle(at).mark}
            </span>
          )}
        </label>
      ))}
    </fieldset>
  )
}
