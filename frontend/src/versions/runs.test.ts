import { describe, expect, it } from 'vitest'
import type { Version } from '../core/types'
import { scratchTitle, scratchWord, standing, succeeded, type VersionRun } from './runs'

const run = (id: string, changes: Partial<VersionRun> = {}): VersionRun => ({
  id,
  status: 'succeeded',
  reuse: true,
  partial: false,
  seconds: 0.2,
  ...changes,
})

const version = (runs: VersionRun[], scratch: Version['scratch'] = null): Version => ({
  id: 'a',
  number: 1,
  message: '',
  author: '',
  created_at: '2026-01-01T00:00:00Z',
  parent: null,
  branches: [],
  tags: [],
  runs,
  scratch,
  metrics: {},
  later: {},
})

describe('the runs of a version', () => {
  const runs = [
    run('first'),
    run('anew', { reuse: false }),
    run('broken', { reuse: false, status: 'failed' }),
    run('part', { partial: true }),
  ]

  it('are stood for by the newest whole one', () => {
    expect(standing(runs)?.id).toBe('broken')
    expect(standing(runs.slice(-1))?.id).toBe('part')
    expect(standing([])).toBeUndefined()
  })

  it('are compared by the newest that succeeded with reuse, and without', () => {
    expect(succeeded(runs, true)?.id).toBe('first')
    expect(succeeded(runs, false)?.id).toBe('anew')
    expect(succeeded(runs.slice(0, 1), false)).toBeUndefined()
  })
})

describe('what computing everything takes', () => {
  it('is told as measured, or marked as an estimate', () => {
    expect(scratchWord(version([]))).toBe('–')
    expect(scratchWord(version([], { seconds: 0.62, measured: true }))).toBe('0.62 s')
    expect(scratchWord(version([], { seconds: 0.62, measured: false }))).toBe('≈ 0.62 s')
  })

  it('is set against the run, where that was quicker', () => {
    expect(scratchTitle(version([run('a')], { seconds: 0.6, measured: false }))).toContain('3.0 times as quick')
    expect(scratchTitle(version([run('a')], { seconds: 0.2, measured: true }))).not.toContain('quick')
    expect(scratchTitle(version([]))).toContain('Not known')
  })
})
