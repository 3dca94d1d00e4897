// Goal: timers that cannot be fired keep no others back, and a store that is away is not asked in vain.
// Method: pages over timers in memory, some of which never fire.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { firePages } from '../../nodes/shared/timer-alarm'
import { StoreOutage } from '../../store/outage'
import type { DueTimer } from '../../store/store'

/** Fires what is due, in its order; gives what fired, how much was claimed, and what was thrown. */
async function ring(ids: readonly number[], faultOf: (id: number) => Error | undefined) {
  let left = [...ids]
  const fired: number[] = []
  const claimed: number[] = []
  let thrown: unknown
  try {
    await firePages(
      async (limit) => {
        const page = left.slice(0, limit)
        claimed.push(page.length)
        return page.map((id) => ({ timer: { id: String(id) } }) as unknown as DueTimer)
      },
      async (due) => {
        const page = due.map(({ timer }) => Number(timer.id))
        const done = page.filter((id) => faultOf(id) === undefined)
        fired.push(...done)
        left = left.filter((id) => !done.includes(id))
        return page
          .filter((id) => !done.includes(id))
          .map((id) => ({ id: String(id), fault: faultOf(id) }))
      },
    )
  } catch (raw) {
    thrown = raw
  }
  return { fired, claimed, thrown }
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('firePages', () => {
  it('fires all that is due, each once and in order, whichever cannot be fired', async () => {
    const never = fc.uniqueArray(fc.integer({ min: 0, max: 899 }), { maxLength: 350 })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 900 }), never, async (count, bad) => {
        const faults = new Map(bad.map((id) => [id, new Error(`never ${id}`)]))
        const { fired, thrown } = await ring(numbers(count), (id) => faults.get(id))
        assert.deepEqual(
          fired,
          numbers(count).filter((id) => !faults.has(id)),
        )
        const first = numbers(count).find((id) => faults.has(id))
        assert.equal(thrown, first === undefined ? undefined : faults.get(first))
      }),
      { numRuns: 50 },
    )
  })

  it('a whole page of timers that can never fire keeps those behind it waiting no longer', async () => {
    const { fired } = await ring(numbers(130), (id) => (id < 100 ? new Error('never') : undefined))
    assert.deepEqual(fired, numbers(130).slice(100))
  })

  it('when nothing can be fired at all, it ends after some pages', async () => {
    const { fired, claimed, thrown } = await ring(numbers(20_000), () => new Error('no policy'))
    assert.deepEqual(fired, [])
    assert.ok(claimed.reduce((sum, count) => sum + count, 0) <= 1_500)
    assert.match(String(thrown), /no policy/)
  })

  it('while the store is away no further page is begun', async () => {
    const { claimed, thrown } = await ring(numbers(500), (id) =>
      id === 7 ? new StoreOutage('a file', 'disk full') : undefined,
    )
    assert.deepEqual(claimed, [100])
    assert.ok(thrown instanceof StoreOutage)
  })
})
