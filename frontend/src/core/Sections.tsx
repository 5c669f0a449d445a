// The parts of a workflow's place in the application, as tabs of the header: each has an address.

import { NavLink } from 'react-router'
import styles from './Sections.module.css'

export const SECTIONS = [
  { path: '', title: 'Editor' },
  { path: '/versions', title: 'Versions' },
  { path: '/metrics', title: 'Metrics' },
  { path: '/explore', title: 'Explore' },
  { path: '/store', title: 'Store' },
] as const

export const sectionAddress = (workflow: string, path: string): string => `/workflows/${workflow}${path}`

export function Sections({ workflow }: { workflow: string }) {
  return (
    <nav className={styles.sections} aria-label="Sections">
      {SECTIONS.map(({ path, title }) => (
        <NavLink key={title} to={sectionAddress(workflow, path)} end={path === ''} className={styles.section ?? ''}>
          {title}
        </NavLink>
      ))}
    </nav>
  )
}
