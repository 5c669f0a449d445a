// The icon and the word of a state: the same on a card and on a tile.

import type { IconName } from '../core/icons'
import type { TileStatus } from './strip'

export function statusLook(status: TileStatus): { icon: IconName; word: string } {
  switch (status) {
    case 'pending':
      return { icon: 'clock', word: 'pending' }
    case 'waiting':
      return { icon: 'clock', word: 'waiting' }
    case 'ready':
      return { icon: 'check', word: 'ready' }
    case 'failed':
      return { icon: 'error', word: 'failed' }
    case 'cancelled':
      return { icon: 'stop', word: 'cancelled' }
    case 'not sent':
      return { icon: 'warning', word: 'not sent' }
  }
}
