// The bar below the sides: the views with how much differs in each, steps between differences, and what is shown.

import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { useMemo } from 'react'
import { count } from '../core/format'
import { Icon } from '../core/icons'
import { Tabs } from '../core/Tabs'
import type { Comparison } from '../core/types'
import { VIEWS, viewTitles, type Shown, type Spotlight, type View } from './address'
import { costsDiffer, differing, metricDiffers } from './merged'
import styles from './Compare.module.css'

export const PANEL = 'compared'

interface Props {
  comparison: Comparison
  shown: Shown
  show: (change: Partial<Shown>) => void
  step: (by: 1 | -1) => void
}

function countsOf({ before, after, dag, metrics }: Comparison): Record<View, number | null> {
  const nodes = dag?.nodes ?? []
  const ran = nodes.some((node) => node.before?.cost) && nodes.some((node) => node.after?.cost)
  return {
    dag: dag && differing(dag).length,
    code: changedLines(before.text, after.text),
    metrics: metrics.filter(metricDiffers).length,
    run: ran ? nodes.filter((node) => costsDiffer(node.before?.cost ?? null, node.after?.cost ?? null)).length : null,
  }
}

/** Lines of the later text that the earlier one does not have, and the other way round, whichever are more. */
function changedLines(before: string, after: string): number {
  const left = new Map<string, number>()
  for (const line of before.split('\n')) left.set(line, (left.get(line) ?? 0) + 1)
  let fresh = 0
  for (const line of after.split('\n')) {
    const known = left.get(line) ?? 0
    if (known > 0) left.set(line, known - 1)
    else fresh += 1
  }
  return Math.max(
    fresh,
    [...left.values()].reduce((sum, lines) => sum + lines, 0),
  )
}

const units: Record<View, string> = { dag: 'node', code: 'line', metrics: 'metric', run: 'node' }

export function Bar({ comparison, shown, show, step }: Props) {
  const counts = useMemo(() => countsOf(comparison), [comparison])
  return (
    <div className={styles.bar}>
      <Tabs
        label="Views"
        names={VIEWS}
        shown={shown.view}
        panel={PANEL}
        className={styles.tabs}
        choose={(view) => show({ view })}
        title={(view) => (
          <>
            {viewTitles[view]}
            {counts[view] !== null && (
              <span
                className={styles.count}
                title={count(counts[view], `${units[view]} differs`, `${units[view]}s differ`)}
              >
                {counts[view].toLocaleString('en')}
              </span>
            )}
          </>
        )}
      />
      {shown.view === 'dag' && <SpotlightSwitch shown={shown} show={show} />}
      {shown.view === 'code' ? (
        <Switch
          label="Columns"
          value={shown.inline ? 'inline' : 'beside'}
          options={[
            ['beside', 'Side by side'],
            ['inline', 'Inline'],
          ]}
          choose={(value) => show({ inline: value === 'inline' })}
        />
      ) : null}
      <span className={styles.gap} />
      <Button
        variant="default"
        size="compact-sm"
        aria-pressed={shown.all}
        onClick={() => show({ all: !shown.all })}
        data-testid="compare-all"
      >
        {shown.all ? 'Differences only' : 'Show all'}
      </Button>
      <Step label="Previous difference (K)" icon="up" onClick={() => step(-1)} />
      <Step label="Next difference (J)" icon="fall" onClick={() => step(1)} />
    </div>
  )
}

function Step({ label, icon, onClick }: { label: string; icon: 'up' | 'fall'; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size={26} aria-label={label} onClick={onClick}>
        <Icon name={icon} size={11} />
      </ActionIcon>
    </Tooltip>
  )
}

function SpotlightSwitch({ shown, show }: Pick<Props, 'shown' | 'show'>) {
  return (
    <Switch
      label="Spotlight"
      value={shown.spotlight ?? 'both'}
      options={[
        ['a', 'A'],
        ['both', 'Both'],
        ['b', 'B'],
      ]}
      choose={(value) => show({ spotlight: value === 'both' ? null : (value as Spotlight) })}
    />
  )
}

interface SwitchProps {
  label: string
  value: string
  options: [string, string][]
  choose: (value: string) => void
}

function Switch({ label, value, options, choose }: SwitchProps) {
  return (
    <div className={styles.switch} role="group" aria-label={label}>
      <span className={styles.switchLabel}>{label}</span>
      {options.map(([option, title]) => (
        <button key={option} type="button" aria-pressed={option === value} onClick={() => choose(option)}>
          {title}
        </button>
      ))}
    </div>
  )
}
