import { expect, it } from 'vitest'
import { warningsIn, withWarnings } from './warnings'

const printed = `fitting
/venv/lib/python3.11/site-packages/sklearn/linear_model/_logistic.py:470: ConvergenceWarning: lbfgs failed to converge (status=1):
STOP: TOTAL NO. of ITERATIONS REACHED LIMIT.
  n_iter_i = _check_optimize_result(
UserWarning: odd
`

it('finds the warnings among what was printed', () => {
  expect(warningsIn(printed)).toEqual(['ConvergenceWarning: lbfgs failed to converge (status=1):', 'UserWarning: odd'])
  expect(warningsIn('12:30: all is well, no Warning: here\n')).toEqual([])
})

it('keeps each once, and not without end', () => {
  expect(withWarnings(['UserWarning: odd'], printed)).toHaveLength(2)
  const many = Array.from({ length: 50 }, (_, at) => `w.py:1: UserWarning: ${at}`).join('\n')
  expect(withWarnings(undefined, many)).toHaveLength(20)
})
