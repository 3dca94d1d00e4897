// Goal: what is not on disk is never forgotten, the latest are kept, and old ones go.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Generations } from '../../../store/sqlite/generations'

describe('Generations', () => {
  it('keeps the latest, and forgets the old that are on disk', () => {
    const map = new Generations<number>(2)
    for (let n = 1; n <= 20; n++) map.set(`k${n}`, n, n, n)
    assert.deepEqual([map.get('k20'), map.get('k19')], [20, 19])
    assert.equal(map.get('k1'), undefined)
  })
  it('a value that is set again stays', () => {
    const map = new Generations<number>(2)
    for (let n = 1; n <= 20; n++) {
      map.set('always', n, n, n)
      map.set(`k${n}`, n, n, n)
    }
    assert.equal(map.get('always'), 20)
  })
  it('deleted and cleared is gone', () => {
    const map = new Generations<number>(1)
    for (const key of ['a', 'b', 'c']) map.set(key, 1, 1, 0)
    map.delete('a')
    map.delete('c')
    assert.deepEqual([map.get('a'), map.get('b'), map.get('c')], [undefined, 1, undefined])
    map.clear()
    assert.equal(map.get('b'), undefined)
  })
  it('whatever is not acknowledged is there', () => {
    const steps = fc.array(fc.record({ key: fc.nat(30), ack: fc.boolean() }), { maxLength: 200 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5 }), (list, size) => {
        const map = new Generations<number>(size)
        const wanted = new Map<string, number>()
        let acknowledged = -1
        list.forEach(({ key, ack }, batch) => {
          map.set(`k${key}`, batch, batch, acknowledged)
          wanted.set(`k${key}`, batch)
          if (ack) acknowledged = batch
          for (const [name, value] of wanted)
            if (value > acknowledged) assert.equal(map.get(name), value)
        })
      }),
    )
  })
})
