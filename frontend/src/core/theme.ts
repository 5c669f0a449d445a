// The one place that defines colours, sizes and durations: Mantine's theme, and the CSS variables (--hx-*) that all else uses.

import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

/** A colour means one thing everywhere; each pair meets WCAG AA on the backgrounds of its scheme. */
const colours = {
  bg: { light: '#ffffff', dark: '#15181c' },
  'bg-subtle': { light: '#f7f8fa', dark: '#1a1e23' },
  'bg-inset': { light: '#eef0f3', dark: '#22272e' },
  'bg-raised': { light: '#ffffff', dark: '#1f242a' },
  'bg-hover': { light: '#f0f2f5', dark: '#262c33' },
  border: { light: '#e1e5ea', dark: '#2b3138' },
  'border-strong': { light: '#c6ccd4', dark: '#444d58' },
  text: { light: '#1b2026', dark: '#e4e7eb' },
  'text-dim': { light: '#535d69', dark: '#a8b1bc' },
  'text-faint': { light: '#66707c', dark: '#8b95a1' },
  accent: { light: '#2f54c9', dark: '#93abff' },
  'accent-fill': { light: '#2f54c9', dark: '#3f62d8' },
  'accent-fill-hover': { light: '#2747ad', dark: '#466adf' },
  'accent-soft': { light: '#e8eefe', dark: '#23305a' },
  'on-accent': { light: '#ffffff', dark: '#ffffff' },
  // Families of operators.
  'family-data': { light: '#6d3fd1', dark: '#b79bff' },
  'family-learning': { light: '#b84a00', dark: '#ffab61' },
  // What happens to a node.
  computed: { light: '#17733f', dark: '#62cf93' },
  loaded: { light: '#0a6b80', dark: '#56c7dc' },
  pruned: { light: '#66707c', dark: '#8b95a1' },
  running: { light: '#2f54c9', dark: '#93abff' },
  failed: { light: '#bd2323', dark: '#ff8f8f' },
  'failed-soft': { light: '#fdecec', dark: '#3c2023' },
  stale: { light: '#8a5a00', dark: '#e6b450' },
  'stale-soft': { light: '#fff5dc', dark: '#352b16' },
  // How one text differs from another.
  added: { light: '#17603a', dark: '#8ce0b0' },
  'added-soft': { light: '#e6f6ec', dark: '#17301f' },
  removed: { light: '#a01e1e', dark: '#ffadad' },
  'removed-soft': { light: '#fdecec', dark: '#3c2023' },
  changed: { light: '#7d5100', dark: '#e6b450' },
  'changed-soft': { light: '#fff5dc', dark: '#352b16' },
  // How a metric moved.
  better: { light: '#17733f', dark: '#62cf93' },
  worse: { light: '#bd2323', dark: '#ff8f8f' },
  // Lines of charts: which is which, never good or bad.
  'series-1': { light: '#2f54c9', dark: '#93abff' },
  'series-2': { light: '#b84a00', dark: '#ffab61' },
  'series-3': { light: '#0a6b80', dark: '#56c7dc' },
  'series-4': { light: '#8a2a6b', dark: '#e79ac9' },
  'series-5': { light: '#4d6a10', dark: '#b5d36a' },
  'series-6': { light: '#66707c', dark: '#8b95a1' },
  // Syntax.
  'code-keyword': { light: '#8a2a6b', dark: '#e79ac9' },
  'code-string': { light: '#2c6a2f', dark: '#a3d18f' },
  'code-number': { light: '#0a5f9e', dark: '#8cc6f5' },
  'code-comment': { light: '#66707c', dark: '#8b95a1' },
  'code-definition': { light: '#1b4f9c', dark: '#a9c7ff' },
  'code-selection': { light: '#cfdcff', dark: '#2d3f75' },
  'code-match': { light: '#fdeeb5', dark: '#57471a' },
  backdrop: { light: 'rgb(27 32 38 / 0.32)', dark: 'rgb(0 0 0 / 0.56)' },
  shadow: { light: 'rgb(27 32 38 / 0.14)', dark: 'rgb(0 0 0 / 0.5)' },
} as const satisfies Record<string, { light: string; dark: string }>

type Colour = keyof typeof colours

export const colour = (name: Colour): string => `var(--hx-${name})`

/** Sizes in pixels, on a grid of four. The layout of the DAG needs the node's as numbers. */
export const sizes = {
  node: { width: 168, height: 46, gapX: 18, gapY: 30 },
  drum: { width: 12, height: 14 },
  header: 44,
  bar: 44,
  tabs: 34,
  row: 34,
  lane: 14,
  splitter: 5,
  radius: 6,
  card: { width: 336, height: 264 },
  tile: { width: 132, height: 128, picture: 64, gap: 8 },
} as const

/** Milliseconds. `motion` is the only length of a transition. */
export const durations = {
  motion: 120,
  check: 150,
  save: 800,
  retry: 3000,
  hover: 180,
  tooltip: 400,
  toast: 8000,
  tick: 100,
  frame: 33,
  /** A drag that rests for so long asks. */
  rest: 150,
  poll: 1500,
  offlineGrace: 2500,
} as const

const fontSizes = { xs: 11, sm: 12, md: 13, lg: 14, xl: 18 } as const

export const fonts = {
  sans: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif',
  mono: 'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace',
} as const

