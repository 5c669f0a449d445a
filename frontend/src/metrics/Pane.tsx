// What stands around a view: its controls and what is said of it above, and the ways to take it out.

import { Button, Menu } from '@mantine/core'
import type { ReactNode, RefObject } from 'react'
import { Icon } from '../core/icons'
import { complain } from '../core/toasts'
import { download, fileName } from './download'
import type { PlotHandle } from './Plot'
import styles from './Metrics.module.css'

interface Props {
  workflow: string
  /** What is exported is called so. */
  what: string
  controls?: ReactNode
  /** What the reader should know of what is drawn. */
  said?: ReactNode
  csv: () => string
  plot?: RefObject<PlotHandle | null>
  children: ReactNode
}

export function Pane({ workflow, what, controls, said, csv, plot, children }: Props) {
  return (
    <>
      <div className={styles.bar}>
        {controls}
        <span className={styles.said}>{said}</span>
        <Export workflow={workflow} what={what} csv={csv} {...(plot ? { plot } : {})} />
      </div>
      {children}
    </>
  )
}

function Export({ workflow, what, csv, plot }: Pick<Props, 'workflow' | 'what' | 'csv' | 'plot'>) {
  const image = async (format: 'png' | 'svg') => {
    const address = await plot?.current?.image(format)
    if (address === undefined) return
    const content = bytesOf(address)
    download(fileName(workflow, what, format), content, format === 'png' ? 'image/png' : 'image/svg+xml')
  }
  return (
    <Menu position="bottom-end" width={170}>
      <Menu.Target>
        <Button variant="default" size="compact-sm" leftSection={<Icon name="down" size={13} />}>
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => download(fileName(workflow, what, 'csv'), csv(), 'text/csv;charset=utf-8')}>
          CSV, what is shown
        </Menu.Item>
        {plot && (
          <>
            <Menu.Item onClick={() => void image('png').catch(complain)}>PNG image</Menu.Item>
            <Menu.Item onClick={() => void image('svg').catch(complain)}>SVG drawing</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

/** What a data: address holds. It is read here, since the page may fetch from its own server alone. */
function bytesOf(address: string): Uint8Array<ArrayBuffer> {
  const comma = address.indexOf(',')
  const [head, body] = [address.slice(0, comma), address.slice(comma + 1)]
  if (!head.endsWith(';base64')) return new TextEncoder().encode(decodeURIComponent(body))
  return Uint8Array.from(atob(body), (character) => character.charCodeAt(0))
}
