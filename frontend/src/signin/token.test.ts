import { expect, it } from 'vitest'
import { destination, tokenIn } from './token'

it('finds the token in an address and in a fragment, and none in a bare token', () => {
  expect(tokenIn('http://127.0.0.1:8000/sign-in#token=abc-_1')).toBe('abc-_1')
  expect(tokenIn('#token=abc')).toBe('abc')
  expect(tokenIn('abc')).toBeNull()
  expect(tokenIn('#other=abc')).toBeNull()
})

it('goes only to pages of this application', () => {
  expect(destination('/workflows/1?node=a')).toBe('/workflows/1?node=a')
  for (const elsewhere of [null, '', '//evil.example', '/\\evil.example', 'https://evil.example', '/sign-in']) {
    expect(destination(elsewhere)).toBe('/')
  }
})
