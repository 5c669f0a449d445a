// The page of versions: ways to the latest and the best at the top, and the log with its drawing below.

import { Button, Menu, Skeleton, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useSearchParams } from 'react-router'
import { count, metric } from '../core/format'
import { Icon } from '../core/icons'
import { keysOf } from '../core/queries'
import { durations } from '../core/theme'
import type { Outline, Version } from '../core/types'
import { useRenewed } from '../core/useRenewed'
import { Empty, NotLoaded } from '../ide/Empty'
import { useCommands, type Command } from '../palette/store'
import { WorkflowPage } from '../workflows/WorkflowPage'
import { CloneDialog, MessageDialog, NameDialog } from './Dialogs'
import { Log, type Choice } from './Log'
import { bestQuery, foundQuery, metricNames, outlineQuery, versionsQuery } from './queries'
import { useActions, type Kind } from './useActions'
import styles from './VersionsPage.module.css'

const SHOWN_METRICS = 4

const CHANGING = [keysOf.versions, keysOf.workflowNow]

export default function VersionsPage() {
  return <WorkflowPage title="Versions">{(workflow) => <Versions workflow={workflow.id} />}</WorkflowPage>
}

function Versions({ workflow }: { workflow: string }) {
  useRenewed(workflow, CHANGING)
  const { data: outline, error, refetch } = useQuery(outlineQuery(workflow))
  if (error && !outline) return <NotLoaded what="versions" error={error} retry={refetch} />
  if (!outline) return <Skeleton m="md" height={240} animate={false} role="status" aria-label="Loading the versions" />
  if (outline.parents.length === 0)
    return (
      <Empty
        title="No versions yet"
        text="Each run commits one: its text, its data's hashes, its metrics, its time. Open the editor and press Run."
      />
    )
  return <History workflow={workflow} outline={outline} />
}

type Dialog = { kind: Kind | 'message'; version: Version } | { kind: 'clone' } | null

