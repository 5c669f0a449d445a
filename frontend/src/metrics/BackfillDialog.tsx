// Computes a metric of the draft for past versions: which of them, what that takes, and what was computed so before.

import { Alert, Button, Group, Modal, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { messageOf } from '../core/api'
import { count, exactSeconds, roughly } from '../core/format'
import { Icon } from '../core/icons'
import { plain, Prose } from '../core/Prose'
import type { Backfill, BackfillEstimate, EstimatedVersion, Trends, Workflow } from '../core/types'
import { estimateSaid, isActive, lacking } from './backfills'
import { Earlier } from './Earlier'
import { branchNames, linesOf } from './lines'
import { backfillEstimateQuery } from './queries'
import { useBackfillActions } from './useBackfills'
import table from '../ide/Table.module.css'
import styles from './Backfill.module.css'

interface Props {
  workflow: Workflow
  trends: Trends
  node: string
  /** Numbers of the versions that are selected on the page. */
  selected: number[]
  earlier: Backfill[]
  close: () => void
}

/** Versions at once. */
const MOST = 200

type Which = { kind: 'all' } | { kind: 'branch'; name: string } | { kind: 'selected' }

export function BackfillDialog(props: Props) {
  const { workflow, trends, node, selected, earlier, close } = props
  const [which, setWhich] = useState<Which>({ kind: 'all' })
  const without = useMemo(() => lacking(trends, node), [trends, node])
  const numbers = useMemo(() => numbersOf(which, trends, without, selected), [which, trends, without, selected])
  const nobody = numbers?.length === 0
  const { data, error, isPending, refetch } = useQuery({
    ...backfillEstimateQuery(workflow, node, numbers),
    enabled: !nobody,
  })
  const { start } = useBackfillActions(workflow.id)
  const able = data?.versions.filter(({ refused }) => refused === '').map(({ number }) => number) ?? []
  const busy = earlier.some(isActive)
  return (
    <Modal opened onClose={close} title={`Compute ${node} for past versions`} size={720}>
      <p className={styles.intro}>
        The draft’s <code>{node}</code>, of what each version had: from what is stored where that is quickest, computed
        anew where it is not. Versions stay as they are; the values are marked as computed later.
      </p>
      <Choice
        which={which}
        setWhich={setWhich}
        branches={branchNames(trends)}
        without={without.length}
        selected={selected}
      />
      {nobody ? (
        <p className={styles.intro}>Every one of these versions has it, or has no whole run that succeeded.</p>
      ) : error ? (
        <Alert role="alert" color="red" icon={<Icon name="error" />}>
          <Prose text={messageOf(error)} />
          <Group mt="xs">
            <Button variant="default" size="compact-sm" onClick={() => void refetch()}>
              Estimate again
            </Button>
          </Group>
        </Alert>
      ) : (
        <Estimate estimate={data} />
      )}
      {start.error && (
        <Alert role="alert" color="red" mt="sm" icon={<Icon name="error" />}>
          <Prose text={messageOf(start.error)} />
        </Alert>
      )}
      <Group justify="flex-end" mt="md">
        {busy && <span className={styles.dim}>One is under way: wait for its end, or cancel it.</span>}
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button
          disabled={busy || nobody || isPending || able.length === 0}
          loading={start.isPending}
          onClick={() => start.mutate({ text: workflow.text, nodes: [node], numbers: able }, { onSuccess: close })}
          data-testid="start-backfill"
        >
          {able.length === 0 ? 'Compute' : `Compute for ${count(able.length, 'version')}`}
        </Button>
      </Group>
      <Earlier workflow={workflow} backfills={earlier} />
    </Modal>
  )
}

/** The chosen versions by number, the newest of too many; null for all that lack it. */
function numbersOf(
  which: Which,
  trends: Trends,
  without: readonly number[],
  selected: readonly number[],
): number[] | null {
  if (which.kind === 'all') return null
  if (which.kind === 'selected') return [...selected]
  const places = linesOf(trends, [which.name]).flatMap((line) => line.places)
  const on = new Set(places.map((place) => trends.versions.number[place]))
  return without.filter((number) => on.has(number)).slice(-MOST)
}

interface ChoiceProps {
  which: Which
  setWhich: (which: Which) => void
  branches: string[]
  without: number
  selected: number[]
}

function Choice({ which, setWhich, branches, without, selected }: ChoiceProps) {
  const radio = (kind: Which['kind'], label: string, choose: () => void) => (
    <label className={styles.choice}>
      <input type="radio" name="which-versions" checked={which.kind === kind} onChange={choose} />
      {label}
    </label>
  )
  const [first] = branches
  return (
    <fieldset className={styles.choices}>
      <legend>Versions</legend>
      {radio('all', `All that lack it (${without.toLocaleString('en')})`, () => setWhich({ kind: 'all' }))}
      {first !== undefined && (
        <span className={styles.choice}>
          {radio('branch', 'Of the branch', () => setWhich({ kind: 'branch', name: first }))}
          <select
            className={styles.select}
            aria-label="Branch"
            value={which.kind === 'branch' ? which.name : first}
            onChange={(event) => setWhich({ kind: 'branch', name: event.currentTarget.value })}
          >
            {branches.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </span>
      )}
      {selected.length > 0 &&
        radio('selected', `Selected: ${selected.map((number) => `v${number}`).join(', ')}`, () =>
          setWhich({ kind: 'selected' }),
        )}
    </fieldset>
  )
}

function Estimate({ estimate }: { estimate: BackfillEstimate | undefined }) {
  if (!estimate)
    return (
      <div role="status" aria-label="Estimating" className={styles.estimate}>
        <Skeleton height={12} width="40%" mb="sm" animate={false} />
        <Skeleton height={96} animate={false} />
      </div>
    )
  return (
    <div className={styles.estimate}>
      <p
        className={styles.sum}
        role="status"
        title={`${exactSeconds(estimate.seconds)} for all; what versions have in common is computed once`}
        data-testid="backfill-estimate"
      >
        {estimateSaid(estimate)}
        {estimate.left_out > 0 && `. The newest are listed; compute once more for the ${estimate.left_out} before them`}
      </p>
      <div className={styles.versions} tabIndex={0} role="group" aria-label="Estimates by version">
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">What changed</th>
              <th scope="col" className={table.number}>
                Alone
              </th>
            </tr>
          </thead>
          <tbody>
            {estimate.versions.map((version) => (
              <Row key={version.number} version={version} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}

function Row({ version: { number, message, seconds, refused } }: { version: EstimatedVersion }) {
  return (
    <tr data-testid={`estimate-${number}`}>
      <th scope="row">v{number}</th>
      <td className={table.grow} title={plain(refused || message)}>
        {refused === '' ? (
          <Prose text={message} />
        ) : (
          <span className={styles.refused}>
            <Icon name="warning" size={12} label="Cannot have it" /> <Prose text={refused} />
          </span>
        )}
      </td>
      <td className={table.number} title={seconds === null ? undefined : exactSeconds(seconds)}>
        {seconds === null ? '–' : roughly(seconds)}
      </td>
    </tr>
  )
}
