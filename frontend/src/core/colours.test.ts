// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { contrasts } from './theme'

const root = join(import.meta.dirname, '..')
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (file) =>
    /\.(ts|tsx|css)$/.test(file) &&
    !file.startsWith('test') &&
    file !== join('core', 'theme.ts') &&
    !file.endsWith('.test.ts'),
)

const colour =
  /#[0-9a-f]{3,8}\b(?![\w-])|\b(?:rgb|rgba|hsl|hsla|oklch|lab|lch)\(|:\s*(?:white|black|red|green|blue|gray|grey|orange|purple|yellow)\b/i
const time = /\b\d+(?:\.\d+)?m?s\b(?=[ ;,)])/

it('finds the sources', () => expect(sources.length).toBeGreaterThan(40))

it.each(sources.filter((file) => file.endsWith('.css')))(
  '%s takes every colour and every duration from the theme',
  (file) => {
    const text = readFileSync(join(root, file), 'utf8')
    expect(text.match(colour)).toBeNull()
    expect(text.match(time)).toBeNull()
  },
)

it.each(sources.filter((file) => !file.endsWith('.css')))('%s names no colour', (file) => {
  expect(readFileSync(join(root, file), 'utf8').match(colour)).toBeNull()
})

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

describe('text on its background has a contrast of at least 4.5 to 1 (WCAG AA)', () => {
  it.each(contrasts())('$scheme: $text on $background', ({ foreground, ground }) => {
    const [light = 0, dark = 0] = [luminance(foreground), luminance(ground)].sort((a, b) => b - a)
    expect((light + 0.05) / (dark + 0.05)).toBeGreaterThanOrEqual(4.5)
  })
})
