// The latency control: answers come late on purpose, to see what a slow back end is like. While it is on, a badge says so.

import { Button, Group, Modal } from '@mantine/core'
import { useState, type SubmitEvent } from 'react'
import { Icon } from '../core/icons'
import { complain } from '../core/toasts'
import type { Delay } from '../core/types'
import { setDelay } from './queries'
import { AT_ONCE, useExplore } from './store'
import form from './Form.module.css'
import styles from './Dashboard.module.css'

export const isDelayed = ({ seconds, failing }: Delay): boolean => seconds > 0 || failing > 0

export function LatencyBadge({ delay, open }: { delay: Delay; open: () => void }) {
  if (!isDelayed(delay)) return null
  return (
    <button type="button" className={styles.badge} onClick={open} data-testid="latency">
      <Icon name="clock" size={12} />
      {delay.seconds} s late{delay.variation > 0 && ` ± ${delay.variation}`}
      {delay.failing > 0 && `, ${Math.round(delay.failing * 100)} % fail`}
    </button>
  )
}

interface Props {
  dashboard: string
  delay: Delay
  close: () => void
}

const FIELDS = [
  { name: 'seconds', label: 'Answers come late by', unit: 's', most: 10, step: 0.5 },
  { name: 'variation', label: 'Give or take', unit: 's', most: 5, step: 0.5 },
  { name: 'failing', label: 'Fail at first', unit: '%', most: 1, step: 0.05 },
] as const

export function LatencyDialog({ dashboard, delay, close }: Props) {
  const delayed = useExplore((state) => state.delayed)
  const [wanted, setWanted] = useState(delay)
  const put = (next: Delay) => {
    setDelay(dashboard, next)
      .then(() => delayed(next))
      .catch(complain)
    close()
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    put(wanted)
  }
  return (
    <Modal opened onClose={close} title="Latency" size={440}>
      <form onSubmit={submit}>
        <p className={styles.text}>
          Delivers answers late, as a slow back end would. Charts stay responsive: each answer lands in its own tile.
        </p>
        {FIELDS.map(({ name, label, unit, most, step }) => (
          <label key={name} className={form.slider}>
            <span>{label}</span>
            <input
              type="range"
              className={form.range}
              min={0}
              max={most}
              step={step}
              value={wanted[name]}
              aria-label={label}
              onChange={(event) => setWanted({ ...wanted, [name]: event.currentTarget.valueAsNumber })}
            />
            <b>{unit === '%' ? `${Math.round(wanted[name] * 100)} %` : `${wanted[name]} s`}</b>
          </label>
        ))}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={() => put(AT_ONCE)}>
            Off
          </Button>
          <Button type="submit">Set</Button>
        </Group>
      </form>
    </Modal>
  )
}
