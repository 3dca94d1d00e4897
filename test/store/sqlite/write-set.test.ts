// Goal: a batch leaves the rows as its statements one by one would have, and writes each saved row once.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { STATEMENTS } from '../../../store/sqlite/statements'
import { WriteSet } from '../../../store/sqlite/write-set'

/** The flat list, read as the writer reads it. */
function statementsOf(flat: readonly unknown[]): unknown[][] {
  const found: unknown[][] = []
  for (let at = 0; at < flat.length; ) {
    const { values } = STATEMENTS[flat[at] as number]!
    found.push(flat.slice(at + 1, at + 1 + values))
    at += 1 + values
  }
  return found
}

describe('WriteSet', () => {
  it('keeps the order, and of a saved row the last values', () => {
    const set = new WriteSet()
    set.save('saveOwner', 'acme', 'acme', 'ana', 1)
    set.add('endIntake', 'web:1')
    set.save('saveOwner', 'acme', 'acme', 'ben', 2)
    set.save('saveOwner', 'other', 'other', 'ana', 3)
    assert.deepEqual(statementsOf(set.flat()), [['acme', 'ben', 2], ['web:1'], ['other', 'ana', 3]])
  })
  it('rows of two tables with one name stay two', () => {
    const set = new WriteSet()
    set.save('saveOwner', 'x', 'x', 'ana', 1)
    set.save('saveLoad', 'x', 'x', 3)
    assert.deepEqual(statementsOf(set.flat()), [
      ['x', 'ana', 1],
      ['x', 3],
    ])
  })
  it('makes a text only for the values that are written', () => {
    const set = new WriteSet()
    const made: number[] = []
    for (const version of [1, 2, 3])
      set.save('saveLead', 'L1', 'L1', () => {
        made.push(version)
        return `body ${version}`
      })
    assert.deepEqual(statementsOf(set.flat()), [['L1', 'body 3']])
    assert.deepEqual(made, [3])
  })
  it('whatever is saved: each row once, as the last left it', () => {
    const saves = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer()))
    fc.assert(
      fc.property(saves, (list) => {
        const set = new WriteSet()
        for (const [rep, units] of list) set.save('saveLoad', rep, rep, units)
        assert.deepEqual(new Map(statementsOf(set.flat()) as [string, number][]), new Map(list))
        assert.equal(statementsOf(set.flat()).length, new Map(list).size)
      }),
    )
  })
})
