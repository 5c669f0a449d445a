// Densities, heat maps and confusion matrices: cells of one hue, the stronger the more; where there is room, with their number.

import type { FigureOf } from '../../core/types'
import { axisTitles, compact, short, whole } from '../words'
import { along, bandOf, baseLine, beside, gridLines, titles } from './axes'
import { FAINT, font, onShade, shade, type Ink } from './ink'
import type { Layout } from './layout'
import { isAnswer, type Painting } from './paint'
import type { Mark } from './scale'

type Grid = FigureOf<'grid'>

const LEAST = 0.14 // strength of the weakest cell that has a row
const ROOM = { width: 30, height: 14 } // of a cell that has its number written in it

export function grid(
  canvas: CanvasRenderingContext2D,
  figure: Grid,
  layout: Layout,
  { chart, full, tone, chosenCell }: Painting,
  ink: Ink,
  strength: number,
): void {
  const { across, down, plot } = layout
  if (!across || !down) return
  const byRow = chart.kind === 'confusion'
  const shares = sharesOf(figure, byRow)
  if (full && figure.x.type === 'bins' && figure.y.type === 'bins') net(canvas, layout, ink)
  const numbered =
    full && isAnswer(tone) && bandOf(across) >= ROOM.width && bandOf(down) >= ROOM.height && figure.x.type === 'values'
  const strengthOf = (x: number, y: number, share: number) =>
    (LEAST + (1 - LEAST) * share) * strength * (chosenCell && !chosenCell(x, y) ? FAINT : 1)
  figure.at_x.forEach((x, at) => {
    const share = shares[at]
    if (share === undefined || share === null || strength === 0) return
    const y = figure.at_y[at] ?? 0
    const [left, right] = [Math.round(across.start(x)), Math.round(across.end(x))]
    const edges = [Math.round(down.start(y)), Math.round(down.end(y))]
    const [top, bottom] = [Math.min(...edges), Math.max(...edges)]
    const gap = figure.x.type === 'values' && full ? 1 : 0
    canvas.fillStyle = shade(ink, strengthOf(x, y, share))
    canvas.fillRect(left, top, Math.max(1, right - left - gap), Math.max(1, bottom - top - gap))
  })
  if (numbered) {
    canvas.font = font()
    canvas.textAlign = 'center'
    canvas.textBaseline = 'middle'
    figure.at_x.forEach((x, at) => {
      const y = figure.at_y[at] ?? 0
      const shown = figure.value ? figure.value[at] : figure.count[at]
      if (shown == null) return
      canvas.fillStyle = onShade(ink, strengthOf(x, y, shares[at] ?? 0))
      const exact = figure.value ? short(shown) : whole(shown)
      const fits = canvas.measureText(exact).width + 6 <= bandOf(across)
      canvas.fillText(
        fits ? exact : compact(shown),
        (across.start(x) + across.end(x)) / 2,
        (down.start(y) + down.end(y)) / 2,
      )
    })
  }
  if (!full) return
  beside(canvas, down.marks, layout, ink, figure.y.type === 'values' ? ink.text : ink.dim)
  along(canvas, across.marks, layout, ink, figure.x.type === 'values' ? apart(across.marks) - 4 : Infinity)
  titles(canvas, axisTitles(chart), layout, ink)
  if (isAnswer(tone) && figure.count.length > 0)
    legend(canvas, byRow ? ['0 %', '100 %'] : endsOf(figure).map(compact), layout, ink)
  if (figure.y.type === 'bins') baseLine(canvas, { ...layout, plot }, ink)
}

/** Hairlines behind a density, as any chart of two measures has them. */
function net(canvas: CanvasRenderingContext2D, layout: Layout, ink: Ink): void {
  for (const [axis, places] of [
    ['y', layout.down],
    ['x', layout.across],
  ] as const)
    gridLines(canvas, { ...layout, measure: places?.at ? { at: places.at, marks: places.marks } : null }, ink, axis)
}

const RAMP = { width: 48, height: 7, steps: 12 }

/** What weak and strong stand for, above the right end. */
function legend(canvas: CanvasRenderingContext2D, ends: readonly string[], { plot }: Layout, ink: Ink): void {
  const [low = '', high = ''] = ends
  canvas.font = font()
  canvas.textBaseline = 'top'
  canvas.textAlign = 'right'
  canvas.fillStyle = ink.dim
  const right = plot.left + plot.width
  canvas.fillText(high, right, 1)
  const left = Math.round(right - canvas.measureText(high).width - 5) - RAMP.width
  canvas.fillText(low, left - 5, 1)
  for (let step = 0; step < RAMP.steps; step += 1) {
    canvas.fillStyle = shade(ink, LEAST + ((1 - LEAST) * step) / (RAMP.steps - 1))
    canvas.fillRect(left + (step * RAMP.width) / RAMP.steps, 3, RAMP.width / RAMP.steps, RAMP.height)
  }
}

/** The least and the greatest of what is shown; counts begin at 0. */
function endsOf({ count, value }: Pick<Grid, 'count' | 'value'>): [number, number] {
  const known = (value ?? count).filter((one) => one !== null)
  if (known.length === 0) return [0, 0]
  return [value === null ? 0 : Math.min(...known), Math.max(...known)]
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
  const [low, high] = endsOf({ count, value })
  // Counts of a density span powers of ten: by their roots the thin places are seen too.
  const raised = (share: number) => (value === null ? Math.sqrt(share) : share)
  return shown.map((one) => (one === null ? null : high > low ? raised((one - low) / (high - low)) : 1))
}
