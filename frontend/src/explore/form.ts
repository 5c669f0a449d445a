// The form of a chart: which fields each kind has, which columns suit them, and what is still missing.

import type { Chart, Profile, ProfiledColumn } from '../core/types'

export type Values = Readonly<Record<string, string | number | boolean | string[] | null>>

export type Field = { name: string; label: string } & (
  | { type: 'column'; suits: 'any' | 'measured'; optional?: string }
  | { type: 'columns' }
  | { type: 'choice'; options: readonly string[] }
  | { type: 'number'; least: number; most: number }
)

const AGGREGATES = ['count', 'sum', 'mean', 'median', 'min', 'max'] as const
const UNITS = ['auto', 'minute', 'hour', 'day', 'week', 'month', 'year'] as const

const along: Field = { name: 'x', label: 'Column', type: 'column', suits: 'any' }
const measuredX: Field = { name: 'x', label: 'Column', type: 'column', suits: 'measured' }
const bins = (most: number): Field => ({ name: 'bins', label: 'Ranges, about', type: 'number', least: 1, most })
const top = (most: number): Field => ({ name: 'top', label: 'Most frequent values', type: 'number', least: 1, most })
const aggregate: Field = { name: 'aggregate', label: 'Shows', type: 'choice', options: AGGREGATES }
const of = (name: 'y' | 'z'): Field => ({ name, label: 'Of', type: 'column', suits: 'measured', optional: 'the rows' })
const positive: Field = { name: 'positive', label: 'Class, from 0', type: 'number', least: 0, most: 10_000 }

interface Kind {
  fields: readonly Field[]
  defaults: Values
  ofPredictions?: boolean
}

const KINDS: Record<Chart['kind'], Kind> = {
  histogram: { fields: [measuredX, bins(200)], defaults: { x: null, bins: 40 } },
  bar: { fields: [along, aggregate, of('y'), top(100)], defaults: { x: null, y: null, aggregate: 'count', top: 20 } },
  line: {
    fields: [
      measuredX,
      aggregate,
      of('y'),
      bins(200),
      { name: 'unit', label: 'A point each (times)', type: 'choice', options: UNITS },
    ],
    defaults: { x: null, y: null, aggregate: 'count', bins: 60, unit: 'auto' },
  },
  density: {
    fields: [{ ...measuredX, label: 'Along' }, { name: 'y', label: 'Up', type: 'column', suits: 'measured' }, bins(70)],
    defaults: { x: null, y: null, bins: 40 },
  },
  heatmap: {
    fields: [
      { ...along, label: 'Along' },
      { name: 'y', label: 'Up', type: 'column', suits: 'any' },
      aggregate,
      of('z'),
      top(50),
    ],
    defaults: { x: null, y: null, z: null, aggregate: 'count', top: 20 },
  },
  box: {
    fields: [
      { name: 'y', label: 'Column', type: 'column', suits: 'measured' },
      { name: 'x', label: 'By', type: 'column', suits: 'any', optional: 'nothing' },
      top(100),
    ],
    defaults: { x: null, y: null, top: 12 },
  },
  table: {
    fields: [
      { name: 'columns', label: 'Columns (none: the first twelve)', type: 'columns' },
      { name: 'sort', label: 'Sorted by', type: 'column', suits: 'any', optional: 'nothing' },
    ],
    defaults: { columns: [], sort: null, descending: false, offset: 0 },
  },
  number: { fields: [aggregate, of('y')], defaults: { y: null, aggregate: 'count' } },
  roc: { fields: [positive], defaults: { positive: 1 }, ofPredictions: true },
  precision_recall: { fields: [positive], defaults: { positive: 1 }, ofPredictions: true },
  calibration: {
    fields: [positive, { name: 'bins', label: 'Ranges of the score', type: 'number', least: 2, most: 50 }],
    defaults: { positive: 1, bins: 10 },
    ofPredictions: true,
  },
  confusion: {
    fields: [{ name: 'top', label: 'Most frequent values', type: 'number', least: 2, most: 50 }],
    defaults: { top: 20 },
    ofPredictions: true,
  },
  slices: { fields: [along, top(100)], defaults: { x: null, top: 20 }, ofPredictions: true },
}

export const fieldsOf = (kind: Chart['kind']): readonly Field[] => KINDS[kind].fields

/** The kinds of charts that data of this profile can have. */
export const kindsFor = (profile: Profile | null): Chart['kind'][] =>
  (Object.keys(KINDS) as Chart['kind'][]).filter((kind) => {
    if (!KINDS[kind].ofPredictions) return true
    if (profile?.predictions == null) return false
    return ['confusion', 'slices'].includes(kind) || profile.predictions > 0
  })

export const suiting = (columns: readonly ProfiledColumn[], suits: 'any' | 'measured'): ProfiledColumn[] =>
  columns.filter(({ kind }) => suits === 'any' || kind === 'number' || kind === 'time')

/** The values of another kind: what both know is kept, and the first column that suits stands where one is needed. */
export function valuesFor(kind: Chart['kind'], before: Values, columns: readonly ProfiledColumn[]): Values {
  const { fields, defaults } = KINDS[kind]
  const kept = Object.fromEntries(Object.keys(defaults).map((name) => [name, before[name] ?? defaults[name] ?? null]))
  const taken = new Set<unknown>()
  for (const field of fields) {
    if (field.type === 'number') kept[field.name] = Math.min(Number(kept[field.name]), field.most)
    if (field.type !== 'column') continue
    const suit = suiting(columns, field.suits).map(({ name }) => name)
    const now = kept[field.name]
    if (typeof now === 'string' && suit.includes(now)) taken.add(now)
    else kept[field.name] = field.optional ? null : (suit.find((name) => !taken.has(name)) ?? suit[0] ?? null)
    taken.add(kept[field.name])
  }
  return kept
}

export const valuesOf = (chart: Chart): Values =>
  Object.fromEntries(Object.entries(chart).filter(([name]) => name !== 'id' && name !== 'kind'))

/** Why there is no such chart yet; empty where it can be asked for. */
export function problemOf(kind: Chart['kind'], values: Values): string {
  for (const field of fieldsOf(kind)) {
    const value = values[field.name]
    if (field.type === 'column' && !field.optional && value == null)
      return `Choose a column for “${field.label}”: the data have none that suits by itself.`
    if (field.type !== 'number') continue
    const whole = typeof value === 'number' && Number.isInteger(value)
    if (!whole || value < field.least || value > field.most)
      return `“${field.label}” takes a whole number from ${field.least} to ${field.most}.`
  }
  const measured = kind === 'heatmap' ? values.z : values.y
  if ('aggregate' in values && values.aggregate !== 'count' && measured == null)
    return `Choose the column whose ${String(values.aggregate)} is wanted.`
  return ''
}

/** The chart that the form says; `problemOf` has found nothing against it. */
export const chartOf = (id: string, kind: Chart['kind'], values: Values): Chart =>
  ({ id, kind, ...values }) as unknown as Chart
