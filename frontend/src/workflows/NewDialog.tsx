// A new workflow from a template: choose what to start from, name it, open it.

import { Button, Group, Modal, Skeleton, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { useNavigate } from 'react-router'
import { messageOf } from '../core/api'
import { templatesQuery, useCreate, workflowsQuery } from './queries'
import { freeName, LONGEST_NAME } from './names'
import styles from './Workflows.module.css'

export function NewDialog({ opened, close }: { opened: boolean; close: () => void }) {
  return (
    <Modal opened={opened} onClose={close} title="New workflow" size={520}>
      <NewForm close={close} />
    </Modal>
  )
}

function NewForm({ close }: { close: () => void }) {
  const navigate = useNavigate()
  const { data: templates, error } = useQuery(templatesQuery)
  const { data: workflows } = useQuery(workflowsQuery)
  const [chosen, setChosen] = useState<string | null>(null)
  const [typed, setTyped] = useState<string | null>(null)
  const create = useCreate((workflow) => {
    close()
    void navigate(`/workflows/${workflow.id}`)
  })
  const template = templates?.find((one) => one.name === chosen) ?? templates?.[0] ?? null
  const proposed = freeName(template?.title ?? 'Workflow', workflows?.map((workflow) => workflow.name) ?? [])
  const name = (typed ?? proposed).trim()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (template !== null) create.mutate({ name, template: template.name })
  }
  return (
    <form onSubmit={submit}>
      <fieldset className={styles.templates}>
        <legend>Start from</legend>
        {error && <p role="alert">{messageOf(error)}</p>}
        {!templates && !error && <Skeleton height={120} animate={false} />}
        {templates?.map((one) => (
          <label key={one.name} className={styles.template}>
            <input
              type="radio"
              name="template"
              value={one.name}
              checked={one === template}
              onChange={() => setChosen(one.name)}
            />
            <span>
              <b>{one.title}</b>
              <span className={styles.description}>{one.description}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <TextInput
        label="Name"
        maxLength={LONGEST_NAME}
        value={typed ?? proposed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        mt="md"
      />
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button
          type="submit"
          loading={create.isPending}
          disabled={name === '' || template === null}
          data-testid="create"
        >
          Create
        </Button>
      </Group>
    </form>
  )
}
