// A chart of the dashboard in its card: it subscribes to its own answer, so that it alone is drawn anew when that comes.

import { Button, Skeleton } from '@mantine/core'
import { memo, useMemo, useState, type DragEvent, type KeyboardEvent } from 'react'
import { Link } from 'react-router'
import { useShallow } from 'zustand/shallow'
import { duration } from '../core/format'
import { Icon } from '../core/icons'
import type { Answer, Chart as Spec, Figure } from '../core/types'
import { CardMenu } from './CardMenu'
import { Chart } from './Chart'
import { isAnswer, type Tone } from './draw/paint'
import { Numbers, RowsPage, Single } from './Numbers'
import { madeIn, moved } from './state'
import { useExplore, useExploreStore } from './store'
import { ghostOf, type TileStatus } from './strip'
import { notesOf } from './told'
import { isRetriable, useActions } from './useActions'
import { statusLook } from './looks'
import { titleOf } from './words'
import styles from './Card.module.css'

interface Props {
  workflow: string
  tile: string
  chart: Spec
  place: number
  count: number
  edit: (chart: Spec) => void
}

const DRAGGED = 'application/x-helix-chart'
const NONE: [] = []

export const Card = memo(function Card({ workflow, tile, chart, place, count, edit }: Props) {
  const answer = useExplore((state) => saying(state.tiles[tile]?.answers[chart.id]))
  const own = useExplore(useShallow((state) => (state.tiles[tile] ? madeIn(state.tiles[tile].state, chart.id) : NONE)))
  const [numbers, setNumbers] = useState(false)
  const actions = useActions()
  const move = (to: number) => actions.edit((state) => moved(state, chart.id, to))
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.altKey ? { ArrowLeft: -1, ArrowRight: 1 }[event.key] : undefined
    if (step === undefined) return
    event.preventDefault()
    event.stopPropagation()
    move(place + step)
  }
  const unsent = useExplore((state) => state.tiles[tile]?.sending === 'not sent')
  const status = unsent ? 'not sent' : (answer?.status ?? 'pending')
  return (
    <section
      className={styles.card}
      data-kind={chart.kind}
      data-status={status}
      data-testid={`card-${chart.id}`}
      aria-label={titleOf(chart)}
      onKeyDown={onKeyDown}
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes(DRAGGED)) event.preventDefault()
      }}
      onDrop={(event) => {
        const id = event.dataTransfer.getData(DRAGGED)
        if (id === '') return
        event.preventDefault()
        actions.edit((state) => moved(state, id, place))
      }}
    >
      <header
        className={styles.head}
        draggable
        onDragStart={(event: DragEvent) => {
          event.dataTransfer.setData(DRAGGED, chart.id)
          event.dataTransfer.effectAllowed = 'move'
        }}
      >
        <h3 className={styles.title} title={titleOf(chart)}>
          {titleOf(chart)}
        </h3>
        <State status={status} seconds={answer?.seconds ?? 0} />
        <CardMenu chart={chart} place={place} count={count} numbers={numbers} setNumbers={setNumbers} edit={edit} />
      </header>
      <Body workflow={workflow} tile={tile} chart={chart} answer={answer} status={status} own={own} numbers={numbers} />
    </section>
  )
})

/** None of what says no more than that it is pending, as the card does without it. */
const saying = (answer: Answer | undefined): Answer | undefined =>
  answer?.status === 'pending' && !answer.estimate ? undefined : answer

function State({ status, seconds }: { status: TileStatus; seconds: number }) {
  if (status === 'ready')
    return seconds > 0 ? (
      <span className={styles.state} title={`Answered in ${seconds} s`}>
        {duration(seconds)}
      </span>
    ) : null
  const { icon, word } = statusLook(status)
  return (
    <span className={styles.state} data-status={status}>
      <Icon name={icon} size={12} />
      {word}
    </span>
  )
}

interface BodyProps extends Pick<Props, 'workflow' | 'tile' | 'chart'> {
  answer: Answer | undefined
  status: TileStatus
  own: ReturnType<typeof madeIn>
  numbers: boolean
}

function Body({ workflow, tile, chart, answer, status, own, numbers }: BodyProps) {
  const { retry } = useActions()
  const store = useExploreStore()
  const exact = answer?.status === 'ready' ? figureOf(answer.figure) : null
  const guess = exact ? null : (answer?.estimate ?? null)
  // What stands there while the answer is waited for has the axes that it will have: it can be brushed already.
  const ghost = useMemo(
    () => (exact || guess ? null : ghostOf(store.getState(), tile, chart)),
    [exact, guess, store, tile, chart],
  )
  const figure = exact ?? (guess ? figureOf(guess.figure) : null) ?? ghost
  const tone = exact ? 'exact' : guess ? 'guessed' : isRetriable(status) ? 'axes' : 'ghost'
  return (
    <div className={styles.body}>
      {!figure && !isRetriable(status) && (
        <Skeleton height="100%" animate={false} role="status" aria-label={`Waiting for ${titleOf(chart)}`} />
      )}
      {figure && (
        <Shown
          chart={chart}
          figure={figure}
          tone={tone}
          own={own}
          numbers={numbers && isAnswer(tone)}
          notes={isAnswer(tone) ? notesOf(chart, figure, guess) : ''}
        />
      )}
      {isRetriable(status) && answer && (
        <div className={styles.notice} data-status={status} role="group" aria-label={statusLook(status).word}>
          <span className={styles.noticeText}>{answer.message || statusLook(status).word}</span>
          <Button size="compact-xs" variant="default" onClick={() => retry(tile, [chart.id])}>
            {status === 'failed' ? 'Retry' : 'Ask again'}
          </Button>
        </div>
      )}
      {status === 'waiting' && answer && (
        <div className={styles.notice} data-status={status}>
          <span className={styles.noticeText}>{answer.note}</span>
          {answer.run !== '' && <Link to={`/workflows/${workflow}?run=${answer.run}`}>Show the run</Link>}
        </div>
      )}
    </div>
  )
}

const figureOf = (figure: Answer['figure']): Figure | null => (figure && 'type' in figure ? figure : null)

interface ShownProps {
  chart: Spec
  figure: Figure
  tone: Tone
  own: ReturnType<typeof madeIn>
  numbers: boolean
  notes: string
}

function Shown({ chart, figure, tone, own, numbers, notes }: ShownProps) {
  if (figure.type === 'rows' && chart.kind === 'table')
    return tone === 'axes' ? null : <RowsPage chart={chart} figure={figure} tone={tone} still={!isAnswer(tone)} />
  if (figure.type !== 'single' && !numbers)
    return <Chart chart={chart} figure={figure} tone={tone} own={own} notes={notes} />
  return (
    <>
      {figure.type === 'single' && !numbers ? (
        <Single chart={chart} figure={figure} tone={tone} />
      ) : (
        <Numbers chart={chart} figure={figure} />
      )}
      {notes !== '' && <p className={styles.notes}>{notes}</p>}
    </>
  )
}