function History({ workflow, outline }: { workflow: string; outline: Outline }) {
  const actions = useActions(workflow)
  const choice = useChoice()
  const [dialog, setDialog] = useState<Dialog>(null)
  const [params, setParams] = useSearchParams()
  const text = params.get('text') ?? ''
  const [asked] = useDebouncedValue(text.trim(), durations.check)
  const search = useQuery({ ...foundQuery(workflow, asked), enabled: asked !== '', placeholderData: keepPreviousData })
  const found = asked === '' ? null : (search.data ?? [])
  const { data: newest } = useQuery(versionsQuery(workflow))
  const metrics = useMemo(() => metricNames(newest ?? []).slice(0, SHOWN_METRICS), [newest])
  const [first, second] = choice.marked.toSorted((a, b) => a.number - b.number)
  useCommands(
    'versions-page',
    useMemo(
      (): Command[] => [
        {
          id: 'clone',
          group: 'Actions',
          title: 'Clone with git',
          icon: 'copy',
          run: () => setDialog({ kind: 'clone' }),
        },
        ...(newest ?? []).map((version): Command => ({
          id: `version-${version.id}`,
          group: 'Versions',
          title: `Check out v${version.number}`,
          detail: version.message,
          icon: 'branch',
          run: () => actions.checkOut(version),
        })),
      ],
      [newest, actions],
    ),
  )
  const setText = (value: string) =>
    setParams(
      (now) => {
        if (value === '') now.delete('text')
        else now.set('text', value)
        return now
      },
      { replace: true },
    )
  return (
    <>
      <div className={styles.bar}>
        <Shortcuts workflow={workflow} outline={outline} onCheckOut={actions.checkOut} />
        <TextInput
          className={styles.search}
          size="xs"
          placeholder="Message, author, branch, tag, v12"
          aria-label="Search the versions"
          leftSection={<Icon name="search" size={13} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <span className={styles.count} role="status">
          {found === null ? count(outline.parents.length, 'version') : `${found.length.toLocaleString('en')} found`}
        </span>
        <Button
          variant="default"
          leftSection={<Icon name="swap" size={13} />}
          disabled={!first || !second}
          title={second ? undefined : 'Mark two versions first'}
          onClick={() => first && second && actions.compare(first, second)}
        >
          {first && second ? `Compare v${first.number} with v${second.number}` : 'Compare'}
        </Button>
        <Button
          variant="default"
          leftSection={<Icon name="copy" size={13} />}
          onClick={() => setDialog({ kind: 'clone' })}
        >
          Clone
        </Button>
      </div>
      {found?.length === 0 && !search.isFetching ? (
        <Empty
          title={`Nothing is found for “${asked}”`}
          text="Messages, authors, branches, tags and numbers are searched."
        />
      ) : (
        <Log
          workflow={workflow}
          outline={outline}
          found={found}
          metrics={metrics}
          actions={actions}
          choice={choice}
          onName={(kind, version) => setDialog({ kind, version })}
          onDescribe={(version) => setDialog({ kind: 'message', version })}
        />
      )}
      <Shown dialog={dialog} workflow={workflow} actions={actions} close={() => setDialog(null)} />
    </>
  )
}

interface ShownProps {
  dialog: Dialog
  workflow: string
  actions: ReturnType<typeof useActions>
  close: () => void
}

function Shown({ dialog, workflow, actions, close }: ShownProps) {
  if (dialog === null) return null
  if (dialog.kind === 'clone') return <CloneDialog workflow={workflow} close={close} />
  const { kind, version } = dialog
  if (kind === 'message') return <MessageDialog version={version} actions={actions} close={close} />
  return <NameDialog kind={kind} version={version} actions={actions} close={close} />
}

/** The latest version, the best by each metric, and the ends of branches. */
function Shortcuts({
  workflow,
  outline,
  onCheckOut,
}: {
  workflow: string
  outline: Outline
  onCheckOut: (version: { id: string; number: number }, branch?: string) => void
}) {
  const { data: found } = useQuery(bestQuery(workflow))
  return (
    <div className={styles.shortcuts} role="group" aria-label="Shortcuts">
      <Menu position="bottom-start" width={220}>
        <Menu.Target>
          <Button variant="default" leftSection={<Icon name="branch" size={13} />} data-testid="branch">
            {outline.branch || 'on no branch'}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Check out the end of</Menu.Label>
          {outline.branches.map((branch) => (
            <Menu.Item
              key={branch.name}
              leftSection={<Icon name={branch.name === outline.branch ? 'check' : 'branch'} size={14} />}
              rightSection={<span className={styles.count}>v{branch.number}</span>}
              onClick={() => onCheckOut({ id: branch.version, number: branch.number }, branch.name)}
            >
              {branch.name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {found?.map((best) => (
        <Button
          key={best.metric}
          variant="default"
          leftSection={<Icon name="star" size={13} />}
          title={`v${best.number} has the best ${best.metric}: the ${best.higher_is_better ? 'highest' : 'lowest'} of all. Click to check it out.`}
          onClick={() => onCheckOut({ id: best.version, number: best.number })}
          data-testid={`best-${best.metric}`}
        >
          best {best.metric}: v{best.number} · {metric(best.value)}
        </Button>
      ))}
    </div>
  )
}

/** Which versions are open, and which are marked: two at most, of which a third replaces the elder. */
function useChoice(): Choice {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set())
  const [marked, setMarked] = useState<Choice['marked']>([])
  return {
    open,
    marked,
    toggle: (number) =>
      setOpen((now) => {
        const next = new Set(now)
        if (!next.delete(number)) next.add(number)
        return next
      }),
    mark: ({ id, number }) =>
      setMarked((now) =>
        now.some((one) => one.id === id) ? now.filter((one) => one.id !== id) : [...now.slice(-1), { id, number }],
      ),
  }
}
