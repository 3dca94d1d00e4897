// Goal: hours, days and weeks begin where the wall shows it, clock changes included.
// Method: a table of known days, and laws over every zone of interest.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { PERIODS, type Period, PeriodClock } from '../../../engine/calendar'
import { DAY, HOUR, MINUTE } from '../support/leads'

const rows: ReadonlyArray<
  readonly [name: string, zone: string, Period, at: string, start: string, end: string]
> = [
  [
    'a day in Berlin',
    'Europe/Berlin',
    'day',
    '2026-03-02T22:59Z',
    '2026-03-01T23:00Z',
    '2026-03-02T23:00Z',
  ],
  [
    'the next one',
    'Europe/Berlin',
    'day',
    '2026-03-02T23:00Z',
    '2026-03-02T23:00Z',
    '2026-03-03T23:00Z',
  ],
  [
    'a day of 23 hours',
    'Europe/Berlin',
    'day',
    '2026-03-29T12:00Z',
    '2026-03-28T23:00Z',
    '2026-03-29T22:00Z',
  ],
  [
    'a day of 25 hours',
    'Europe/Berlin',
    'day',
    '2026-10-25T12:00Z',
    '2026-10-24T22:00Z',
    '2026-10-25T23:00Z',
  ],
  [
    'a day that begins at 01:00',
    'America/Sao_Paulo',
    'day',
    '2017-10-15T12:00Z',
    '2017-10-15T03:00Z',
    '2017-10-16T02:00Z',
  ],
  [
    'a week from Monday',
    'Europe/Berlin',
    'week',
    '2026-03-08T22:00Z',
    '2026-03-01T23:00Z',
    '2026-03-08T23:00Z',
  ],
  [
    'a week on its Monday',
    'Etc/UTC',
    'week',
    '2026-03-02T00:00Z',
    '2026-03-02T00:00Z',
    '2026-03-09T00:00Z',
  ],
  [
    'an hour',
    'Europe/Berlin',
    'hour',
    '2026-03-02T10:59Z',
    '2026-03-02T10:00Z',
    '2026-03-02T11:00Z',
  ],
  [
    'an hour of a zone off by 30 minutes',
    'Asia/Kolkata',
    'hour',
    '2026-03-02T10:29Z',
    '2026-03-02T09:30Z',
    '2026-03-02T10:30Z',
  ],
  [
    'the first of a repeated hour',
    'Europe/Berlin',
    'hour',
    '2026-10-25T00:30Z',
    '2026-10-25T00:00Z',
    '2026-10-25T01:00Z',
  ],
  [
    'the second of it',
    'Europe/Berlin',
    'hour',
    '2026-10-25T01:30Z',
    '2026-10-25T01:00Z',
    '2026-10-25T02:00Z',
  ],
]

describe('PeriodClock', () => {
  for (const [name, zone, period, at, start, end] of rows) {
    it(name, () => {
      assert.deepEqual(new PeriodClock(zone, period).around(Date.parse(at)), {
        startMs: Date.parse(start),
        endMs: Date.parse(end),
      })
    })
  }

  const zones = fc.constantFrom('Etc/UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata')
  const instants = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2028, 0) })
  const LONGEST = { hour: HOUR, day: DAY + HOUR, week: 7 * DAY + HOUR }

  it('every instant lies in its period, and so do both ends of it', () => {
    fc.assert(
      fc.property(zones, fc.constantFrom(...PERIODS), instants, (zone, period, atMs) => {
        const { startMs, endMs } = new PeriodClock(zone, period).around(atMs)
        assert.ok(startMs <= atMs && atMs < endMs)
        assert.ok(
          endMs - startMs <= LONGEST[period] && endMs - startMs >= LONGEST[period] - 2 * HOUR,
        )
        for (const edgeMs of [startMs, endMs - MINUTE])
          assert.deepEqual(new PeriodClock(zone, period).around(edgeMs), { startMs, endMs })
        assert.equal(new PeriodClock(zone, period).around(endMs).startMs, endMs)
      }),
    )
  })

  it('what was asked before changes no answer, nor does a clock that jumps back', () => {
    fc.assert(
      fc.property(zones, fc.constantFrom(...PERIODS), fc.array(instants), (zone, period, list) => {
        const clock = new PeriodClock(zone, period)
        for (const atMs of list)
          assert.deepEqual(clock.around(atMs), new PeriodClock(zone, period).around(atMs))
      }),
    )
  })
})
