// Goal: what every store promises about offers: units are kept while one stands open, a token is used
// once, an offer ends once, and of all who accept at once one has the lead.
// Method: one suite over the interface alone; answers and expiries race each other.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Change, Timer } from '../../../engine/decision'
import type { Lead } from '../../../engine/lead/lead'
import { availableStep, repSubject } from '../../../engine/steps/available'
import { offerFireStep } from '../../../engine/steps/offer-fire'
import { routeStep } from '../../../engine/steps/route'
import { readSalesEvent } from '../../../engine/steps/sales-event'
import { perform } from '../../../store/perform'
import type { Store, StoreEvent } from '../../../store/store'
import { policy } from '../../engine/support/artefacts'
import { MINUTE, NOW } from '../../engine/support/leads'
import { Life, own, person } from '../life'
import { entry, loads, type Open, opens } from './support'

const ROUTER = 'router'
const CAPACITY = { ana: 2, ben: 3 } as const
const RULES = policy({
  reps: Object.entries(CAPACITY).map(([id, capacity]) => ({ id, name: id, capacity })),
  tiers: [
    { id: 'fast', respond: '1h', clock: 'always', offer: { within: '2m', to: 2 }, remind: ['30m'] },
  ],
  misses: 2,
})

/** A life in which leads are offered; the clocks' node and the offers' node are two. */
class Floor extends Life {
  constructor(store: Store) {
    super(store, RULES)
  }

  offer(one: Lead, nowMs = NOW) {
    const settings = { policy: RULES, ends: new Set<string>(), nodeId: ROUTER }
    return perform(this.store, routeStep, one, settings, { nowMs })
  }

  async end(timer: Timer, nowMs: number) {
    const stored = await this.store.lead(timer.leadId)
    const settings = { policy: RULES, ends: new Set<string>(), nodeId: ROUTER, timer }
    return perform(this.store, offerFireStep, stored!.lead, settings, { nowMs })
  }

  async due(nowMs: number): Promise<Timer[]> {
    const due = await this.store.claimTimers(own(ROUTER), nowMs, 999)
    return due.map(({ timer }) => timer)
  }

  answer(leadId: string, kind: 'accepted' | 'declined', token: number, nowMs = NOW) {
    return this.sales(leadId, { kind, token, id: `${kind}-${token}-${answers++}` }, nowMs)
  }

  available(repId: string, nowMs: number) {
    const settings = { policy: RULES, repId, eventId: `back-${answers++}` }
    return perform(this.store, availableStep, repSubject(repId, nowMs), settings, { nowMs })
  }

  offers(leadId: string) {
    return this.store.transaction([], (tx) => tx.offers(leadId))
  }
}

let answers = 0
const offerOf = (token: number, repId = 'ana'): Change => ({
  kind: 'offer.open',
  leadId: 'L1',
  token,
  repId,
  poolId: 'all',
  units: 1,
  expiresMs: NOW + MINUTE,
})
const endOf = (token: number): Change => ({
  kind: 'offer.close',
  leadId: 'L1',
  token,
  end: 'expired',
})

