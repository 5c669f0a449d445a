import { describe, expect, it } from 'vitest'
import type { Answer, DashboardState, Figure, Profile, Snapshot } from '../core/types'
import { filtered, range } from './state'
import * as strips from './strip'
import type { Strip } from './strip'

const state: DashboardState = {
  charts: [
    { id: 'c1', kind: 'histogram', x: 'delay', bins: 40 },
    { id: 'c2', kind: 'bar', x: 'carrier', y: null, aggregate: 'count', top: 20 },
  ],
  filters: [],
}

const figure = (count: number): Figure => ({ type: 'single', value: count, count, total: 100 })
const profile: Profile = { rows: 100, columns: [], predictions: null }

const answer = (chart: string, status: Answer['status'], revision: number, changes: Partial<Answer> = {}): Answer => ({
  chart,
  question: `${chart} asked`,
  status,
  figure: null,
  estimate: null,
  code: '',
  message: '',
  note: '',
  run: '',
  seconds: null,
  revision,
  ...changes,
})

const snapshot = (number: number, answers: Answer[], changes: Partial<Snapshot> = {}): Snapshot => ({
  id: `s${number}`,
  number,
  version: 1,
  state,
  words: `asked ${number}`,
  label: '',
  pinned: false,
  deleted: false,
  asked_at: '2026-11-02T10:00:00Z',
  revision: number,
  answers,
  ...changes,
})

const ask = (strip: Strip, key: string, of = state): Strip =>
  strips.asked(strip, { key, state: of, words: key, asked: null, askedAt: '' })

const sending = (strip: Strip, key: string) => strips.changed(strip, key, { sending: 'sending' })
const pending = (revision: number) => [answer('profile', 'pending', revision), answer('c1', 'pending', revision)]
const numbers = (strip: Strip) => strip.order.map((key) => strip.tiles[key]?.number)
const valueOf = (strip: Strip, key: string, chart = 'c1') => {
  const found = strip.tiles[key]?.answers[chart]?.figure
  return found && 'value' in found ? found.value : null
}

describe('the order of the strip', () => {
  it('is the order asked, before the server knows and after', () => {
    let strip = ['a', 'b', 'c'].reduce((now, key) => ask(now, key), strips.empty())
    expect(strip.order).toEqual(['a', 'b', 'c'])
    expect(numbers(strip)).toEqual([1, 2, 3])
    for (const [key, number] of [
      ['a', 4],
      ['b', 5],
      ['c', 6],
    ] as const)
      strip = strips.sent(sending(strip, key), key, snapshot(number, pending(number)))
    expect(strip.order).toEqual(['a', 'b', 'c'])
    expect(numbers(strip)).toEqual([4, 5, 6])
  })

  it('takes in what another page asked, by its number', () => {
    let strip = strips.sent(sending(ask(strips.empty(), 'a'), 'a'), 'a', snapshot(2, pending(2)))
    strip = strips.told(strip, [snapshot(1, pending(1)), snapshot(3, pending(3))], 3)
    expect(numbers(strip)).toEqual([1, 2, 3])
  })

  it('puts what could not be sent at the end when it is sent after all', () => {
    let strip = ask(ask(strips.empty(), 'a'), 'b')
    strip = strips.notSent(sending(strip, 'a'), 'a', 'away')
    strip = strips.sent(sending(strip, 'b'), 'b', snapshot(1, pending(1)))
    expect(strip.order).toEqual(['b', 'a'])
    strip = strips.sent(sending(strip, 'a'), 'a', snapshot(2, pending(2)))
    expect(numbers(strip)).toEqual([1, 2])
  })
})

