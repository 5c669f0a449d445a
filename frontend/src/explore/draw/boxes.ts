// Boxes: the quartiles, the median as a stroke, Tukey's whiskers, and faint dots at the ends.

import type { FigureOf } from '../../core/types'
import { axisTitles } from '../words'
import { along, beside, crisp, gridLines, line, titles } from './axes'
import { FAINT, type Ink } from './ink'
import { isAlone, type Layout } from './layout'
import type { Painting } from './paint'

export function boxes(
  canvas: CanvasRenderingContext2D,
  figure: FigureOf<'boxes'>,
  layout: Layout,
  { chart, full, chosen }: Painting,
  ink: Ink,
  strength: number,
): void {
  const { down, measure } = layout
  if (!down || !measure) return
  if (full) gridLines(canvas, layout, ink, 'x')
  figure.boxes.forEach((box, place) => {
    if (!box) return
    const [start, end] = [down.start(place), down.end(place)]
    const height = Math.min(22, Math.abs(end - start) * 0.6)
    const [middle, top] = [(start + end) / 2, (start + end) / 2 - height / 2]
    const shown = strength * (chosen && !chosen(place) ? FAINT : 1)
    const at = measure.at
    canvas.globalAlpha = shown
    canvas.strokeStyle = ink.mark
    canvas.fillStyle = ink.mark
    canvas.lineWidth = 1
    line(canvas, at(box.whisker_low), crisp(middle), at(box.lower), crisp(middle))
    line(canvas, at(box.upper), crisp(middle), at(box.whisker_high), crisp(middle))
    if (full)
      for (const end of [box.whisker_low, box.whisker_high])
        line(canvas, crisp(at(end)), middle - height / 4, crisp(at(end)), middle + height / 4)
    canvas.globalAlpha = shown * FAINT
    canvas.fillRect(at(box.lower), top, Math.max(1, at(box.upper) - at(box.lower)), height)
    canvas.globalAlpha = shown
    canvas.strokeRect(crisp(at(box.lower)), crisp(top), Math.max(1, at(box.upper) - at(box.lower)), height)
    canvas.lineWidth = 2
    line(canvas, at(box.median), top, at(box.median), top + height)
    for (const [end, whisker] of [
      [box.low, box.whisker_low],
      [box.high, box.whisker_high],
    ] as const)
      if (full && end !== whisker) {
        canvas.beginPath()
        canvas.arc(at(end), middle, 2, 0, 2 * Math.PI)
        canvas.fill()
      }
  })
  canvas.globalAlpha = 1
  if (!full) return
  if (!isAlone(figure)) beside(canvas, down.marks, layout, ink, layout.above ? ink.text : ink.dim)
  along(canvas, measure.marks, layout, ink)
  titles(canvas, axisTitles(chart), layout, ink)
}
