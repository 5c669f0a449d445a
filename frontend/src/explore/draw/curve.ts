// Curves of a model's scores: ROC and calibration against the diagonal, precision and recall against the share of the class.

import type { FigureOf } from '../../core/types'
import { axisTitles } from '../words'
import { along, baseLine, beside, gridLines, line, titles } from './axes'
import type { Ink } from './ink'
import type { Layout } from './layout'
import type { Painting } from './paint'

type Canvas = CanvasRenderingContext2D
type Curve = FigureOf<'curve'>

export function curve(
  canvas: Canvas,
  figure: Curve,
  layout: Layout,
  { chart, full, over }: Painting,
  ink: Ink,
  strength: number,
) {
  const { across, measure } = layout
  if (!across?.at || !measure) return
  if (full) {
    gridLines(canvas, layout, ink, 'y')
    beside(canvas, measure.marks, layout, ink)
    along(canvas, across.marks, layout, ink)
    titles(canvas, axisTitles(chart), layout, ink)
  }
  const [x, y] = [across.at, measure.at]
  canvas.strokeStyle = ink.dim
  canvas.lineWidth = 1
  canvas.setLineDash([4, 4])
  const share = figure.count > 0 ? figure.positives / figure.count : 0
  if (chart.kind === 'precision_recall') line(canvas, x(0), y(share), x(1), y(share))
  else line(canvas, x(0), y(0), x(1), y(1))
  canvas.setLineDash([])
  const dotted = chart.kind === 'calibration'
  canvas.globalAlpha = strength
  path(canvas, figure, x, y, ink.mark, full, dotted)
  canvas.globalAlpha = 1
  if (over?.type === 'curve') path(canvas, over, x, y, ink.second, full, dotted)
  if (full) baseLine(canvas, layout, ink)
}

type Scale = (value: number) => number

function path(canvas: Canvas, figure: Curve, x: Scale, y: Scale, colour: string, full: boolean, dotted: boolean): void {
  canvas.strokeStyle = colour
  canvas.fillStyle = colour
  canvas.lineWidth = full ? 1.75 : 1.25
  canvas.lineJoin = 'round'
  canvas.beginPath()
  figure.x.forEach((value, at) => {
    if (at === 0) canvas.moveTo(x(value), y(figure.y[at] ?? 0))
    else canvas.lineTo(x(value), y(figure.y[at] ?? 0))
  })
  canvas.stroke()
  if (!dotted || !full) return
  const most = Math.max(1, ...(figure.weight ?? []))
  figure.x.forEach((value, at) => {
    canvas.beginPath()
    canvas.arc(x(value), y(figure.y[at] ?? 0), 2 + 3 * Math.sqrt((figure.weight?.[at] ?? 0) / most), 0, 2 * Math.PI)
    canvas.fill()
  })
}
