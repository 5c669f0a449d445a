// In which form a value is shown: what a reducer gave is any JSON, and some of it has a shape that says more than its text.

export type Form =
  | { kind: 'scalar'; text: string; exact: string }
  | { kind: 'text'; text: string }
  | { kind: 'matrix'; labels: string[]; counts: number[][] }
  | { kind: 'roc'; x: number[]; y: number[]; area: number; points: Table }
  | ({ kind: 'table' } & Table)
  | { kind: 'slices'; entries: [name: string, value: Scalar][] }
  | { kind: 'groups'; entries: [name: string, value: unknown][] }
  | { kind: 'list'; items: unknown[] }
  | { kind: 'empty' }

export interface Table {
  columns: string[]
  rows: unknown[][]
}

type Scalar = number | string | boolean | null

const SHORT = 120

const isScalar = (value: unknown): value is Scalar =>
  value === null || typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isList = (value: unknown): value is unknown[] => Array.isArray(value)
const isNumbers = (value: unknown): value is number[] =>
  isList(value) && value.every((item) => typeof item === 'number')

export function formOf(value: unknown): Form {
  if (typeof value === 'string' && (value.length > SHORT || value.includes('\n'))) return { kind: 'text', text: value }
  if (isScalar(value)) return { kind: 'scalar', text: scalarText(value), exact: String(value) }
  if (isList(value)) return formOfList(value)
  if (isRecord(value)) return formOfRecord(value)
  return { kind: 'empty' }
}

function formOfList(items: unknown[]): Form {
  if (items.length === 0) return { kind: 'empty' }
  if (items.every(isRecord)) return { kind: 'table', ...tableOfRecords(items) }
  return { kind: 'list', items }
}

function tableOfRecords(records: Record<string, unknown>[]): Table {
  const columns = [...new Set(records.flatMap(Object.keys))]
  return { columns, rows: records.map((record) => columns.map((column) => record[column])) }
}

function formOfRecord(record: Record<string, unknown>): Form {
  const entries = Object.entries(record)
  if (entries.length === 0) return { kind: 'empty' }
  return (
    matrixOf(record) ??
    frameOf(record) ??
    rocOf(record) ??
    columnsOf(entries) ??
    (entries.every((entry): entry is [string, Scalar] => isScalar(entry[1]) && String(entry[1]).length <= SHORT)
      ? { kind: 'slices', entries }
      : { kind: 'groups', entries })
  )
}

/** What ConfusionMatrix gives: `{labels, matrix}`, square. */
function matrixOf({ labels, matrix, ...rest }: Record<string, unknown>): Form | null {
  if (Object.keys(rest).length > 0 || !isList(labels) || !labels.every(isScalar) || !isList(matrix)) return null
  const square = matrix.every((row): row is number[] => isNumbers(row) && row.length === labels.length)
  return square && matrix.length === labels.length
    ? { kind: 'matrix', labels: labels.map(String), counts: matrix }
    : null
}

/** What becomes of a DataFrame: `{columns, rows}`. Its last row may have been cut. */
function frameOf({ columns, rows, ...rest }: Record<string, unknown>): Form | null {
  if (Object.keys(rest).length > 0 || !isList(columns) || !isList(rows) || !rows.every(isList)) return null
  return { kind: 'table', columns: columns.map(String), rows }
}

/** What RocCurve gives. */
function rocOf(record: Record<string, unknown>): Form | null {
  const { false_positive_rate: x, true_positive_rate: y, threshold, area } = record
  if (!isNumbers(x) || !isNumbers(y) || !isList(threshold) || typeof area !== 'number') return null
  const columns = ['threshold', 'false positive rate', 'true positive rate']
  return { kind: 'roc', x, y, area, points: { columns, rows: x.map((rate, at) => [threshold[at], rate, y[at]]) } }
}

/** Lists of one length by their names are the columns of a table. */
function columnsOf(entries: [string, unknown][]): Form | null {
  const lists = entries.filter((entry): entry is [string, unknown[]] => isList(entry[1]) && entry[1].every(isScalar))
  const length = lists[0]?.[1].length ?? 0
  if (lists.length < entries.length || lists.length < 2 || length < 2) return null
  if (lists.some(([, list]) => list.length !== length)) return null
  return {
    kind: 'table',
    columns: lists.map(([name]) => name),
    rows: Array.from({ length }, (_, at) => lists.map(([, list]) => list[at])),
  }
}

/** A number short enough to compare: whole ones in full, others with four decimals, tiny and huge ones in powers of ten. */
export function numberText(value: number): string {
  if (Number.isInteger(value)) return Math.abs(value) < 1e15 ? value.toLocaleString('en') : value.toExponential(3)
  const size = Math.abs(value)
  return size < 0.0001 || size >= 1e7 ? value.toExponential(3) : value.toFixed(4)
}

export function scalarText(value: Scalar): string {
  if (value === null) return '–'
  return typeof value === 'number' ? numberText(value) : String(value)
}

/** What stands in one cell of a table. */
export const cellText = (value: unknown): string =>
  value === undefined ? '' : isScalar(value) ? scalarText(value) : JSON.stringify(value)
