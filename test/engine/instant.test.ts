// Goal: an instant is written in UTC, and what was written last does not change what comes next.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { iso } from '../../engine/instant'

describe('iso', () => {
  it('writes what the language writes, again and again', () => {
    const ms = fc.integer({ min: -8.64e15, max: 8.64e15 })
    fc.assert(
      fc.property(fc.array(fc.oneof(ms, fc.constantFrom(0, -0, 1))), (instants) => {
        for (const one of instants) {
          assert.equal(iso(one), new Date(one).toISOString())
          assert.equal(iso(one), new Date(one).toISOString())
        }
      }),
    )
  })
  it('refuses what is no instant, and goes on', () => {
    assert.throws(() => iso(Number.NaN), RangeError)
    assert.throws(() => iso(8.64e15 + 1), RangeError)
    assert.equal(iso(0), '1970-01-01T00:00:00.000Z')
  })
})
