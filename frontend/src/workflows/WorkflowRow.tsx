// One workflow in the list: its name leads to it, a menu does the rest.

import { ActionIcon, Button, Group, Menu, Modal, TextInput } from '@mantine/core'
import { useState, type SubmitEvent } from 'react'
import { Link } from 'react-router'
import { ago, count, duration, exactTime } from '../core/format'
import { Icon } from '../core/icons'
import type { WorkflowSummary } from '../core/types'
import { statusIcon, statusWord } from '../run/words'
import { LONGEST_NAME } from './names'
import { useDelete, useDuplicate, useRename } from './queries'
import styles from './Workflows.module.css'

export function WorkflowRow({ workflow, now }: { workflow: WorkflowSummary; now: number }) {
  const [renaming, setRenaming] = useState(false)
  const { id, name, description, last_run: run } = workflow
  return (
    <li className={styles.row} data-testid={`workflow-${name}`}>
      <div className={styles.what}>
        <Link to={`/workflows/${id}`} className={styles.name}>
          {name}
        </Link>
        <p className={styles.description}>
          {description || 'No description: its text can begin with one, in triple quotes.'}
        </p>
      </div>
      <div className={styles.facts}>
        {run ? (
          <span
            className={styles.status}
            data-status={run.status}
            title={run.finished_at ? exactTime(run.finished_at) : undefined}
          >
            <Icon name={statusIcon(run.status)} size={13} />
            {statusWord(run.status).toLowerCase()}
            {run.seconds !== null && ` in ${duration(run.seconds)}`}
            {run.partial && ', of some nodes'}
          </span>
        ) : (
          <span>never run</span>
        )}
        <span>{count(workflow.version_count, 'version')}</span>
      </div>
      <span className={styles.updated} title={exactTime(workflow.updated_at)}>
        {ago(workflow.updated_at, now)}
      </span>
      <RowMenu workflow={workflow} onRename={() => setRenaming(true)} />
      {renaming && <RenameDialog workflow={workflow} close={() => setRenaming(false)} />}
    </li>
  )
}

function RowMenu({ workflow: { id, name }, onRename }: { workflow: WorkflowSummary; onRename: () => void }) {
  const duplicate = useDuplicate()
  const remove = useDelete()
  return (
    <Menu position="bottom-end" width={160}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${name}`}>
          <Icon name="dots" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="pencil" size={14} />} onClick={onRename}>
          Rename…
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="copy" size={14} />} onClick={() => duplicate.mutate({ id, name })}>
          Duplicate
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="bin" size={14} />} onClick={() => remove.mutate({ id, name })}>
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function RenameDialog({ workflow, close }: { workflow: WorkflowSummary; close: () => void }) {
  const [name, setName] = useState(workflow.name)
  const rename = useRename(close)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    rename.mutate({ id: workflow.id, name: name.trim() })
  }
  return (
    <Modal opened onClose={close} title={`Rename “${workflow.name}”`} size={420}>
      <form onSubmit={submit}>
        <TextInput
          label="Name"
          maxLength={LONGEST_NAME}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close}>
            Keep the name
          </Button>
          <Button
            type="submit"
            loading={rename.isPending}
            disabled={name.trim() === '' || name.trim() === workflow.name}
          >
            Rename
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
