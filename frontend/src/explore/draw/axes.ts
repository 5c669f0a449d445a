// Axes: hairlines of a grid behind the marks, and what is written beside them, cut where there is no room.

import { font, FONT, type Ink } from './ink'
import type { Layout } from './layout'
import type { Mark, Places } from './scale'

type Canvas = CanvasRenderingContext2D

const GAP = 6

/** On half a pixel, where a hairline is one. */
export const crisp = (pixel: number): number => Math.round(pixel - 0.5) + 0.5

export function line(canvas: Canvas, x1: number, y1: number, x2: number, y2: number): void {
  canvas.beginPath()
  canvas.moveTo(x1, y1)
  canvas.lineTo(x2, y2)
  canvas.stroke()
}

/** Grid lines of what is measured: across the plot at each mark. */
export function gridLines(canvas: Canvas, { plot, measure }: Layout, ink: Ink, along: 'x' | 'y'): void {
  canvas.strokeStyle = ink.grid
  canvas.lineWidth = 1
  for (const { at } of measure?.marks ?? []) {
    if (along === 'y') line(canvas, plot.left, crisp(at), plot.left + plot.width, crisp(at))
    else line(canvas, crisp(at), plot.top, crisp(at), plot.top + plot.height)
  }
}

/** The line below the marks. */
export function baseLine(canvas: Canvas, { plot }: Layout, ink: Ink): void {
  canvas.strokeStyle = ink.axis
  canvas.lineWidth = 1
  const y = crisp(plot.top + plot.height)
  line(canvas, plot.left, y, plot.left + plot.width, y)
}

/**
 * What is written below the marks, or above them where names go down the side: each mark centred, kept within the picture, and
 * left out where it would touch the one before.
 */
export function along(
  canvas: Canvas,
  marks: readonly Mark[],
  { plot, above }: Layout,
  ink: Ink,
  most = Infinity,
): void {
  canvas.font = font()
  canvas.fillStyle = ink.dim
  canvas.textAlign = 'left'
  canvas.textBaseline = above ? 'bottom' : 'top'
  const y = above ? plot.top - 3 : plot.top + plot.height + 5
  let free = -Infinity
  const right = plot.left + plot.width + GAP
  for (const { at, label } of marks) {
    const text = fitted(canvas, label, most)
    const width = canvas.measureText(text).width
    const left = Math.min(at - width / 2, right - width)
    if (left < free) continue
    canvas.fillText(text, left, y)
    free = left + width + GAP
  }
}

/** What the axes are of: the upright one's above it, the other's at its end. */
export function titles(canvas: Canvas, { x, y }: { x: string; y: string }, { plot, above }: Layout, ink: Ink): void {
  canvas.font = font()
  canvas.fillStyle = ink.text
  canvas.textBaseline = 'top'
  const half = (plot.left + plot.width) / 2
  if (y !== '') {
    canvas.textAlign = above ? 'right' : 'left'
    if (above) canvas.fillText(fitted(canvas, y, plot.left - GAP - 2), plot.left - GAP, plot.top - 15)
    else canvas.fillText(`↑ ${fitted(canvas, y, half)}`, Math.max(2, plot.left - 40), 1)
  }
  if (x === '') return
  canvas.textAlign = above ? 'left' : 'right'
  const text = `${fitted(canvas, x, half)} →`
  if (above) canvas.fillText(text, plot.left, 1)
  else canvas.fillText(text, plot.left + plot.width, plot.top + plot.height + 19)
}

/** What is written at the left: numbers of a scale, or names of places. */
export function beside(canvas: Canvas, marks: readonly Mark[], { plot }: Layout, ink: Ink, colour = ink.dim): void {
  canvas.font = font()
  canvas.fillStyle = colour
  canvas.textAlign = 'right'
  canvas.textBaseline = 'middle'
  for (const { at, label } of marks)
    canvas.fillText(fitted(canvas, label, plot.left - GAP - 2), plot.left - GAP, Math.max(FONT / 2, at))
}

/** The width of the widest place. */
export const bandOf = ({ count, start, end }: Places): number => (count > 0 ? Math.abs(end(0) - start(0)) : 0)

/** A text cut so that it is not wider. */
export function fitted(canvas: Canvas, text: string, width: number): string {
  if (width === Infinity || canvas.measureText(text).width <= width) return text
  let [low, high] = [0, text.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (canvas.measureText(`${text.slice(0, middle)}…`).width <= width) low = middle
    else high = middle
  }
  return low > 0 ? `${text.slice(0, low)}…` : ''
}
