import { describe, expect, it } from 'vitest'
import { lanesOf } from './lanes'

const lanes = (parents: number[][]): number[] => lanesOf(parents).map((row) => row.lane)

describe('lanesOf', () => {
  it('draws one line as one lane', () => {
    expect(lanes([[2], [1], []])).toEqual([0, 0, 0])
    const [newest, middle, first] = lanesOf([[2], [1], []])
    expect(newest).toEqual({ lane: 0, above: false, upper: [], lower: [{ from: 0, to: 0, lane: 0 }], width: 1 })
    expect(middle?.above).toBe(true)
    expect(first?.lower).toEqual([])
  })

  it('gives a branch a lane of its own that ends where it began', () => {
    // v4 and v3 are both children of v1; v2 too.
    const rows = lanesOf([[1], [2], [1], []])
    expect(rows.map((row) => row.lane)).toEqual([0, 1, 1, 0])
    expect(rows[2]?.lower).toContainEqual({ from: 1, to: 1, lane: 1 })
    expect(rows[3]?.upper).toEqual([
      { from: 0, to: 0, lane: 0 },
      { from: 1, to: 0, lane: 1 },
    ])
  })

  it('draws both parents of a merge', () => {
    const rows = lanesOf([[3, 2], [1], [1], []])
    expect(rows[0]?.lower).toEqual([
      { from: 0, to: 0, lane: 0 },
      { from: 0, to: 1, lane: 1 },
    ])
    expect(rows.map((row) => row.lane)).toEqual([0, 0, 1, 0])
  })

  it('uses a lane again that ended', () => {
    expect(lanes([[1], [2], [], []])).toEqual([0, 1, 1, 0])
  })

  it('has every line of a row go on in the next', () => {
    let seed = 7
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed % below
    }
    const parents = Array.from({ length: 300 }, (_, index) => {
      const number = 300 - index
      if (number === 1) return []
      const first = Math.max(1, number - 1 - random(6))
      const second = 1 + random(number - 1)
      return random(5) === 0 && second !== first ? [first, second] : [first]
    })
    const rows = lanesOf(parents)
    rows.slice(0, -1).forEach((row, at) => {
      const leaving = [...new Set(row.lower.map((line) => line.to))].toSorted((a, b) => a - b)
      const entering = [...new Set(rows[at + 1]?.upper.map((line) => line.from))].toSorted((a, b) => a - b)
      expect(entering).toEqual(leaving)
    })
    expect(rows.at(-1)?.lower).toEqual([])
  })

  it('lays out 10,000 versions at once', () => {
    const parents = Array.from({ length: 10_000 }, (_, index) => (index === 9_999 ? [] : [9_999 - index]))
    const rows = lanesOf(parents)
    expect(rows).toHaveLength(10_000)
    expect(new Set(rows.map((row) => `${row.lane} ${row.width}`))).toEqual(new Set(['0 1']))
  })
})
