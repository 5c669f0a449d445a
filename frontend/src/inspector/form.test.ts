import { describe, expect, it } from 'vitest'
import { cellText, formOf, numberText } from './form'

describe('the form in which a value is shown', () => {
  it('is a matrix for what ConfusionMatrix gives', () => {
    expect(
      formOf({
        labels: ['<=50K', '>50K'],
        matrix: [
          [9, 1],
          [2, 8],
        ],
      }),
    ).toEqual({
      kind: 'matrix',
      labels: ['<=50K', '>50K'],
      counts: [
        [9, 1],
        [2, 8],
      ],
    })
    expect(formOf({ labels: [0, 1], matrix: [[9, 1], [2]] }).kind).not.toBe('matrix')
  })

  it('is a curve for what RocCurve gives, with its points', () => {
    const form = formOf({
      false_positive_rate: [0, 0.5, 1],
      true_positive_rate: [0, 0.9, 1],
      threshold: [null, 0.4, 0],
      area: 0.7,
    })
    expect(form).toMatchObject({ kind: 'roc', area: 0.7 })
    expect(form.kind === 'roc' && form.points.rows[1]).toEqual([0.4, 0.5, 0.9])
  })

  it('is a table for a DataFrame, for records, and for columns of one length', () => {
    expect(formOf({ columns: ['a', 'b'], rows: [[1, 'x']] })).toEqual({
      kind: 'table',
      columns: ['a', 'b'],
      rows: [[1, 'x']],
    })
    expect(formOf([{ a: 1 }, { a: 2, b: 3 }])).toEqual({
      kind: 'table',
      columns: ['a', 'b'],
      rows: [
        [1, undefined],
        [2, 3],
      ],
    })
    expect(formOf({ a: [1, 2], b: ['x', 'y'] })).toEqual({
      kind: 'table',
      columns: ['a', 'b'],
      rows: [
        [1, 'x'],
        [2, 'y'],
      ],
    })
  })

  it('is a row for each slice of a metric', () => {
    expect(formOf({ Female: 0.9, Male: null })).toEqual({
      kind: 'slices',
      entries: [
        ['Female', 0.9],
        ['Male', null],
      ],
    })
  })

  it('is a section for each slice that is more than a number', () => {
    const matrix = { labels: ['a'], matrix: [[1]] }
    expect(formOf({ Female: matrix, Male: matrix })).toEqual({
      kind: 'groups',
      entries: [
        ['Female', matrix],
        ['Male', matrix],
      ],
    })
  })

  it('is a text for what is long or has lines, and a scalar for the rest', () => {
    expect(formOf('one\ntwo').kind).toBe('text')
    expect(formOf('x'.repeat(500)).kind).toBe('text')
    expect(formOf('short')).toEqual({ kind: 'scalar', text: 'short', exact: 'short' })
    expect(formOf({ note: 'x'.repeat(500) }).kind).toBe('groups')
  })

  it('is there for whatever JSON there is', () => {
    for (const value of [null, true, [], {}, [[]], [1, 'a'], { a: {} }, undefined])
      expect(formOf(value).kind).toBeTruthy()
  })
})

it('numbers are short: whole ones in full, others with four decimals', () => {
  expect([12345, 0.123456, 1e-7, 3e20, -2.5].map(numberText)).toEqual([
    '12,345',
    '0.1235',
    '1.000e-7',
    '3.000e+20',
    '-2.5000',
  ])
})

it('a cell shows what is no scalar as JSON', () => {
  expect([{ a: 1 }, [1, 2], null, undefined, false].map(cellText)).toEqual(['{"a":1}', '[1,2]', '–', '', 'false'])
})
