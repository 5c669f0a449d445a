// Paints a figure on a canvas: in full with axes, or as the small picture of a tile, which has none.

import type { Chart, Figure } from '../../core/types'
import { compact } from '../words'
import { columns, lines, rows } from './bars'
import { boxes } from './boxes'
import { curve } from './curve'
import { grid } from './grid'
import { font, GHOST, GUESSED, type Ink } from './ink'
import { layoutOf, type Layout } from './layout'

/**
 * An estimate is hatched. While an answer is waited for, the last one to the same question stands there as a ghost, without its
 * numbers; of an answer that did not come, the axes.
 */
export type Tone = 'exact' | 'guessed' | 'ghost' | 'axes'

const STRENGTHS: Record<Tone, number> = { exact: 1, guessed: GUESSED, ghost: GHOST, axes: 0 }

export const isAnswer = (tone: Tone): boolean => tone === 'exact' || tone === 'guessed'

export interface Painting {
  chart: Chart
  figure: Figure
  full: boolean
  tone: Tone
  /** Of a choice that was made in this chart: whether a place is chosen. */
  chosen: ((place: number) => boolean) | null
  chosenCell: ((x: number, y: number) => boolean) | null
  /** From where to where it is brushed, in values of the axis. */
  span: readonly [number, number] | null
  /** The figure of another snapshot, as an outline. */
  over: Figure | null
}

export const plain = (chart: Chart, figure: Figure, full: boolean): Painting => ({
  chart,
  figure,
  full,
  tone: 'exact',
  chosen: null,
  chosenCell: null,
  span: null,
  over: null,
})

type Canvas = CanvasRenderingContext2D

/** Sets a canvas to a size in CSS pixels, crisp on the screen that it is on, and clears it. */
export function sized(element: HTMLCanvasElement, width: number, height: number): Canvas | null {
  const ratio = window.devicePixelRatio || 1
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))]
  if (element.width !== w || element.height !== h) {
    element.width = w
    element.height = h
  }
  const canvas = element.getContext('2d')
  canvas?.setTransform(ratio, 0, 0, ratio, 0, 0)
  canvas?.clearRect(0, 0, width, height)
  return canvas
}

export function paint(canvas: Canvas, painting: Painting, width: number, height: number, ink: Ink): Layout {
  const { chart, figure, tone, full } = painting
  const layout = layoutOf(chart, figure, width, height, full, painting.over)
  const strength = STRENGTHS[tone]
  canvas.globalAlpha = 1
  marks(canvas, painting, layout, ink, strength)
  canvas.globalAlpha = 1
  if (tone === 'guessed' && figure.type !== 'single') hatch(canvas, layout, ink)
  return layout
}

function marks(canvas: Canvas, painting: Painting, layout: Layout, ink: Ink, strength: number): void {
  const { chart, figure, full } = painting
  switch (figure.type) {
    case 'bars':
      if (figure.axis.type === 'values') rows(canvas, figure, layout, painting, ink, strength)
      else if (chart.kind === 'line') lines(canvas, figure, layout, painting, ink, strength)
      else columns(canvas, figure, layout, painting, ink, strength)
      return
    case 'grid':
      grid(canvas, figure, layout, painting, ink, strength)
      return
    case 'boxes':
      boxes(canvas, figure, layout, painting, ink, strength)
      return
    case 'curve':
      curve(canvas, figure, layout, painting, ink, strength)
      return
    case 'single':
      if (!full) number(canvas, figure.value, layout, ink, strength)
      return
    case 'rows':
      if (!full) table(canvas, figure.rows.length, layout, ink, strength)
  }
}

function number(canvas: Canvas, value: number | null, { plot }: Layout, ink: Ink, strength: number): void {
  canvas.globalAlpha = strength
  canvas.fillStyle = ink.text
  canvas.textAlign = 'center'
  canvas.textBaseline = 'middle'
  canvas.font = font(Math.min(13, plot.height * 0.6), 600)
  canvas.fillText(
    value === null ? '–' : compact(value),
    plot.left + plot.width / 2,
    plot.top + plot.height / 2,
    plot.width,
  )
}

function table(canvas: Canvas, rows: number, { plot }: Layout, ink: Ink, strength: number): void {
  canvas.globalAlpha = strength
  canvas.strokeStyle = ink.axis
  canvas.lineWidth = 1
  const shown = Math.min(rows, Math.floor(plot.height / 4))
  canvas.beginPath()
  for (let row = 0; row < shown; row += 1) {
    const y = Math.round(plot.top + 2 + row * 4) + 0.5
    canvas.moveTo(plot.left + 2, y)
    canvas.lineTo(plot.left + plot.width - 2, y)
  }
  canvas.stroke()
}

/** Diagonal hairlines over what is only an estimate. */
function hatch(canvas: Canvas, { plot }: Layout, ink: Ink): void {
  canvas.save()
  canvas.beginPath()
  canvas.rect(plot.left, plot.top, plot.width, plot.height)
  canvas.clip()
  canvas.strokeStyle = ink.bg
  canvas.lineWidth = 1
  canvas.beginPath()
  for (let x = plot.left - plot.height; x < plot.left + plot.width; x += 6) {
    canvas.moveTo(x, plot.top + plot.height)
    canvas.lineTo(x + plot.height, plot.top)
  }
  canvas.stroke()
  canvas.restore()
}
