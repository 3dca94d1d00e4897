// Goal: that decisions are made once and kept whole, alone and together, and that one that fails harms no other.
import assert from 'node:assert/strict'
import { known } from '../../../engine/asking'
import type { Change } from '../../../engine/decision'
import type { Lead } from '../../../engine/lead/lead'
import type { Step } from '../../../engine/step'
import { dedupeStep } from '../../../engine/steps/dedupe'
import { outcomeStep } from '../../../engine/steps/outcome'
import { qualifyStep } from '../../../engine/steps/qualify'
import { routeStep } from '../../../engine/steps/route'
import { perform, performTogether } from '../../../store/perform'
import type { Store } from '../../../store/store'
import { DAY, HOUR, NOW } from '../../engine/support/leads'
import { CONTRACT, person, TIGHT, takeUp } from '../life'
import {
  due,
  entries,
  entry,
  livesIn,
  loads,
  type Open,
  opens,
  plain,
  states,
  withoutScores,
} from './support'

export function describeDecisions(open: Open): void {
  const life = livesIn(open)

  describe('a lead on its way', () => {
    it('is reported on once by each kind of report, also when they share an id', async () => {
      const one = await life()
      await one.whole(person(1))
      const call = { kind: 'first_touch', evidence: 'call', id: '7' } as const
      assert.equal((await one.sales('L1', call)).outcome, 'met')
      assert.equal((await one.sales('L1', call)).again, true)
      const closed = await one.sales('L1', { kind: 'closed', id: '7' })
      assert.deepEqual([closed.outcome, closed.again], ['recorded', false])
      assert.deepEqual(await states(one.store), { closed: 1 })
    })
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
      assert.deepEqual([await states(store), await loads(store)], [{ open: 1 }, { ana: 1, ben: 0 }])
      assert.equal((await store.census()).entries, 1)
    })
  })
}
