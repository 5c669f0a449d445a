// Histograms and lines along a number or a time; bars with a name each. What filters leave out stands faint behind what they keep.

import type { FigureOf } from '../../core/types'
import { axisTitles, compact } from '../words'
import { along, baseLine, beside, crisp, gridLines, line, titles } from './axes'
import { FAINT, font, OUTSIDE, shade, type Ink } from './ink'
import { shownOf, type Layout } from './layout'
import { isAnswer, type Painting } from './paint'
import type { Plot } from './scale'

type Canvas = CanvasRenderingContext2D
type Bars = FigureOf<'bars'>

const NARROW = 3 // pixels below which bars have no gap

export function columns(canvas: Canvas, figure: Bars, layout: Layout, painting: Painting, ink: Ink, strength: number) {
  const { full, over } = painting
  if (full) frame(canvas, layout, painting, ink)
  const { value, total, count } = figure
  if (value === null) {
    // All rows of a place are the same whatever the filters: that much is known without the answer.
    canvas.fillStyle = shade(ink, FAINT)
    steps(canvas, total, layout)
  }
  canvas.fillStyle = ink.mark
  brushed(canvas, layout, painting, strength, () => steps(canvas, value ?? count, layout))
  if (over?.type === 'bars') {
    canvas.strokeStyle = ink.second
    canvas.lineWidth = 1.5
    outline(canvas, shownOf(over), layout)
  }
  if (full) baseLine(canvas, layout, ink)
}

/** Draws marks weaker where they are outside of what is brushed here: that is what the other charts leave out. */
function brushed(canvas: Canvas, layout: Layout, { span }: Painting, strength: number, draw: () => void): void {
  const at = layout.across?.at
  canvas.globalAlpha = strength
  if (span === null || !at) draw()
  else {
    canvas.globalAlpha = strength * OUTSIDE
    draw()
    const [left, right] = [at(span[0]), at(span[1])]
    const { top, height } = layout.plot
    canvas.save()
    canvas.beginPath()
    canvas.rect(left, top - 2, right - left, height + 4)
    canvas.clip()
    canvas.globalAlpha = strength
    draw()
    canvas.restore()
  }
  canvas.globalAlpha = 1
}

function steps(canvas: Canvas, values: readonly (number | null)[], { across, measure }: Layout): void {
  if (!across || !measure) return
  const zero = measure.at(0)
  canvas.beginPath()
  values.forEach((value, place) => {
    if (value === null || value === 0) return
    const [left, right] = [across.start(place), across.end(place)]
    const gap = right - left >= NARROW ? 1 : 0
    const top = measure.at(value)
    canvas.rect(left, Math.min(zero, top), Math.max(0.5, right - left - gap), Math.max(1, Math.abs(zero - top)))
  })
  canvas.fill()
}

/** The line along the tops. */
function outline(canvas: Canvas, values: readonly (number | null)[], { across, measure }: Layout): void {
  if (!across || !measure) return
  canvas.beginPath()
  values.forEach((value, place) => {
    const y = measure.at(value ?? 0)
    if (place === 0) canvas.moveTo(across.start(place), y)
    canvas.lineTo(across.start(place), y)
    canvas.lineTo(across.end(place), y)
  })
  canvas.stroke()
}

export function lines(canvas: Canvas, figure: Bars, layout: Layout, painting: Painting, ink: Ink, strength: number) {
  const { full, over } = painting
  if (full) frame(canvas, layout, painting, ink)
  canvas.lineWidth = full ? 2 : 1.25
  canvas.lineJoin = 'round'
  canvas.strokeStyle = ink.mark
  if (figure.value === null) {
    canvas.globalAlpha = FAINT * 1.6
    path(canvas, figure.total, layout)
  }
  brushed(canvas, layout, painting, strength, () => path(canvas, shownOf(figure), layout))
  if (over?.type === 'bars') {
    canvas.strokeStyle = ink.second
    path(canvas, shownOf(over), layout)
  }
  if (full) baseLine(canvas, layout, ink)
}

