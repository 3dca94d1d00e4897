// Goal: what every store promises about retention: what is over its time is erased, what is under way is
// not, refusals outlive the lead, and the log proves the same as before.
// Method: one suite over the interface alone; years pass by the time that is passed in.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { explainTrail } from '../../../engine/audit/explain'
import type { Change } from '../../../engine/decision'
import type { Lead } from '../../../engine/lead/lead'
import type { Retention } from '../../../engine/retention'
import { retain } from '../../../store/retain'
import type { Store } from '../../../store/store'
import { at, DAY, HOUR, MINUTE, NOW } from '../../engine/support/leads'
import { dueTimers, Life, person, takeUp } from '../life'
import { entries, entry, type Open, plain } from './support'

const BOTH: Retention = { leadsMonths: 24, trailMonths: 24 }
/** Two years after NOW, and a day. */
const LATER = Date.parse('2028-03-03T10:00:00.000Z')

export function describeRetention(name: string, open: Open, { runs = 15 } = {}): void {
  describe(`${name}: what every store promises about retention`, () => {
    const life = async () => new Life(await open())
    const closed = async (one: Life, n: number, changes: Partial<Lead> = {}, nowMs = NOW) => {
      await one.whole(person(n, changes), nowMs)
      await one.sales(`L${n}`, { kind: 'closed', why: 'spoke to P Secret' }, nowMs)
    }
    const optedOut = (n: number, changes: Partial<Lead> = {}) =>
      person(n, { consent: { optOut: true }, ...changes })
    /** The same person again, in an event and a lead of its own. */
    const again = (n: number, id: string, changes: Partial<Lead> = {}) =>
      person(n, { id, event: { id: `web:${id}`, receivedAt: at(LATER) }, ...changes })
    const stateOf = (store: Store, id: string) => store.transaction([], (tx) => tx.state(id))

    describe('a lead at rest', () => {
      it('becomes a tombstone when its time is over, not before', async () => {
        const one = await life()
        await closed(one, 1)
        assert.deepEqual(await retain(one.store, BOTH, LATER - 2 * DAY), { leads: 0, entries: 0 })
        assert.equal((await one.store.lead('L1'))!.state, 'closed')
        assert.equal((await retain(one.store, BOTH, LATER)).leads, 1)
        assert.equal(await one.store.lead('L1'), undefined)
        assert.equal(await stateOf(one.store, 'L1'), 'erased')
        assert.deepEqual(plain(await one.store.leads('erased', 9)), [
          { id: 'L1', state: 'erased', reason: 'was closed; kept 24 months', sinceMs: LATER },
        ])
        assert.deepEqual((await one.store.census()).byState, { erased: 1 })
        const known = await one.store.transaction([], (tx) =>
          tx.identities(['email:p1@acme.example']),
        )
        assert.equal(known.size, 0)
      })

      it('says in its trail that it was erased, and why', async () => {
        const one = await life()
        await closed(one, 1)
        await retain(one.store, { leadsMonths: 24 }, LATER)
        const kept = explainTrail(await one.store.trail('L1')).join('\n')
        assert.match(kept, /spoke to P Secret/, 'its trail has a time of its own')
        assert.match(
          kept,
          /Retention: erased[^\n]*\n.*closed lead for 24 months; its personal data was erased/,
        )
        await retain(one.store, BOTH, LATER)
        const left = explainTrail(await one.store.trail('L1')).join('\n')
        assert.doesNotMatch(left, /Secret|p1@/)
        assert.match(left, /Routed: assigned[^\n]*\n {4}\(personal details were erased\)/)
        assert.match(left, /its personal data was erased/)
      })

      it('counts from the last thing that happened to it, not from how long it stands so', async () => {
        const one = await life()
        await one.whole(optedOut(1))
        // Comes again and again, and stands as it stood.
        await one.whole(
          optedOut(1, { id: 'L9', event: { id: 'web:9', receivedAt: at(LATER) } }),
          LATER,
        )
        assert.equal((await retain(one.store, BOTH, LATER + DAY)).leads, 0)
        assert.equal((await one.store.lead('L1'))!.state, 'suppressed')
      })

      it('is erased once, whoever and however many look', async () => {
        const stores = [await open(), await open(), await open()]
        const one = new Life(stores[0]!)
        for (let n = 1; n <= 30; n++) await closed(one, n)
        const done = await Promise.all(stores.map((store) => retain(store, BOTH, LATER)))
        assert.equal(
          done.reduce((sum, { leads }) => sum + leads, 0),
          30,
        )
        const erasures = (await entries(one.store)).filter(({ entry: { changes } }) =>
          changes.includes('lead.erase'),
        )
        assert.equal(new Set(erasures.map(({ entry: { lead } }) => lead)).size, 30)
        assert.equal(erasures.length, 30)
        assert.deepEqual(await retain(one.store, BOTH, LATER), { leads: 0, entries: 0 })
        assert.ok((await one.store.verify()).ok)
      })

      it('without a period is kept for ever', async () => {
        const one = await life()
        await closed(one, 1)
        assert.deepEqual(await retain(one.store, {}, LATER + 10_000 * DAY), {
          leads: 0,
          entries: 0,
        })
      })

      it('of another realm is not touched', async () => {
        const [live, sim] = [new Life(await open('live')), new Life(await open('sim:1'))]
        await closed(live, 1)
        await closed(sim, 1)
        await retain(sim.store, BOTH, LATER)
        assert.equal((await live.store.lead('L1'))!.state, 'closed')
        assert.equal((await live.store.verify()).erased, 0)
        assert.equal(await sim.store.lead('L1'), undefined)
      })
    })

    describe('what is under way', () => {
      const offer: Change = {
        kind: 'offer.open',
        leadId: 'L1',
        token: 1,
        repId: 'ana',
        poolId: 'all',
        units: 1,
        expiresMs: NOW + HOUR,
      }
      const save = (state: 'closed' | 'waiting' | 'review' | 'unroutable' | 'open'): Change => ({
        kind: 'lead.save',
        state,
        reason: 'test',
      })
      const timer: Change = {
        kind: 'timer.set',
        timer: {
          id: 'L1#1#breach#0',
          leadId: 'L1',
          cycle: 1,
          kind: 'breach',
          dueMs: NOW,
          nodeId: 'n',
          detail: {},
        },
      }
      const accepted: Change = {
        kind: 'intake.accept',
        key: 'web:1',
        expiresMs: NOW + DAY,
        nodeId: 'n1',
      }
      const opened: Change = {
        kind: 'assignment.open',
        leadId: 'L1',
        cycle: 1,
        repId: 'ana',
        poolId: 'all',
        units: 1,
      }
      const cases: readonly (readonly [string, readonly Change[]])[] = [
        ['waits', [save('waiting')]],
        ['is in review', [save('review')]],
        ['is unroutable', [save('unroutable')]],
        ['was never decided', [save('open')]],
        ['has an open offer', [save('closed'), offer]],
        ['has a pending timer', [save('closed'), timer]],
        ['has an open assignment', [save('closed'), opened]],
        ['has an event on its way', [accepted, save('closed')]],
      ]
      for (const [what, changes] of cases) {
        it(`stays whole, and so does its trail: a lead that ${what}`, async () => {
          const store = await open()
          await store.transaction([], (tx) => tx.commit(entry(person(1), changes)))
          const before = await store.lead('L1')
          assert.deepEqual(await retain(store, BOTH, LATER), { leads: 0, entries: 0 })
          assert.deepEqual(await store.lead('L1'), before)
          assert.equal((await store.verify()).erased, 0)
        })
      }

      it('a message that is owed, too', async () => {
        const store = await open()
        await store.transaction([], (tx) => tx.commit(entry(person(1), [save('closed'), timer])))
        const [due] = await dueTimers(store, NOW, 9, 'n')
        const fired: Change = { kind: 'timer.fired', timerId: due!.id, tells: true }
        await store.transaction([], (tx) => tx.commit(entry(person(1), [save('closed'), fired])))
        assert.deepEqual(await retain(store, BOTH, LATER), { leads: 0, entries: 0 })
        await store.sent([due!.id])
        assert.deepEqual(await retain(store, BOTH, LATER), { leads: 1, entries: 2 })
      })

      it('a dead letter, too, until it is sent on and arrives', async () => {
        const one = await life()
        await one.ingest(person(1))
        for (const nowMs of [NOW + HOUR, NOW + 2 * HOUR])
          await takeUp(one.store, { nowMs, attemptsMax: 1, carriedBeforeMs: nowMs })
        assert.equal((await one.store.census()).dead, 1)
        assert.deepEqual(await retain(one.store, BOTH, LATER), { leads: 0, entries: 0 })
        await one.store.redrive('L1')
        const [taken] = await takeUp(one.store, { nowMs: LATER, carriedBeforeMs: LATER })
        assert.deepEqual(taken!.lead, plain(person(1)))
      })

      it('a lead that comes back in the moment it would be erased is there or new, never half', async () => {
        const [store, other] = [await open(), await open()]
        const one = new Life(store)
        for (let n = 1; n <= 8; n++) await closed(one, n)
        const [, ...results] = await Promise.all([
          retain(other, BOTH, LATER),
          ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => one.whole(again(n, `N${n}`), LATER)),
        ])
        for (const [index, result] of results.entries()) {
          const id = (result as { lead: Lead }).lead.id
          const stored = await store.lead(id)
          assert.ok(stored, `${id} has no body`)
          assert.equal(stored.lead.contact.email, `p${index + 1}@acme.example`)
          if (id.startsWith('N')) assert.equal(await store.lead(`L${index + 1}`), undefined)
        }
        assert.ok((await store.verify()).ok)
      })
    })

    describe('a person who comes again', () => {
      it('is a new lead', async () => {
        const one = await life()
        await closed(one, 1)
        await retain(one.store, BOTH, LATER)
        const { lead } = await one.whole(again(1, 'L9'), LATER)
        assert.deepEqual([lead.id, lead.identity!.match], ['L9', 'new'])
        assert.equal(await stateOf(one.store, 'L1'), 'erased')
        const known = await one.dedupe(again(1, 'L10'), LATER)
        assert.deepEqual([known.outcome, known.lead.id], ['known', 'L9'])
      })

      for (const [what, before, after] of [
        ['the same address', {}, {}],
        [
          'an outside id',
          { externalIds: { crm: '7' } },
          { externalIds: { crm: '7' }, contact: {} },
        ],
        [
          'phone and name',
          { contact: { phone: '+4930123', nameKey: 'p 1' } },
          { contact: { phone: '+4930123', nameKey: 'p 1', email: 'new@x.example' } },
        ],
        [
          'a phone, and no name',
          { contact: { phone: '+4930123', nameKey: 'p 1' } },
          { contact: { phone: '+4930123' } },
        ],
      ] as const satisfies readonly (readonly [string, Partial<Lead>, Partial<Lead>])[]) {
        it(`and had opted out is suppressed, recognised by ${what}`, async () => {
          const one = await life()
          await one.whole(optedOut(1, before))
          await retain(one.store, BOTH, LATER)
          const asked = again(1, 'L9', { consent: { email: 'granted' }, ...after })
          for (const store of [one.store, await open()]) {
            const lived = new Life(store)
            const { lead, because } = await lived.dedupe(asked, LATER)
            assert.deepEqual([lead.id, lead.consent.optOut], ['L9', true])
            assert.ok(because.some(({ rule }) => rule === 'dedupe.refused'))
            const decided = await lived.qualify(lead, LATER)
            assert.deepEqual(
              [decided.outcome, decided.lead.decision!.outcome],
              ['closed', 'suppressed'],
            )
          }
          assert.equal(await stateOf(one.store, 'L9'), 'suppressed')
        })
      }

      it('is still suppressed after that lead was erased as well', async () => {
        const one = await life()
        await one.whole(optedOut(1))
        await retain(one.store, BOTH, LATER)
        await one.whole(again(1, 'L9'), LATER)
        const evenLater = LATER + 800 * DAY
        assert.equal((await retain(one.store, BOTH, evenLater)).leads, 1)
        const { lead } = await one.dedupe(again(1, 'L10'), evenLater)
        assert.equal(lead.consent.optOut, true)
      })

      it('finds each refusal as it was, and what was granted forgotten', async () => {
        const one = await life()
        await closed(one, 1, { consent: { phone: 'denied', email: 'granted' } })
        await retain(one.store, BOTH, LATER)
        const { lead } = await one.dedupe(again(1, 'L9'), LATER)
        assert.deepEqual(lead.consent, { phone: 'denied', refusedAt: { phone: at(NOW) } })
      })

      it('a colleague at the same number is not suppressed', async () => {
        const one = await life()
        await one.whole(optedOut(1, { contact: { phone: '+4930123', nameKey: 'p 1' } }))
        await retain(one.store, BOTH, LATER)
        const other = again(2, 'L9', { contact: { phone: '+4930123', nameKey: 'p 2' } })
        assert.equal((await one.dedupe(other, LATER)).lead.consent.optOut, undefined)
      })
    })

    describe('the trail', () => {
      it('loses its private parts after its time, and proves the same', async () => {
        const one = await life()
        await closed(one, 1)
        const noted = await one.store.verify()
        await closed(one, 2, {}, NOW + 400 * DAY)
        const { entries: count } = await retain(one.store, { trailMonths: 24 }, LATER)
        assert.equal(count, noted.entries)
        const report = await one.store.verify({ entries: noted.entries, root: noted.root })
        assert.deepEqual([report.ok, report.erased, report.faults], [true, noted.entries, []])
        assert.equal(
          (await one.store.lead('L1'))!.state,
          'closed',
          'leads have a time of their own',
        )
        const told = await one.store.trail('L2')
        assert.ok(told.every(({ detail }) => detail !== undefined))
      })

      it('says what was erased, and by which setting', async () => {
        const one = await life()
        await closed(one, 1)
        await retain(one.store, { trailMonths: 24 }, LATER)
        const [told] = await one.store.trail('retention')
        assert.deepEqual([told!.entry.step, told!.entry.changes], ['retention', ['details.erase']])
        assert.match(
          told!.detail!.because[0]!.why,
          /^The details of 6 entries were kept for 24 months/,
        )
      })

      it('what was decided does not become undone by it', async () => {
        const one = await life()
        await closed(one, 1)
        const before = await one.store.census()
        await retain(one.store, { trailMonths: 24 }, LATER)
        assert.equal((await one.sales('L1', { kind: 'closed' }, LATER)).outcome, 'ignored')
        const { byState } = await one.store.census()
        assert.deepEqual(byState, before.byState)
      })
    })

    it('figures say what is erased, and what is over its time', async () => {
      const one = await life()
      await closed(one, 1)
      await one.whole(person(2))
      const told = async (retention?: Retention) => {
        const { leads, erasedLeads, erasedEntries, expiredLeads, expiredEntries } =
          await one.store.figures(LATER, retention)
        return { leads, erasedLeads, erasedEntries, expiredLeads, expiredEntries }
      }
      const none = { erasedLeads: 0, erasedEntries: 0 }
      assert.deepEqual(await told(), { leads: 2, ...none, expiredLeads: 0, expiredEntries: 0 })
      assert.deepEqual(await told(BOTH), { leads: 2, ...none, expiredLeads: 1, expiredEntries: 11 })
      await retain(one.store, BOTH, LATER)
      assert.deepEqual(await told(BOTH), {
        leads: 1,
        erasedLeads: 1,
        erasedEntries: 6,
        expiredLeads: 0,
        expiredEntries: 5,
      })
    })

    it('whatever happened: what is at rest is erased, the rest is as it was, the log proves it all', async () => {
      const happening = fc.record({
        n: fc.integer({ min: 1, max: 6 }),
        what: fc.constantFrom('arrive', 'opt-out', 'closed', 'rejected', 'reopened', 'retain'),
        months: fc.integer({ min: 0, max: 9 }),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(happening, { maxLength: 25 }), async (happenings) => {
          const realm = `retention:${played++}`
          const one = new Life(await open(realm))
          const refused = new Set<number>()
          let nowMs = NOW
          let step = 0
          for (const { n, what, months } of happenings) {
            nowMs += months * 31 * DAY + MINUTE
            step += 1
            if (what === 'retain')
              await retain(one.store, { leadsMonths: 6, trailMonths: 12 }, nowMs)
            else if (what === 'arrive' || what === 'opt-out') {
              if (what === 'opt-out') refused.add(n)
              const consent = what === 'opt-out' ? { optOut: true } : {}
              const event = { id: `e${step}`, receivedAt: at(nowMs) }
              await one.whole(person(n, { id: `N${step}`, event, consent, signals: [] }), nowMs)
            } else {
              const [some] = (await one.store.leads('assigned', 9)).slice(n % 3)
              if (some !== undefined) await one.sales(some.id, { kind: what as 'closed' }, nowMs)
            }
          }
          const live = ['assigned', 'waiting', 'unroutable', 'review', 'open'] as const
          const standing = await Promise.all(live.map((state) => one.store.leads(state, 99)))
          const before = await Promise.all(standing.flat().map(({ id }) => one.store.lead(id)))
          const noted = await one.store.verify()
          const end = nowMs + 400 * DAY
          await retain(one.store, { leadsMonths: 6, trailMonths: 12 }, end)

          // Again from the tables alone, without what the store had in memory.
          await one.store.close()
          const store = await open(realm)
          const report = await store.verify({ entries: noted.entries, root: noted.root })
          assert.deepEqual(report.faults, [])
          assert.deepEqual(
            await Promise.all(standing.flat().map(({ id }) => store.lead(id))),
            before,
          )
          const { byState } = await store.census()
          for (const state of Object.keys(byState))
            assert.ok([...live, 'erased'].includes(state as 'erased'), `one is ${state} still`)
          const kept = new Set<string | undefined>(standing.flat().map(({ id }) => id))
          for (const { entry: told, detail } of await entries(store)) {
            const owner = await store.find([{ by: 'id', value: told.lead }])
            const stays = kept.has(owner) || Date.parse(told.at) === end
            assert.equal(detail !== undefined, stays, `${told.step} of ${told.lead}`)
          }
          for (const n of refused) {
            const id = `Z${n}`
            const event = { id: `z${n}`, receivedAt: at(end) }
            const { lead } = await new Life(store).dedupe(person(n, { id, event }), end)
            assert.equal(lead.consent.optOut, true, `${n} had opted out`)
          }
          await store.close()
        }),
        { numRuns: runs, interruptAfterTimeLimit: 40_000 },
      )
    })
  })
}

let played = 0
