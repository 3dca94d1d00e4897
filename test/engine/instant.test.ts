// Goal: the quick ways to read and write an instant give exactly what Date.parse and toISOString give.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { instantMs, iso } from '../../engine/instant'

describe('instantMs agrees with Date.parse', () => {
  const same = (text: string) => assert.equal(instantMs(text), Date.parse(text), text)

  it('on every day from 1896 to 2104, leap days and all', () => {
    for (let ms = Date.UTC(1896, 0, 1); ms < Date.UTC(2104, 11, 31); ms += 86_400_000)
      same(new Date(ms).toISOString())
  })
  it('on any instant that a Date can hold in four digits of a year', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('0000-01-01T00:00:00Z'),
          max: new Date('9999-12-31T23:59:59.999Z'),
          noInvalidDate: true,
        }),
        (date) => same(date.toISOString()),
      ),
      { numRuns: 2_000 },
    )
  })
  it('on texts of the same form with any digits, days that do not exist included', () => {
    const pad = (max: number, length: number) =>
      fc.nat(max).map((n) => String(n).padStart(length, '0'))
    fc.assert(
      fc.property(
        pad(9999, 4),
        pad(99, 2),
        pad(99, 2),
        pad(99, 2),
        pad(99, 2),
        pad(99, 2),
        pad(999, 3),
        (y, mo, d, h, mi, s, ms) => same(`${y}-${mo}-${d}T${h}:${mi}:${s}.${ms}Z`),
      ),
      { numRuns: 2_000 },
    )
  })
  it('near the edges of every field', () => {
    const part = (...values: string[]) => fc.constantFrom(...values)
    fc.assert(
      fc.property(
        part('0000', '1900', '2000', '2024', '2026'),
        part('00', '01', '02', '12', '13'),
        part('00', '01', '28', '29', '30', '31', '32'),
        part('00', '23', '24'),
        part('00', '59', '60'),
        part('00', '59', '60'),
        (y, mo, d, h, mi, s) => same(`${y}-${mo}-${d}T${h}:${mi}:${s}.000Z`),
      ),
      { numRuns: 1_000 },
    )
  })
  it('on every other text', () => {
    for (const text of [
      '',
      'soon',
      '2026-03-02',
      '2026-03-02T09:00:00Z',
      '2026-03-02T09:00:00+01:00',
      '2026-03-02 09:00:00.000Z',
      '2026-03-02T09:00:00.0a0Z',
      '２026-03-02T09:00:00.000Z',
      '2026/03/02T09:00:00.000Z',
    ])
      same(text)
    fc.assert(fc.property(fc.string({ maxLength: 30 }), same))
  })
})

describe('iso agrees with Date', () => {
  it('whatever was written before', () => {
    const ms = fc.oneof(
      fc.constantFrom(0, -1, 1_772_442_000_000),
      fc.integer(),
      fc.maxSafeInteger(),
    )
    fc.assert(
      fc.property(fc.array(ms), (list) => {
        for (const one of list) {
          const date = new Date(one)
          if (Number.isNaN(date.getTime())) assert.throws(() => iso(one), RangeError)
          else assert.equal(iso(one), date.toISOString())
        }
      }),
    )
  })
  it('refuses what is no instant, again and again', () => {
    for (let times = 0; times < 2; times++) assert.throws(() => iso(Number.NaN), RangeError)
  })
})
