// Figures as text: all numbers of a chart as a table, one number large, a page of rows that is sorted and turned.

import { Button } from '@mantine/core'
import { memo } from 'react'
import { useShallow } from 'zustand/shallow'
import type { Chart, FigureOf, Figure } from '../core/types'
import { Icon } from '../core/icons'
import { isAnswer, type Tone } from './draw/paint'
import { withChart } from './state'
import { numericOf, useExplore } from './store'
import { gist, numbersOf } from './told'
import { useActions } from './useActions'
import { short, titleOf, whole } from './words'
import table from '../ide/Table.module.css'
import styles from './Chart.module.css'

const PAGE = 50 // rows of an answer

export const Numbers = memo(function Numbers({ chart, figure }: { chart: Chart; figure: Figure }) {
  const { columns, rows } = numbersOf(chart, figure)
  return (
    <div className={styles.numbers} tabIndex={0} role="region" aria-label={`Numbers of ${titleOf(chart)}`}>
      <table className={table.table}>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (
                <Cell key={column} value={cell} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
})

/** Numbers stand at the right; `numeric`, those too that come as text. */
function Cell({ value, numeric = false }: { value: string | number | null; numeric?: boolean }) {
  const at = numeric ? table.number : undefined
  if (value === null) return <td className={at ?? styles.dim}>–</td>
  if (typeof value === 'string')
    return (
      <td className={at} title={value}>
        {value}
      </td>
    )
  return (
    <td className={table.number ?? ''} data-value={value} title={String(value)}>
      {short(value)}
    </td>
  )
}

interface SingleProps {
  chart: Chart
  figure: FigureOf<'single'>
  tone: Tone
}

/** Without an answer it is a dash: the number of another question would be taken for it. */
export function Single({ chart, figure, tone }: SingleProps) {
  const { count, total } = figure
  if (!isAnswer(tone))
    return (
      <div className={styles.big} data-tone={tone} role="group" aria-label={gist(chart, null)}>
        <span className={styles.bigValue}>–</span>
        <span className={styles.bigOf}>of {whole(total)} rows</span>
      </div>
    )
  const { value } = figure
  return (
    <div className={styles.big} data-tone={tone} role="group" aria-label={gist(chart, figure)} data-testid="single">
      <span
        className={styles.bigValue}
        title={value === null ? undefined : String(value)}
        data-value={value ?? undefined}
      >
        {value === null ? '–' : short(value)}
      </span>
      <span className={styles.bigOf}>
        {count < total
          ? `${whole(count)} of ${whole(total)} rows`
          : total === 1
            ? 'the one row'
            : `all ${whole(total)} rows`}
      </span>
    </div>
  )
}

type TableChart = Extract<Chart, { kind: 'table' }>

export const RowsPage = memo(function RowsPage({
  chart,
  figure,
  tone,
  still,
}: {
  chart: TableChart
  figure: FigureOf<'rows'>
  tone: Tone
  still: boolean
}) {
  const { edit } = useActions()
  const change = (changes: Partial<TableChart>) => edit((state) => withChart(state, { ...chart, ...changes }))
  const sort = (column: string) =>
    change({ sort: column, descending: chart.sort === column ? !chart.descending : false, offset: 0 })
  const { columns, rows, offset, count, total } = figure
  const known = useExplore(useShallow((state) => [...numericOf(state)]))
  const numeric = columns.map((name) => known.includes(name))
  return (
    <>
      <div className={styles.numbers} data-tone={tone} tabIndex={0} role="region" aria-label="Rows">
        <table className={table.table}>
          <thead>
            <tr>
              {columns.map((name, column) => (
                <th
                  key={name}
                  scope="col"
                  className={numeric[column] ? table.number : undefined}
                  aria-sort={chart.sort === name ? (chart.descending ? 'descending' : 'ascending') : undefined}
                >
                  <button type="button" className={styles.sort} disabled={still} onClick={() => sort(name)}>
                    {name}
                    {chart.sort === name && <Icon name={chart.descending ? 'fall' : 'up'} size={9} />}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <tr key={at}>
                {row.map((cell, column) => (
                  <Cell key={column} value={cell} numeric={numeric[column] ?? false} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className={styles.pages}>
        <span>
          {rows.length === 0
            ? 'No rows'
            : `Rows ${whole(offset + 1)}–${whole(offset + rows.length)} of ${whole(count)}`}
          {count < total && ` that the filters keep, of ${whole(total)}`}
        </span>
        {!still && count > PAGE && (
          <>
            <Button
              variant="subtle"
              size="compact-xs"
              disabled={offset === 0}
              onClick={() => change({ offset: Math.max(0, offset - PAGE) })}
            >
              Earlier
            </Button>
            <Button
              variant="subtle"
              size="compact-xs"
              disabled={offset + PAGE >= count}
              onClick={() => change({ offset: offset + PAGE })}
            >
              Further
            </Button>
          </>
        )}
      </div>
    </>
  )
})
