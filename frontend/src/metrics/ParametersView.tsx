// Parameters against metrics as parallel coordinates: which values go with which results.

import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useRef, useState } from 'react'
import { count } from '../core/format'
import type { Trends } from '../core/types'
import { Empty, NotLoaded } from '../ide/Empty'
import { toggled } from './address'
import { axisOf, passes, type Axis, type Range, type Value } from './axes'
import { Brushes, Ranges } from './Brushes'
import { csv } from './csv'
import { placesIn, placesOf } from './lines'
import type { ViewProps } from './Metrics'
import { Pane } from './Pane'
import { parallelFigure, valueText } from './parallel'
import { Plot, type PlotHandle } from './Plot'
import { parametersQuery } from './queries'
import { literal } from './words'
import styles from './Metrics.module.css'

const NEWEST = 200 // versions whose texts are compiled for the page at once
const FIRST = 6 // parameters that have an axis where none was chosen

export function ParametersView(props: ViewProps) {
  const { workflow, trends, lines } = props
  const { metrics } = props.shown
  const newest = useMemo(
    () =>
      placesIn(lines)
        .slice(-NEWEST)
        .map((place) => trends.versions.number[place] ?? 0),
    [trends, lines],
  )
  const { data, error, refetch } = useQuery({ ...parametersQuery(workflow.id, newest), enabled: newest.length > 0 })
  const columns = useMemo(
    () => (data ? columnsOf(data.parameters, data.numbers, trends, metrics) : null),
    [data, trends, metrics],
  )
  if (newest.length === 0) return <Empty title="No branch is chosen" text="Choose one or more on the left." />
  if (error && !data) return <NotLoaded what="parameters" error={error} retry={refetch} />
  if (!data || !columns)
    return <Skeleton m="md" height={240} animate={false} role="status" aria-label="Reading the parameters" />
  if (data.parameters.length === 0)
    return (
      <Empty
        title="No parameter varies"
        text={`Over these ${count(data.numbers.length, 'version')} every parameter has one value. Change one in the editor, such as an estimator's C, and run.`}
      />
    )
  return <Coordinates {...props} numbers={data.numbers} columns={columns} />
}

interface Column {
  name: string
  kind: 'parameter' | 'metric'
  values: readonly Value[]
}

function columnsOf(
  parameters: readonly { name: string; values: Value[] }[],
  numbers: readonly number[],
  trends: Trends,
  chosen: readonly string[],
): Column[] {
  const places = placesOf(trends)
  const at = numbers.map((number) => places.get(number) ?? -1)
  const metrics = trends.metrics.filter(({ name }) => chosen.includes(name))
  return [
    ...parameters.map(({ name, values }): Column => ({ name, kind: 'parameter', values })),
    ...metrics.map(({ name, values }): Column => ({
      name,
      kind: 'metric',
      values: at.map((place) => values[place] ?? null),
    })),
  ]
}

function Coordinates({
  workflow,
  trends,
  shown,
  show,
  numbers,
  columns,
}: ViewProps & { numbers: number[]; columns: Column[] }) {
  const plot = useRef<PlotHandle>(null)
  const [dragged, setDragged] = useState<{ name: string; range: Range } | null>(null)
  const parameters = columns.filter(({ kind }) => kind === 'parameter').map(({ name }) => name)
  const chosen = useMemo(
    () =>
      shown.axes ??
      columns
        .filter(({ kind }) => kind === 'parameter')
        .slice(0, FIRST)
        .map(({ name }) => name),
    [shown.axes, columns],
  )
  const axes = useMemo(
    (): Axis[] =>
      columns
        .filter(({ kind, name }) => kind === 'metric' || chosen.includes(name))
        .map(({ name, values }) => axisOf(name, values)),
    [columns, chosen],
  )
  const ranges = useMemo(
    () => (dragged ? new Map(shown.ranges).set(dragged.name, dragged.range) : shown.ranges),
    [shown.ranges, dragged],
  )
  const passing = useMemo(() => numbers.map((_, row) => passes(axes, ranges, row)), [numbers, axes, ranges])
  const figure = useMemo(() => {
    const rows = numbers.map((number, row) => ({
      number,
      hover: [
        `<b>v${number}</b>`,
        ...axes.map((axis) => `${literal(axis.name)} <b>${literal(valueText(axis.values[row] ?? null))}</b>`),
      ].join('<br>'),
      passing: passing[row] ?? false,
      selected: shown.selected.includes(number),
    }))
    return parallelFigure(axes, rows)
  }, [axes, numbers, passing, shown.selected])
  const setRange = (name: string, range: Range) => show({ ranges: new Map(shown.ranges).set(name, range) })
  const kept = passing.filter(Boolean).length
  return (
    <Pane
      workflow={workflow.name}
      what="parameters"
      plot={plot}
      csv={() =>
        csv(
          ['version', ...axes.map(({ name }) => name), 'passes'],
          numbers.map((number, row) => [
            number,
            ...axes.map(({ values }) => values[row] ?? null),
            passing[row] ? 'yes' : 'no',
          ]),
        )
      }
      said={
        <>
          {kept === numbers.length
            ? count(numbers.length, 'version')
            : `${kept} of ${count(numbers.length, 'version')} pass`}
          {trends.versions.number.length > numbers.length && ', the newest of those chosen'}
          {' · drag along an axis to filter'}
        </>
      }
    >
      <div className={styles.scroll}>
        <div className={styles.coordinates}>
          <Plot
            figure={figure}
            handle={plot}
            label={`Parallel coordinates of ${count(numbers.length, 'version')} over ${axes.map(({ name }) => name).join(', ')}; ${kept} pass.`}
            onClick={(number) => show((now) => ({ selected: toggled(now.selected, number) }))}
          />
          <Brushes
            axes={axes}
            ranges={ranges}
            drag={(name, range) => setDragged({ name, range })}
            drop={(name, range) => {
              setDragged(null)
              setRange(name, range)
            }}
          />
        </div>
        <Ranges axes={axes} ranges={ranges} setRange={setRange} clear={() => show({ ranges: new Map() })} />
        {parameters.length > 1 && (
          <fieldset className={styles.axes}>
            <legend>Parameters that vary</legend>
            {parameters.map((name) => (
              <label key={name} className={styles.toggle}>
                <input
                  type="checkbox"
                  checked={chosen.includes(name)}
                  onChange={(event) =>
                    show({
                      axes: event.currentTarget.checked ? [...chosen, name] : chosen.filter((one) => one !== name),
                    })
                  }
                />
                {name}
              </label>
            ))}
          </fieldset>
        )}
      </div>
    </Pane>
  )
}
