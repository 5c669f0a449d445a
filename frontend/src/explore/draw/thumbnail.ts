// The small picture of a whole dashboard: its charts side by side, as far as their answers are there.

import type { Chart, Figure } from '../../core/types'
import { paint, plain, sized } from './paint'
import type { Ink } from './ink'

const GAP = 3
const MOST = 8

export function thumbnail(
  element: HTMLCanvasElement,
  all: readonly Chart[],
  figures: readonly (Figure | null)[],
  width: number,
  height: number,
  ink: Ink,
): void {
  const canvas = sized(element, width, height)
  if (!canvas) return
  const charts = all.slice(0, MOST)
  const across = charts.length > 3 ? Math.ceil(charts.length / 2) : charts.length
  const down = Math.ceil(charts.length / Math.max(1, across))
  const [w, h] = [(width - GAP * (across - 1)) / Math.max(1, across), (height - GAP * (down - 1)) / Math.max(1, down)]
  charts.forEach((chart, at) => {
    const [x, y] = [(at % across) * (w + GAP), Math.floor(at / across) * (h + GAP)]
    const figure = figures[at]
    canvas.save()
    canvas.translate(x, y)
    if (figure) paint(canvas, plain(chart, figure, false), w, h, ink)
    else {
      canvas.strokeStyle = ink.grid
      canvas.strokeRect(0.5, 0.5, w - 1, h - 1)
    }
    canvas.restore()
  })
}
