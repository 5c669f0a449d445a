// What can be done to a snapshot, shown while it is pointed at or has the focus.

import { Icon, type IconName } from '../core/icons'
import { complain, note } from '../core/toasts'
import { snapshotAddress } from './address'
import { useExplore } from './store'
import { isPending, type Tile, type TileStatus } from './strip'
import { isRetriable, useActions } from './useActions'
import styles from './Strip.module.css'

interface Props {
  tile: Tile
  status: TileStatus
  marked: boolean
  workflow: string
  label: () => void
}

export function TileTools({ tile, status, marked, workflow, label }: Props) {
  const { key, number, pinned } = tile
  const actions = useActions()
  const mark = useExplore((state) => state.mark)
  const dashboard = useExplore((state) => state.dashboard)
  const known = tile.id !== ''
  const share = () => {
    const address = snapshotAddress(workflow, dashboard, number)
    // Where the page is not served securely, there is no clipboard at all.
    Promise.resolve()
      .then(() => navigator.clipboard.writeText(address))
      .then(() => note(`Copied the address of #${number}.`))
      .catch(() => complain(new Error(`The browser refuses to copy. The address is ${address}`)))
  }
  return (
    <div className={styles.tools} role="group" aria-label={`Actions for snapshot ${number}`}>
      {isPending(tile) && known && <Tool icon="stop" label={`Cancel #${number}`} run={() => actions.cancel([key])} />}
      {isRetriable(status) && <Tool icon="undo" label={`Ask #${number} again`} run={() => actions.retry(key)} />}
      <Tool
        icon="pin"
        label={pinned ? `Let go of #${number}` : `Pin #${number}`}
        pressed={pinned}
        disabled={!known}
        run={() => actions.pin(key, !pinned)}
      />
      <Tool icon="pencil" label={`Label #${number}`} disabled={!known} run={label} />
      <Tool icon="link" label={`Copy the address of #${number}`} disabled={!known} run={share} />
      <Tool icon="compare" label={`Compare #${number}`} pressed={marked} run={() => mark(key)} />
      <Tool
        icon="bin"
        label={`Delete #${number}`}
        disabled={!known && status !== 'not sent'}
        run={() => actions.remove(key)}
      />
    </div>
  )
}

interface ToolProps {
  icon: IconName
  label: string
  pressed?: boolean
  disabled?: boolean
  run: () => void
}

function Tool({ icon, label, pressed, disabled = false, run }: ToolProps) {
  return (
    <button
      type="button"
      className={styles.tool}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={run}
    >
      <Icon name={icon} size={12} />
    </button>
  )
}
