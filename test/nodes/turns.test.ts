// Goal: long work gives others their turns and keeps its order. Method: turns are counted, not timed.
import assert from 'node:assert/strict'
import { inPortions, inTurns } from '../../nodes/lead-ingest/turns'

describe('turns', () => {
  it('inTurns gives others a turn at each pause, and then what the work gives', async () => {
    let turns = 0
    const seen: number[] = []
    const watch = () => {
      turns++
      if (seen.length < 50) setImmediate(watch)
    }
    setImmediate(watch)
    function* work(): Generator<void, string> {
      for (let pause = 0; pause < 50; pause++) {
        seen.push(turns)
        yield
      }
      return 'done'
    }
    assert.equal(await inTurns(work()), 'done')
    assert.equal(new Set(seen).size, 50, 'others had a turn between each two pieces')
  })

  it('inPortions begins in order, a portion when the one before it is done, the last item alone', async () => {
    for (const count of [0, 1, 2, 99, 100, 101, 102, 350]) {
      const items = Array.from({ length: count }, (_, index) => index)
      const begun: number[] = []
      let underway = 0
      await inPortions(items, async (item) => {
        begun.push(item)
        underway++
        assert.ok(underway <= 100)
        if (item === count - 1) assert.equal(underway, 1, `the last of ${count}`)
        await new Promise((resolve) => setImmediate(resolve))
        underway--
      })
      assert.deepEqual(begun, items)
      assert.equal(underway, 0)
    }
  })

  it('inPortions ends at the first fault', async () => {
    let begun = 0
    const work = async (item: number) => {
      begun++
      if (item === 150) throw new Error('broken')
    }
    await assert.rejects(inPortions(Array(1_000).keys(), work), /broken/)
    assert.ok(begun <= 200)
  })
})
