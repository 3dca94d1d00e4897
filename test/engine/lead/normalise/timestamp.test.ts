// Goal: an instant reads the same everywhere and a damaged one reads nowhere.
// Method: tables per form, days of the calendar against Date, other time zones in a child process.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { normaliseTimestamp } from '../../../../engine/lead/normalise/timestamp'
import { accepts, findsNothingIn, itObeysTheLaws, refuses } from './laws'

const instant = fc.date({
  min: new Date('1990-01-01T00:00:00Z'),
  max: new Date('2100-12-31T23:59:59Z'),
  noInvalidDate: true,
})

describe('normalise: timestamp', () => {
  itObeysTheLaws(normaliseTimestamp, {
    typical: instant.chain((date) =>
      fc.constantFrom<unknown>(
        date,
        date.toISOString(),
        date.getTime(),
        date.toUTCString(),
        date.getTime() / 1000,
      ),
    ),
  })

  accepts(normaliseTimestamp, [
    ['2026-03-31T09:30:00Z', '2026-03-31T09:30:00.000Z'],
    ['2026-03-31t09:30:00z', '2026-03-31T09:30:00.000Z'],
    ['2026-03-31T09:30Z', '2026-03-31T09:30:00.000Z'],
    ['2026-03-31 09:30:00', '2026-03-31T09:30:00.000Z'],
    ['2026-03-31T09:30', '2026-03-31T09:30:00.000Z'],
    ['2026-03-31T09:30:00.5Z', '2026-03-31T09:30:00.500Z'],
    ['2026-03-31T09:30:00,25Z', '2026-03-31T09:30:00.250Z'],
    ['2026-03-31T09:30:00.123456789Z', '2026-03-31T09:30:00.123Z'],
    ['2026-03-31T09:30:00+02:00', '2026-03-31T07:30:00.000Z'],
    ['2026-03-31T09:30:00+0200', '2026-03-31T07:30:00.000Z'],
    ['2026-03-31T09:30:00 +0200', '2026-03-31T07:30:00.000Z'],
    ['2026-03-31T09:30:00+02', '2026-03-31T07:30:00.000Z'],
    ['2026-03-31T00:30:00+05:45', '2026-03-30T18:45:00.000Z'],
    ['2026-12-31T23:30:00-08:00', '2027-01-01T07:30:00.000Z'],
    ['2026-03-31', '2026-03-31T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29', '2000-02-29T00:00:00.000Z'],
    ['1990-01-01', '1990-01-01T00:00:00.000Z'],
    ['2100-12-31T23:59:59.999Z', '2100-12-31T23:59:59.999Z'],
    [1_774_949_400, '2026-03-31T09:30:00.000Z'],
    [1_774_949_400_000, '2026-03-31T09:30:00.000Z'],
    ['1774949400', '2026-03-31T09:30:00.000Z'],
    ['1774949400000', '2026-03-31T09:30:00.000Z'],
    ['1774949400.123456', '2026-03-31T09:30:00.123Z'],
    [1_774_949_400.5, '2026-03-31T09:30:00.500Z'],
    [new Date('2026-03-31T09:30:00Z'), '2026-03-31T09:30:00.000Z'],
    ['Tue, 31 Mar 2026 09:30:00 GMT', '2026-03-31T09:30:00.000Z'],
    ['Tue, 31 Mar 2026 09:30:00 +0200', '2026-03-31T07:30:00.000Z'],
    ['31 Mar 2026 09:30 -0500', '2026-03-31T14:30:00.000Z'],
    ['Tue, 31 Mar 2026 09:30:00 PDT', '2026-03-31T16:30:00.000Z'],
    ['Tue, 31 Mar 2026 09:30:00 +0000 (Coordinated Universal Time)', '2026-03-31T09:30:00.000Z'],
    ['Sun, 1 Feb 2026 00:00:00 UT', '2026-02-01T00:00:00.000Z'],
  ])

  findsNothingIn(normaliseTimestamp, ['n/a', '-', 'unknown'])
  refuses(
    normaliseTimestamp,
    [
      '2026-02-30',
      '2025-02-29',
      '2100-02-29',
      '2026-13-01',
      '2026-00-10',
      '2026-01-00',
      '2026-1-1',
      '0095-01-01',
      '1989-12-31',
      '1989-12-31T23:59:59.999Z',
      '2101-01-01',
      '1990-01-01T00:00:00+01:00',
      '2026-03-31T24:00:00Z',
      '2026-03-31T09:60Z',
      '2026-03-31T09:30:60Z',
      '2026-03-31T09:30:00+15:00',
      '2026-03-31T09:30:00+02:60',
      '2026-03-31T',
      '2026-03-31Z',
      '2026-03-31T9:30Z',
      '03/31/2026',
      '31.03.2026',
      '31/03/26',
      '20260331',
      '2026-W14-2',
      '2026-090',
      '2026',
      '2026-03',
      'tomorrow',
      'now',
      '09:30',
      'Tue Mar 31 2026 09:30:00 GMT+0200',
      '31 Foo 2026 09:30:00 GMT',
      '31 Mar 2026',
      '31 Feb 2026 09:30:00 GMT',
      '31 Mar 2026 09:30:00 XYZ',
      '+002026-03-31',
      '-2026-03-31',
      0,
      1,
      -1,
      12_345,
      99_999_999_999,
      46_112.4,
      1e20,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      5n,
      true,
      {},
      [],
      [2026, 3, 31],
      new Date(Number.NaN),
      new Date(0),
      { getTime: () => 1_774_949_400_000 },
      Object.create(Date.prototype),
      '1'.repeat(65),
    ],
    /time such as 2026-03-31T09:30:00Z/,
  )

  it('refuses exactly the days that no calendar has', () => {
    for (const year of [1990, 1996, 2000, 2025, 2026, 2100]) {
      for (let month = 0; month <= 13; month += 1) {
        for (let day = 0; day <= 32; day += 1) {
          const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
          const ms = Date.parse(`${text}T00:00:00Z`)
          const exists = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
          assert.equal(normaliseTimestamp(text).ok, exists, text)
        }
      }
    }
  })

  it('does not depend on the time zone of the process', () => {
    const zone = process.env.TZ
    try {
      for (const TZ of ['America/St_Johns', 'Pacific/Kiritimati', 'Europe/Berlin']) {
        process.env.TZ = TZ
        for (const text of [
          '2026-03-29',
          '2026-03-29T02:30:00',
          'Sun, 29 Mar 2026 02:30:00 +0000',
        ]) {
          const answer = normaliseTimestamp(text)
          assert.ok(
            answer.ok && /^2026-03-29T0[02]:[03]0:00\.000Z$/.test(answer.value),
            `${TZ}: ${text}`,
          )
        }
      }
    } finally {
      if (zone === undefined) delete process.env.TZ
      else process.env.TZ = zone
    }
  })

  it('reads an instant as we write it no differently from other spellings of it', () => {
    const two = fc.nat(70).map((number) => String(number).padStart(2, '0'))
    const text = fc
      .tuple(fc.integer({ min: 1985, max: 2105 }), two, two, two, two, two)
      .map(([year, ...rest]) => [year, ...rest] as const)
    fc.assert(
      fc.property(text, ([year, month, day, hour, minute, second]) => {
        const instant = `${year}-${month}-${day}T${hour}:${minute}:${second}.250`
        assert.deepEqual(normaliseTimestamp(`${instant}Z`), normaliseTimestamp(`${instant}+00:00`))
      }),
      { numRuns: 5_000 },
    )
    for (const day of ['2024-02-29', '2026-02-29', '2026-04-31', '2026-12-31']) {
      for (const time of ['00:00:00.000', '24:00:00.000', '23:59:60.000']) {
        const instant = `${day}T${time}`
        assert.deepEqual(normaliseTimestamp(`${instant}Z`), normaliseTimestamp(`${instant}+00:00`))
      }
    }
  })
})