export function describeOffers(name: string, open: Open, { runs = 15 } = {}): void {
  describe(`${name}: what every store promises about offers`, () => {
    const floor = async () => new Floor(await open())
    const write = (store: Store, ...changes: Change[]) =>
      store.transaction([], (tx) => tx.commit(entry(person(1), changes)))
    const refuses = (store: Store, change: Change, promise: RegExp) =>
      assert.rejects(
        write(store, change),
        (raw: Error & { code?: string }) =>
          raw.code === 'LEAD_STORE_INVARIANT' && promise.test(raw.message),
      )

    it('units are kept while one stands open, a token is used once, an offer ends once', async () => {
      const store = await open()
      await write(store, offerOf(1), offerOf(2, 'ben'))
      assert.deepEqual(await loads(store), { ana: 1, ben: 1 })
      await refuses(store, offerOf(2), /a token is used once/)
      await refuses(store, endOf(3), /an offer ends once/)
      await write(store, endOf(1))
      await refuses(store, endOf(1), /an offer ends once/)
      await refuses(store, offerOf(1), /a token is used once/)
      await write(store, { ...endOf(2), end: 'accepted' } as Change, opens('L1', 'ben', 1))
      const check = async (one: Store) => {
        assert.deepEqual(await loads(one), { ana: 0, ben: 1 })
        const told = await one.transaction([], (tx) => tx.offers('L1'))
        assert.deepEqual(
          told.map(({ token, repId, poolId, units, expiresMs, end }) => [
            token,
            repId,
            poolId,
            units,
            expiresMs,
            end,
          ]),
          [
            [1, 'ana', 'all', 1, NOW + MINUTE, 'expired'],
            [2, 'ben', 'all', 1, NOW + MINUTE, 'accepted'],
          ],
        )
      }
      await check(store)
      await store.close()
      await check(await open())
    })

    for (const [kind, outcomes, rep] of [
      ['declined', ['recorded', 'recorded'], undefined],
      ['accepted', ['recorded', 'ignored'], 'ana'],
    ] as const)
      it(`two reps who have ${kind} in the same moment are both heard`, async () => {
        const one = await floor()
        await one.offer(person(1))
        const told = []
        for (const token of [1, 2]) {
          const report = { kind, token, at: NOW + 1 }
          const read = readSalesEvent(report, { nowMs: NOW + 9, messageId: `m${token}` })
          assert.ok('event' in read)
          told.push(await one.sales('L1', read.event, NOW + 9))
        }
        assert.deepEqual(
          told.map(({ outcome, again }) => (again ? 'again' : outcome)),
          outcomes,
        )
        const { assignment } = told.at(-1)!.lead
        assert.equal(assignment!.rep?.id, rep)
      })

    it('how many stand open with a rep, and who is offline, is there after a start too', async () => {
      const store = await open()
      await write(
        store,
        offerOf(1),
        offerOf(2),
        offerOf(3, 'ben'),
        { kind: 'presence.save', repId: 'ana', misses: 1 },
        { kind: 'presence.save', repId: 'ben', misses: 3, offlineSinceMs: NOW },
      )
      await write(store, endOf(2), { kind: 'presence.save', repId: 'ana', misses: 0 })
      const check = (one: Store) =>
        one.transaction([], function* (tx) {
          const open = yield* tx.repOffers(['ana', 'ben', 'kim'])
          assert.deepEqual(
            ['ana', 'ben', 'kim'].map((id) => open.get(id) ?? 0),
            [1, 1, 0],
          )
          assert.deepEqual(Object.fromEntries(yield* tx.presences()), {
            ana: { misses: 0 },
            ben: { misses: 3, offlineSinceMs: NOW },
          })
        })
      await check(store)
      await store.close()
      await check(await open())
    })

    it('their timers have a home of their own, and outlast those of the clocks', async () => {
      const one = await floor()
      const { lead } = await one.offer(person(1))
      await one.start(lead)
      const homes = await one.store.homes()
      assert.deepEqual(homes.map(({ kind, nodeId, count }) => [kind, nodeId, count]).sort(), [
        ['offers', ROUTER, 2],
        ['timers', 'n1', 2],
      ])
      await write(one.store, { kind: 'timers.cancel', leadId: 'L1', cycle: 1 })
      assert.equal((await one.due(NOW + 2 * MINUTE)).length, 2)
      assert.equal(await one.store.nextTimerMs(own('n1'), NOW), undefined)
    })

    it('an end is news for who waits, and so is a rep who is back', async () => {
      const one = await floor()
      await one.offer(person(1))
      const { entries: before } = await one.store.census()
      const heard: StoreEvent[] = []
      one.store.subscribe((event) => heard.push(event))
      /** Whether the entry with this number was said to free capacity. */
      const freedBy = async (entryNumber: number) => {
        const deadlineMs = performance.now() + 5_000
        while (!heard.some(({ lastSeq }) => lastSeq >= entryNumber)) {
          assert.ok(performance.now() < deadlineMs, 'no news')
          await new Promise((resolve) => setImmediate(resolve))
        }
        return heard.splice(0).some(({ freed }) => freed)
      }
      await one.answer('L1', 'declined', 1)
      assert.equal(await freedBy(before), true)
      const gone: Change = { kind: 'presence.save', repId: 'ben', misses: 2, offlineSinceMs: NOW }
      await write(one.store, gone)
      assert.equal(await freedBy(before + 1), false)
      await one.available('ben', NOW)
      assert.equal(await freedBy(before + 2), true)
    })

    it('of all who accept at once one has the lead', async () => {
      const [here, there] = [await floor(), await floor()]
      const lead = (await here.offer(person(1))).lead
      assert.deepEqual(
        lead.assignment!.offers!.map(({ token }) => token),
        [1, 2],
      )
      const accepting = Array.from({ length: 10 }, (_, n) =>
        [here, there][n % 2]!.answer('L1', 'accepted', 1 + (n % 2)),
      )
      const outcomes = (await Promise.all(accepting)).map(({ outcome }) => outcome)
      assert.equal(outcomes.filter((outcome) => outcome === 'recorded').length, 1)
      const counted = await loads(here.store)
      assert.equal(counted.ana! + counted.ben!, 1)
      assert.deepEqual((await here.offers('L1')).map(({ end }) => end).sort(), [
        'accepted',
        'withdrawn',
      ])
      const [back] = await here.due(NOW)
      assert.equal((await here.end(back!, NOW)).outcome, 'assigned')
      assert.equal((await here.end(back!, NOW)).again, true, 'goes on its way once')
    })

    it('an answer and the end of its time: one of the two counts', async () => {
      const one = await floor()
      await one.offer(person(1))
      const nowMs = NOW + 2 * MINUTE
      const timers = await one.due(nowMs)
      assert.equal(timers.length, 2)
      await Promise.all([
        ...timers.map((timer) => one.end(timer, nowMs)),
        one.answer('L1', 'declined', 1, nowMs - 1),
        one.answer('L1', 'accepted', 2, nowMs - 1),
      ])
      const { assignment } = (await one.store.lead('L1'))!.lead
      const ends = (await one.offers('L1')).map(({ end }) => end)
      assert.equal(
        ends.filter((end) => end === 'accepted').length,
        assignment!.status === 'assigned' ? 1 : 0,
      )
      const counted = await loads(one.store)
      const standing = ends.filter((end) => end === undefined).length
      assert.equal(
        counted.ana! + counted.ben!,
        standing + (assignment!.status === 'assigned' ? 1 : 0),
      )
    })

    it('nobody is ever over capacity, whatever is answered at once', async () => {
      const act = fc.record({
        n: fc.integer({ min: 1, max: 8 }),
        token: fc.integer({ min: 1, max: 6 }),
        do: fc.constantFrom(
          'arrive',
          'accepted',
          'accepted',
          'declined',
          'closed',
          'expire',
          'back',
        ),
        rep: fc.constantFrom('ana', 'ben'),
      })
      await fc.assert(
        fc.asyncProperty(
          fc.array(act, { minLength: 20, maxLength: 40 }),
          fc.nat(1_000),
          async (acts, salt) => {
            const realm = `offers:${salt}:${answers++}`
            const one = new Floor(await open(realm))
            let nowMs = NOW
            for (let n = 1; n <= 4; n++) await one.offer(person(n), nowMs)
            for (let from = 0; from < acts.length; from += 8) {
              nowMs += MINUTE
              await Promise.all(acts.slice(from, from + 8).map((some) => play(one, some, nowMs)))
              await invariants(one)
            }
            await one.store.close()
            const again = new Floor(await open(realm))
            await invariants(again)
            await again.store.close()
          },
        ),
        { numRuns: runs, interruptAfterTimeLimit: 40_000 },
      )
    })
  })
}

