import { describe, expect, it } from 'vitest'
import { going, share } from './Bar'

const since = '2026-11-02T10:00:00.000Z'
const after = (seconds: number) => Date.parse(since) + seconds * 1000

describe('how far a node is', () => {
  it('is what it tells, whatever the time', () => {
    const told = { since, estimate: 1, progress: { fraction: 0.42, message: 'tree 42 of 100' } }
    expect(share(told, after(900))).toEqual({ value: 0.42, told: true })
    expect(going(told, after(900))).toBe('42 %, tree 42 of 100')
  })

  it('is its time against its estimate where it tells nothing, and never wholly over', () => {
    const quiet = { since, estimate: 4, progress: null }
    expect(share(quiet, after(1))).toEqual({ value: 0.25, told: false })
    expect(share(quiet, after(60))).toEqual({ value: 0.95, told: false })
    expect(going(quiet, after(1))).toBe('1.0 s of about 4.0 s')
  })

  it('is said in words where no fraction is known', () => {
    const step = { since, estimate: 4, progress: { fraction: null, message: 'iteration 3 of at most 100' } }
    expect(going(step, after(1))).toBe('iteration 3 of at most 100')
    expect(share(step, after(1))?.told).toBe(false)
    expect(share({ since: null, estimate: null, progress: null }, 0)).toBeNull()
  })
})
