// An empty list says why it is empty and what to do next.

import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { messageOf } from '../core/api'
import styles from './Table.module.css'

export function Empty({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <p className={styles.emptyTitle}>{title}</p>
      <p className={styles.emptyText}>{text}</p>
      {children}
    </div>
  )
}

/** In place of what a request was to bring: what went wrong, and a button that tries again. */
export function NotLoaded({ what, error, retry }: { what: string; error: unknown; retry: () => unknown }) {
  return (
    <Empty title={`The ${what} could not be loaded`} text={messageOf(error)}>
      <Button mt="sm" variant="default" onClick={() => void retry()}>
        Try again
      </Button>
    </Empty>
  )
}
