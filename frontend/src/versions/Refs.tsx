// The branches that end with a version, and its tags.

import { Icon } from '../core/icons'
import type { Version } from '../core/types'
import styles from './Refs.module.css'

export function Refs({ version }: { version: Pick<Version, 'branches' | 'tags'> }) {
  return (
    <>
      {version.branches.map((name) => (
        <span key={`branch-${name}`} className={styles.branch} title={`The branch ${name} ends here`}>
          <Icon name="branch" size={10} /> {name}
        </span>
      ))}
      {version.tags.map((name) => (
        <span key={`tag-${name}`} className={styles.tag} title={`Tagged ${name}`}>
          <Icon name="tag" size={10} /> {name}
        </span>
      ))}
    </>
  )
}
