// The selected versions, what can be done with them, and the versions that one usually looks for.

import { Button } from '@mantine/core'
import { useMemo } from 'react'
import { Link } from 'react-router'
import { compareAddress } from '../compare/address'
import { ago, delta, duration, exactSeconds, exactTime, metric as metricText } from '../core/format'
import { Icon } from '../core/icons'
import { Later } from '../core/Later'
import { MINUTE, useNow } from '../core/now'
import { Prose } from '../core/Prose'
import type { Trends } from '../core/types'
import { toggled } from './address'
import { bestOf, placesIn, placesOf } from './lines'
import type { ViewProps } from './Metrics'
import { useCheckout } from './useCheckout'
import { laterOf, moved } from './words'
import styles from './Selection.module.css'

export function Selection(props: ViewProps) {
  const { workflow, trends, shown, show } = props
  const places = useMemo(() => placesOf(trends), [trends])
  const chosen = shown.selected.filter((number) => places.has(number))
  const [before, after] = chosen.toSorted((a, b) => a - b).map((number) => trends.versions.id[places.get(number) ?? -1])
  return (
    <aside className={styles.panel} aria-label="Selected versions">
      {chosen.length === 0 && (
        <p className={styles.hint}>Click a point to select its version. Select two to compare them.</p>
      )}
      {chosen.map((number) => (
        <Selected key={number} {...props} place={places.get(number) ?? 0} />
      ))}
      {chosen.length === 1 && <p className={styles.hint}>Select a second one to compare the two.</p>}
      {before !== undefined && after !== undefined && (
        <Button component={Link} to={compareAddress(workflow.id, before, after)} data-testid="compare">
          Compare v{Math.min(...chosen)} with v{Math.max(...chosen)}
        </Button>
      )}
      <Shortcuts {...props} select={(number) => show((now) => ({ selected: toggled(now.selected, number) }))} />
    </aside>
  )
}

function Selected({ workflow, trends, shown, show, place }: ViewProps & { place: number }) {
  const { versions } = trends
  const number = versions.number[place] ?? 0
  const version = versions.id[place] ?? ''
  const when = new Date((versions.created_at[place] ?? 0) * 1000).toISOString()
  const seconds = versions.seconds[place] ?? null
  const named = [...trends.branches, ...trends.tags].filter((each) => each.number === number).map(({ name }) => name)
  const now = useNow(MINUTE)
  const checkout = useCheckout(workflow)
  return (
    <article className={styles.version} data-testid={`selected-${number}`}>
      <header className={styles.head}>
        <h2 className={styles.number}>v{number}</h2>
        {named.map((name) => (
          <span key={name} className={styles.named}>
            {name}
          </span>
        ))}
        <button
          type="button"
          className={styles.close}
          aria-label={`Select v${number} no more`}
          onClick={() => show((now) => ({ selected: toggled(now.selected, number) }))}
        >
          <Icon name="cross" size={12} />
        </button>
      </header>
      <p className={styles.message}>
        <Prose text={versions.message[place] ?? ''} />
      </p>
      <p className={styles.facts}>
        <span title={exactTime(when)}>{ago(when, now)}</span>
        {seconds !== null && <span title={exactSeconds(seconds)}> · run in {duration(seconds)}</span>}
        {seconds === null && ' · no whole run succeeded'}
      </p>
      <Values trends={trends} names={shown.metrics} place={place} />
      <Button
        variant="default"
        size="compact-sm"
        loading={checkout.isPending}
        onClick={() => checkout.mutate({ version, number })}
        aria-label={`Check out v${number}`}
      >
        Check out
      </Button>
    </article>
  )
}

function Values({ trends, names, place }: { trends: Trends; names: string[]; place: number }) {
  const metrics = trends.metrics.filter(({ name }) => names.includes(name))
  return (
    <dl className={styles.values}>
      {metrics.map((metric) => {
        const value = metric.values[place] ?? null
        const change = moved(trends, metric, place)
        return (
          <div key={metric.name}>
            <dt>{metric.name}</dt>
            <dd title={value === null ? 'It was not measured' : String(value)}>
              <Later at={laterOf(metric, place)} />
              {value === null ? '–' : metricText(value)}
              {change && (
                <span className={styles.delta} data-better={change.better ?? undefined} title="against its parent">
                  {delta(change.by)} {change.word}
                </span>
              )}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}

function Shortcuts({ trends, lines, shown, select }: ViewProps & { select: (number: number) => void }) {
  const places = useMemo(() => placesIn(lines), [lines])
  const found = useMemo(() => {
    const bests = trends.metrics
      .filter(({ name }) => shown.metrics.includes(name))
      .flatMap((metric) => {
        const best = bestOf(metric, places)
        return best === null
          ? []
          : [{ title: `best ${metric.name}`, place: best, best: true, value: metric.values[best] }]
      })
    const latest = places.at(-1)
    return [...(latest === undefined ? [] : [{ title: 'latest', place: latest, best: false, value: null }]), ...bests]
  }, [trends, places, shown.metrics])
  return (
    <section aria-label="Shortcuts" className={styles.shortcuts}>
      {found.map(({ title, place, best, value }) => {
        const number = trends.versions.number[place] ?? 0
        return (
          <button
            key={title}
            type="button"
            className={styles.shortcut}
            aria-pressed={shown.selected.includes(number)}
            onClick={() => select(number)}
          >
            <span className={styles.star} data-best={best}>
              <Icon name={best ? 'star' : 'clock'} size={12} />
            </span>
            <span className={styles.shortcutTitle}>{title}</span>
            <span className={styles.shortcutValue}>{value == null ? '' : metricText(value)}</span>
            <b>v{number}</b>
          </button>
        )
      })}
    </section>
  )
}