/** Through the middle of each place; where there is no value there is a gap, and a value alone is a dot. */
function path(canvas: Canvas, values: readonly (number | null)[], { across, measure }: Layout): void {
  if (!across || !measure) return
  canvas.lineCap = 'round'
  canvas.beginPath()
  values.forEach((value, place) => {
    if (value === null) return
    const [x, y] = [(across.start(place) + across.end(place)) / 2, measure.at(value)]
    const before = place > 0 ? (values[place - 1] ?? null) : null
    const after = values[place + 1] ?? null
    if (before === null) canvas.moveTo(x, y)
    else canvas.lineTo(x, y)
    // With round ends, a line without length.
    if (before === null && after === null) canvas.lineTo(x + 0.01, y)
  })
  canvas.stroke()
}

export function rows(canvas: Canvas, figure: Bars, layout: Layout, painting: Painting, ink: Ink, strength: number) {
  const { down, measure, plot } = layout
  if (!down || !measure) return
  const { full, tone, chosen, over } = painting
  const zero = measure.at(0)
  const shown = shownOf(figure)
  const bar = (place: number, value: number, alpha: number) => {
    const { top, height } = band(down.start(place), down.end(place), full)
    const end = Math.min(measure.at(value), plot.left + plot.width)
    canvas.globalAlpha = alpha
    canvas.fillRect(Math.min(zero, end), top, Math.max(1, Math.abs(end - zero)), height)
  }
  canvas.fillStyle = ink.mark
  shown.forEach((value, place) => {
    if (figure.value === null) bar(place, figure.total[place] ?? 0, FAINT)
    // Of a choice that was made here, the others are what is left out.
    if (value !== null && value !== 0) bar(place, value, strength * (chosen && !chosen(place) ? FAINT : 1))
  })
  canvas.globalAlpha = 1
  if (over?.type === 'bars') {
    canvas.strokeStyle = ink.second
    canvas.lineWidth = 1.5
    shownOf(over).forEach((value, place) => {
      if (value === null || place >= down.count) return
      const { top, height } = band(down.start(place), down.end(place), full)
      const end = Math.min(measure.at(value), plot.left + plot.width)
      canvas.strokeRect(zero, top + 0.5, Math.max(1, end - zero), height - 1)
    })
  }
  if (!full) return
  const others = figure.axis.type === 'values' ? figure.axis.values.length : -1
  const longest = (figure.value ?? figure.total)[others] ?? 0
  if (measure.at(longest) > plot.left + plot.width + 1) cut(canvas, down.start(others), down.end(others), plot, ink)
  canvas.strokeStyle = ink.axis
  canvas.lineWidth = 1
  line(canvas, crisp(zero), plot.top, crisp(zero), plot.top + plot.height)
  beside(canvas, down.marks, layout, ink, ink.text)
  if (!isAnswer(tone)) return
  canvas.font = font()
  canvas.fillStyle = ink.dim
  canvas.textAlign = 'right'
  for (const { at } of down.marks) {
    const value = shown[down.placeAt(at)]
    if (value != null) canvas.fillText(compact(value), plot.left + plot.width + 52, at)
  }
}

/** A bar that is longer than there is room says so by a gap near its end. */
function cut(canvas: Canvas, start: number, end: number, plot: Plot, ink: Ink): void {
  const { top, height } = band(start, end, true)
  const x = plot.left + plot.width - 12
  canvas.strokeStyle = ink.bg
  canvas.lineWidth = 3
  line(canvas, x, top + height + 1, x + 5, top - 1)
}

function band(start: number, end: number, full: boolean): { top: number; height: number } {
  const gap = full ? Math.min(4, (end - start) * 0.2) : end - start > 3 ? 1 : 0
  return { top: Math.round(start + gap / 2), height: Math.max(1, Math.round(end - start - gap)) }
}

function frame(canvas: Canvas, layout: Layout, { chart }: Painting, ink: Ink): void {
  gridLines(canvas, layout, ink, 'y')
  beside(canvas, layout.measure?.marks ?? [], layout, ink)
  along(canvas, layout.across?.marks ?? [], layout, ink)
  titles(canvas, axisTitles(chart), layout, ink)
}
