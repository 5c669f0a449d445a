import { describe, expect, it } from 'vitest'
import { withPoints, type Recorded } from './curves'

const recorded = (step: number, value: number | null = step, node = 'model', name = 'loss'): Recorded => ({
  type: 'metric_recorded',
  node,
  name,
  value,
  step,
})

describe('curves', () => {
  it('grow by what was recorded, each of its own', () => {
    const first = withPoints({}, [recorded(0), recorded(0, 9, 'model', 'accuracy'), recorded(0, 1, 'other')])
    const second = withPoints(first, [recorded(1)])
    expect(second.model?.loss).toEqual([
      { step: 0, value: 0 },
      { step: 1, value: 1 },
    ])
    expect(second.model?.accuracy).toBe(first.model?.accuracy)
    expect(second.other).toBe(first.other)
    expect(first.model?.loss).toHaveLength(1)
  })

  it('are the very same where nothing was recorded', () => {
    const curves = {}
    expect(withPoints(curves, [])).toBe(curves)
  })

  it('stay bounded, and keep their first and last point', () => {
    let curves = {}
    for (let batch = 0; batch < 50; batch += 1) {
      curves = withPoints(
        curves,
        Array.from({ length: 200 }, (_, at) => recorded(batch * 200 + at)),
      )
    }
    const loss = withPoints(curves, [recorded(10_000)]).model?.loss ?? []
    expect(loss.length).toBeLessThanOrEqual(2000)
    expect(loss.at(0)?.step).toBe(0)
    expect(loss.at(-1)?.step).toBe(10_000)
    expect(loss.map((point) => point.step)).toEqual([...loss].map((point) => point.step).sort((a, b) => a - b))
  })
})
