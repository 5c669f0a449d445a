// The form of a chart, new or not: its kind, the columns that suit, and how fine it is. Nothing is asked before it can be.

import { Button, Group, Modal } from '@mantine/core'
import { useState, type SubmitEvent } from 'react'
import type { Chart, ProfiledColumn } from '../core/types'
import { chartOf, fieldsOf, kindsFor, problemOf, suiting, valuesFor, valuesOf, type Field, type Values } from './form'
import { freeId, withChart } from './state'
import { useExplore } from './store'
import { profileOf, shownKey } from './strip'
import { useActions } from './useActions'
import { kinds, titleOf } from './words'
import styles from './Form.module.css'

interface Props {
  /** Null for a new one. */
  chart: Chart | null
  close: () => void
}

export function ChartForm({ chart, close }: Props) {
  return (
    <Modal opened onClose={close} title={chart ? `Edit “${titleOf(chart)}”` : 'Add a chart'} size={440}>
      <Fields chart={chart} close={close} />
    </Modal>
  )
}

function Fields({ chart, close }: Props) {
  const { edit } = useActions()
  const profile = useExplore((state) => profileOf(state, shownKey(state)))
  const columns = profile?.columns ?? []
  const [kind, setKind] = useState<Chart['kind']>(chart?.kind ?? 'histogram')
  const [values, setValues] = useState<Values>(() => (chart ? valuesOf(chart) : valuesFor('histogram', {}, columns)))
  const problem = problemOf(kind, values)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (problem !== '') return
    edit((state) => withChart(state, chartOf(chart?.id ?? freeId(state), kind, values)))
    close()
  }
  return (
    <form onSubmit={submit}>
      <label className={styles.field}>
        <span>Kind</span>
        <select
          className={styles.input}
          aria-label="Kind"
          value={kind}
          data-autofocus
          onChange={(event) => {
            const next = event.currentTarget.value as Chart['kind']
            setKind(next)
            setValues(valuesFor(next, values, columns))
          }}
        >
          {kindsFor(profile).map((each) => (
            <option key={each} value={each}>
              {kinds[each]}
            </option>
          ))}
        </select>
      </label>
      {fieldsOf(kind).map((field) => (
        <label key={field.name} className={styles.field}>
          <span>{field.label}</span>
          <Input
            field={field}
            columns={columns}
            value={values[field.name] ?? null}
            set={(value) => setValues({ ...values, [field.name]: value })}
          />
        </label>
      ))}
      <p className={styles.problem} role="status">
        {problem}
      </p>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" disabled={problem !== ''}>
          {chart ? 'Change' : 'Add'}
        </Button>
      </Group>
    </form>
  )
}

interface InputProps {
  field: Field
  columns: readonly ProfiledColumn[]
  value: Values[string]
  set: (value: Values[string]) => void
}

function Input({ field, columns, value, set }: InputProps) {
  switch (field.type) {
    case 'column':
      return (
        <select
          className={styles.input}
          aria-label={field.label}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => set(event.currentTarget.value === '' ? null : event.currentTarget.value)}
        >
          {(field.optional !== undefined || value === null) && <option value="">{field.optional ?? 'Choose…'}</option>}
          {suiting(columns, field.suits).map(({ name, kind }) => (
            <option key={name} value={name}>
              {`${name} (${kind})`}
            </option>
          ))}
        </select>
      )
    case 'columns':
      return (
        <select
          className={styles.input}
          aria-label={field.label}
          multiple
          size={6}
          value={Array.isArray(value) ? value : []}
          onChange={(event) => set([...event.currentTarget.selectedOptions].map((option) => option.value))}
        >
          {columns.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      )
    case 'choice':
      return (
        <select
          className={styles.input}
          aria-label={field.label}
          value={String(value)}
          onChange={(event) => set(event.currentTarget.value)}
        >
          {field.options.map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </select>
      )
    case 'number':
      return (
        <input
          className={styles.input}
          aria-label={field.label}
          type="number"
          min={field.least}
          max={field.most}
          value={typeof value === 'number' && !Number.isNaN(value) ? value : ''}
          onChange={(event) => set(event.currentTarget.valueAsNumber)}
        />
      )
  }
}
