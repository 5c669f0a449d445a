import { describe, expect, it } from 'vitest'
import type { Trend, Trends } from '../core/types'
import { axisOf, numberAt, passes, rangesFrom, rangesTo } from './axes'
import { csv } from './csv'
import { fileName } from './download'
import { bestOf, grouped, linesOf, ofParent, usual } from './lines'
import { front, thinned } from './pareto'
import { changed, shownIn } from './address'
import { zoomed } from './trend'

const metric = (name: string, values: (number | null)[], changes: Partial<Trend> = {}): Trend => ({
  name,
  node: name,
  higher_is_better: true,
  values,
  later: {},
  ...changes,
})

/** 1 – 2 – 3 – 5 on main, 4 – 6 from 2 on a branch, 7 from 1 on none. */
const trends: Trends = {
  versions: {
    id: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
    number: [1, 2, 3, 4, 5, 6, 7],
    parent: [null, 1, 2, 2, 3, 4, 1],
    message: ['', '', '', '', '', '', ''],
    created_at: [1, 2, 3, 4, 5, 6, 7],
    seconds: [1, 1, 1, 1, 1, 1, 1],
    run: ['', '', '', '', '', '', ''],
  },
  metrics: [metric('accuracy', [0.1, 0.3, null, 0.2, 0.3, 0.25, 0.1])],
  branches: [
    { name: 'ideas', version: '', number: 6 },
    { name: 'main', version: '', number: 5 },
  ],
  tags: [],
}

describe('lines of branches', () => {
  it('have every version once, main whole, and the others down to where they fork', () => {
    expect(linesOf(trends, null)).toEqual([
      { branch: 'main', fork: null, places: [0, 1, 2, 4] },
      { branch: 'ideas', fork: 1, places: [3, 5] },
      { branch: null, fork: null, places: [6] },
    ])
  })

  it('of a branch that is chosen alone reach down to the first version', () => {
    expect(linesOf(trends, ['ideas'])).toEqual([{ branch: 'ideas', fork: null, places: [0, 1, 3, 5] }])
  })

  it('are one line of all versions where there are no branches', () => {
    const [line] = linesOf({ ...trends, branches: [] }, null)
    expect(line).toEqual({ branch: null, fork: null, places: [0, 1, 2, 3, 4, 5, 6] })
  })
})

describe('a metric', () => {
  const [accuracy = metric('', [])] = trends.metrics
  it('is best where it was first reached, by its direction, among the chosen versions', () => {
    expect(bestOf(accuracy, [0, 1, 2, 3, 4])).toBe(1)
    expect(bestOf({ ...accuracy, higher_is_better: false }, [1, 3, 4])).toBe(3)
    expect(bestOf({ ...accuracy, higher_is_better: null }, [0, 1])).toBeNull()
    expect(bestOf(accuracy, [2])).toBeNull()
  })

  it('is compared with the parent, not with the version before', () => {
    expect(ofParent(trends, accuracy, 3)).toBe(0.3)
    expect(ofParent(trends, accuracy, 6)).toBe(0.1)
    expect(ofParent(trends, accuracy, 4)).toBeNull()
    expect(ofParent(trends, accuracy, 0)).toBeNull()
  })

  it('stands under its node, its slices apart', () => {
    const male = metric('by_sex.Male', [], { node: 'by_sex' })
    const logged = metric('loss', [], { node: 'model', higher_is_better: null })
    expect(grouped([accuracy, male, logged])).toEqual([
      { node: 'accuracy', plain: [accuracy], slices: [] },
      { node: 'by_sex', plain: [], slices: [male] },
      { node: 'model', plain: [logged], slices: [] },
    ])
    expect(usual([male, logged, accuracy])).toEqual(['accuracy'])
    expect(usual([male])).toEqual(['by_sex.Male'])
  })
})

describe('the Pareto front', () => {
  const at = (place: number, seconds: number, value: number) => ({ place, seconds, value })
  const all = [at(0, 3, 0.9), at(1, 1, 0.5), at(2, 2, 0.4), at(3, 2, 0.7), at(4, 4, 0.9), at(5, 1, 0.5)]
  const places = (found: { place: number }[]) => found.map(({ place }) => place)

  it('has what nothing beats in both', () => {
    expect(places(front(all, true))).toEqual([1, 3, 0])
  })

  it('turns around where lower is better', () => {
    expect(places(front(all, false))).toEqual([1, 2])
  })

  it('is empty of nothing', () => expect(front([], true)).toEqual([]))
})

