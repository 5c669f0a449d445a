// The dashboards of a workflow: a list to go from one to another, and what is done to each.

import { Button, Group, Menu, Modal, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { useNavigate } from 'react-router'
import { ago, count, exactTime } from '../core/format'
import { Icon } from '../core/icons'
import { MINUTE, useNow } from '../core/now'
import type { Dashboard as Told, DashboardListed, Workflow } from '../core/types'
import { dashboardAddress } from './address'
import { NewDashboard } from './NewDashboard'
import { dashboardsQuery, useDeleteDashboard, useRenameDashboard } from './queries'
import styles from './Dashboard.module.css'

export function Dashboards({ workflow, current }: { workflow: Workflow; current: Told }) {
  const navigate = useNavigate()
  const now = useNow(MINUTE)
  const { data: listed } = useQuery(dashboardsQuery(workflow.id))
  const [dialog, setDialog] = useState<'new' | 'rename' | null>(null)
  const remove = useDeleteDashboard(workflow.id, () => void navigate(`/workflows/${workflow.id}/explore`))
  const title = listed?.find(({ id }) => id === current.id)?.title ?? current.title
  return (
    <>
      <Menu position="bottom-start" width={340}>
        <Menu.Target>
          <button type="button" className={styles.dashboards} data-testid="dashboards">
            <b>{title}</b>
            <Icon name="chevron" size={11} />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Dashboards</Menu.Label>
          {listed?.map((one) => (
            <Menu.Item
              key={one.id}
              leftSection={<Icon name={one.id === current.id ? 'check' : 'chart'} size={14} />}
              rightSection={
                <span className={styles.hint} title={exactTime(one.created_at)}>
                  {ago(one.created_at, now)}
                </span>
              }
              onClick={() => void navigate(dashboardAddress(workflow.id, one.id))}
            >
              <span className={styles.cut}>
                {one.title} <span className={styles.hint}>{factsOf(one)}</span>
              </span>
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<Icon name="plus" size={14} />} onClick={() => setDialog('new')}>
            New dashboard…
          </Menu.Item>
          <Menu.Item leftSection={<Icon name="pencil" size={14} />} onClick={() => setDialog('rename')}>
            Rename this one…
          </Menu.Item>
          <Menu.Item
            leftSection={<Icon name="bin" size={14} />}
            onClick={() => remove.mutate({ id: current.id, title })}
          >
            Delete this one
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {dialog === 'new' && (
        <Modal opened onClose={() => setDialog(null)} title="New dashboard" size={480}>
          <NewDashboard workflow={workflow.id} done={() => setDialog(null)} />
        </Modal>
      )}
      {dialog === 'rename' && (
        <Rename workflow={workflow.id} id={current.id} title={title} close={() => setDialog(null)} />
      )}
    </>
  )
}

const factsOf = ({ version, snapshots }: DashboardListed): string =>
  `${version === null ? '' : `v${version} · `}${count(snapshots, 'snapshot')}`

interface RenameProps {
  workflow: string
  id: string
  title: string
  close: () => void
}

function Rename({ workflow, id, title, close }: RenameProps) {
  const [typed, setTyped] = useState(title)
  const rename = useRenameDashboard(workflow, close)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    rename.mutate({ id, title: typed.trim() })
  }
  return (
    <Modal opened onClose={close} title={`Rename “${title}”`} size={420}>
      <form onSubmit={submit}>
        <TextInput
          label="Title"
          maxLength={120}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close}>
            Keep the title
          </Button>
          <Button type="submit" loading={rename.isPending} disabled={typed.trim() === '' || typed.trim() === title}>
            Rename
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
