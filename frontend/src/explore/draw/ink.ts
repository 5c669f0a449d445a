// The theme's colours as a canvas needs them, for the scheme as it is: a canvas knows no CSS variables.

import { useSyncExternalStore } from 'react'
import { fonts } from '../../core/theme'

export interface Ink {
  bg: string
  text: string
  dim: string
  grid: string
  axis: string
  /** Marks, and those of a second dashboard laid over. */
  mark: string
  second: string
  warn: string
}

/** How strong marks are that filters leave out, that are outside of the chart's own brush, that are guessed, or of an answer that is waited for. */
export const FAINT = 0.26
export const OUTSIDE = 0.45
export const GUESSED = 0.55
export const GHOST = 0.36

export const FONT = 11
export const font = (size = FONT, weight = 400): string => `${weight} ${size}px ${fonts.sans}`

const scheme = (): string => document.documentElement.dataset.mantineColorScheme ?? 'light'

function subscribe(changed: () => void): () => void {
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-mantine-color-scheme'] })
  return () => observer.disconnect()
}

const known = new Map<string, Ink>()

function inkOf(name: string): Ink {
  const found = known.get(name)
  if (found) return found
  const style = getComputedStyle(document.documentElement)
  const colour = (variable: string): string => style.getPropertyValue(`--hx-${variable}`).trim()
  const ink = {
    bg: colour('bg'),
    text: colour('text'),
    dim: colour('text-dim'),
    grid: colour('border'),
    axis: colour('border-strong'),
    mark: colour('series-1'),
    second: colour('series-2'),
    warn: colour('stale'),
  }
  if (ink.bg !== '') known.set(name, ink)
  return ink
}

export const useInk = (): Ink => inkOf(useSyncExternalStore(subscribe, scheme))

const LEVELS = 64
const shades = new WeakMap<Ink, string[]>()

/** The colour of marks at a strength, as it is on the background: without what lies beneath shining through. */
export function shade(ink: Ink, strength: number): string {
  const known = shades.get(ink) ?? []
  shades.set(ink, known)
  const level = Math.round(Math.min(1, Math.max(0, strength)) * LEVELS)
  return (known[level] ??= mixed(ink.bg, ink.mark, level / LEVELS))
}

function mixed(ground: string, front: string, share: number): string {
  const part = (hex: string, at: number) => parseInt(hex.slice(at, at + 2), 16) || 0
  const parts = [1, 3, 5].map((at) => Math.round(part(ground, at) + (part(front, at) - part(ground, at)) * share))
  return `#${parts.map((one) => one.toString(16).padStart(2, '0')).join('')}`
}

/** Of the text's and the background's colour the one that reads better on marks of this strength. */
export function onShade({ bg, text, mark }: Ink, alpha: number): string {
  const [ground, front] = [luminance(bg), luminance(mark)]
  const shade = ground + (front - ground) * alpha
  const contrast = (one: number) => (Math.max(one, shade) + 0.05) / (Math.min(one, shade) + 0.05)
  return contrast(luminance(text)) >= contrast(ground) ? text : bg
}

function luminance(hex: string): number {
  const part = (at: number) => (parseInt(hex.slice(at, at + 2), 16) || 0) / 255
  return 0.2126 * part(1) ** 2.2 + 0.7152 * part(3) ** 2.2 + 0.0722 * part(5) ** 2.2
}