describe('axes', () => {
  it('place numbers by size and keep what is missing apart', () => {
    const axis = axisOf('C', [1, 3, null, 2])
    expect(axis.at).toEqual([0, 1, null, 0.5])
    expect(axis.ticks.map(({ value }) => value)).toEqual([1, 2, 3])
  })

  it('place texts evenly, and numbers among texts as texts', () => {
    expect(axisOf('kernel', ['rbf', 'linear', 'poly', 'rbf']).at).toEqual([1, 0, 0.5, 1])
    expect(axisOf('gamma', [10, 'auto', 2]).ticks.map(({ value }) => value)).toEqual(['2', '10', 'auto'])
  })

  it('stand by their logarithms where numbers lie far apart', () => {
    const axis = axisOf('C', [0.01, 1, 100])
    expect(axis.at).toEqual([0, expect.closeTo(0.5), 1])
    expect(axis.scale && numberAt(axis.scale, 0.5)).toBeCloseTo(1)
    expect(axisOf('loss', [-1, 1, 100]).scale?.log).toBe(false)
  })

  it('put a single value into the middle', () => expect(axisOf('C', [5, 5]).at).toEqual([0.5, 0.5]))

  it('let through what all their ranges hold', () => {
    const axes = [axisOf('C', [1, 2, 3, null]), axisOf('kernel', ['a', 'b', 'a', 'b'])]
    const passing = (ranges: Map<string, [number, number]>) => [0, 1, 2, 3].filter((row) => passes(axes, ranges, row))
    expect(passing(new Map())).toEqual([0, 1, 2, 3])
    expect(passing(new Map([['C', [0.5, 1]]]))).toEqual([1, 2])
    expect(
      passing(
        new Map([
          ['C', [0.5, 1]],
          ['kernel', [0, 0.2]],
        ]),
      ),
    ).toEqual([2])
  })

  it('keep their ranges in the address', () => {
    const texts = rangesTo(
      new Map([
        ['model.C', [0.25, 1]],
        ['odd:name', [0, 1 / 3]],
        ['free', [0, 1]],
      ]),
    )
    expect(texts).toEqual(['model.C:0.25:1', 'odd:name:0:0.333'])
    expect(rangesFrom([...texts, 'x:1:0', 'y', 'z:a:b'])).toEqual(
      new Map([
        ['model.C', [0.25, 1]],
        ['odd:name', [0, 0.333]],
      ]),
    )
  })
})

describe('files', () => {
  it('have texts quoted where they need it, and numbers whole', () => {
    expect(
      csv(
        ['v', 'what "changed"'],
        [
          [1, 'C 1.0 → 0.1, more'],
          [0.30000000000000004, null],
        ],
      ),
    ).toBe('v,"what ""changed"""\r\n1,"C 1.0 → 0.1, more"\r\n0.30000000000000004,\r\n')
  })

  it('are called after the workflow', () => {
    expect(fileName('Census: Alter & Geschlecht!', 'metrics', 'csv')).toBe('Census-Alter-Geschlecht-metrics.csv')
  })
})

describe('what is zoomed into', () => {
  const whole = { zoom: null, heights: new Map<string, readonly [number, number]>() }

  it('is a span of versions, or of the values of a panel, or both', () => {
    const drawn = { 'xaxis.range[0]': 2, 'xaxis.range[1]': 5, 'yaxis2.range[0]': 0.1, 'yaxis2.range[1]': 0.25 }
    const zoom = zoomed(whole, ['accuracy', 'auc'], drawn)
    expect(zoom).toEqual({ zoom: [2, 5], heights: new Map([['auc', [0.1, 0.25]]]) })
    expect(zoomed(whole, ['accuracy'], { width: 900 })).toEqual({})
    const all = { 'xaxis.autorange': true, 'yaxis2.autorange': true }
    expect(zoomed({ ...whole, ...zoom }, ['accuracy', 'auc'], all)).toEqual({ zoom: null, heights: new Map() })
  })

  it('comes back from the address, whatever a metric is called', () => {
    const shown = { zoom: [2, 5] as const, heights: new Map([['by sex: all', [-0.5, 0.123456789] as const]]) }
    const back = shownIn(changed(new URLSearchParams(), shown))
    expect(back.zoom).toEqual([2, 5])
    expect([...back.heights]).toEqual([['by sex: all', [-0.5, 0.12345679]]])
    expect(shownIn(new URLSearchParams('y=a:2:1&y=b&zoom=7')).heights.size).toBe(0)
  })
})

describe('marks', () => {
  const many = Array.from({ length: 5000 }, (_, place) => ({
    place,
    seconds: 0.1 * (1 + (place % 71)),
    value: (place % 97) / 97,
  }))

  it('are all drawn where there is room', () => {
    expect(thinned(many.slice(0, 10), 10, false).map(({ place }) => place)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it.each([false, true])('stand for those close by where there is not, none left out', (log) => {
    const marks = thinned(many, 1000, log)
    expect(marks.length).toBeLessThanOrEqual(1000)
    expect(marks.length).toBeGreaterThan(300)
    expect(marks.reduce((sum, { others }) => sum + 1 + others, 0)).toBe(many.length)
  })
})
