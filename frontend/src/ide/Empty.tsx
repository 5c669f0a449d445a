// An empty list says why it is empty and what to do next.

import type { ReactNode } from 'react'
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
