// Goal: open time is counted once, whatever lies between. Method: one table over a week with lunch breaks.
import assert from 'node:assert/strict'
import { ALWAYS, elapsed, remaining } from '../../../engine/calendar'
import { at, DAY, HOUR, open, SPLIT } from './support'

const calendar = open(SPLIT)

describe('elapsed', () => {
  const rows: ReadonlyArray<[name: string, from: string, to: string, want: number]> = [
    ['nothing', '2026-06-01T10:00+02:00', '2026-06-01T10:00+02:00', 0],
    ['end before start', '2026-06-02T10:00+02:00', '2026-06-01T10:00+02:00', 0],
    ['within a window', '2026-06-01T10:00+02:00', '2026-06-01T11:00+02:00', HOUR],
    ['over lunch', '2026-06-01T12:00+02:00', '2026-06-01T14:00+02:00', HOUR],
    ['closed all along', '2026-06-07T00:00+02:00', '2026-06-08T09:00+02:00', 0],
    ['a week', '2026-06-01T00:00+02:00', '2026-06-08T00:00+02:00', 44 * HOUR],
    ['seen from another zone', '2026-06-01T00:00-07:00', '2026-06-01T09:00-07:00', 8 * HOUR],
    ['from before the known world', '0001-01-01T00:00', '1900-01-01T10:00+01:00', HOUR],
  ]
  for (const [name, from, to, want] of rows) {
    it(name, () => assert.equal(elapsed(calendar, at(from), at(to)), want))
  }

  it('counts only unpaused time', () => {
    const pauses = [
      { startMs: at('2026-06-01T10:00+02:00'), endMs: at('2026-06-01T13:30+02:00') },
      { startMs: at('2026-06-01T17:00+02:00') },
    ]
    const monday = at('2026-06-01T00:00+02:00')
    assert.equal(elapsed(calendar, monday, monday + 7 * DAY, pauses), 4.5 * HOUR)
    assert.equal(elapsed(calendar, monday, at('2026-06-01T09:30+02:00'), pauses), HOUR / 2)
  })

  it('counts ms, not minutes', () => assert.equal(elapsed(ALWAYS, 1_001, 2_003), 1_002))

  it('refuses what is not a number', () =>
    assert.throws(() => elapsed(calendar, 0, Number.NaN), RangeError))
})

describe('remaining', () => {
  const startMs = at('2026-06-01T09:00+02:00')

  it('is what the budget has left', () =>
    assert.equal(remaining(calendar, at('2026-06-01T10:00+02:00'), startMs, 3 * HOUR), 2 * HOUR))
  it('stands still while closed', () =>
    assert.equal(remaining(calendar, at('2026-06-01T13:00+02:00'), startMs, 4 * HOUR), HOUR / 2))
  it('is below 0 once overdrawn', () =>
    assert.equal(remaining(calendar, at('2026-06-01T12:00+02:00'), startMs, HOUR), -2 * HOUR))
  it('is the whole budget before the start', () =>
    assert.equal(remaining(calendar, startMs - DAY, startMs, HOUR), HOUR))
  it('stands still in a pause that goes on', () =>
    assert.equal(remaining(calendar, startMs + 9 * HOUR, startMs, HOUR, [{ startMs }]), HOUR))
})
