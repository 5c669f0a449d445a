// What stands below an open row: the whole message, the id, the parents, every metric, every run.

import { Button } from '@mantine/core'
import { Link, useParams } from 'react-router'
import { runsAddress } from '../compare/address'
import { duration, exactSeconds, exactTime, metric } from '../core/format'
import { Icon } from '../core/icons'
import { Later } from '../core/Later'
import { Prose } from '../core/Prose'
import type { Outline, Version } from '../core/types'
import { statusIcon, statusWord } from '../run/words'
import { succeeded } from './runs'
import type { Actions } from './useActions'
import tab from './VersionsTab.module.css'
import styles from './Details.module.css'

interface Props {
  version: Version
  outline: Outline
  actions: Actions
  onDescribe: (version: Version) => void
}

export function Details({ version, outline, actions, onDescribe }: Props) {
  const { id = '' } = useParams()
  const parents = outline.parents[outline.parents.length - version.number] ?? []
  const metrics = Object.entries(version.metrics)
  const { parent } = version
  const [reusing, anew] = [succeeded(version.runs, true), succeeded(version.runs, false)]
  return (
    <div className={styles.details}>
      <div className={styles.message}>
        <p>
          <Prose text={version.message} />
        </p>
        <Button variant="subtle" size="compact-xs" onClick={() => onDescribe(version)}>
          Edit the message
        </Button>
        {parent !== null && (
          <Button variant="subtle" size="compact-xs" onClick={() => actions.compare({ id: parent }, version)}>
            Compare with the version before
          </Button>
        )}
      </div>
      <dl className={styles.facts}>
        <dt>Commit</dt>
        <dd className={styles.mono}>{version.id}</dd>
        <dt>{parents.length > 1 ? 'Parents' : 'Parent'}</dt>
        <dd>{parents.length === 0 ? 'none: it is the first' : parents.map((number) => `v${number}`).join(', ')}</dd>
        <dt>Author</dt>
        <dd>{version.author}</dd>
        <dt>Committed</dt>
        <dd>{exactTime(version.created_at)}</dd>
      </dl>
      {metrics.length > 0 && (
        <dl className={styles.facts} aria-label="Metrics">
          {metrics.map(([name, value]) => [
            <dt key={`${name}-name`}>{name}</dt>,
            <dd key={name} className={styles.mono} title={value === null ? undefined : String(value)}>
              {metric(value)} <Later at={version.later[name]} />
            </dd>,
          ])}
        </dl>
      )}
      {version.runs.length > 0 && (
        <ul className={styles.runs} aria-label="Runs">
          {version.runs.toReversed().map((run) => (
            <li key={run.id} className={tab.status} data-status={run.status}>
              <Icon name={statusIcon(run.status)} size={13} />
              <Link to={`/workflows/${id}?run=${run.id}`}>
                {statusWord(run.status).toLowerCase()}
                {run.seconds !== null && <span title={exactSeconds(run.seconds)}> in {duration(run.seconds)}</span>}
              </Link>
              {run.partial && <span className={tab.partial}>partial</span>}
              {!run.reuse && <span className={tab.partial}>without reuse</span>}
            </li>
          ))}
        </ul>
      )}
      {reusing && anew && (
        <Button
          component={Link}
          to={runsAddress(id, version.id, reusing.id, anew.id)}
          variant="default"
          size="compact-xs"
          leftSection={<Icon name="swap" size={12} />}
        >
          Compare with and without reuse
        </Button>
      )}
    </div>
  )
}
