// Two snapshots of a dashboard, side by side, or the second one laid over the first as an outline.

import { Button, CloseButton } from '@mantine/core'
import { useState } from 'react'
import type { Chart as Spec, Figure } from '../core/types'
import { Chart } from './Chart'
import { statusLook } from './looks'
import { RowsPage, Single } from './Numbers'
import { askedBy } from './state'
import { useExplore } from './store'
import { statusOf, type Tile } from './strip'
import { notesOf } from './told'
import { titleOf } from './words'
import card from './Card.module.css'
import styles from './Compare.module.css'

export function Compare({ one, other }: { one: Tile; other: Tile }) {
  const [over, setOver] = useState(false)
  const unmark = useExplore((state) => state.unmark)
  const [first, second] = one.number <= other.number ? [one, other] : [other, one]
  return (
    <section
      className={styles.compare}
      aria-label={`#${first.number} compared with #${second.number}`}
      data-testid="compared"
    >
      <div className={styles.bar}>
        <div role="group" aria-label="How they are shown">
          <Button.Group>
            <Button
              size="compact-xs"
              variant={over ? 'default' : 'light'}
              aria-pressed={!over}
              onClick={() => setOver(false)}
            >
              Side by side
            </Button>
            <Button
              size="compact-xs"
              variant={over ? 'light' : 'default'}
              aria-pressed={over}
              onClick={() => setOver(true)}
            >
              Overlay
            </Button>
          </Button.Group>
        </div>
        <Name tile={first} swatch={over ? 'filled' : null} />
        <Name tile={second} swatch={over ? 'outline' : null} />
        <CloseButton size="sm" aria-label="End the comparison" onClick={unmark} />
      </div>
      <div className={styles.rows}>
        {chartsOf(first, second).map((chart) => (
          <Pair key={chart.id} chart={chart} first={first} second={second} over={over} />
        ))}
      </div>
    </section>
  )
}

function Name({ tile, swatch }: { tile: Tile; swatch: 'filled' | 'outline' | null }) {
  return (
    <span className={styles.name} title={tile.label || tile.words}>
      {swatch && <span className={styles.swatch} data-swatch={swatch} aria-hidden />}
      <b>#{tile.number}</b> {tile.label || tile.words}
      {swatch && <span className="visually-hidden">{swatch === 'filled' ? ' as filled marks' : ' as an outline'}</span>}
    </span>
  )
}

function chartsOf(first: Tile, second: Tile): Spec[] {
  const known = new Set(first.state.charts.map(({ id }) => id))
  return [...first.state.charts, ...second.state.charts.filter(({ id }) => !known.has(id))]
}

interface PairProps {
  chart: Spec
  first: Tile
  second: Tile
  over: boolean
}

function Pair({ chart, first, second, over }: PairProps) {
  const [left, right] = [chartIn(first, chart.id), chartIn(second, chart.id)]
  const [one, two] = [figureIn(first, chart.id), figureIn(second, chart.id)]
  const same = left && right && askedBy(left) === askedBy(right)
  if (over && same && one && two && (one.type === 'bars' || one.type === 'curve'))
    return <Side tile={first} chart={left} figure={one} over={two} />
  return (
    <div className={styles.pair}>
      <Side tile={first} chart={left} figure={one} />
      <Side tile={second} chart={right} figure={two} />
    </div>
  )
}

const chartIn = (tile: Tile, id: string): Spec | undefined => tile.state.charts.find((chart) => chart.id === id)

function figureIn(tile: Tile, id: string): Figure | null {
  const figure = tile.answers[id]?.figure
  return figure && 'type' in figure ? figure : null
}

const NONE: [] = []

interface SideProps {
  tile: Tile
  chart: Spec | undefined
  figure: Figure | null
  over?: Figure | null
}

function Side({ tile, chart, figure, over = null }: SideProps) {
  const title = chart ? titleOf(chart) : 'no such chart'
  return (
    <div className={card.card} data-testid="compared-chart">
      <div className={card.head}>
        <h3 className={card.title}>{over ? title : `#${tile.number} · ${title}`}</h3>
      </div>
      <div className={card.body}>
        {chart && figure ? (
          <Figured chart={chart} figure={figure} over={over} />
        ) : (
          <p className={card.notes}>{chart ? statusLook(statusOf(tile)).word : `#${tile.number} has no such chart.`}</p>
        )}
      </div>
    </div>
  )
}

function Figured({ chart, figure, over }: { chart: Spec; figure: Figure; over: Figure | null }) {
  if (figure.type === 'rows' && chart.kind === 'table')
    return <RowsPage chart={chart} figure={figure} tone="exact" still />
  if (figure.type === 'single') return <Single chart={chart} figure={figure} tone="exact" />
  return (
    <Chart chart={chart} figure={figure} tone="exact" own={NONE} over={over} notes={notesOf(chart, figure)} still />
  )
}
