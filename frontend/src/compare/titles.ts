// What a side of a comparison is called.

import type { ComparedSide } from '../core/types'

/** "A · v12", "B · draft". */
export const sideTitle = ({ version }: ComparedSide, letter: 'A' | 'B'): string =>
  `${letter} · ${version ? `v${version.number}` : 'draft'}`
