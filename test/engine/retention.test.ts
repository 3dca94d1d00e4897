// Goal: a period of months ends on the same day and time of another month, and exists in every month.
// Method: a table of edges, and laws over any moment.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { cutoffs, monthsBefore } from '../../engine/retention'
import { at, DAY } from './support/leads'

describe('monthsBefore', () => {
  for (const [now, months, expected] of [
    ['2028-03-02T10:00:00.123Z', 24, '2026-03-02T10:00:00.123Z'],
    ['2026-01-31T23:59:59.999Z', 1, '2025-12-31T23:59:59.999Z'],
    ['2026-03-31T00:00:00.000Z', 1, '2026-02-28T00:00:00.000Z'],
    ['2028-03-31T12:00:00.000Z', 1, '2028-02-29T12:00:00.000Z'],
    ['2028-02-29T12:00:00.000Z', 12, '2027-02-28T12:00:00.000Z'],
    ['2026-05-31T12:00:00.000Z', 18, '2024-11-30T12:00:00.000Z'],
    ['2026-05-31T12:00:00.000Z', 0, '2026-05-31T12:00:00.000Z'],
  ] as const) {
    it(`${months} months before ${now} is ${expected}`, () => {
      assert.equal(at(monthsBefore(Date.parse(now), months)), expected)
    })
  }

  const moment = fc.integer({ min: Date.parse('1980-01-01'), max: Date.parse('2100-01-01') })
  it('is never less than so many short months, nor more than so many long ones', () => {
    fc.assert(
      fc.property(moment, fc.integer({ min: 1, max: 120 }), (nowMs, months) => {
        const past = nowMs - monthsBefore(nowMs, months)
        assert.ok(past >= months * 28 * DAY && past <= months * 31 * DAY)
        assert.equal(past % DAY, 0)
      }),
    )
  })
  it('never goes forward when time does not go back', () => {
    fc.assert(
      fc.property(moment, fc.nat(40 * DAY), fc.nat(30), (nowMs, laterMs, months) => {
        assert.ok(monthsBefore(nowMs, months) <= monthsBefore(nowMs + laterMs, months))
      }),
    )
  })
})

describe('cutoffs', () => {
  const NOW = Date.parse('2028-03-02T10:00:00.000Z')
  it('are each by its own period', () => {
    const { leadsBeforeMs, trailBeforeMs } = cutoffs({ leadsMonths: 6, trailMonths: 12 }, NOW)
    assert.deepEqual(
      [at(leadsBeforeMs), at(trailBeforeMs)],
      ['2027-09-02T10:00:00.000Z', '2027-03-02T10:00:00.000Z'],
    )
  })
  it('without a period are before everything', () => {
    const { leadsBeforeMs, trailBeforeMs } = cutoffs({}, NOW)
    assert.ok(leadsBeforeMs < Date.parse('0001-01-01') && trailBeforeMs === leadsBeforeMs)
  })
})