const accent: MantineColorsTuple = [
  '#eef2ff',
  '#dbe4ff',
  '#bccbff',
  '#93abff',
  '#6f8df5',
  '#466adf',
  '#3f62d8',
  '#2f54c9',
  '#2747ad',
  '#1f3a8f',
]
const red: MantineColorsTuple = [
  '#fdecec',
  '#fbd5d5',
  '#f6b0b0',
  '#ff8f8f',
  '#f06a6a',
  '#e04848',
  '#d03434',
  '#bd2323',
  '#a11c1c',
  '#851616',
]
const dark: MantineColorsTuple = [
  '#e4e7eb',
  '#c3cad2',
  '#a8b1bc',
  '#8b95a1',
  '#444d58',
  '#2b3138',
  '#262c33',
  '#15181c',
  '#121519',
  '#0e1114',
]

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
  colors: { accent, red, dark },
  fontFamily: fonts.sans,
  fontFamilyMonospace: fonts.mono,
  fontSizes: Object.fromEntries(Object.entries(fontSizes).map(([name, size]) => [name, `${size}px`])),
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '3px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  defaultRadius: 'md',
  headings: { fontFamily: fonts.sans, fontWeight: '600' },
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'xs' } },
    Tooltip: {
      defaultProps: { openDelay: durations.tooltip, transitionProps: { duration: durations.motion }, withArrow: false },
    },
    Modal: {
      styles: { title: { fontWeight: 600, fontSize: `${fontSizes.lg}px` } },
      defaultProps: {
        yOffset: '12vh',
        padding: 'lg',
        closeButtonProps: { 'aria-label': 'Close' },
        transitionProps: { duration: durations.motion, transition: 'fade' },
        overlayProps: { color: colour('backdrop'), backgroundOpacity: 1 },
      },
    },
    Menu: { defaultProps: { transitionProps: { duration: durations.motion, transition: 'fade' }, shadow: 'md' } },
  },
})

const variables = (scheme: 'light' | 'dark'): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(colours).map(([name, pair]) => [`--hx-${name}`, pair[scheme]])),
  '--mantine-color-body': colours.bg[scheme],
  '--mantine-color-text': colours.text[scheme],
  '--mantine-color-dimmed': colours['text-dim'][scheme],
  '--mantine-color-placeholder': colours['text-faint'][scheme],
  '--mantine-color-error': colours.failed[scheme],
  '--mantine-color-anchor': colours.accent[scheme],
  '--mantine-color-default': colours['bg-raised'][scheme],
  '--mantine-color-default-hover': colours['bg-hover'][scheme],
  '--mantine-color-default-color': colours.text[scheme],
  '--mantine-color-default-border': colours.border[scheme],
})

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    '--hx-motion': `${durations.motion}ms`,
    '--hx-mono': fonts.mono,
    '--hx-radius': `${sizes.radius}px`,
    '--hx-node-width': `${sizes.node.width}px`,
    '--hx-node-height': `${sizes.node.height}px`,
    '--hx-header': `${sizes.header}px`,
    '--hx-bar': `${sizes.bar}px`,
    '--hx-tabs': `${sizes.tabs}px`,
    '--hx-row': `${sizes.row}px`,
    '--hx-splitter': `${sizes.splitter}px`,
    '--hx-card-width': `${sizes.card.width}px`,
    '--hx-card-height': `${sizes.card.height}px`,
    '--hx-tile-width': `${sizes.tile.width}px`,
    '--hx-tile-height': `${sizes.tile.height}px`,
    '--hx-tile-picture': `${sizes.tile.picture}px`,
    ...Object.fromEntries(Object.entries(fontSizes).map(([name, size]) => [`--hx-font-${name}`, `${size}px`])),
    '--mantine-shadow-md': '0 4px 16px var(--hx-shadow)',
    '--mantine-shadow-xl': '0 12px 40px var(--hx-shadow)',
  },
  light: variables('light'),
  dark: variables('dark'),
})

const backgrounds: Record<string, Colour[]> = {
  text: [
    'bg',
    'bg-subtle',
    'bg-inset',
    'bg-raised',
    'bg-hover',
    'accent-soft',
    'code-selection',
    'code-match',
    'failed-soft',
    'stale-soft',
    'added-soft',
    'removed-soft',
    'changed-soft',
  ],
  'text-dim': ['bg', 'bg-subtle', 'bg-inset', 'bg-raised', 'bg-hover', 'failed-soft'],
  'text-faint': ['bg', 'bg-subtle', 'bg-raised'],
  accent: ['bg', 'bg-subtle', 'accent-soft'],
  'on-accent': ['accent-fill', 'accent-fill-hover'],
  'family-data': ['bg', 'bg-subtle'],
  'family-learning': ['bg', 'bg-subtle'],
  computed: ['bg', 'bg-raised', 'bg-subtle'],
  loaded: ['bg', 'bg-raised', 'bg-subtle'],
  pruned: ['bg-subtle'],
  running: ['bg-raised'],
  failed: ['bg', 'bg-raised', 'failed-soft'],
  stale: ['bg', 'bg-raised', 'stale-soft'],
  added: ['bg', 'bg-subtle', 'bg-raised', 'added-soft'],
  removed: ['bg', 'bg-subtle', 'bg-raised', 'removed-soft'],
  changed: ['bg', 'bg-subtle', 'bg-raised', 'changed-soft'],
  'code-keyword': ['bg', 'bg-subtle'],
  'code-string': ['bg', 'bg-subtle'],
  'code-number': ['bg', 'bg-subtle'],
  'code-comment': ['bg', 'bg-subtle'],
  'code-definition': ['bg', 'bg-subtle'],
}

/** Every pair of text and background that occurs, for the test of their contrast. */
export const contrasts = () =>
  Object.entries(backgrounds).flatMap(([text, grounds]) =>
    grounds.flatMap((background) =>
      (['light', 'dark'] as const).map((scheme) => ({
        scheme,
        text,
        background,
        foreground: colours[text as Colour][scheme],
        ground: colours[background][scheme],
      })),
    ),
  )
