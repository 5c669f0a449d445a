import { expect, it } from 'vitest'
import { copyName, freeName, LONGEST_NAME } from './names'

it('counts up to a name that is free', () => {
  expect(freeName('Census', [])).toBe('Census')
  expect(freeName('Census', ['Census', 'Census 2'])).toBe('Census 3')
})

it('the name of a copy is no longer than a name may be', () => {
  expect(copyName('Census')).toBe('Census copy')
  expect(copyName('x'.repeat(LONGEST_NAME))).toHaveLength(LONGEST_NAME)
})
