import { expect, it } from 'vitest'
import type { Backfill, BackfillEstimate, Trends } from '../core/types'
import { endSaid, estimateSaid, isActive, lacking, settled } from './backfills'
import { laterCells, laterHeads } from './later'
import { symbolsOf } from './trend'
import { hoverOf } from './words'

const trends: Trends = {
  versions: {
    id: ['a', 'b', 'c', 'd'],
    number: [1, 2, 3, 4],
    parent: [null, 1, 2, 3],
    message: ['', '', '', ''],
    created_at: [1, 2, 3, 4],
    seconds: [1, 1, null, 1],
    run: ['r', 'r', null, 'r'],
  },
  metrics: [
    { name: 'by.a', node: 'by', higher_is_better: true, values: [null, 0.2, null, null], later: { 1: 86_400 } },
    { name: 'by.b', node: 'by', higher_is_better: true, values: [0.1, null, null, null], later: {} },
  ],
  branches: [],
  tags: [],
}

const backfill: Backfill = {
  id: 'b',
  workflow: 'w',
  nodes: ['f1'],
  status: 'succeeded',
  requested_at: '2026-11-27T10:00:00Z',
  started_at: null,
  finished_at: null,
  seconds: 0.4,
  estimate: 0.5,
  message: '',
  values: 2,
  versions: [
    { number: 1, status: 'done', message: '' },
    { number: 2, status: 'done', message: '' },
    { number: 3, status: 'waiting', message: '' },
  ],
}

it('is lacking where a version that ran whole has no value of any part of it', () => {
  expect(lacking(trends, 'by')).toEqual([4])
  expect(lacking(trends, 'f1')).toEqual([1, 2, 4])
})

it('is told by how far it is, and how it ended', () => {
  expect(isActive(backfill)).toBe(false)
  expect(isActive({ ...backfill, status: 'queued' })).toBe(true)
  expect(settled(backfill)).toBe(2)
  expect(endSaid(backfill)).toBe('`f1` is computed for 2 versions in 0.40 s.')
  const versions: Backfill['versions'] = [
    { number: 1, status: 'done', message: '' },
    { number: 2, status: 'refused', message: 'No run of it has succeeded.' },
  ]
  expect(endSaid({ ...backfill, versions, message: '1 of 2 versions could not have it.' })).toBe(
    '`f1` is computed for 1 version in 0.40 s. 1 of 2 versions could not have it. No run of it has succeeded.',
  )
  expect(endSaid({ ...backfill, status: 'cancelled', message: 'Cancelled.' })).toBe('`f1`: Cancelled.')
  expect(endSaid({ ...backfill, status: 'failed', versions, message: 'No version could have it.' })).toBe(
    '`f1`: No version could have it. No run of it has succeeded.',
  )
})

it('says before what it takes', () => {
  const version = { number: 1, id: 'a', message: '', seconds: 0.1, refused: '' }
  const estimate: BackfillEstimate = { nodes: ['f1'], seconds: 0.3, versions: [version, version], left_out: 0 }
  expect(estimateSaid(estimate)).toBe('2 versions in about 0.3 s')
  const refused = { ...version, seconds: null, refused: 'Its text has errors.' }
  expect(estimateSaid({ ...estimate, versions: [version, refused] })).toBe('1 version in about 0.3 s; 1 cannot have it')
  expect(estimateSaid({ ...estimate, versions: [refused] })).toBe('None of these versions can have it.')
})

it('marks what was computed later in charts, hovers and what is taken out', () => {
  const [sliced, whole] = trends.metrics
  if (!sliced || !whole) throw new Error('there are two')
  expect(symbolsOf([0, 1], sliced, 'circle')).toEqual(['circle', 'circle-open'])
  expect(symbolsOf([0, 1], whole, 'circle')).toBe('circle')
  expect(hoverOf(trends, sliced, 1, null)).toContain('computed later, on 2 Jan 1970')
  expect(hoverOf(trends, whole, 0, null)).not.toContain('later')
  expect(laterHeads(trends.metrics)).toEqual(['by.a computed later'])
  expect(laterCells(trends.metrics, 1)).toEqual(['1970-01-02T00:00:00.000Z'])
  expect(laterCells(trends.metrics, 0)).toEqual([null])
})
