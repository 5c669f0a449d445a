// A new dashboard: of which node's data, at which version; or of the versions themselves.

import { Button, Group, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { useNavigate } from 'react-router'
import { messageOf } from '../core/api'
import { plain } from '../core/Prose'
import type { DagNode } from '../core/types'
import { versionsQuery } from '../versions/queries'
import { dashboardAddress } from './address'
import { tablesQuery, useCreateDashboard } from './queries'
import styles from './Form.module.css'

const VERSIONS = '' // the node of a dashboard over the versions themselves
const kinds: Partial<Record<DagNode['kind'], string>> = {
  predictions: 'predictions',
  rows: 'rows',
  feature: 'a feature',
}

export function NewDashboard({ workflow, done }: { workflow: string; done: () => void }) {
  const navigate = useNavigate()
  const { data: versions, error } = useQuery(versionsQuery(workflow))
  const [chosenVersion, setVersion] = useState<string | null>(null)
  const version = chosenVersion ?? versions?.[0]?.id ?? null
  const tables = useQuery({ ...tablesQuery(workflow, version ?? ''), enabled: version !== null })
  const [chosen, setNode] = useState<string | null>(null)
  const node = chosen ?? tables.data?.[0]?.name ?? null
  const create = useCreateDashboard(workflow, ({ id }) => {
    done()
    void navigate(dashboardAddress(workflow, id))
  })
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (node !== null) create.mutate(node === VERSIONS ? { node: '', version: null } : { node, version })
  }
  const problem = error ?? tables.error
  return (
    <form onSubmit={submit}>
      {problem && <p role="alert">{messageOf(problem)}</p>}
      <label className={styles.field}>
        <span>Version</span>
        <select
          className={styles.input}
          value={version ?? ''}
          onChange={(event) => setVersion(event.currentTarget.value)}
        >
          {versions?.map(({ id, number, message }) => (
            <option key={id} value={id}>
              {`v${number} ${plain(message)}`}
            </option>
          ))}
        </select>
      </label>
      <fieldset className={styles.nodes}>
        <legend>Data of</legend>
        {!tables.data && !problem && version !== null && <Skeleton height={90} animate={false} />}
        {tables.data?.map(({ name, kind, operator }) => (
          <Choice key={name} value={name} checked={node === name} choose={setNode}>
            <code>{name}</code> <span className={styles.kind}>{`${kinds[kind] ?? kind}, ${operator}`}</span>
          </Choice>
        ))}
        <Choice value={VERSIONS} checked={node === VERSIONS} choose={setNode}>
          The versions themselves <span className={styles.kind}>what each measured, and how long it ran</span>
        </Choice>
      </fieldset>
      <Group justify="flex-end" mt="md">
        <Button type="submit" loading={create.isPending} disabled={node === null} data-testid="create-dashboard">
          Explore
        </Button>
      </Group>
    </form>
  )
}

interface ChoiceProps {
  value: string
  checked: boolean
  choose: (value: string) => void
  children: React.ReactNode
}

function Choice({ value, checked, choose, children }: ChoiceProps) {
  return (
    <label className={styles.node}>
      <input type="radio" name="node" value={value} checked={checked} onChange={() => choose(value)} />
      {children}
    </label>
  )
}
