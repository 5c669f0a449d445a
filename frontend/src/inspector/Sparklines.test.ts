import { expect, it } from 'vitest'
import { lineOf } from './Sparklines'

it('a curve goes from left to right, and its highest value is at the top', () => {
  const line = lineOf([
    { step: 0, value: 1 },
    { step: 5, value: 3 },
    { step: 10, value: 2 },
  ])
  expect(line).toBe('M3.0 41.0L110.0 3.0L217.0 22.0')
})

it('a single point, and a value that never changes, stand in the middle', () => {
  expect(lineOf([{ step: 7, value: 7 }])).toBe('M110.0 22.0')
})
