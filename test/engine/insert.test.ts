// Goal: inserting one by one gives what sorting all at once gives, equals in the order of arrival.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { insert } from '../../engine/insert'

describe('insert', () => {
  it('keeps a list as a stable sort would leave it', () => {
    const item = fc.record({ rank: fc.nat(5), name: fc.string() })
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const byRank = (a: { rank: number }, b: { rank: number }) => a.rank - b.rank
        const list: typeof items = []
        for (const one of items) insert(list, one, byRank)
        assert.deepEqual(list, items.slice().sort(byRank))
      }),
    )
  })
})
