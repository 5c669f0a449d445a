// The dialogs of the versions' page: a name for a branch or a tag, another message, and how to clone.

import { ActionIcon, Button, CopyButton, Group, Modal, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { answer, api, messageOf } from '../core/api'
import { ago, exactTime } from '../core/format'
import { Icon } from '../core/icons'
import { MINUTE, useNow } from '../core/now'
import { keysOf } from '../core/queries'
import { complain } from '../core/toasts'
import type { AccessToken, Version } from '../core/types'
import type { Actions, Kind } from './useActions'
import styles from './Dialogs.module.css'

interface NameProps {
  kind: Kind
  version: Version
  actions: Actions
  close: () => void
}

export function NameDialog({ kind, version, actions, close }: NameProps) {
  const [name, setName] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setBusy(true)
    void actions.create(kind, name.trim(), version).then((done) => (done ? close() : setBusy(false)))
  }
  return (
    <Modal
      opened
      onClose={close}
      title={kind === 'branch' ? `Branch from v${version.number}` : `Tag v${version.number}`}
      size={420}
    >
      <form onSubmit={submit}>
        <TextInput
          label="Name"
          description={
            kind === 'branch'
              ? 'Runs of what you check out of it go on from here.'
              : 'A tag stays with its version, whatever is run later.'
          }
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={name.trim() === ''}>
            {kind === 'branch' ? 'Begin the branch' : 'Tag'}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}

export function MessageDialog({ version, actions, close }: Omit<NameProps, 'kind'>) {
  const [message, setMessage] = useState(version.message)
  const [busy, setBusy] = useState(false)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setBusy(true)
    void actions.describe(version, message).then((done) => (done ? close() : setBusy(false)))
  }
  return (
    <Modal opened onClose={close} title={`Message of v${version.number}`} size={520}>
      <form onSubmit={submit}>
        <Textarea
          label="Message"
          description="The commit keeps its own message, and its id; git shows this one as a note."
          autosize
          minRows={3}
          value={message}
          onChange={(event) => setMessage(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={message.trim() === '' || message === version.message}>
            Write it
          </Button>
        </Group>
      </form>
    </Modal>
  )
}

export function CloneDialog({ workflow, close }: { workflow: string; close: () => void }) {
  const address = `${location.origin}/git/${workflow}.git`
  return (
    <Modal opened onClose={close} title="Clone with git" size={580}>
      <p className={styles.text}>
        The whole history, under the same ids: branches, tags, and each version as a tag <code>v1</code>,{' '}
        <code>v2</code>… It can be fetched from, and is not pushed to.
      </p>
      <Copied label="Command" text={`git clone ${address}`} />
      <p className={styles.text}>Git asks for a user, which may be anything, and for a password: an access token.</p>
      <Tokens />
    </Modal>
  )
}

function Copied({ label, text }: { label: string; text: string }) {
  return (
    <div className={styles.copied}>
      <code aria-label={label}>{text}</code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={`Copy: ${label.toLowerCase()}`}>
            <Icon name={copied ? 'check' : 'copy'} size={14} />
          </ActionIcon>
        )}
      </CopyButton>
    </div>
  )
}

function Tokens() {
  const queries = useQueryClient()
  const { data: tokens, error } = useQuery({
    queryKey: keysOf.accessTokens,
    queryFn: ({ signal }) => answer(api.GET('/api/access-tokens', { signal })),
  })
  const renew = () => queries.invalidateQueries({ queryKey: keysOf.accessTokens })
  const [name, setName] = useState('git')
  const make = useMutation({
    mutationFn: () => answer(api.POST('/api/access-tokens', { body: { name: name.trim() } })),
    onSuccess: renew,
    onError: complain,
  })
  const remove = useMutation({
    mutationFn: (token: AccessToken) =>
      answer(api.DELETE('/api/access-tokens/{token_id}', { params: { path: { token_id: token.id } } })),
    onSuccess: renew,
    onError: complain,
  })
  const now = useNow(MINUTE)
  return (
    <>
      <Group align="flex-end" gap="sm">
        <TextInput
          label="What the token is for"
          value={name}
          maxLength={120}
          onChange={(event) => setName(event.currentTarget.value)}
          className={styles.what}
        />
        <Button onClick={() => make.mutate()} loading={make.isPending} disabled={name.trim() === ''}>
          Make a token
        </Button>
      </Group>
      {make.data && (
        <div role="status" className={styles.made}>
          <p className={styles.text}>Copy it now: it is shown this once.</p>
          <Copied label="Access token" text={make.data.token} />
        </div>
      )}
      {error && <p role="alert">{messageOf(error)}</p>}
      {tokens && tokens.length > 0 && (
        <ul className={styles.tokens} aria-label="Access tokens">
          {tokens.map((token) => (
            <li key={token.id}>
              <span>{token.name}</span>
              <span className={styles.dim} title={exactTime(token.created_at)}>
                made {ago(token.created_at, now)},{' '}
                {token.used_at === null ? 'never used' : `used ${ago(token.used_at, now)}`}
              </span>
              <Button
                variant="subtle"
                color="red"
                size="compact-xs"
                onClick={() => remove.mutate(token)}
                aria-label={`Delete the token ${token.name}`}
                title="Whatever uses it is refused from then on"
              >
                Delete
              </Button>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