interface Act {
  readonly n: number
  readonly token: number
  readonly do: string
  readonly rep: string
}

async function play(one: Floor, act: Act, nowMs: number): Promise<void> {
  const id = `L${act.n}`
  const known = await one.store.lead(id)
  if (act.do === 'expire')
    await Promise.all((await one.due(nowMs)).map((timer) => one.end(timer, nowMs)))
  else if (act.do === 'back') await one.available(act.rep, nowMs)
  else if (act.do === 'arrive') await one.offer(known?.lead ?? person(act.n), nowMs)
  else if (known === undefined) return
  else if (act.do === 'closed') await one.sales(id, { kind: 'closed', id: `c${answers++}` }, nowMs)
  else await one.answer(id, act.do as 'accepted' | 'declined', act.token, nowMs)
}

async function invariants(one: Floor): Promise<void> {
  const { store } = one
  const taken: Record<string, number> = { ana: 0, ben: 0 }
  for (let n = 1; n <= 8; n++) {
    const stored = await store.lead(`L${n}`)
    if (stored === undefined) continue
    const { assignment, cycle } = stored.lead
    const standing = (await one.offers(`L${n}`)).filter(({ end }) => end === undefined)
    for (const { repId, units } of standing) taken[repId]! += units
    const has = await store.transaction([], (tx) => tx.openAssignment(`L${n}`, cycle))
    if (has !== undefined) taken[has.repId]! += assignment!.units
    assert.ok(has === undefined || standing.length === 0, 'assigned or offered, not both')
    assert.deepEqual(
      (assignment!.offers ?? []).map(({ token }) => token),
      standing.map(({ token }) => token),
    )
  }
  const counted = await loads(store)
  assert.deepEqual(counted, taken)
  for (const [id, capacity] of Object.entries(CAPACITY)) assert.ok(counted[id]! <= capacity, id)
  assert.deepEqual((await store.verify()).faults, [])
}
