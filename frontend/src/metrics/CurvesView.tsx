// Values that user code logged by step, as curves: several versions in one chart.

import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useRef } from 'react'
import { count, metric as metricText } from '../core/format'
import { plain } from '../core/Prose'
import type { Curve, CurveListed } from '../core/types'
import { Empty, NotLoaded } from '../ide/Empty'
import { toggled } from './address'
import { csv } from './csv'
import { placesOf } from './lines'
import type { ViewProps } from './Metrics'
import { Pane } from './Pane'
import { Plot, type Figure, type PlotHandle } from './Plot'
import { curveListQuery, curveQuery } from './queries'
import { seriesStyle } from './styles'
import { MARKED } from './trend'
import { literal, wrapped } from './words'
import styles from './Metrics.module.css'

const NEWEST = 5 // versions that are drawn where none were chosen
const LISTED = 60 // versions that can be chosen here, the newest

export function CurvesView(props: ViewProps) {
  const { data, error, refetch } = useQuery(curveListQuery(props.workflow.id))
  if (error && !data) return <NotLoaded what="curves" error={error} retry={refetch} />
  if (!data) return <Skeleton m="md" height={240} animate={false} role="status" aria-label="Loading the curves" />
  const wanted = props.shown.curve
  const curve = data.find(({ node, name }) => wanted !== null && node === wanted[0] && name === wanted[1]) ?? data[0]
  if (!curve)
    return (
      <Empty
        title="Nothing was logged by step"
        text="Call log(name, value, step) in a function or an estimator of your own: its values are drawn here as a curve, several versions in one chart."
      />
    )
  return <Curves {...props} all={data} curve={curve} />
}

function Curves({ workflow, trends, shown, show, all, curve }: ViewProps & { all: CurveListed[]; curve: CurveListed }) {
  const plot = useRef<PlotHandle>(null)
  const { node, name } = curve
  const numbers = useMemo(() => {
    const chosen = shown.runs ?? [...curve.numbers.slice(-NEWEST), ...shown.selected]
    return [...new Set(chosen.filter((number) => curve.numbers.includes(number)))].sort((a, b) => a - b)
  }, [curve, shown.runs, shown.selected])
  const { data, error, refetch } = useQuery({
    ...curveQuery(workflow.id, node, name, numbers),
    enabled: numbers.length > 0,
  })
  const curves = useMemo(() => (numbers.length === 0 ? [] : (data ?? [])), [data, numbers])
  const messageOfVersion = useMemo(() => {
    const places = placesOf(trends)
    return (number: number): string => plain(trends.versions.message[places.get(number) ?? -1] ?? '')
  }, [trends])
  const figure = useMemo(
    () => curvesFigure(curves, name, shown.log, messageOfVersion),
    [curves, name, shown.log, messageOfVersion],
  )
  return (
    <div className={styles.split}>
      <VersionChooser
        numbers={curve.numbers.slice(-LISTED).reverse()}
        older={Math.max(0, curve.numbers.length - LISTED)}
        drawn={numbers}
        messageOf={messageOfVersion}
        choose={(runs) => show({ runs })}
      />
      <div className={styles.view}>
        <Pane
          workflow={workflow.name}
          what={`${node} ${name}`}
          plot={plot}
          csv={() =>
            csv(
              ['version', 'step', name],
              curves.flatMap(({ number, steps, values }) =>
                steps.map((step, at) => [number, step, values[at] ?? null]),
              ),
            )
          }
          controls={
            <>
              <label className={styles.toggle}>
                Curve
                <select
                  className={styles.select}
                  value={`${all.indexOf(curve)}`}
                  onChange={(event) => {
                    const next = all[Number(event.currentTarget.value)]
                    if (next) show({ curve: [next.node, next.name], runs: null })
                  }}
                >
                  {all.map((one, at) => (
                    <option key={`${one.node} ${one.name}`} value={at}>
                      {one.name} of {one.node}
                    </option>
                  ))}
                </select>
              </label>
              <label className={styles.toggle}>
                <input
                  type="checkbox"
                  checked={shown.log}
                  onChange={(event) => show({ log: event.currentTarget.checked })}
                />
                Log scale
              </label>
            </>
          }
          said={`${count(numbers.length, 'version')} of ${curve.numbers.length.toLocaleString('en')} that logged it`}
        >
          {numbers.length === 0 ? (
            <Empty title="No version is chosen" text="Choose one or more on the left." />
          ) : error && !data ? (
            <NotLoaded what="curves" error={error} retry={refetch} />
          ) : (
            <Plot
              figure={figure}
              handle={plot}
              label={`${name} of ${node} by step, of ${numbers.map((number) => `v${number}`).join(', ')}`}
              onClick={(number) => show((now) => ({ selected: toggled(now.selected, number) }))}
            />
          )}
        </Pane>
      </div>
    </div>
  )
}

function curvesFigure(
  curves: readonly Curve[],
  name: string,
  log: boolean,
  messageOf: (number: number) => string,
): (colour: (name: string) => string) => Figure {
  const marked = curves.reduce((sum, { steps }) => sum + steps.length, 0) <= MARKED / 3
  return (colour) => ({
    traces: curves.map(({ number, steps, values }, at) => {
      const style = seriesStyle(at)
      const head = [`<b>v${number}</b>`, ...wrapped(messageOf(number)).map(literal)].join('<br>')
      return {
        type: 'scatter',
        name: `v${number}`,
        x: steps,
        y: values,
        customdata: steps.map(() => number),
        mode: marked ? 'lines+markers' : 'lines',
        text: steps.map(
          (step, place) =>
            `${head}<br>${literal(name)} <b>${metricText(values[place] ?? null)}</b> at step ${step.toLocaleString('en')}`,
        ),
        hovertemplate: '%{text}<extra></extra>',
        line: { color: colour(style.colour), width: 1.5, dash: style.dash },
        marker: { color: colour(style.colour), symbol: style.symbol, size: 5 },
      }
    }),
    layout: {
      xaxis: { title: { text: 'Step', standoff: 8 }, showgrid: false },
      yaxis: { title: { text: literal(name), standoff: 8 }, type: log ? 'log' : 'linear', nticks: 8 },
      showlegend: true,
      margin: { l: 72, r: 24, t: 40, b: 48 },
    },
  })
}

interface VersionChooserProps {
  numbers: number[]
  older: number
  drawn: number[]
  messageOf: (number: number) => string
  choose: (numbers: number[]) => void
}

function VersionChooser({ numbers, older, drawn, messageOf, choose }: VersionChooserProps) {
  return (
    <aside className={styles.rail} aria-label="What is shown">
      <fieldset className={styles.chooser}>
        <legend>Versions</legend>
        {numbers.map((number) => {
          const at = drawn.indexOf(number)
          return (
            <label key={number} className={styles.choice} title={messageOf(number)}>
              <input
                type="checkbox"
                checked={at >= 0}
                onChange={(event) =>
                  choose(event.currentTarget.checked ? [...drawn, number] : drawn.filter((one) => one !== number))
                }
              />
              <b>v{number}</b>
              <span className={styles.choiceNote}>{messageOf(number)}</span>
              {at >= 0 && (
                <span aria-hidden style={{ color: `var(--hx-${seriesStyle(at).colour})` }}>
                  {seriesStyle(at).mark}
                </span>
              )}
            </label>
          )
        })}
        {older > 0 && (
          <p className={styles.faint}>
            {count(older, 'older version')} logged it too: select one in the trend or the table, and it is drawn here.
          </p>
        )}
      </fieldset>
    </aside>
  )
}
