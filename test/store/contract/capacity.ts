// Goal: that no rep has more than capacity and caps allow, whoever decides at the same time.
import assert from 'node:assert/strict'
import type { Change } from '../../../engine/decision'
import type { TallyKey } from '../../../engine/step'
import type { Store } from '../../../store/store'
import { policy } from '../../engine/support/artefacts'
import { at, DAY, HOUR, NOW } from '../../engine/support/leads'
import { person } from '../life'
import { entry, livesIn, loads, type Open, opens } from './support'

export function describeCapacity(open: Open): void {
  const life = livesIn(open)

  describe('capacity', () => {
    it('is given back once, however often an assignment is closed, and by no other cycle', async () => {
      const store = await open()
      const write = (...changes: Change[]) =>
        store.transaction([], (tx) => tx.commit(entry(person(1), changes)))
      const close = (cycle: number): Change => ({
        kind: 'assignment.close',
        leadId: 'L1',
        cycle,
        reason: 'closed',
      })
      await write(opens('L1', 'ana', 1))
      await write(close(2))
      assert.deepEqual(await loads(store), { ana: 1, ben: 0 })
      await write(close(1))
      await write(close(1))
      await write(close(1), opens('L1', 'ben', 2))
      assert.deepEqual(await loads(store), { ana: 0, ben: 1 })
      await store.close()
      assert.deepEqual(await loads(await open()), { ana: 0, ben: 1 })
    })
  })

  describe('caps', () => {
    const CAPPED = policy({
      reps: [
        { id: 'ana', name: 'Ana', capacity: 100, caps: { day: 3 } },
        { id: 'ben', name: 'Ben', capacity: 100, caps: { hour: 2, week: 4 } },
      ],
    })
    const count = (key: Partial<TallyKey> = {}): TallyKey => ({
      repId: 'ana',
      period: 'day',
      fromMs: NOW,
      ...key,
    })
    const add = (key?: Partial<TallyKey>): Change => ({ kind: 'tally.add', ...count(key) })
    const read = (store: Store, ...keys: Partial<TallyKey>[]) =>
      store.transaction([], (tx) => tx.tallies(keys.map(count)))

    it('are counted per rep, period and moment, in the order of the question', async () => {
      const store = await open()
      const write = (...changes: Change[]) =>
        store.transaction([], (tx) => tx.commit(entry(person(1), changes)))
      await write(add(), add({ period: 'hour' }), add())
      await write(add(), add({ repId: 'ben' }), add({ fromMs: NOW + DAY }))
      const keys = [{ repId: 'ben' }, {}, { period: 'week' }, { fromMs: NOW + DAY }] as const
      assert.deepEqual(await read(store, ...keys), [1, 3, 0, 1])
      assert.deepEqual(await read(store), [])
      await store.close()
      assert.deepEqual(await read(await open(), ...keys), [1, 3, 0, 1])
    })

    it('of another realm do not count, and old ones are forgotten', async () => {
      const [store, other] = [await open(), await open('other')]
      await store.transaction([], (tx) => tx.commit(entry(person(1), [add()])))
      assert.deepEqual(await read(other, {}), [0])
      await store.forget(NOW + 8 * DAY)
      await Promise.all([store.close(), other.close()])
      const again = await open()
      assert.deepEqual(await read(again, {}), [1])
      await again.forget(NOW + 15 * DAY)
      await again.close()
      assert.deepEqual(await read(await open(), {}), [0])
    })

    it('hold however many leads come at once, and in the next period there is room again', async () => {
      const one = await life(CAPPED)
      const come = (from: number, nowMs: number) =>
        Promise.all(Array.from({ length: 10 }, (_, n) => one.route(person(from + n), nowMs)))
      const got = async () => {
        const all = await Promise.all(
          (await one.store.leads('assigned', 99)).map(({ id }) => one.store.lead(id)),
        )
        const reps = all.map((stored) => stored!.lead.assignment!.rep!.id)
        return ['ana', 'ben'].map((id) => reps.filter((rep) => rep === id).length)
      }
      await come(1, NOW)
      assert.deepEqual(await got(), [3, 2])
      const [waiting] = await one.store.leads('waiting', 1)
      const { assignment } = (await one.store.lead(waiting!.id))!.lead
      assert.deepEqual(
        [assignment!.why, assignment!.retryAt],
        ['nobody in all can take it now: 2 at the cap', at(NOW + HOUR)],
      )
      await come(11, NOW + HOUR)
      assert.deepEqual(await got(), [3, 4])
      await come(21, NOW + DAY)
      assert.deepEqual(await got(), [6, 4])
      // A clock that is put back finds the count that it left.
      await come(31, NOW)
      assert.deepEqual(await got(), [6, 4])
    })
  })
}
