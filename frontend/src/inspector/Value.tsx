// A value as it is best read: a matrix with its cells shaded, a curve, a table, slices as rows; any other JSON by its parts.

import { useId, useState } from 'react'
import { count } from '../core/format'
import { never } from '../core/never'
import { cellText, formOf, numberText, scalarText, type Form, type Table } from './form'
import styles from './Value.module.css'

/** More than these are not drawn until they are asked for. */
const SHOWN = { rows: 100, items: 100, groups: 20, characters: 4000 }

export function Value({ value, name }: { value: unknown; name: string }) {
  const form = formOf(value)
  switch (form.kind) {
    case 'scalar':
      return (
        <span className={styles.scalar} title={form.exact}>
          {form.text}
        </span>
      )
    case 'text':
      return <Text text={form.text} />
    case 'matrix':
      return <Matrix form={form} name={name} />
    case 'roc':
      return <Roc form={form} name={name} />
    case 'table':
      return <TableOf table={form} name={name} />
    case 'slices':
      return <Slices form={form} name={name} />
    case 'groups':
      return <Groups form={form} name={name} />
    case 'list':
      return <List items={form.items} name={name} />
    case 'empty':
      return <span className={styles.dim}>empty</span>
    default:
      return never(form)
  }
}

type Of<K extends Form['kind']> = Extract<Form, { kind: K }>

/** The first of many, until all are asked for. */
function useFirst<T>(all: readonly T[], first: number): { shown: readonly T[]; more: React.ReactNode } {
  const [whole, setWhole] = useState(false)
  if (whole || all.length <= first) return { shown: all, more: null }
  const more = (
    <button type="button" className={styles.more} onClick={() => setWhole(true)}>
      Show all {all.length.toLocaleString('en')}
    </button>
  )
  return { shown: all.slice(0, first), more }
}

function Text({ text }: { text: string }) {
  const [whole, setWhole] = useState(text.length <= SHOWN.characters)
  return (
    <>
      <pre className={styles.text} tabIndex={0}>
        {whole ? text : `${text.slice(0, SHOWN.characters)}…`}
      </pre>
      {!whole && (
        <button type="button" className={styles.more} onClick={() => setWhole(true)}>
          Show all {count(text.length, 'character')}
        </button>
      )}
    </>
  )
}

/** Rows are what the class is, columns what it was taken for; a cell is shaded by its share of the row. */
function Matrix({ form: { labels, counts }, name }: { form: Of<'matrix'>; name: string }) {
  const legend = useId()
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={name}>
      <table className={styles.matrix} aria-describedby={legend}>
        <thead>
          <tr>
            <td />
            {labels.map((label, at) => (
              <th key={at} scope="col" title={label}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {counts.map((row, of) => {
            const sum = row.reduce((total, cell) => total + cell, 0)
            return (
              <tr key={of}>
                <th scope="row" title={labels[of]}>
                  {labels[of]}
                </th>
                {row.map((cell, taken) => {
                  const share = sum > 0 ? cell / sum : 0
                  return (
                    <td
                      key={taken}
                      data-right={of === taken || undefined}
                      style={{ '--share': `${Math.round(share * 45)}%` } as React.CSSProperties}
                      title={`${cell} of ${sum} (${(100 * share).toFixed(1)} %) of ${labels[of]} taken for ${labels[taken]}`}
                    >
                      {numberText(cell)}
                    </td>
                  )
                })}
              </tr>
            )
          })}
        </tbody>
      </table>
      <p id={legend} className={styles.legend}>
        row: the class; column: taken for
      </p>
    </div>
  )
}

const SIDE = 160

function Roc({ form: { x, y, area, points }, name }: { form: Of<'roc'>; name: string }) {
  const line = x.map((rate, at) => `${(rate * SIDE).toFixed(2)},${((1 - (y[at] ?? 0)) * SIDE).toFixed(2)}`).join(' ')
  return (
    <div className={styles.roc}>
      <figure>
        <svg viewBox={`-1 -1 ${SIDE + 2} ${SIDE + 2}`} role="img" aria-label={`ROC curve, area ${numberText(area)}`}>
          <rect className={styles.frame} width={SIDE} height={SIDE} />
          <line className={styles.chance} x1={0} y1={SIDE} x2={SIDE} y2={0} />
          <polyline className={styles.curve} points={line} />
        </svg>
        <figcaption>
          true positive rate by false positive rate, area <b title={String(area)}>{numberText(area)}</b>
        </figcaption>
      </figure>
      <TableOf table={points} name={name} />
    </div>
  )
}

function TableOf({ table: { columns, rows }, name }: { table: Table; name: string }) {
  const { shown, more } = useFirst(rows, SHOWN.rows)
  const numeric = columns.map((_, at) => rows.every((row) => row[at] == null || typeof row[at] === 'number'))
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={`Table of ${name}`}>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map((column, at) => (
              <th key={at} scope="col" data-numeric={numeric[at] || undefined}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, at) => (
            <tr key={at}>
              {columns.map((_, column) => (
                <td key={column} data-numeric={numeric[column] || undefined} title={titleOf(row[column])}>
                  {cellText(row[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </div>
  )
}

/** The exact value. */
const titleOf = (value: unknown): string | undefined =>
  value == null ? undefined : typeof value === 'string' ? value : JSON.stringify(value)

/** One value a group. Shares between 0 and 1 have a bar, so that groups compare at a glance. */
function Slices({ form: { entries }, name }: { form: Of<'slices'>; name: string }) {
  const { shown, more } = useFirst(entries, SHOWN.rows)
  const shares = entries.every(([, value]) => value === null || (typeof value === 'number' && value >= 0 && value <= 1))
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={`Values of ${name}`}>
      <table className={styles.table} data-testid="slices">
        <tbody>
          {shown.map(([slice, value]) => (
            <tr key={slice}>
              <th scope="row">{slice}</th>
              <td data-numeric={typeof value === 'number' || undefined} title={titleOf(value)}>
                {scalarText(value)}
              </td>
              {shares && (
                <td className={styles.share}>
                  <div className={styles.bar} style={{ width: `${100 * Number(value ?? 0)}%` }} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {more}
    </div>
  )
}

function Groups({ form: { entries }, name }: { form: Of<'groups'>; name: string }) {
  const { shown, more } = useFirst(entries, SHOWN.groups)
  return (
    <>
      <dl className={styles.groups}>
        {shown.map(([group, value]) => (
          <div key={group}>
            <dt>{group}</dt>
            <dd>
              <Value value={value} name={`${name}, ${group}`} />
            </dd>
          </div>
        ))}
      </dl>
      {more}
    </>
  )
}

function List({ items, name }: { items: unknown[]; name: string }) {
  const { shown, more } = useFirst(items, SHOWN.items)
  return (
    <>
      <ol className={styles.list} start={0}>
        {shown.map((item, at) => (
          <li key={at}>
            <Value value={item} name={`${name}, ${at}`} />
          </li>
        ))}
      </ol>
      {more}
    </>
  )
}
