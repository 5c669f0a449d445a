// What can be done to a chart.

import { ActionIcon, Menu } from '@mantine/core'
import { memo } from 'react'
import { Icon } from '../core/icons'
import type { Chart } from '../core/types'
import { duplicated, MOST_CHARTS, moved, withoutChart } from './state'
import { useActions } from './useActions'
import { titleOf } from './words'

interface Props {
  chart: Chart
  place: number
  count: number
  numbers: boolean
  setNumbers: (numbers: boolean) => void
  edit: (chart: Chart) => void
}

export const CardMenu = memo(function CardMenu({ chart, place, count, numbers, setNumbers, edit }: Props) {
  const actions = useActions()
  const move = (to: number) => actions.edit((state) => moved(state, chart.id, to))
  return (
    <Menu position="bottom-end" width={190}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Actions for ${titleOf(chart)}`}>
          <Icon name="dots" size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="pencil" size={14} />} onClick={() => edit(chart)}>
          Edit…
        </Menu.Item>
        {chart.kind !== 'table' && (
          <Menu.Item
            leftSection={<Icon name={numbers ? 'chart' : 'table'} size={14} />}
            onClick={() => setNumbers(!numbers)}
          >
            {numbers ? 'Show as chart' : 'Show as table'}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<Icon name="copy" size={14} />}
          disabled={count >= MOST_CHARTS}
          onClick={() => actions.edit((state) => duplicated(state, chart.id))}
        >
          Duplicate
        </Menu.Item>
        <Menu.Item disabled={place === 0} leftSection={<Icon name="undo" size={14} />} onClick={() => move(place - 1)}>
          Move before
        </Menu.Item>
        <Menu.Item
          disabled={place === count - 1}
          leftSection={<Icon name="chevron" size={14} />}
          onClick={() => move(place + 1)}
        >
          Move after
        </Menu.Item>
        <Menu.Item
          leftSection={<Icon name="bin" size={14} />}
          onClick={() => actions.edit((state) => withoutChart(state, chart.id))}
        >
          Remove
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
})
