// Goal: ids of two systems never meet, and of too many signals every type survives, refusals first.
// Method: a table of names that could meet; the rule of who gives way, as laws over random types.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { withdrawnBy } from '../../../engine/lead/intake/consent'
import { keepEveryType, signalId } from '../../../engine/lead/signals'

describe('signalId', () => {
  it('names the system and what it calls the signal', () => {
    assert.equal(signalId('crm', '17'), 'crm/17')
    assert.equal(signalId(undefined, '17'), '17')
    assert.equal(signalId('', '17'), '17')
  })
  it('is another one for each system and id, and never longer than a signal may have it', () => {
    const part = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', '/', ':', '%', '2', 'F', '#'), maxLength: 6 }),
      fc.constantFrom('a'.repeat(200), 'a'.repeat(199), '/'.repeat(150)),
    )
    const system = part.filter((name) => name !== '')
    fc.assert(
      fc.property(fc.tuple(system, part), fc.tuple(system, part), (one, other) => {
        const ids = [signalId(...one), signalId(...other)]
        assert.equal(ids[0] === ids[1], one[0] === other[0] && one[1] === other[1])
        for (const id of ids) assert.ok(id.length <= 200)
      }),
      { numRuns: 2_000 },
    )
  })
  it('is never the id of a signal that an event stands for', () => {
    // Such a one begins with the event's key, which is `<system>:<id>`.
    for (const id of ['7', '7/demo/0', ':7', 'x:7'])
      assert.doesNotMatch(signalId('web', id), /^web:/)
  })
})

describe('keepEveryType', () => {
  const types = fc.array(
    fc.constantFrom('page', 'page', 'page', 'demo', 'unsubscribe', 'opt_out'),
    {
      maxLength: 40,
    },
  )
  const manyTypes = fc.array(fc.stringMatching(/^[a-z]{1,2}$/), { maxLength: 40 })
  const max = fc.integer({ min: 1, max: 20 })
  const countOf = (list: readonly string[]) => {
    const counts = new Map<string, number>()
    for (const type of list) counts.set(type, (counts.get(type) ?? 0) + 1)
    return counts
  }

  it('as many as may be are kept, and all when there are few', () => {
    fc.assert(
      fc.property(fc.oneof(types, manyTypes), max, (list, most) => {
        assert.equal(keepEveryType(list, most).size, Math.min(list.length, most))
      }),
    )
  })
  it('none gives way while another type has more left', () => {
    fc.assert(
      fc.property(fc.oneof(types, manyTypes), max, (list, most) => {
        const kept = keepEveryType(list, most)
        const left = countOf(list.filter((_, place) => kept.has(place)))
        const largest = Math.max(0, ...left.values())
        for (const [type, count] of countOf(list)) {
          const own = left.get(type) ?? 0
          if (own < count) assert.ok(own >= largest - 1, `${type} has ${own} left of ${count}`)
        }
      }),
      { numRuns: 1_000 },
    )
  })
  it('of each type the preferred ones stay', () => {
    fc.assert(
      fc.property(types, max, (list, most) => {
        const kept = keepEveryType(list, most)
        for (const type of new Set(list)) {
          const places = list.flatMap((one, place) => (one === type ? [kept.has(place)] : []))
          assert.deepEqual(
            places,
            places.toSorted((a, b) => Number(b) - Number(a)),
          )
        }
      }),
    )
  })
  it('no refusal goes for good, however many types there are', () => {
    const refusal = fc.constantFrom('unsubscribe', 'opt_out', 'do_not_contact')
    const list = fc.array(fc.oneof(fc.stringMatching(/^[a-z]{1,2}$/), refusal), { maxLength: 40 })
    fc.assert(
      fc.property(list, fc.integer({ min: 3, max: 20 }), (all, most) => {
        const kept = keepEveryType(all, most)
        const left = new Set(all.filter((_, place) => kept.has(place)))
        for (const type of all) if (withdrawnBy(type)) assert.ok(left.has(type), type)
      }),
    )
  })
})
