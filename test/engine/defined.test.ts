// Goal: what has no value is left out, and nothing else changes. Method: against the plain way by entries.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { copyDefined, defined } from '../../engine/defined'

const value = fc.oneof(fc.constantFrom(undefined, null, 0, false, ''), fc.string())
const fields = fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), value, {
  noNullPrototype: true,
})
const plain = (source: object) => Object.entries(source).filter(([, one]) => one !== undefined)

describe('defined', () => {
  it('keeps every property that has a value, in its order', () => {
    fc.assert(
      fc.property(fields, (source) => {
        assert.deepEqual(Object.entries(defined(source)), plain(source))
      }),
    )
  })
  it('copies on to another, but for what is excepted', () => {
    fc.assert(
      fc.property(fields, fields, (from, to) => {
        const except = new Set(Object.keys(from).slice(0, 1))
        const wanted = { ...to, ...Object.fromEntries(plain(from).filter(([k]) => !except.has(k))) }
        assert.deepEqual(copyDefined(from, { ...to }, except), wanted)
      }),
    )
  })
})
