// How lines of charts are told apart: colour, dash and symbol together, in the same order everywhere.

const DASHES = ['solid', 'dash', 'dot', 'dashdot', 'longdash', 'longdashdot'] as const
const SYMBOLS = ['circle', 'square', 'diamond', 'triangle-up', 'cross', 'x'] as const
const MARKS = ['●', '■', '◆', '▲', '✚', '✕'] as const

export interface SeriesStyle {
  /** A name of the theme. */
  colour: string
  dash: string
  symbol: string
  /** The symbol as a character, for legends in text. */
  mark: string
}

export const seriesStyle = (at: number): SeriesStyle => ({
  colour: `series-${(at % DASHES.length) + 1}`,
  dash: DASHES[at % DASHES.length] ?? 'solid',
  symbol: SYMBOLS[at % SYMBOLS.length] ?? 'circle',
  mark: MARKS[at % MARKS.length] ?? '●',
})
