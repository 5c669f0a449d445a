import { expect, it } from 'vitest'
import { changeBetween } from './replace'

const texts = ['', 'a', 'aa', 'aaa', 'ab', 'ba', 'aba', 'C=1.0', 'C=0.1', 'x = 1\ny = 2\n', 'x = 1\n\ny = 2\n']

it('turns every text into every other', () => {
  for (const before of texts) {
    for (const after of texts) {
      const change = changeBetween(before, after)
      const made = change ? before.slice(0, change.from) + change.insert + before.slice(change.to) : before
      expect(made).toBe(after)
    }
  }
})

it('touches only what differs', () => {
  expect(changeBetween('model = f(C=1.0)', 'model = f(C=2.0)')).toEqual({ from: 12, to: 13, insert: '2' })
})

it('is nothing for equal texts', () => {
  expect(changeBetween('a', 'a')).toBeNull()
})
