// Densities, heat maps and confusion matrices: cells of one hue, the stronger the more; where there is room, with their number.

import type { FigureOf } from '../../core/types'
import { compact } from '../words'
import { baseLine, below, beside, bandOf } from './axes'
import { font, onShade, type Ink } from './ink'
import type { Layout } from './layout'
import type { Painting } from './paint'
import type { Mark } from './scale'

type Grid = FigureOf<'grid'>

const LEAST = 0.12 // strength of the weakest cell that has a row
const ROOM = { width: 30, height: 14 } // of a cell that has its number written in it

export function grid(
  canvas: CanvasRenderingContext2D,
  figure: Grid,
  layout: Layout,
  { chart, full, chosenCell }: Painting,
  ink: Ink,
  strength: number,
): void {
  const { across, down, plot } = layout
  if (!across || !down) return
  const shares = sharesOf(figure, chart.kind === 'confusion')
  const numbered = full && bandOf(across) >= ROOM.width && bandOf(down) >= ROOM.height && figure.x.type === 'values'
  canvas.fillStyle = ink.mark
  figure.at_x.forEach((x, at) => {
    const share = shares[at]
    if (share === undefined || share === null) return
    const y = figure.at_y[at] ?? 0
    const [left, right] = [Math.round(across.start(x)), Math.round(across.end(x))]
    const edges = [Math.round(down.start(y)), Math.round(down.end(y))]
    const [top, bottom] = [Math.min(...edges), Math.max(...edges)]
    const gap = figure.x.type === 'values' && full ? 1 : 0
    const dimmed = chosenCell && !chosenCell(x, y) ? 0.3 : 1
    canvas.globalAlpha = (LEAST + (1 - LEAST) * share) * strength * dimmed
    canvas.fillRect(left, top, Math.max(1, right - left - gap), Math.max(1, bottom - top - gap))
  })
  if (numbered) {
    canvas.font = font()
    canvas.textAlign = 'center'
    canvas.textBaseline = 'middle'
    canvas.globalAlpha = 1
    figure.at_x.forEach((x, at) => {
      const y = figure.at_y[at] ?? 0
      const shown = figure.value ? figure.value[at] : figure.count[at]
      if (shown == null) return
      canvas.fillStyle = onShade(ink, (LEAST + (1 - LEAST) * (shares[at] ?? 0)) * strength)
      canvas.fillText(compact(shown), (across.start(x) + across.end(x)) / 2, (down.start(y) + down.end(y)) / 2)
    })
  }
  canvas.globalAlpha = 1
  if (!full) return
  beside(canvas, down.marks, layout, ink, figure.y.type === 'values' ? ink.text : ink.dim)
  below(canvas, across.marks, layout, ink, figure.x.type === 'values' ? apart(across.marks) - 4 : Infinity)
  baseLine(canvas, { ...layout, plot }, ink)
}

/** How far marks are from one another. */
const apart = ([one, next]: readonly Mark[]): number => (one && next ? Math.abs(next.at - one.at) : Infinity)

/** How strong each cell is, between 0 and 1; of a confusion matrix, its share of its row. Null where there is no value. */
export function sharesOf({ at_y, count, value }: Grid, byRow: boolean): (number | null)[] {
  if (byRow) {
    const sums = new Map<number, number>()
    at_y.forEach((y, at) => sums.set(y, (sums.get(y) ?? 0) + (count[at] ?? 0)))
    return count.map((n, at) => n / Math.max(1, sums.get(at_y[at] ?? 0) ?? 1))
  }
  const shown = value ?? count
  const known = shown.filter((one) => one !== null)
  const low = value === null ? 0 : Math.min(...known)
  const high = Math.max(...known)
  // Counts of a density span powers of ten: by their roots the thin places are seen too.
  const raised = (share: number) => (value === null ? Math.sqrt(share) : share)
  return shown.map((one) => (one === null ? null : high > low ? raised((one - low) / (high - low)) : 1))
}
