import { QueryObserver } from '@tanstack/react-query'
import { expect, it, vi } from 'vitest'
import { Queries } from './queries'

it('asks again for what became stale while it was asked for the first time', async () => {
  const queries = new Queries()
  const answers: ((answer: string) => void)[] = []
  const queryFn = () => new Promise<string>((resolve) => answers.push(resolve))
  const observer = new QueryObserver(queries, { queryKey: ['tokens'], queryFn })
  const stop = observer.subscribe(() => undefined)
  await vi.waitFor(() => expect(answers).toHaveLength(1))
  const renewed = queries.invalidateQueries({ queryKey: ['tokens'] })
  answers[0]?.('of before')
  await vi.waitFor(() => expect(answers).toHaveLength(2))
  expect(observer.getCurrentResult()).toMatchObject({ isPending: true, error: null })
  answers[1]?.('of now')
  await renewed
  expect(observer.getCurrentResult()).toMatchObject({ data: 'of now', isFetching: false })
  stop()
})

it('asks no more for what nobody shows', async () => {
  const queries = new Queries()
  const queryFn = vi.fn(() => Promise.resolve('kept'))
  const asked = queries.query({ queryKey: ['tokens'], queryFn })
  await queries.invalidateQueries({ queryKey: ['tokens'] })
  expect(await asked).toBe('kept')
  expect(queryFn).toHaveBeenCalledTimes(1)
})