describe('answers', () => {
  const sent = strips.sent(sending(ask(strips.empty(), 'a'), 'a'), 'a', snapshot(1, pending(1)))

  it('land in their own tile in whatever order they come', () => {
    let strip = strips.sent(sending(ask(sent, 'b'), 'b'), 'b', snapshot(2, pending(2)))
    strip = strips.told(strip, [snapshot(2, [answer('c1', 'ready', 3, { figure: figure(22) })])], 3)
    strip = strips.told(strip, [snapshot(1, [answer('c1', 'ready', 4, { figure: figure(11) })])], 4)
    expect([valueOf(strip, 'a'), valueOf(strip, 'b')]).toEqual([11, 22])
  })

  it('are the same when they come twice, and never older than what is there', () => {
    const ready = snapshot(1, [answer('c1', 'ready', 7, { figure: figure(7) })])
    const once = strips.told(sent, [ready], 7)
    const again = strips.told(strips.told(once, [ready], 7), [snapshot(1, [answer('c1', 'cancelled', 5)])], 5)
    expect(valueOf(again, 'a')).toBe(7)
    expect(again.revision).toBe(7)
    expect(again.order).toEqual(once.order)
  })

  it('keep their figures when a strip without figures comes', () => {
    const ready = strips.told(sent, [snapshot(1, [answer('c1', 'ready', 7, { figure: figure(7) })])], 7)
    expect(valueOf(strips.told(ready, [snapshot(1, [answer('c1', 'ready', 7)])], 7), 'a')).toBe(7)
  })

  it('that come before the answer to what asked them are for the tile that asked', () => {
    let strip = sending(ask(strips.empty(), 'a'), 'a')
    strip = strips.told(strip, [snapshot(1, [answer('c1', 'ready', 2, { figure: figure(5) })])], 2)
    expect(strip.order).toEqual(['a'])
    strip = strips.sent(strip, 'a', snapshot(1, pending(1)))
    expect(strip.order).toEqual(['a'])
    expect(valueOf(strip, 'a')).toBe(5)
  })

  it('to a question whose own answer was lost find the tile that could not be sent', () => {
    const brushed = filtered(state, 'c1', [range('delay', 'c1', 1, 2)])
    let strip = strips.notSent(sending(ask(sent, 'b', brushed), 'b'), 'b', 'away')
    strip = strips.told(strip, [snapshot(2, pending(2), { state: brushed })], 2)
    expect(strip.order).toEqual(['a', 'b'])
    expect(strip.tiles.b).toMatchObject({ id: 's2', sending: 'sent', number: 2 })
  })

  it('are fetched by question: those in sight first, and what is not kept fails', () => {
    let strip = strips.told(
      strips.empty(),
      [1, 2, 3].map((n) => snapshot(n, [answer('c1', 'ready', n, { question: `q${n}` })])),
      3,
    )
    expect(strips.lacking(strip, new Set(['s1']))).toEqual(['q3', 'q1', 'q2'])
    strip = strips.withFigures(strip, { q1: figure(1), q3: profile }, ['q2'])
    expect(valueOf(strip, 's1')).toBe(1)
    expect(strip.tiles.s2?.answers.c1).toMatchObject({ status: 'failed', code: strips.NOT_KEPT })
    expect(strips.lacking(strip, new Set())).toEqual([])
  })
})

describe('a tile', () => {
  const tile = (answers: Answer[]) => {
    const strip = strips.told(strips.empty(), [snapshot(1, answers)], 1)
    const found = strip.tiles.s1
    if (!found) throw new Error('there is no tile')
    return found
  }

  it.each([
    [['ready', 'ready'], 'ready'],
    [['ready', 'pending'], 'pending'],
    [['failed', 'pending'], 'pending'],
    [['failed', 'ready'], 'failed'],
    [['cancelled', 'ready'], 'cancelled'],
    [['waiting', 'pending'], 'waiting'],
  ] as const)('with answers that are %s is %s', ([one, other], status) => {
    expect(strips.statusOf(tile([answer('c1', one, 1), answer('c2', other, 1)]))).toBe(status)
  })

  it('that is deleted is shown no more, and comes back whole', () => {
    const ready = [answer('profile', 'ready', 1), answer('c1', 'ready', 1, { figure: figure(3) })]
    let strip = strips.told(strips.empty(), [snapshot(1, ready), snapshot(2, ready)], 2)
    strip = strips.told(strip, [snapshot(1, [], { deleted: true, revision: 3 })], 3)
    expect(strip.order).toEqual(['s2'])
    strip = strips.told(strip, [snapshot(1, [], { deleted: false, revision: 4 })], 4)
    expect(strip.order).toEqual(['s1', 's2'])
    expect(valueOf(strip, 's1')).toBe(3)
  })

  it('is looked at until another one is asked for; picking the newest follows', () => {
    let strip = ask(ask(strips.empty(), 'a'), 'b')
    expect(strips.shownKey(strip)).toBe('b')
    strip = strips.picked(strip, 'a')
    expect(strips.shownKey(strip)).toBe('a')
    expect(strips.shownKey(ask(strip, 'c'))).toBe('c')
    expect(strips.picked(strip, 'b').picked).toBeNull()
  })

  it('that waits shows the axes of the newest figure that asks the same', () => {
    const bars: Figure = {
      type: 'bars',
      axis: { type: 'bins', edges: [0, 1], time: false },
      total: [1],
      count: [1],
      value: null,
      outside: { nulls: 0, nan: 0, infinite: 0 },
    }
    let strip = strips.told(strips.empty(), [snapshot(1, [answer('c1', 'ready', 1, { figure: bars })])], 1)
    strip = ask(strip, 'b')
    const [chart, other] = state.charts
    if (!chart || !other) throw new Error('there are no charts')
    expect(strips.ghostOf(strip, 'b', chart)).toBe(bars)
    expect(strips.ghostOf(strip, 'b', { ...chart, bins: 10 } as typeof chart)).toBeNull()
    expect(strips.ghostOf(strip, 'b', other)).toBeNull()
  })
})
