import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { batched } from './batch'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('hands the first on at once, what follows within the pause together, and nothing twice', () => {
  const handled: number[][] = []
  const batch = batched<number>(30, (items) => handled.push([...items]))
  batch.add([1])
  batch.add([2])
  batch.add([3, 4])
  expect(handled).toEqual([[1]])
  vi.advanceTimersByTime(30)
  expect(handled).toEqual([[1], [2, 3, 4]])
  vi.advanceTimersByTime(60)
  batch.add([5])
  expect(handled).toEqual([[1], [2, 3, 4], [5]])
})

it('hands nothing on once stopped', () => {
  const handle = vi.fn()
  const batch = batched<number>(30, handle)
  batch.add([1])
  batch.add([2])
  batch.stop()
  vi.advanceTimersByTime(100)
  expect(handle).toHaveBeenCalledTimes(1)
})
