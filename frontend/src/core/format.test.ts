import { describe, expect, it } from 'vitest'
import { about, ago, bytes, count, delta, duration, elapsed, metric } from './format'

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [0.0004, '< 1 ms'],
    [0.00096, '1 ms'],
    [0.012, '12 ms'],
    [0.0994, '99 ms'],
    [0.0996, '0.10 s'],
    [0.31, '0.31 s'],
    [9.994, '9.99 s'],
    [9.996, '10.0 s'],
    [59.94, '59.9 s'],
    [59.96, '1 min'],
    [200, '3 min 20 s'],
    [3599.6, '1 h'],
    [7500, '2 h 5 min'],
    [90_000, '1 d 1 h'],
    [2_592_000, '30 d'],
    [Number.NaN, '–'],
    [-1, '–'],
  ])('%d s are %s', (seconds, text) => expect(duration(seconds)).toBe(text))
})

describe('estimates', () => {
  it.each([
    [0.002, 'under 10 ms'],
    [0.031, 'about 30 ms'],
    [0.31, 'about 0.3 s'],
    [1.4, 'about 1.4 s'],
    [42.3, 'about 42 s'],
    [200, 'about 3 min 20 s'],
    [Number.POSITIVE_INFINITY, 'an unknown time'],
  ])('%d s are %s', (seconds, text) => expect(about(seconds)).toBe(text))
})

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [812, '812 B'],
    [3_120, '3.1 kB'],
    [3_120_044, '3.1 MB'],
    [999_600, '1.0 MB'],
    [24_000_000, '24 MB'],
    [5_000_000_000, '5.0 GB'],
  ])('%d bytes are %s', (size, text) => expect(bytes(size)).toBe(text))
})

describe('ages', () => {
  const now = Date.parse('2026-11-02T12:00:00Z')
  it.each([
    ['2026-11-02T11:59:40Z', 'just now'],
    ['2026-11-02T12:00:05Z', 'just now'],
    ['2026-11-02T11:58:00Z', '2 min ago'],
    ['2026-11-02T09:00:00Z', '3 h ago'],
    ['2026-11-01T11:00:00Z', 'yesterday'],
    ['2026-10-28T12:00:00Z', '5 days ago'],
    ['2026-03-12T12:00:00Z', '12 Mar 2026'],
    ['nonsense', '–'],
  ])('%s is %s', (iso, text) => expect(ago(iso, now)).toBe(text))
})

describe('metrics', () => {
  it.each([
    [0.84312, '0.8431'],
    [0, '0.0000'],
    [1234.56, '1234.6'],
    [0.00001234, '1.234e-5'],
    [null, 'not a number'],
  ])('%s is %s', (value, text) => expect(metric(value)).toBe(text))

  it('shows the sign of a difference', () => {
    expect(delta(0.0011)).toBe('+0.0011')
    expect(delta(-0.0011)).toBe('−0.0011')
    expect(delta(0)).toBe('±0')
  })
})

it('counts in the singular and the plural', () => {
  expect(count(1, 'version')).toBe('1 version')
  expect(count(1200, 'version')).toBe('1,200 versions')
})

it('does not let a running clock jitter', () => {
  expect(elapsed(0.34)).toBe('0.3 s')
  expect(elapsed(-0.2)).toBe('0.0 s')
  expect(elapsed(75)).toBe('1 min 15 s')
})
