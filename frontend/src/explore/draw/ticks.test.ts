import { describe, expect, it } from 'vitest'
import { binAt, placesOf } from './scale'
import { numberTicks, timeTicks } from './ticks'

const labels = (ticks: { label: string }[]) => ticks.map(({ label }) => label)

describe('ticks of numbers', () => {
  it.each([
    [0, 100, 5, ['0', '20', '40', '60', '80', '100']],
    [-0.31, 0.29, 4, ['-0.2', '0.0', '0.2']],
    [0, 25_000, 3, ['0', '10k', '20k']],
    [1, 3, 5, ['1.0', '1.5', '2.0', '2.5', '3.0']],
  ])('from %d to %d are round', (low, high, most, expected) => {
    expect(labels(numberTicks(low, high, most))).toEqual(expected)
  })

  it('of what is counted are whole', () => expect(labels(numberTicks(0, 2, 8, true))).toEqual(['0', '1', '2']))

  it('are one where low is high', () => expect(numberTicks(5, 5, 4)).toHaveLength(1))

  it('stay few and inside, over any span', () => {
    for (let power = -9; power < 15; power += 1) {
      const [low, high] = [-1.7 * 10 ** power, 8.3 * 10 ** power]
      const ticks = numberTicks(low, high, 6)
      expect(ticks.length).toBeGreaterThan(1)
      expect(ticks.length).toBeLessThanOrEqual(8)
      for (const { value } of ticks) expect(value >= low && value <= high).toBe(true)
    }
  })
})

describe('ticks of times', () => {
  const at = (text: string) => Date.parse(`${text}Z`)

  it.each([
    ['2026-03-01T00:00', '2026-03-01T12:00', 4, ['1 Mar', '03:00', '06:00', '09:00', '12:00']],
    ['2026-01-01T00:00', '2026-12-31T00:00', 4, ['2026', 'Apr', 'Jul', 'Oct']],
    ['2000-06-01T00:00', '2026-06-01T00:00', 5, ['2005', '2010', '2015', '2020', '2025'].map(String)],
    ['2026-03-01T00:00', '2026-03-05T00:00', 4, ['1 Mar', '2 Mar', '3 Mar', '4 Mar', '5 Mar']],
  ])('from %s to %s are where a clock or a calendar has them', (low, high, most, expected) => {
    const found = labels(timeTicks(at(low), at(high), most))
    if (low.startsWith('2000')) expect(found.every((label) => /^\d{4}$/.test(label))).toBe(true)
    else expect(found).toEqual(expected)
  })
})

describe('places of an axis', () => {
  it('are ranges that have their lower edge, and the last one both', () => {
    const edges = [0, 1, 3, 10]
    expect([-1, 0, 0.5, 1, 2.9, 3, 10, 11].map((value) => binAt(edges, value))).toEqual([-1, 0, 0, 1, 1, 2, 2, -1])
  })

  it('are found where they were drawn, upwards too', () => {
    for (const axis of [
      { type: 'bins' as const, edges: [0, 1, 2, 3], time: false },
      { type: 'values' as const, values: ['a', 'b'], rest: 4 },
    ])
      for (const [from, to] of [
        [0, 300],
        [300, 0],
      ] as const) {
        const places = placesOf(axis, from, to, 20)
        for (let place = 0; place < places.count; place += 1)
          expect(places.placeAt((places.start(place) + places.end(place)) / 2)).toBe(place)
      }
  })
})
