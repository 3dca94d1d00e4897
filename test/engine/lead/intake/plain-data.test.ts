// Goal: what is taken for plain data without being written down has a canonical JSON within the
// bound. Method: against canonicalJson itself, on data of every kind; the usual records are known.
import assert from 'node:assert/strict'
import vm from 'node:vm'
import fc from 'fast-check'
import { canonicalJson } from '../../../../engine/audit/canonical-json'
import { isSurelyPlain } from '../../../../engine/lead/intake/plain-data'

const charsOf = (value: unknown) => {
  try {
    return canonicalJson(value).length
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

describe('isSurelyPlain', () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSparseArray: true,
    withTypedArray: true,
  })
  const text = fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }))

  it('says yes only to what canonical JSON holds within the bound', () => {
    let yes = 0
    fc.assert(
      fc.property(fc.oneof(anything, text), fc.nat(5_000), (inner, charsMax) => {
        const value = { inner }
        if (!isSurelyPlain(value, charsMax)) return
        yes += 1
        assert.ok(charsOf(value) <= charsMax)
      }),
      { numRuns: 2_000 },
    )
    assert.ok(yes > 500, `only ${yes} were plain`)
  })
  it('says yes to every JSON value that is far below the bound', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (inner) => {
        const value = [inner]
        const roomMax = 10 * charsOf(value) + 100
        assert.ok(isSurelyPlain(value, roomMax))
      }),
    )
  })
  it('counts every escape of a text as six', () => {
    const value = ['\u0001'.repeat(100)]
    assert.ok(!isSurelyPlain(value, charsOf(value) - 1))
  })
  it('knows objects of another context, as a function node makes them', () => {
    assert.ok(isSurelyPlain(vm.runInNewContext('({ a: { b: [1] } })'), 1_000))
  })
  for (const [name, value] of [
    ['a Date', new Date(0)],
    ['a Map', { a: new Map() }],
    ['an instance of a class', new (class A {})()],
    ['a function', { a: () => 1 }],
    ['a lone surrogate', { a: '\uD800' }],
    ['a lone surrogate in a key', { '\uD800': 1 }],
    ['a number that is none', [Number.NaN]],
  ] as const) {
    it(`leaves ${name} to the canonical JSON`, () => assert.ok(!isSurelyPlain(value, 1_000_000)))
  }
  it('comes back from what holds itself, and from what holds it often', () => {
    const cycle: Record<string, unknown> = {}
    for (let index = 0; index < 10; index++) cycle[`k${index}`] = cycle
    assert.ok(!isSurelyPlain(cycle, 1_000_000))
  })
})
