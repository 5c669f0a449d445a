// A workflow out of the history of a git repository, which comes as a bundle.

import { Alert, Button, FileInput, Group, Modal, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { useNavigate } from 'react-router'
import { messageOf, refusalOf } from '../core/api'
import { Icon } from '../core/icons'
import { freeName, LONGEST_NAME } from './names'
import { useImport, workflowsQuery } from './queries'
import styles from './Workflows.module.css'

const USUAL = 'workflow.py'

export function ImportDialog({ opened, close }: { opened: boolean; close: () => void }) {
  return (
    <Modal opened={opened} onClose={close} title="Import a history from git" size={520}>
      <ImportForm close={close} />
    </Modal>
  )
}

function ImportForm({ close }: { close: () => void }) {
  const navigate = useNavigate()
  const { data: workflows } = useQuery(workflowsQuery)
  const [bundle, setBundle] = useState<File | null>(null)
  const [typed, setTyped] = useState<string | null>(null)
  const [path, setPath] = useState(USUAL)
  const take = useImport((workflow) => {
    close()
    void navigate(`/workflows/${workflow.id}/versions`)
  })
  const proposed = freeName(
    bundle?.name.replace(/\.(git)?bundle$/, '') ?? 'Imported',
    workflows?.map((workflow) => workflow.name) ?? [],
  )
  const name = (typed ?? proposed).trim()
  const others = refusalOf(take.error, 'import-refused')?.files ?? []
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (bundle !== null) take.mutate({ bundle, name, path: path.trim() })
  }
  return (
    <form onSubmit={submit}>
      <p className={styles.description}>
        Each commit that has the file becomes a version, under git’s own id, with its branches and tags. In the
        repository: <code>git bundle create history.bundle --all</code>
      </p>
      <FileInput
        label="Bundle"
        placeholder="Choose a file"
        leftSection={<Icon name="branch" size={14} />}
        value={bundle}
        onChange={setBundle}
        clearable
        mt="md"
      />
      <TextInput
        label="The workflow’s file in it"
        value={path}
        onChange={(event) => setPath(event.currentTarget.value)}
        mt="md"
      />
      <TextInput
        label="Name"
        maxLength={LONGEST_NAME}
        value={typed ?? proposed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        mt="md"
      />
      {take.error && (
        <Alert role="alert" color="red" mt="md" icon={<Icon name="error" />}>
          {messageOf(take.error)}
          <Group gap="xs" mt="xs">
            {others.map((other) => (
              <Button key={other} variant="default" size="compact-xs" onClick={() => setPath(other)}>
                {other}
              </Button>
            ))}
          </Group>
        </Alert>
      )}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" loading={take.isPending} disabled={bundle === null || name === '' || path.trim() === ''}>
          Import
        </Button>
      </Group>
    </form>
  )
}
