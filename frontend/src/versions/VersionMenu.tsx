// All that can be done to one version: one menu for the whole log, which opens where a row's button is.

import { Menu } from '@mantine/core'
import { Icon, type IconName } from '../core/icons'
import type { Outline, Version } from '../core/types'
import type { Actions, Kind } from './useActions'
import styles from './Log.module.css'

/** The version whose menu is open, and the corner of its button, in pixels of the window. */
export interface Opened {
  version: Version
  right: number
  bottom: number
}

interface Props {
  opened: Opened
  close: () => void
  outline: Outline
  actions: Actions
  onName: (kind: Kind, version: Version) => void
  onDescribe: (version: Version) => void
}

export function VersionMenu({ opened, close, outline, actions, onName, onDescribe }: Props) {
  const { version, right, bottom } = opened
  const item = (icon: IconName, text: string, act: () => void, hint = '') => (
    <Menu.Item leftSection={<Icon name={icon} size={14} />} onClick={act} title={hint || undefined}>
      {text}
    </Menu.Item>
  )
  const { parent } = version
  return (
    <Menu opened onClose={close} position="bottom-end" width={270}>
      <Menu.Target>
        <span className={styles.corner} style={{ left: right, top: bottom }} />
      </Menu.Target>
      <Menu.Dropdown>
        {version.branches.length > 1
          ? version.branches.map((name) => (
              <Menu.Item
                key={name}
                leftSection={<Icon name="down" size={14} />}
                onClick={() => actions.checkOut(version, name)}
              >
                Check out on {name}
              </Menu.Item>
            ))
          : item('down', 'Check out', () => actions.checkOut(version))}
        {parent !== null &&
          item('swap', 'Compare with the version before', () => actions.compare({ id: parent }, version))}
        {item('swap', 'Compare with the draft', () => actions.compare(version, { id: 'draft' }))}
        <Menu.Divider />
        {item('play', 'Run again', () => actions.runAgain(version, true), 'Loads what is stored')}
        {item('play', 'Run again without reuse', () => actions.runAgain(version, false), 'Computes everything anew')}
        <Menu.Divider />
        {item('branch', 'Branch from here…', () => onName('branch', version))}
        {item('tag', 'Tag…', () => onName('tag', version))}
        {item('pencil', 'Edit the message…', () => onDescribe(version))}
        {[
          ...version.branches.map((name) => ['branch', name] as const),
          ...version.tags.map((name) => ['tag', name] as const),
        ]
          .filter(([kind, name]) => !(kind === 'branch' && name === outline.branch))
          .map(([kind, name]) => (
            <Menu.Item
              key={`${kind}-${name}`}
              leftSection={<Icon name="bin" size={14} />}
              onClick={() => actions.remove(kind, name)}
            >
              Delete the {kind} {name}
            </Menu.Item>
          ))}
        {outline.branch !== '' &&
          !version.branches.includes(outline.branch) &&
          item(
            'undo',
            `Roll ${outline.branch} back to here`,
            () => actions.rollBack(version),
            'The branch ends here then; what came later stays in the log',
          )}
        <Menu.Divider />
        {item('copy', 'Copy the id', () => void navigator.clipboard.writeText(version.id))}
      </Menu.Dropdown>
    </Menu>
  )
}
