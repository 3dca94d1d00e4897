// Goal: what every store promises, whatever database it is made of (DESIGN: what must always hold).
// Method: one suite over the interface alone. `open` gives a store of the realm in the place that
// the caller has made for the running test; stores of one test share that place.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { known } from '../../engine/asking'
import type { Change, Decision, Timer } from '../../engine/decision'
import type { Assignment, Lead } from '../../engine/lead/lead'
import type { Step, TallyKey } from '../../engine/step'
import { dedupeStep } from '../../engine/steps/dedupe'
import { outcomeStep } from '../../engine/steps/outcome'
import { qualifyStep } from '../../engine/steps/qualify'
import { routeStep } from '../../engine/steps/route'
import { perform, performTogether } from '../../store/perform'
import type { Commit, Store, StoreEvent, TrailEntry } from '../../store/store'
import { policy } from '../engine/support/artefacts'
import { at, DAY, HOUR, MINUTE, NOW, signal } from '../engine/support/leads'
import { CONTRACT, dueTimers, Life, NODE, own, person, TIGHT, takeUp } from './life'

export type Open = (realm?: string) => Promise<Store>

export function describeStore(name: string, open: Open, { runs = 15 } = {}): void {
  describe(`${name}: what every store promises`, () => {
    const life = async (rules = TIGHT) => new Life(await open(), rules)

    describe('a lead on its way', () => {
      it('is taken, known, decided, assigned and put on a clock, each with its entry', async () => {
        const one = await life()
        const { lead, outcome } = await one.whole(person(1))
        assert.deepEqual(
          [outcome, lead.assignment!.rep!.id, lead.sla!.status],
          ['started', 'ana', 'running'],
        )
        const trail = await one.store.trail('L1')
        assert.deepEqual(
          trail.map(({ entry: { step, outcome: o } }) => [step, o]),
          [
            ['ingest', 'lead'],
            ['dedupe', 'new'],
            ['qualify', 'sales'],
            ['route', 'assigned'],
            ['sla-start', 'started'],
          ],
        )
        assert.deepEqual(
          trail.map(({ seq }) => seq),
          [0, 1, 2, 3, 4],
        )
        assert.deepEqual(await one.store.census(), {
          byState: { assigned: 1 },
          underway: 0,
          dead: 0,
          entries: 5,
        })
      })

      it('is stored as its last message was', async () => {
        const one = await life()
        const { lead } = await one.whole(person(1))
        const stored = await one.store.lead('L1')
        assert.deepEqual(stored!.lead, plain(lead))
        assert.equal(stored!.state, 'assigned')
      })

      it('is under way until its way is over, with the lead as it came in', async () => {
        const one = await life()
        const first = person(1)
        await one.ingest(first)
        const { lead } = await one.dedupe(first)
        assert.equal((await one.store.census()).underway, 1)
        assert.deepEqual(await takeUp(one.store, { carriedBeforeMs: NOW + 1 }), [
          { lead: plain(first), attempt: 1 },
        ])
        await one.decided(lead)
        assert.equal((await one.store.census()).underway, 0)
        assert.deepEqual(await takeUp(one.store, { carriedBeforeMs: NOW + DAY }), [])
      })

      it('a lead that nobody routed yet may be routed at once', async () => {
        const one = await life()
        const { lead } = await one.route(person(1))
        assert.deepEqual((await one.store.lead('L1'))!.lead, plain(lead))
      })

      it('how it stands is asked for alone, and told as it stands', async () => {
        const one = await life()
        const { lead } = await one.ingest(person(1))
        await one.store.transaction([], function* (tx) {
          assert.equal(yield* tx.state('L1'), undefined)
        })
        await one.decided((await one.dedupe(lead)).lead)
        await one.store.transaction([], function* (tx) {
          assert.equal(yield* tx.state('L1'), 'assigned')
          assert.equal(yield* tx.state('L2'), undefined)
        })
      })

      it('going ahead or not, it comes to the same', async () => {
        const one = await life()
        const { lead } = await one.ingest(person(1))
        const aheadOf = new Set(['new', 'sales', 'assigned'])
        const options = { nowMs: NOW, aheadOf, whole: false }
        const ends = new Set(['started'])
        const known = await perform(one.store, dedupeStep, lead, { ends }, options)
        const decided = await one.qualify(known.lead)
        const settings = { policy: TIGHT, ends }
        const routed = await perform(one.store, routeStep, decided.lead, settings, options)
        await one.start(routed.lead)
        assert.equal((await one.store.lead('L1'))!.state, 'assigned')
        assert.equal((await one.store.census()).underway, 0)
        const { ok, entries } = await one.store.verify()
        assert.deepEqual([ok, entries], [true, 5])
      })

      it('an event that begins its way anew ends it where it ended before', async () => {
        const one = await life()
        const { lead } = await one.dedupe((await one.ingest(person(1))).lead)
        const ends = new Set(['sales'])
        const qualify = () =>
          perform(one.store, qualifyStep, ready, { contract: CONTRACT, ends }, { nowMs: NOW })
        const ready = (await one.qualify(lead)).lead
        const again = { kind: 'intake.again', key: lead.event.id } as const
        for (let times = 0; times < 2; times++) {
          await one.store.transaction([], (tx) => tx.commit(entry(lead, [again])))
          assert.equal((await one.store.census()).underway, 1)
          assert.equal((await qualify()).again, true)
          assert.equal((await one.store.census()).underway, 0)
        }
        assert.equal((await one.store.verify()).ok, true)
      })

      it('two events may bring the same request: it is followed once, and the way of each ends', async () => {
        const one = await life()
        const first = (await one.dedupe((await one.ingest(person(1))).lead)).lead
        const event = { id: 'web:1b', receivedAt: first.event.receivedAt }
        await one.ingest({ ...first, event })
        const routing = { id: 'L1#1#escalation#0', exclude: ['ana', 'ben'], why: 'no response' }
        const decided = (await one.qualify({ ...first, routing })).lead
        assert.equal((await one.store.census()).underway, 2)
        const other = await one.route({ ...decided, event })
        assert.deepEqual([other.outcome, other.again], ['unroutable', false])
        assert.equal((await one.store.census()).underway, 1)
        for (let times = 0; times < 2; times++) {
          const again = await one.route(decided)
          assert.deepEqual([again.outcome, again.again], ['unroutable', true])
          assert.deepEqual(again.lead.assignment, plain(other.lead).assignment)
          assert.equal((await one.store.census()).underway, 0)
        }
        const trail = (await one.store.trail('L1')).map(({ entry }) => [entry.step, entry.changes])
        assert.deepEqual(trail.at(-1), ['route', ['intake.done']], 'said once')
        assert.equal(trail.filter(([step]) => step === 'route').length, 2)
        assert.equal((await one.store.verify()).ok, true)
      })
    })

    describe('several leads decided together', () => {
      const step: Step<object, undefined> = {
        name: 'dedupe',
        scopes: ({ id }) => [`lead:${id}`],
        key: () => undefined,
        gather: () => known(undefined),
        decide: ({ id }) => ({
          step: 'dedupe',
          outcome: 'new',
          patch: {},
          because: [],
          changes: [
            { kind: 'lead.save', state: 'open', reason: 'test' },
            ...(id === 'L2' ? [{ kind: 'timer.fired', timerId: 'L2#1#none#0' } as const] : []),
          ],
        }),
      }
      const together = (store: Store, ...leads: Lead[]) =>
        performTogether(
          store,
          step,
          leads.map((one) => ({ lead: one, settings: {} })),
          { nowMs: NOW },
        )

      it('stand as if each had been decided by itself, with an entry each', async () => {
        const store = await open()
        const done = await together(store, person(1), person(3), person(4))
        assert.deepEqual(
          done.map((one) => one.status === 'fulfilled' && one.value.lead.id),
          ['L1', 'L3', 'L4'],
        )
        assert.deepEqual((await store.census()).byState, { open: 3 })
        assert.equal((await store.census()).entries, 3)
      })
      it('do not keep each other from it: who cannot is told, and the others go on', async () => {
        const store = await open()
        const done = await together(store, person(1), person(2), person(3))
        assert.deepEqual(
          done.map(({ status }) => status),
          ['fulfilled', 'rejected', 'fulfilled'],
        )
        assert.match(String((done[1] as PromiseRejectedResult).reason), /a timer fires once/)
        assert.equal(await store.lead('L2'), undefined)
        assert.equal((await store.census()).entries, 2)
      })
    })

    describe('the same again', () => {
      it('an event is taken once, however often and however close together it comes', async () => {
        const one = await life()
        const results = await Promise.all(Array.from({ length: 20 }, () => one.ingest(person(1))))
        assert.equal(results.filter(({ outcome }) => outcome === 'lead').length, 1)
        assert.equal((await one.ingest(person(2, { event: person(1).event }))).lead.id, 'L1')
        assert.equal((await one.store.trail('L1')).length, 1)
      })

      it('a step with a key answers the same, and writes nothing', async () => {
        const one = await life()
        await one.ingest(person(1))
        const known = await one.dedupe(person(1))
        const decided = await one.qualify(known.lead)
        const { entries } = await one.store.census()
        for (const [first, again] of [
          [known, await one.dedupe(person(1), NOW + HOUR)],
          [decided, await one.qualify(known.lead, NOW + HOUR)],
        ] as const) {
          assert.deepEqual([first.again, again.again], [false, true])
          assert.deepEqual(
            [again.outcome, plain(again.because)],
            [first.outcome, plain(first.because)],
          )
          assert.deepEqual(withoutScores(again.lead), withoutScores(first.lead))
        }
        assert.equal((await one.store.census()).entries, entries)
      })

      it('also when both come at once', async () => {
        const one = await life()
        await one.ingest(person(1))
        const results = await Promise.all(Array.from({ length: 10 }, () => one.dedupe(person(1))))
        assert.equal(results.filter(({ again }) => !again).length, 1)
        assert.equal((await one.store.trail('L1')).length, 2)
      })

      it('a section that a decision took off is off in the repeated answer too', async () => {
        const one = await life()
        const { lead } = await one.whole(person(1))
        await one.sales('L1', { kind: 'closed' })
        const event = { kind: 'reopened' as const, id: 'r1' }
        const first = await one.sales('L1', event)
        assert.equal('sla' in first.lead, false)
        const again = await one.store.lead('L1')
        assert.equal('sla' in again!.lead, false)
        const settings = { policy: TIGHT, event: { ...event, atMs: NOW } }
        const repeated = await perform(one.store, outcomeStep, lead, settings, { nowMs: NOW })
        assert.deepEqual(
          [repeated.again, 'sla' in repeated.lead, repeated.lead.cycle],
          [true, false, 2],
        )
      })

      it('a lead that somebody has stays with them, however often it is routed', async () => {
        const one = await life()
        const { lead } = await one.whole(person(1))
        const before = await one.store.census()
        for (const again of await Promise.all(Array.from({ length: 10 }, () => one.route(lead))))
          assert.equal(again.lead.assignment!.rep!.id, 'ana')
        assert.deepEqual(await one.store.census(), before)
      })

      it('an escalation moves a lead once', async () => {
        const one = await life()
        await one.whole(person(1))
        const escalation = await due(one.store, NOW + 2 * HOUR, 'escalation')
        const fired = await one.fire((await one.store.lead('L1'))!.lead, escalation, NOW + 2 * HOUR)
        const [first, again] = [await one.route(fired.lead), await one.route(fired.lead)]
        assert.deepEqual([first.lead.cycle, first.lead.assignment!.rep!.id], [2, 'ben'])
        assert.deepEqual([again.again, again.lead.cycle], [true, 2])
        assert.deepEqual(await loads(one.store), { ana: 0, ben: 1 })
      })
    })

    describe('a body that throws', () => {
      it('leaves nothing, and its neighbours stay', async () => {
        const store = await open()
        const fault = new Error('no')
        const results = await Promise.allSettled([
          store.transaction([], (tx) => tx.commit(entry(person(1)))),
          store.transaction([], function* (tx) {
            yield* tx.commit(entry(person(2), [opens('L2', 'ana', 1)]))
            yield* tx.lead('L2')
            throw fault
          }),
          store.transaction([], (tx) => tx.commit(entry(person(3)))),
        ])
        assert.deepEqual(
          results.map(({ status }) => status),
          ['fulfilled', 'rejected', 'fulfilled'],
        )
        assert.equal((results[1] as PromiseRejectedResult).reason, fault)
        assert.deepEqual(await states(store), { open: 2 })
        assert.equal(await store.lead('L2'), undefined)
        assert.deepEqual(await loads(store), { ana: 0, ben: 0 })
        assert.deepEqual((await entries(store)).map(({ entry: { lead } }) => lead).sort(), [
          'L1',
          'L3',
        ])
        assert.ok((await store.verify()).ok)
      })

      it('a commit that would break a promise leaves nothing either', async () => {
        const store = await open()
        await store.transaction([], (tx) => tx.commit(entry(person(1), [opens('L1', 'ana', 1)])))
        for (const [change, promise] of [
          [opens('L1', 'ben', 1), /one assignment per cycle/],
          [{ kind: 'timer.fired', timerId: 'L1#1#breach#0' }, /a timer fires once/],
        ] as const) {
          const save: Change = { kind: 'lead.save', state: 'closed', reason: 'x' }
          await assert.rejects(
            store.transaction([], (tx) => tx.commit(entry(person(1), [save, change as Change]))),
            (raw: Error & { code?: string }) =>
              raw.code === 'LEAD_STORE_INVARIANT' && promise.test(raw.message),
          )
        }
        assert.deepEqual(
          [await states(store), await loads(store)],
          [{ open: 1 }, { ana: 1, ben: 0 }],
        )
        assert.equal((await store.census()).entries, 1)
      })
    })

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

    describe('within a transaction', () => {
      it('a body sees what was committed before it, though nobody was told yet', async () => {
        const store = await open()
        const [, seen] = await Promise.all([
          store.transaction(['a'], (tx) =>
            tx.commit(entry(person(1), [opens('L1', 'ana', 1), link('email:x', 'L1')])),
          ),
          store.transaction(['a'], function* (tx) {
            return [
              (yield* tx.lead('L1'))!.state,
              yield* tx.openAssignment('L1', 1),
              [...(yield* tx.identities(['email:x', 'email:y']))],
              (yield* tx.repLoads()).get('ana'),
            ]
          }),
        ])
        assert.deepEqual(seen, [
          'open',
          { repId: 'ana', poolId: 'all', units: 1 },
          [['email:x', 'L1']],
          1,
        ])
      })

      it('reads what it is asked for, and only that', async () => {
        const one = await life()
        await one.whole(person(1))
        await one.store.transaction([], function* (tx) {
          assert.deepEqual(yield* tx.openAssignment('L1', 2), undefined)
          assert.deepEqual(yield* tx.openAssignment('L2', 1), undefined)
          assert.deepEqual(yield* tx.lead('L2'), undefined)
          assert.deepEqual(yield* tx.standing(person(2)), undefined)
          assert.deepEqual(yield* tx.intake('web:9', NOW), undefined)
          assert.deepEqual(yield* tx.account('domain:other.example'), undefined)
          assert.deepEqual(
            (yield* tx.timers('L1', 1)).map(({ id }) => id),
            ['L1#1#reminder#0', 'L1#1#breach#0', 'L1#1#escalation#0'],
          )
          assert.deepEqual(yield* tx.timers('L1', 2), [])
          assert.equal((yield* tx.account('domain:acme.example'))!.owner, 'ana')
          assert.equal((yield* tx.standing(person(1)))!.assignment!.rep!.id, 'ana')
          assert.equal((yield* tx.fairness('all')).get('ana')!.virtualTime, 1)
          assert.equal((yield* tx.fairness('none')).size, 0)
        })
      })

      it('the account’s signals: since when, the latest of too many, in order, each once', async () => {
        const store = await open()
        const add = (leadId: string, ...signals: Lead['signals']): Change => ({
          kind: 'signals.add',
          leadId,
          accountId: 'a',
          signals,
        })
        const old = signal('x', 5 * HOUR, { id: 'old' })
        const list = [1, 2, 3].map((n) => signal('x', n * HOUR, { id: `s${n}` }))
        await store.transaction([], (tx) => tx.commit(entry(person(1), [add('L1', old, ...list)])))
        await store.transaction([], (tx) =>
          tx.commit(entry(person(2), [add('L2', list[0]!), add('L1', list[1]!)])),
        )
        const read = (sinceMs: number, limit: number) =>
          store.transaction([], function* (tx) {
            const signals = yield* tx.accountSignals('a', sinceMs, limit)
            return signals.map(({ id, person: by }) => `${by} ${id}`)
          })
        const sorted = async (sinceMs: number, limit: number) => (await read(sinceMs, limit)).sort()
        assert.deepEqual(await sorted(NOW - 4 * HOUR, 9), ['L1 s1', 'L1 s2', 'L1 s3', 'L2 s1'])
        assert.equal((await read(NOW - 9 * HOUR, 9))[0], 'L1 old')
        assert.deepEqual(await sorted(NOW - 9 * HOUR, 2), ['L1 s1', 'L2 s1'])
        await store.census()
        assert.deepEqual(await sorted(NOW - 4 * HOUR, 9), ['L1 s1', 'L1 s2', 'L1 s3', 'L2 s1'])
      })

      it('the account’s signals are those that a list of all of them would give, however they came', async () => {
        const store = await open()
        let accounts = 0
        const hours = fc.integer({ min: 0, max: 400 })
        const event = fc.record({
          person: fc.integer({ min: 1, max: 3 }),
          hours: fc.uniqueArray(hours, { maxLength: 5 }),
          durable: fc.boolean(),
        })
        await fc.assert(
          fc.asyncProperty(
            fc.array(event, { maxLength: 8 }),
            hours,
            fc.integer({ min: 1, max: 12 }),
            async (events, sinceHours, limit) => {
              const accountId = `account-${++accounts}`
              const kept = new Map<string, number>()
              for (const { person: n, hours: ago, durable } of events) {
                // The hour is the signal's id too: one that comes again was kept before.
                const leadId = `${accountId}-L${n}`
                const signals = ago.map((h) => signal('x', h * HOUR, { id: `s${h}` }))
                const change = { kind: 'signals.add', accountId, leadId, signals } as const
                const lead = person(n, { id: leadId })
                await store.transaction([], (tx) => tx.commit(entry(lead, [change])))
                if (durable) await store.census()
                for (const h of ago) kept.set(`${leadId} s${h}`, h)
              }
              const sinceMs = NOW - sinceHours * HOUR
              const told = await store.transaction([], function* (tx) {
                return yield* tx.accountSignals(accountId, sinceMs, limit)
              })
              const ages = [...kept.values()].filter((h) => h <= sinceHours).sort((a, b) => b - a)
              assert.deepEqual(
                told.map(({ at }) => (NOW - Date.parse(at)) / HOUR),
                ages.slice(-limit),
              )
              for (const { person: by, id } of told) assert.ok(kept.has(`${by} ${id}`))
              assert.equal(
                new Set(told.map(({ person: by, id }) => `${by} ${id}`)).size,
                told.length,
              )
            },
          ),
          { numRuns: 40 },
        )
      })
    })

    describe('consent', () => {
      it('an opt-out that comes while another event of the person is on its way is not lost', async () => {
        const one = await life()
        await one.ingest(person(1))
        const known = await one.dedupe(person(1))
        const optOut = person(2, {
          contact: person(1).contact,
          consent: { optOut: true },
          signals: [],
        })
        await one.ingest(optOut)
        const merged = await one.dedupe(optOut)
        assert.equal(merged.lead.id, 'L1')
        // The first event goes on with a message that knows nothing of it.
        const decided = await one.qualify(known.lead)
        assert.deepEqual([decided.outcome, decided.lead.consent.optOut], ['closed', true])
        const routed = await one.route({ ...known.lead, decision: undefined as never })
        assert.equal(routed.outcome, 'unroutable')
        assert.deepEqual(await states(one.store), { suppressed: 1 })
      })

      it('an opt-out takes a lead away from sales, its timers too, and its rep has room again', async () => {
        const one = await life()
        const { lead } = await one.whole(person(1))
        const optOut = person(2, { contact: person(1).contact, consent: { optOut: true } })
        await one.whole(optOut, NOW + MINUTE)
        assert.deepEqual(
          [await states(one.store), await loads(one.store)],
          [{ suppressed: 1 }, { ana: 0, ben: 0 }],
        )
        assert.deepEqual(await dueTimers(one.store, NOW + DAY), [])
        // A message of the first event that was late starts no clock again.
        assert.equal((await one.start(lead)).outcome, 'over')
        assert.deepEqual(await states(one.store), { suppressed: 1 })
      })
    })

    describe('a lead that comes back', () => {
      it('after it was closed is assigned in a cycle of its own', async () => {
        const one = await life()
        await one.whole(person(1))
        await one.sales('L1', { kind: 'rejected' })
        const again = await one.whole(person(2, { contact: person(1).contact }), NOW + HOUR)
        assert.deepEqual([again.lead.id, again.lead.cycle, again.outcome], ['L1', 2, 'started'])
        assert.deepEqual(await states(one.store), { assigned: 1 })
      })

      it('also when it has to wait first', async () => {
        const one = await life()
        for (const n of [1, 2, 3]) await one.whole(person(n))
        await one.sales('L1', { kind: 'rejected' })
        await one.whole(person(4))
        const again = await one.whole(person(5, { contact: person(1).contact }), NOW + HOUR)
        assert.equal(again.outcome, 'waiting')
        await one.sales('L2', { kind: 'closed' })
        await one.drain(NOW + 2 * HOUR)
        const { lead, state } = (await one.store.lead('L1'))!
        assert.deepEqual([state, lead.cycle, lead.assignment!.status], ['assigned', 2, 'assigned'])
      })

      it('while it waits goes on waiting, and is not forgotten', async () => {
        const one = await life()
        for (const n of [1, 2, 3, 4]) await one.whole(person(n))
        assert.deepEqual(await states(one.store), { assigned: 3, waiting: 1 })
        const again = await one.whole(person(9, { contact: person(4).contact }), NOW + HOUR)
        assert.deepEqual([again.lead.id, again.outcome], ['L4', 'waiting'])
        assert.deepEqual(
          (await one.store.claimWaiting(TIGHT.ref.name, 9)).map(({ id }) => id),
          ['L4'],
        )
      })
    })

    describe('timers', () => {
      const timer = (id: string, dueMs: number, more: Partial<Timer> = {}): Timer => ({
        id,
        leadId: 'L1',
        cycle: 1,
        kind: 'breach',
        dueMs,
        nodeId: NODE,
        detail: {},
        ...more,
      })
      const sets = (...timers: Timer[]): Change[] =>
        timers.map((one) => ({ kind: 'timer.set', timer: one }))
      const write = (store: Store, ...changes: Change[]) =>
        store.transaction([], (tx) => tx.commit(entry(person(1), changes)))
      const ids = async (store: Store, nowMs: number, limit = 9, nodeId = NODE) =>
        (await dueTimers(store, nowMs, limit, nodeId)).map(({ id }) => id)

      it('are due in their order, never early, and only to their node', async () => {
        const store = await open()
        await write(
          store,
          ...sets(
            timer('L1#1#b#0', NOW + 3),
            timer('L1#1#a#0', NOW + 3),
            timer('L1#1#c#0', NOW + 1),
            timer('L1#1#d#0', NOW + 2, { nodeId: 'other' }),
          ),
        )
        assert.deepEqual(await ids(store, NOW), [])
        assert.deepEqual(await ids(store, NOW + 1), ['L1#1#c#0'])
        assert.deepEqual(await ids(store, NOW + 3), ['L1#1#c#0', 'L1#1#a#0', 'L1#1#b#0'])
        assert.deepEqual(await ids(store, NOW + 3, 1), ['L1#1#c#0'])
        assert.deepEqual(
          [
            await store.nextTimerMs(own(), NOW),
            await store.nextTimerMs(own(), NOW + 1),
            await store.nextTimerMs(own(), NOW + 3),
            await store.nextTimerMs(own('other'), NOW),
            await store.nextTimerMs(own('none'), NOW),
          ],
          [NOW + 1, NOW + 3, undefined, NOW + 2, undefined],
        )
      })
      it('keep what they are for', async () => {
        const store = await open()
        const one = timer('L1#1#escalation#0', NOW, {
          kind: 'escalation',
          detail: { to: 'all', action: 'reassign', index: 0 },
        })
        await write(store, ...sets(one))
        assert.deepEqual(await dueTimers(store, NOW), [one])
      })
      it('set twice are there once', async () => {
        const store = await open()
        await write(store, ...sets(timer('L1#1#a#0', NOW)))
        await write(store, ...sets(timer('L1#1#a#0', NOW + 5)))
        assert.deepEqual(
          (await dueTimers(store, NOW + 9)).map(({ dueMs }) => dueMs),
          [NOW],
        )
      })
      it('that are cancelled and set in one go ring at their new time only', async () => {
        const store = await open()
        const old = [timer('L1#1#a#0', NOW), timer('L1#1#b#0', NOW + 1)]
        await write(store, ...sets(...old))
        const moved = timer('L1#1#a#0', NOW + 7, { detail: { clock: 'resolution' } })
        await write(store, { kind: 'timers.cancel', leadId: 'L1', cycle: 1 }, ...sets(moved))
        assert.deepEqual(await dueTimers(store, NOW + 9), [moved])
        const pending = await store.transaction([], (tx) => tx.timers('L1', 1))
        assert.deepEqual(
          pending.map(({ id, dueMs }) => [id, dueMs]),
          [['L1#1#a#0', NOW + 7]],
        )
      })
      it('of a cycle are cancelled together, and no other’s', async () => {
        const store = await open()
        await write(
          store,
          ...sets(
            timer('L1#1#a#0', NOW),
            timer('L1#2#a#0', NOW, { cycle: 2 }),
            timer('L1#11#a#0', NOW, { cycle: 11 }),
            timer('L11#1#a#0', NOW, { leadId: 'L11' }),
          ),
        )
        await store.transaction([], (tx) => tx.commit(entry(person(11))))
        await write(store, { kind: 'timers.cancel', leadId: 'L1', cycle: 1 })
        assert.deepEqual(await ids(store, NOW), ['L1#11#a#0', 'L1#2#a#0', 'L11#1#a#0'])
      })
      it('fire once, also when several find them due at the same time', async () => {
        const one = await life()
        await one.whole(person(1))
        const breach = await due(one.store, NOW + HOUR, 'breach')
        const { lead } = (await one.store.lead('L1'))!
        const fired = await Promise.all(
          Array.from({ length: 5 }, () => one.fire(lead, breach, NOW + HOUR)),
        )
        assert.equal(fired.filter(({ again }) => !again).length, 1)
        assert.ok(fired.every(({ outcome }) => outcome === 'breach'))
        assert.equal((await one.store.lead('L1'))!.lead.sla!.status, 'breached')
        assert.ok(!(await ids(one.store, NOW + HOUR)).includes(breach.id))
      })
      it('that were cancelled after they were found due fall silent', async () => {
        const one = await life()
        await one.whole(person(1))
        const breach = await due(one.store, NOW + HOUR, 'breach')
        const { lead } = (await one.store.lead('L1'))!
        await one.sales('L1', { kind: 'first_touch', evidence: 'call' })
        const { entries: before } = await one.store.census()
        assert.equal((await one.fire(lead, breach, NOW + HOUR)).outcome, 'dropped')
        assert.equal((await one.store.census()).entries, before)
        assert.equal((await one.store.lead('L1'))!.lead.sla!.status, 'met')
      })
      it('after a long silence fire at once, and say how late', async () => {
        const one = await life()
        await one.whole(person(1))
        const [first] = await dueTimers(one.store, NOW + 3 * DAY, 1)
        const fired = await one.fire((await one.store.lead('L1'))!.lead, first!, NOW + 3 * DAY)
        assert.match(fired.because[0]!.why, /2d 23h late/)
      })
    })

    describe('waiting leads', () => {
      const waits: Assignment = {
        cycle: 1,
        attempt: 1,
        at: at(NOW),
        policy: TIGHT.ref,
        status: 'waiting',
        why: 'full',
        candidates: [],
        units: 1,
      }
      const wait = (n: number, nowMs: number, retryAtMs?: number) => {
        const save: Change = {
          kind: 'lead.save',
          state: 'waiting',
          reason: 'full',
          poolId: 'all',
          ...(retryAtMs === undefined ? {} : { retryAtMs }),
        }
        return { ...entry(person(n, { assignment: waits }), [save]), nowMs }
      }
      const order = async (store: Store, limit = 9) =>
        (await store.claimWaiting(TIGHT.ref.name, limit)).map(({ id }) => id)

      it('are listed oldest first, and waiting on does not start anew', async () => {
        const store = await open()
        for (const commit of [wait(2, NOW + 1), wait(1, NOW + 2), wait(3, NOW), wait(3, NOW + 9)])
          await store.transaction([], (tx) => tx.commit(commit))
        assert.deepEqual(await order(store), ['L3', 'L2', 'L1'])
        assert.deepEqual(await order(store, 2), ['L3', 'L2'])
        assert.deepEqual(
          (await store.leads('waiting', 9)).map(({ id, reason, sinceMs }) => [
            id,
            reason,
            sinceMs - NOW,
          ]),
          [
            ['L3', 'full', 0],
            ['L2', 'full', 1],
            ['L1', 'full', 2],
          ],
        )
      })
      it('are worth a try at their next chance', async () => {
        const store = await open()
        assert.equal(await store.nextRetryMs(), undefined)
        for (const commit of [wait(1, NOW), wait(2, NOW, NOW + 9), wait(3, NOW, NOW + 5)])
          await store.transaction([], (tx) => tx.commit(commit))
        assert.equal(await store.nextRetryMs(), NOW + 5)
        await store.transaction([], (tx) =>
          tx.commit(
            entry(person(3), [
              opens('L3', 'ana', 1),
              { kind: 'lead.save', state: 'assigned', reason: 'x' },
            ]),
          ),
        )
        assert.equal(await store.nextRetryMs(), NOW + 9)
      })
      it('come with where they stand, and are placed when there is room', async () => {
        const one = await life()
        for (const n of [1, 2, 3, 4, 5]) await one.whole(person(n))
        const [first] = await one.store.claimWaiting(TIGHT.ref.name, 9)
        assert.deepEqual(
          [first!.id, first!.assignment!.status, first!.assignment!.pool],
          ['L4', 'waiting', 'all'],
        )
        await one.sales('L2', { kind: 'converted' })
        await one.drain()
        assert.deepEqual(await states(one.store), { assigned: 3, closed: 1, waiting: 1 })
        assert.deepEqual(await order(one.store), ['L5'])
      })
      it('tried again in vain leave no entry behind', async () => {
        const one = await life()
        for (const n of [1, 2, 3, 4]) await one.whole(person(n))
        const { entries: before } = await one.store.census()
        for (const _ of [1, 2, 3]) await one.drain(NOW + HOUR)
        assert.equal((await one.store.census()).entries, before)
      })
    })

    describe('events that are remembered', () => {
      it('are forgotten when their time is over, and then taken again', async () => {
        const one = await life()
        await one.whole(person(1))
        await one.store.forget(NOW + DAY - 1)
        assert.equal(
          (await one.ingest(person(2, { event: person(1).event }), NOW + DAY - 1)).outcome,
          'repeated',
        )
        await one.store.forget(NOW + DAY)
        assert.equal(
          (await one.ingest(person(3, { event: person(1).event }), NOW + DAY)).outcome,
          'lead',
        )
      })
      it('count as forgotten at their time, tidied or not', async () => {
        const one = await life()
        await one.whole(person(1))
        assert.equal(
          (await one.ingest(person(3, { event: person(1).event }), NOW + DAY)).outcome,
          'lead',
        )
      })
      it('are never forgotten while their lead is under way', async () => {
        const one = await life()
        await one.ingest(person(1))
        await one.store.forget(NOW + 30 * DAY)
        assert.equal(
          (await one.ingest(person(2, { event: person(1).event }), NOW + 30 * DAY)).outcome,
          'repeated',
        )
        assert.equal((await one.store.census()).underway, 1)
      })
    })

    describe('claims', () => {
      const attempts = { attemptsMax: 2 }
      const ids = (taken: readonly { lead: Lead }[]) => taken.map(({ lead: { id } }) => id)

      it('who accepts an event carries it, and nobody else gets it', async () => {
        const [here, there] = [await life(), await open()]
        await here.ingest(person(1))
        assert.deepEqual([await takeUp(here.store), await takeUp(there)], [[], []])
      })
      it('what a store carried that is closed is taken up by one, oldest first', async () => {
        const here = await life()
        const others = [await open(), await open()]
        for (const [n, nowMs] of [
          [1, NOW + 2],
          [2, NOW],
          [3, NOW + 1],
        ] as const)
          await here.ingest(person(n), nowMs)
        await here.store.close()
        assert.deepEqual(ids(await takeUp(others[0]!, { limit: 2 })), ['L2', 'L3'])
        assert.deepEqual(ids(await takeUp(others[1]!)), ['L1'])
        assert.deepEqual(ids(await takeUp(others[0]!)), [])
      })
      it('by one also when all ask at once', async () => {
        const here = await life()
        const others = [await open(), await open(), await open()]
        const people = Array.from({ length: 40 }, (_, n) => n)
        await Promise.all(people.map((n) => here.ingest(person(n))))
        await here.store.close()
        const taken = await Promise.all(
          Array.from({ length: 12 }, (_, n) => takeUp(others[n % 3]!, { limit: 5 })),
        )
        const rest = await takeUp(others[0]!)
        assert.deepEqual(ids([...taken.flat(), ...rest]).sort(), people.map((n) => `L${n}`).sort())
      })
      it('work is taken at its node, or at one that does the same when its node is gone', async () => {
        const here = await life()
        const other = await open()
        const from = (n: number, system: string) => person(n, { source: { system } })
        await here.ingest(from(1, 'web'), NOW, 'gone')
        await here.ingest(from(2, 'chat'), NOW, 'gone')
        assert.deepEqual(
          (await other.homes())
            .map(({ kind, nodeId, of, count }) => [kind, nodeId, of, count])
            .sort(),
          [
            ['leads', 'gone', 'chat', 1],
            ['leads', 'gone', 'web', 1],
          ],
        )
        await here.store.close()
        assert.deepEqual(ids(await takeUp(other, {}, own('new', [], 'web'))), [])
        assert.deepEqual(ids(await takeUp(other, {}, own('new', ['gone'], 'web'))), ['L1'])
        assert.deepEqual(ids(await takeUp(other, {}, own('gone'))), ['L2'])
      })
      it('what did not arrive in the same process is let go when it must have', async () => {
        const one = await life()
        await one.ingest(person(1), NOW)
        await one.ingest(person(2), NOW + 5)
        assert.deepEqual(ids(await takeUp(one.store, { carriedBeforeMs: NOW + 5 })), ['L1'])
        const later = { carriedBeforeMs: NOW + MINUTE, nowMs: NOW + MINUTE }
        assert.deepEqual(ids(await takeUp(one.store, later)), ['L1', 'L2'])
        assert.deepEqual(ids(await takeUp(one.store, later)), [])
      })
      it('a fault gives it back after a pause that doubles, and a dead letter keeps the reason', async () => {
        const one = await life()
        const dead = async () => (await one.store.census()).dead
        await one.ingest(person(1))
        for (const [attempt, pauseMs] of [
          [1, MINUTE],
          [2, 2 * MINUTE],
        ] as const) {
          const nowMs = NOW + attempt * HOUR
          await one.store.cutOff('web:1', { reason: `fault ${attempt}`, nowMs, pauseMs: MINUTE })
          const early = { ...attempts, nowMs: nowMs + pauseMs - 1 }
          assert.deepEqual(ids(await takeUp(one.store, early)), [])
          const taken = await takeUp(one.store, { ...attempts, nowMs: nowMs + pauseMs })
          assert.deepEqual(taken, [{ lead: plain(person(1)), attempt }])
        }
        const nowMs = NOW + DAY
        await one.store.cutOff('web:1', { reason: 'fault 3', nowMs, pauseMs: MINUTE })
        assert.equal(await dead(), 0)
        const late = { ...attempts, nowMs: nowMs + HOUR }
        assert.deepEqual(ids(await takeUp(one.store, late)), [])
        assert.equal(await dead(), 1)
        assert.deepEqual((await one.store.deadLetters(9)).map(plain), [
          {
            leadId: 'L1',
            event: 'web:1',
            nodeId: NODE,
            attempts: 2,
            reason: 'fault 3',
            sinceMs: nowMs + HOUR,
          },
        ])
        assert.deepEqual(await one.store.homes(), [], 'it is at rest')
        assert.equal(await one.store.redrive('L2'), 0)
        assert.equal(await one.store.redrive('L1'), 1)
        assert.deepEqual(await takeUp(one.store, late), [{ lead: plain(person(1)), attempt: 1 }])
        assert.deepEqual(await one.store.deadLetters(9), [])
      })
      it('without a fault the reason is that it never arrived', async () => {
        const first = await life()
        await first.ingest(person(1))
        await first.store.close()
        for (const _ of [1, 2]) {
          const next = await open()
          assert.equal((await takeUp(next, attempts)).length, 1)
          await next.close()
        }
        const last = await open()
        assert.deepEqual(await takeUp(last, attempts), [])
        assert.match((await last.deadLetters(9))[0]!.reason, /cut off each time/)
        assert.equal(await last.redrive(undefined), 1)
      })
      it('an event that is done is cut off no more, and begins anew with no attempts', async () => {
        const one = await life()
        await one.whole(person(1))
        await one.store.cutOff('web:1', { reason: 'late', nowMs: NOW, pauseMs: 1 })
        assert.deepEqual(await takeUp(one.store, { nowMs: NOW + DAY }), [])
        await one.store.transaction([], (tx) =>
          tx.commit(entry(person(1), [{ kind: 'intake.again', key: 'web:1' }])),
        )
        assert.equal((await one.store.census()).underway, 1)
        assert.deepEqual(await takeUp(one.store, { nowMs: NOW + DAY }), [])
        assert.deepEqual(
          await takeUp(one.store, { nowMs: NOW + DAY, carriedBeforeMs: NOW + 1 }).then((taken) =>
            taken.map(({ attempt }) => attempt),
          ),
          [1],
        )
      })
      it('timers and waiting leads are one’s until given back', async () => {
        const here = await life()
        const there = await open()
        for (const n of [1, 2, 3, 4]) await here.whole(person(n))
        const policy = TIGHT.ref.name
        assert.equal((await here.store.claimWaiting(policy, 9)).length, 1)
        assert.equal((await here.store.claimWaiting(policy, 9)).length, 1, 'again to the same')
        assert.deepEqual(await there.claimWaiting(policy, 9), [])
        assert.deepEqual(await there.claimWaiting('another', 9), [])
        await here.store.releaseWaiting(['L4'])
        assert.equal((await there.claimWaiting(policy, 9)).length, 1)
        const mine = await here.store.claimTimers(own(), NOW + HOUR, 4)
        const theirs = await there.claimTimers(own(), NOW + HOUR, 99)
        assert.deepEqual([mine.length, theirs.length], [4, 2])
        assert.deepEqual(
          plain([mine[0]!.lead, mine[0]!.state]),
          plain([(await there.lead(mine[0]!.timer.leadId))!.lead, 'assigned']),
        )
        await here.store.close()
        assert.equal((await there.claimTimers(own(), NOW + HOUR, 99)).length, 6)
      })
      it('timers of a node that is gone go to one that serves their policy', async () => {
        const one = await life()
        await one.whole(person(1))
        const nowMs = NOW + 3 * HOUR
        const due = async (nodeId: string, adopted: string[], policy: string) =>
          (await one.store.claimTimers(own(nodeId, adopted, policy), nowMs, 9)).length
        assert.deepEqual(
          (await one.store.homes()).map(({ kind, nodeId, of, count }) => [kind, nodeId, of, count]),
          [['timers', NODE, TIGHT.ref.name, 3]],
        )
        assert.equal(await due('new', [], TIGHT.ref.name), 0)
        assert.equal(await due('new', [NODE], 'another'), 0)
        assert.equal(await one.store.nextTimerMs(own('new', [NODE], 'another'), NOW), undefined)
        assert.equal(
          await one.store.nextTimerMs(own('new', [NODE], TIGHT.ref.name), NOW),
          NOW + 30 * MINUTE,
        )
        assert.equal(await due('new', [NODE], TIGHT.ref.name), 3)
      })
    })

    describe('the message of a timer that has fired', () => {
      const NONE: ReadonlySet<string> = new Set()
      const fireAll = async (one: Life, nowMs = NOW + 3 * HOUR) => {
        const ids: string[] = []
        for (const { timer, lead } of await one.store.claimTimers(own(), nowMs, 99)) {
          await one.fire(lead, timer, nowMs)
          ids.push(timer.id)
        }
        return ids
      }
      const owed = async (store: Store, inHand = NONE, limit = 99) =>
        (await store.claimOutbox(own(), inHand, limit)).map(({ timer }) => timer.id)

      it('is owed until it is reported as sent, and nobody else sends it meanwhile', async () => {
        const here = await life()
        const there = await open()
        await here.whole(person(1))
        assert.deepEqual(await owed(here.store), [])
        const ids = await fireAll(here)
        assert.equal(ids.length, 3)
        assert.deepEqual(await owed(there), [])
        assert.deepEqual(await owed(here.store, new Set(ids)), [], 'it is sending them')
        await here.store.sent(ids.slice(0, 1))
        assert.deepEqual(await owed(here.store), ids.slice(1), 'it forgot them')
        assert.deepEqual(await owed(here.store, new Set(ids.slice(1, 2)), 1), ids.slice(2))
        await here.store.sent(ids)
        await here.store.close()
        assert.deepEqual(await owed(there), [])
      })
      it('is sent by another when its process ends in between, with the lead as it was', async () => {
        const here = await life()
        await here.whole(person(1))
        const ids = await fireAll(here)
        await here.store.close()
        const there = await open()
        const taken = await there.claimOutbox(own(), NONE, 99)
        assert.deepEqual(
          taken.map(({ timer }) => timer.id),
          ids,
        )
        const escalation = taken.find(({ timer }) => timer.kind === 'escalation')!
        assert.deepEqual([escalation.lead.id, escalation.state], ['L1', 'assigned'])
        assert.equal(escalation.lead.routing!.id, escalation.timer.id)
        assert.equal((await there.claimTimers(own(), NOW + DAY, 99)).length, 0, 'it has fired')
      })
      it('goes to a node that serves its policy when its own is gone', async () => {
        const one = await life()
        await one.whole(person(1))
        const ids = await fireAll(one)
        const { name } = TIGHT.ref
        assert.deepEqual(
          (await one.store.homes()).map(({ kind, nodeId, count }) => [kind, nodeId, count]),
          [['timers', NODE, 3]],
        )
        const asked = async (of: string) =>
          (await one.store.claimOutbox(own('new', [NODE], of), NONE, 99)).length
        assert.deepEqual([await asked('another'), await asked(name)], [0, ids.length])
      })
      it('is not owed for a timer that had nothing to say any more', async () => {
        const one = await life()
        const { lead } = await one.whole(person(1))
        const timer = await due(one.store, NOW + 3 * HOUR, 'breach')
        const over = { ...lead, sla: { ...lead.sla!, status: 'met' as const } }
        await one.store.transaction([], (tx) =>
          tx.commit(entry(over, [{ kind: 'lead.save', state: 'closed', reason: 'test' }])),
        )
        assert.equal((await one.fire(over, timer, NOW + 3 * HOUR)).outcome, 'dropped')
        assert.deepEqual(await owed(one.store), [])
      })
      it('is owed whatever becomes of the lead afterwards', async () => {
        const one = await life()
        await one.whole(person(1))
        await fireAll(one)
        assert.equal((await one.sales('L1', { kind: 'closed' })).outcome, 'recorded')
        assert.equal((await owed(one.store)).length, 3, 'an end cancels timers, not messages')
      })
    })

    describe('answers of providers', () => {
      const values = { 'company.employees': 5 }
      it('are remembered until their time, and replaced by newer ones', async () => {
        const store = await open()
        await store.remember('p', 'k', { values, observedAtMs: NOW }, NOW + 5)
        assert.deepEqual(await store.cached('p', 'k', NOW + 4), { values, observedAtMs: NOW })
        assert.deepEqual(
          [
            await store.cached('p', 'k', NOW + 5),
            await store.cached('p', 'x', NOW),
            await store.cached('q', 'k', NOW),
          ],
          [undefined, undefined, undefined],
        )
        await store.remember('p', 'k', { values: {}, observedAtMs: NOW + 1 }, NOW + 9)
        assert.deepEqual(await store.cached('p', 'k', NOW + 8), {
          values: {},
          observedAtMs: NOW + 1,
        })
        await store.forget(NOW + 9)
        assert.equal(await store.cached('p', 'k', NOW + 8), undefined)
      })
    })

    describe('news', () => {
      it('come after each commit, with what changed, until one listens no more', async () => {
        const one = await life()
        const heard: StoreEvent[] = []
        const stop = one.store.subscribe((event) => heard.push(event))
        await one.whole(person(1))
        await settle(one.store)
        assert.equal(heard.at(-1)!.lastSeq, 4)
        assert.ok(heard.some(({ timers }) => timers) && !heard.some(({ freed }) => freed))
        await one.sales('L1', { kind: 'closed' })
        await settle(one.store)
        assert.deepEqual([heard.at(-1)!.lastSeq, heard.at(-1)!.freed], [5, true])
        stop()
        const { length } = heard
        await one.whole(person(2))
        await settle(one.store)
        assert.equal(heard.length, length)
      })
    })

    describe('the log', () => {
      it('is verified, from nothing on, and against what was noted earlier', async () => {
        const one = await life()
        const empty = await one.store.verify()
        assert.deepEqual(
          [empty.ok, empty.entries, empty.root],
          [true, 0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
        )
        await one.whole(person(1))
        const noted = await one.store.verify()
        assert.deepEqual([noted.ok, noted.entries, noted.erased], [true, 5, 0])
        await one.whole(person(2))
        for (const { entries: count, root } of [empty, noted, await one.store.verify()])
          assert.deepEqual((await one.store.verify({ entries: count, root })).faults, [])
        for (const wrong of [
          { entries: 5, root: empty.root },
          { entries: 4, root: noted.root },
          { entries: 99, root: noted.root },
        ])
          assert.equal((await one.store.verify(wrong)).ok, false, JSON.stringify(wrong))
      })
      it('is read in pages, by lead, with actor and details', async () => {
        const one = await life()
        await one.whole(person(1))
        await one.sales('L1', { kind: 'accepted', by: 'dana' })
        assert.deepEqual(
          (await one.store.entriesAfter(1, 2)).map(({ seq }) => seq),
          [2, 3],
        )
        assert.deepEqual(await one.store.entriesAfter(5, 9), [])
        assert.deepEqual(await one.store.trail('L9'), [])
        const last = (await one.store.trail('L1')).at(-1)!
        assert.deepEqual([last.detail!.actor, last.entry.artefact], ['dana', TIGHT.ref])
      })
      it('tells nothing personal in its public part', async () => {
        const one = await life()
        await one.whole(
          person(1, {
            contact: {
              email: 'ana.secret@acme.example',
              emailKey: 'ana.secret@acme.example',
              name: 'Ana Secret',
            },
          }),
        )
        for (const { entry: told } of await entries(one.store))
          assert.ok(!/secret|acme/i.test(JSON.stringify(told)), JSON.stringify(told))
      })
    })

    describe('realms', () => {
      it('in one place never see each other, nor each other’s time', async () => {
        const live = new Life(await open('live'))
        const sim = new Life(await open('sim:1'))
        await live.whole(person(1))
        await live.store.remember('p', 'k', { values: {}, observedAtMs: NOW }, NOW + HOUR)
        assert.deepEqual(await sim.store.census(), {
          byState: {},
          underway: 0,
          dead: 0,
          entries: 0,
        })
        assert.equal(await sim.store.lead('L1'), undefined)
        assert.equal(await sim.store.cached('p', 'k', NOW), undefined)
        assert.deepEqual(await dueTimers(sim.store, NOW + DAY), [])
        const before = [
          await live.store.census(),
          await live.store.verify(),
          await live.store.lead('L1'),
        ]
        // The same events, people and timers in another realm, a year later, everything forgotten.
        const later = NOW + 365 * DAY
        const { lead } = await sim.whole(person(1), later)
        await sim.store.remember('p', 'k', { values: { x: 1 }, observedAtMs: later }, later + 1)
        await sim.sales(lead.id, { kind: 'closed' }, later)
        await sim.store.forget(later + 30 * DAY)
        assert.deepEqual(
          [await live.store.census(), await live.store.verify(), await live.store.lead('L1')],
          before,
        )
        assert.deepEqual(await live.store.cached('p', 'k', NOW), { values: {}, observedAtMs: NOW })
        // What a store has in memory could hide what became of the tables.
        await live.store.close()
        const [simLoads, simRealms] = [await loads(sim.store), await entries(sim.store)]
        assert.ok((await sim.store.verify()).ok)
        await sim.store.close()
        const again = new Life(await open('live'))
        assert.equal(
          (await again.ingest(person(7, { event: person(1).event }))).outcome,
          'repeated',
        )
        assert.deepEqual(
          [await loads(again.store), simLoads],
          [
            { ana: 1, ben: 0 },
            { ana: 0, ben: 0 },
          ],
        )
        assert.ok((await again.store.verify()).ok)
        const told = [...(await entries(again.store)), ...simRealms].map(
          ({ entry: { realm } }) => realm,
        )
        assert.deepEqual([...new Set(told)], ['live', 'sim:1'])
      })
    })

    describe('versions of contracts and policies', () => {
      it('are there for the steps, word for word, and others are not', async () => {
        const store = await open()
        await store.saveArtefact('policy', TIGHT.ref, '{"policy":"ü🚀"}', NOW)
        const ask = (kind: 'contract' | 'policy', hash: string) =>
          store.transaction([], (tx) => tx.artefact(kind, hash))
        assert.equal(await ask('policy', TIGHT.ref.hash), '{"policy":"ü🚀"}')
        assert.equal(await ask('contract', TIGHT.ref.hash), undefined)
        assert.equal(await ask('policy', 'other'), undefined)
      })
    })

    describe('a store that is closed', () => {
      it('refuses every question with its own fault, and closes only once', async () => {
        const store = await open()
        await store.close()
        await store.close()
        for (const ask of [
          () => store.transaction([], () => known(1)),
          () => store.lead('L1'),
          () => store.claimWaiting('x', 1),
          () => takeUp(store),
          () => store.claimTimers(own(), NOW, 1),
          () => store.nextTimerMs(own(), NOW),
          () => store.claimOutbox(own(), new Set(), 1),
          () => store.sent(['x']),
          () => store.homes(),
          () => store.deadLetters(1),
          () => store.redrive(undefined),
          () => store.ping(),
          () => store.nextRetryMs(),
          () => store.cached('p', 'k', NOW),
          () => store.remember('p', 'k', { values: {}, observedAtMs: NOW }, NOW),
          () => store.saveArtefact('policy', TIGHT.ref, '', NOW),
          () => store.trail('L1'),
          () => store.entriesAfter(0, 1),
          () => store.verify(),
          () => store.census(),
          () => store.leads('open', 1),
          () => store.forget(NOW),
        ] as (() => Promise<unknown>)[])
          await assert.rejects(ask(), { code: 'LEAD_STORE_CLOSED' }, String(ask))
      })
      it('lets what was under way before get to the end', async () => {
        const one = await life()
        const taken = [1, 2, 3].map((n) => one.ingest(person(n)))
        const closed = one.store.close()
        assert.deepEqual(
          (await Promise.all(taken)).map(({ outcome }) => outcome),
          ['lead', 'lead', 'lead'],
        )
        await closed
      })
    })

    describe('texts of every kind', () => {
      it('go in and come out as they are', async () => {
        const one = await life()
        const odd = 'a\0b 🚀 مرحبا \' " \\ {NULL} $1 ? % _ \r\n\t'
        const lead = person(1, {
          id: 'L 🚀 مرحبا \' " \\ {NULL} $1 ? % _',
          event: { id: odd, receivedAt: at(NOW) },
          contact: { email: odd, name: odd },
          externalIds: { [odd]: odd },
          attributes: { [odd]: [odd] },
        })
        await one.ingest(lead)
        const { lead: known } = await one.dedupe(lead)
        assert.deepEqual((await one.store.lead(lead.id))!.lead, plain(known))
        assert.equal((await one.ingest(lead)).outcome, 'repeated')
        const same = person(2, { contact: {}, externalIds: { [odd]: odd } })
        assert.equal((await one.dedupe(same)).lead.id, lead.id)
        assert.deepEqual((await one.store.verify()).faults, [])
      })
    })

    describe('whatever happens in whatever order', () => {
      it('the invariants hold: loads, one assignment per cycle, one state per lead, one entry per change', async function () {
        this.timeout(60_000)
        const action = fc.oneof(
          {
            weight: 5,
            arbitrary: fc.record({
              do: fc.constant('arrive' as const),
              n: fc.nat(7),
              again: fc.boolean(),
              optOut: fc.boolean(),
            }),
          },
          {
            weight: 3,
            arbitrary: fc.record({
              do: fc.constantFrom(
                'closed' as const,
                'rejected' as const,
                'accepted' as const,
                'reopened' as const,
                'first_touch' as const,
              ),
              n: fc.nat(7),
            }),
          },
          {
            weight: 2,
            arbitrary: fc.constantFrom<Action>({ do: 'tick' }, { do: 'drain' }),
          },
        )
        await fc.assert(
          fc.asyncProperty(
            fc.array(action, { minLength: 40, maxLength: 60 }),
            fc.nat(1_000),
            async (actions, salt) => {
              const realm = `run:${salt}:${played++}`
              const one = new Life(await open(realm))
              // In waves, as sales can only close what was assigned; within one nothing waits for
              // anything: about 200 steps that overlap as they like.
              for (let from = 0; from < actions.length; from += WAVE) {
                const wave = actions.slice(from, from + WAVE)
                const results = await Promise.allSettled(
                  wave.map((act, index) => play(one, act, from + index)),
                )
                for (const result of results) if (result.status === 'rejected') throw result.reason
              }
              await invariants(one)
              await one.store.close()
              // Again from the tables alone, without what the store had in memory.
              const again = new Life(await open(realm))
              await invariants(again)
              await again.store.close()
            },
          ),
          { numRuns: runs, interruptAfterTimeLimit: 40_000 },
        )
      })
    })
  })
}

let played = 0
const WAVE = 10

type Action =
  | { readonly do: 'arrive'; readonly n: number; readonly again: boolean; readonly optOut: boolean }
  | {
      readonly do: 'closed' | 'rejected' | 'accepted' | 'reopened' | 'first_touch'
      readonly n: number
    }
  | { readonly do: 'tick' }
  | { readonly do: 'drain' }

/** One thing that may happen; each event has an id of its own unless it is sent again. */
async function play(one: Life, act: Action, index: number): Promise<void> {
  const nowMs = NOW + index * MINUTE
  if (act.do === 'drain') return one.drain(nowMs)
  if (act.do === 'tick') {
    for (const timer of await dueTimers(one.store, nowMs + 3 * HOUR, 9)) {
      const stored = await one.store.lead(timer.leadId)
      const fired = await one.fire(stored!.lead, timer, nowMs + 3 * HOUR)
      if (fired.lead.routing !== undefined) await one.route(fired.lead, nowMs + 3 * HOUR)
    }
    return
  }
  if (act.do !== 'arrive') {
    const [some] = (await one.store.leads('assigned', 9)).slice(act.n % 3)
    if (some !== undefined)
      await one.sales(some.id, { kind: act.do, id: `o${index}`, evidence: 'call' }, nowMs)
    return
  }
  const id = act.again ? `e${act.n}` : `e${index}`
  const event = person(act.n, {
    id: `L-${index}`,
    event: { id, receivedAt: at(nowMs) },
    signals: [signal('demo_request', 0, { id: `d-${id}` })],
    consent: act.optOut && index % 5 === 0 ? { optOut: true } : {},
  })
  await one.whole(event, nowMs)
}

const CAPACITY: Readonly<Record<string, number>> = { ana: 1, ben: 2 }

async function invariants({ store }: Life): Promise<void> {
  const all = await entries(store)
  const report = await store.verify()
  assert.deepEqual(report.faults, [])
  assert.equal(report.entries, all.length)

  // Loads: never below nothing or above capacity, and the sum of the leads that are assigned.
  const held: Record<string, number> = { ana: 0, ben: 0 }
  for (const { id } of await store.leads('assigned', 999)) {
    const { assignment, cycle } = (await store.lead(id))!.lead
    assert.deepEqual([assignment!.status, assignment!.cycle], ['assigned', cycle], id)
    held[assignment!.rep!.id]! += assignment!.units
  }
  const counted = await loads(store)
  assert.deepEqual(counted, held)
  for (const [rep, units] of Object.entries(counted))
    assert.ok(units >= 0 && units <= CAPACITY[rep]!, `${rep} has ${units}`)

  // Every lead that was taken stands in exactly one state; what is waiting is listed so.
  const { byState, underway } = await store.census()
  assert.equal(underway, 0)
  const ids = new Set(
    all.filter(({ entry: { step } }) => step === 'dedupe').map(({ entry: { lead } }) => lead),
  )
  assert.equal(
    Object.values(byState).reduce((sum, n) => sum + n, 0),
    ids.size,
  )
  assert.equal((await store.claimWaiting(TIGHT.ref.name, 999)).length, byState.waiting ?? 0)
  for (const id of ids) assert.ok(await store.lead(id), id)

  // One entry per change: openings and closings alternate, and every opening is a new cycle.
  for (const id of ids) {
    const trail = await store.trail(id)
    const { state, lead } = (await store.lead(id))!
    let open = 0
    const cycles = new Set<number>()
    for (const {
      entry: { changes },
      detail,
    } of trail) {
      if (changes.includes('assignment.close')) open -= 1
      if (changes.includes('assignment.open')) {
        open += 1
        const { cycle } = detail!.patch.assignment!
        assert.ok(!cycles.has(cycle), `${id} has two assignments in cycle ${cycle}`)
        cycles.add(cycle)
      }
      assert.ok(open === 0 || open === 1, `${id} has ${open} assignments`)
    }
    assert.equal(open, state === 'assigned' ? 1 : 0, `${id} stands ${state}`)
    if (lead.consent.optOut) assert.equal(state, 'suppressed', id)
  }

  // An event is taken once, and no decision with a key is there twice.
  const events = all
    .filter(({ entry: { step } }) => step === 'ingest')
    .map(({ detail }) => detail!.lead!.event.id)
  assert.equal(new Set(events).size, events.length)
  const keys = all.flatMap(({ entry: { step }, detail }) =>
    detail!.key === undefined ? [] : [`${step} ${detail!.key}`],
  )
  assert.equal(new Set(keys).size, keys.length)
}

export const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

export async function entries(store: Store): Promise<readonly TrailEntry[]> {
  return store.entriesAfter(-1, 100_000)
}

export async function states(store: Store) {
  return (await store.census()).byState
}

export async function loads(store: Store): Promise<Record<string, number>> {
  const map = await store.transaction([], (tx) => tx.repLoads())
  return { ana: map.get('ana') ?? 0, ben: map.get('ben') ?? 0 }
}

export const opens = (leadId: string, repId: string, cycle: number): Change => ({
  kind: 'assignment.open',
  leadId,
  cycle,
  repId,
  poolId: 'all',
  units: 1,
})
const link = (key: string, leadId: string): Change => ({ kind: 'identity.link', key, leadId })

/** A decision made by hand. */
export function entry(lead: Lead, changes: readonly Change[] = []): Commit {
  const save: Change = { kind: 'lead.save', state: 'open', reason: 'test' }
  const list = changes.some(({ kind }) => kind === 'lead.save') ? changes : [...changes, save]
  const decision: Decision = {
    step: 'dedupe',
    outcome: 'new',
    patch: {},
    because: [],
    changes: list,
  }
  return { decision, lead, actor: 'test', nowMs: NOW }
}

async function due(store: Store, nowMs: number, kind: Timer['kind']): Promise<Timer> {
  const found = (await dueTimers(store, nowMs)).find((one) => one.kind === kind)
  assert.ok(found, `no ${kind} is due`)
  return found
}

/** Scores travel with the message and are no part of a kept answer. */
function withoutScores({ fit: _fit, intent: _intent, ...lead }: Lead) {
  return plain(lead)
}

/** News come in a task of their own after the commit that they are about. */
async function settle(store: Store): Promise<void> {
  await store.census()
  await new Promise((resolve) => setImmediate(resolve))
}
