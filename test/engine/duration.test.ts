// Goal: durations mean what people write, and what they cannot mean is refused.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { durationMs, formatDuration, parseDuration } from '../../engine/duration'
import { inBoundedTime } from './support/processor'

describe('parseDuration', () => {
  for (const [text, want] of [
    ['0s', 0],
    ['250ms', 250],
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['1d1h1m1s1ms', 90_061_001],
    ['', undefined],
    ['5', undefined],
    ['m', undefined],
    ['-5m', undefined],
    ['5 m', undefined],
    ['5M', undefined],
    ['5min', undefined],
    ['5m ', undefined],
    ['1e3s', undefined],
    ['٥m', undefined],
    [`${'1'.repeat(50)}s`, undefined],
    ['365000d', 31_536_000_000_000],
    ['365000d1ms', undefined],
    [`${'9'.repeat(39)}w`, undefined],
  ] as const) {
    it(`"${text.slice(0, 20)}" is ${want}`, () => assert.equal(parseDuration(text), want))
  }

  it('reads a long run of units in no time', () => {
    inBoundedTime(500, () => parseDuration(`${'1m'.repeat(500_000)}x`))
  })
})

describe('durationMs', () => {
  it('throws on what no schema would have let through', () => {
    assert.equal(durationMs('5m'), 300_000)
    assert.throws(() => durationMs('soon'), RangeError)
  })
})

describe('formatDuration', () => {
  for (const [ms, want] of [
    [0, '0s'],
    [499, '0s'],
    [-499, '0s'],
    [500, '1s'],
    [59_999, '1m'],
    [5_400_000, '1h 30m'],
    [90_061_000, '1d 1h'],
    [-90_000, '-1m 30s'],
    [86_400_000, '1d'],
  ] as const) {
    it(`${ms} ms is ${want}`, () => assert.equal(formatDuration(ms), want))
  }

  it('a whole minute reads back as itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 59 }), fc.integer({ min: 1, max: 23 }), (m, h) => {
        const ms = (h * 60 + m) * 60_000
        assert.equal(parseDuration(formatDuration(ms).replace(' ', '')), ms)
      }),
    )
  })
})
