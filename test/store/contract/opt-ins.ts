// Goal: the person's last word holds, whatever came in between, and nothing but a report lifts a refusal.
// Method: people who refuse and come back, through the steps as the nodes call them; random histories
// against a rule that fits in a line.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Change } from '../../../engine/decision'
import { personKeys } from '../../../engine/identity/keys'
import { soughtSuppressions } from '../../../engine/identity/suppression'
import type { Lead } from '../../../engine/lead/lead'
import { retain } from '../../../store/retain'
import { at, DAY, HOUR, MINUTE, NOW } from '../../engine/support/leads'
import { Life, person } from '../life'
import { entry, livesIn, loads, type Open, states } from './support'

const LATER = NOW + 800 * DAY
const BOTH = { leadsMonths: 24, trailMonths: 24 }

/** Another event of the first person, received at `ms`. */
const again = (n: number, ms: number, changes: Partial<Lead> = {}) =>
  person(n, {
    contact: person(1).contact,
    signals: [],
    event: { id: `web:${n}`, receivedAt: at(ms) },
    ...changes,
  })

export function describeOptIns(name: string, open: Open, { runs }: { runs: number }): void {
  const life = livesIn(open)
  const consentOf = async ({ store }: Life, id = 'L1') => (await store.lead(id))!.lead.consent
  const refused = async (one: Life, consent: Lead['consent'] = { optOut: true }) => {
    await one.whole(person(1, { consent }))
    return one
  }

  describe(`${name}: a person who comes back`, () => {
    it('is qualified and routed with the next event, and by nothing before it', async () => {
      const one = await refused(await life())
      const done = await one.optIn('L1', { consent: ['optOut'] }, NOW + HOUR)
      assert.equal(done.outcome, 'recorded')
      assert.deepEqual(
        [await states(one.store), await loads(one.store)],
        [{ suppressed: 1 }, { ana: 0, ben: 0 }],
      )
      const next = await one.whole(again(2, NOW + DAY), NOW + DAY)
      assert.deepEqual([next.lead.id, next.outcome], ['L1', 'started'])
      const { regranted, refusedAt } = await consentOf(one)
      const grant = { at: at(NOW + HOUR), evidence: 'doi-1', by: 'Dana' }
      assert.deepEqual([regranted, refusedAt], [{ optOut: grant }, undefined])
      assert.ok((await one.store.verify()).ok)
    })

    it('is refused again by the next refusal, and the old report changes nothing then', async () => {
      const one = await refused(await life())
      const report = { consent: ['optOut'], atMs: NOW + HOUR } as const
      await one.optIn('L1', report, NOW + HOUR)
      assert.equal((await one.optIn('L1', report, NOW + 2 * HOUR)).kept, false)
      await one.whole(again(2, NOW + DAY, { consent: { optOut: true } }), NOW + DAY)
      const { outcome, lead } = await one.optIn('L1', report, NOW + 2 * DAY)
      assert.deepEqual([outcome, lead.consent.optOut], ['ignored', true])
      assert.equal((await consentOf(one)).optOut, true)
    })

    it('is not taken back by a message that was on its way, nor by an event of before', async () => {
      const one = await life()
      await one.ingest(person(1, { consent: { optOut: true } }))
      const { lead } = await one.dedupe(person(1, { consent: { optOut: true } }))
      const late = await one.ingest(
        again(2, NOW + MINUTE, { consent: { optOut: true } }),
        NOW + MINUTE,
      )
      await one.optIn('L1', { consent: ['optOut'] }, NOW + HOUR)
      const decided = await one.qualify(lead, NOW + 2 * HOUR)
      assert.equal(decided.lead.consent.optOut, false)
      const merged = await one.dedupe(late.lead, NOW + 3 * HOUR)
      assert.equal(merged.lead.consent.optOut, false)
      assert.ok(merged.because.some(({ rule }) => rule === 'dedupe.regranted'))
      // What somebody writes into a message counts from when it is seen.
      const set = { ...merged.lead, consent: { ...merged.lead.consent, optOut: true } }
      assert.equal((await one.qualify(set, NOW + 3 * HOUR)).outcome, 'closed')
      assert.equal((await consentOf(one)).optOut, true)
    })

    it('who refused before times were kept is not taken back by a message on its way, nor made younger by an event', async () => {
      const old = person(1, { consent: { optOut: true } })
      const link: Change = { kind: 'identity.link', key: 'email:p1@acme.example', leadId: 'L1' }
      for (const agoMs of [0, HOUR]) {
        const one = await life()
        await one.store.transaction([], (tx) => tx.commit(entry(old, [link])))
        const { lead } = await one.dedupe(again(2, NOW + DAY), NOW + DAY)
        assert.equal(lead.consent.optOut, true)
        const report = { consent: ['optOut'], atMs: NOW + DAY + 1 - agoMs } as const
        assert.equal((await one.optIn('L1', report, NOW + DAY + MINUTE)).outcome, 'recorded')
        await one.qualify(lead, NOW + DAY + HOUR)
        assert.equal((await consentOf(one)).optOut, false)
      }
    })

    it('after being erased before times were kept: so is what only the list has', async () => {
      const one = await life()
      const listed: Change = {
        kind: 'consent.suppress',
        key: 'email:p1@acme.example',
        consent: { optOut: true },
      }
      await one.store.transaction([], (tx) =>
        tx.commit(entry(person(9, { contact: {} }), [listed])),
      )
      const { lead } = await one.dedupe(again(2, NOW + DAY), NOW + DAY)
      assert.deepEqual([lead.id, lead.consent.optOut], ['L2', true])
      await one.optIn('L2', { consent: ['optOut'] }, NOW + DAY + MINUTE)
      await one.qualify(lead, NOW + DAY + HOUR)
      assert.equal((await consentOf(one, 'L2')).optOut, false)
    })

    it('no message grants by itself, whatever it carries', async () => {
      const one = await refused(await life())
      const grant = { at: at(NOW + HOUR), evidence: 'forged', by: 'x' }
      const consent = { optOut: false, regranted: { optOut: grant } }
      for (const [n, forged] of [consent, { ...consent, optOut: true }].entries()) {
        const { lead } = await one.dedupe(again(2 + n, NOW + DAY, { consent: forged }), NOW + DAY)
        assert.deepEqual([lead.id, lead.consent.optOut], ['L1', true])
        const stored = (await one.store.lead('L1'))!.lead
        const decided = await one.qualify({ ...stored, consent: forged }, NOW + DAY)
        assert.deepEqual([decided.outcome, decided.lead.consent.regranted], ['closed', undefined])
      }
    })

    it('in one realm is refused in the other', async () => {
      const [live, other] = [new Life(await open('live')), new Life(await open('sim:1'))]
      for (const one of [live, other]) await refused(one)
      await live.optIn('L1', { consent: ['optOut'] }, NOW + HOUR)
      assert.deepEqual(
        [(await consentOf(live)).optOut, (await consentOf(other)).optOut],
        [false, true],
      )
    })

    it('after being erased: the list lets go of these keys, and of nobody else’s', async () => {
      const one = await life()
      const contact = { ...person(1).contact, phone: '+4930123' }
      const colleague = { phone: '+4930123', name: 'C O', nameKey: 'c o' }
      await one.whole(person(7, { contact: colleague, consent: { phone: 'denied' } }))
      await retain(one.store, BOTH, LATER)
      const refusal = { contact, consent: { optOut: true, phone: 'denied' } } as const
      await one.whole(again(1, LATER, refusal), LATER)
      const back = LATER + 800 * DAY
      assert.equal((await retain(one.store, BOTH, back)).leads, 1)
      assert.equal((await one.whole(again(8, back, { contact }), back)).lead.consent.optOut, true)
      const report = { consent: ['optOut', 'phone'] } as const
      const done = await one.optIn('L8', report, back + HOUR)
      assert.ok(done.because.some(({ rule }) => rule === 'outcome.opted_in.list'))
      const next = await one.whole(again(9, back + DAY, { contact }), back + DAY)
      assert.deepEqual([next.lead.id, next.outcome], ['L8', 'nurture'])
      const { lead } = await one.dedupe(again(10, back + DAY, { contact: colleague }), back + DAY)
      assert.deepEqual([lead.id, lead.consent.phone], ['L10', 'denied'])
      // Erased once more: the later word still holds for this person, and the refusal for the other.
      const end = back + 900 * DAY
      assert.ok((await retain(one.store, BOTH, end)).leads > 0)
      const nameless = person(11, { contact: { phone: '+4930123' } })
      const [held] = await one.store.transaction([], (tx) =>
        tx.suppressions(soughtSuppressions(nameless, personKeys(nameless))),
      )
      assert.equal(held!.phone, 'denied')
      for (const [n, who, consent] of [
        [12, colleague, 'denied'],
        [13, contact, undefined],
      ] as const) {
        const next = await one.dedupe(again(n, end, { contact: who }), end)
        assert.deepEqual([next.lead.id, next.lead.consent.phone], [`L${n}`, consent])
      }
    })

    it('of a shared mailbox only when the mailbox itself says so, and then for whoever has it', async () => {
      const one = await life()
      const info = { email: 'info@acme.example', emailKey: 'info@acme.example', emailRole: true }
      const at1 = { contact: info, externalIds: { crm: '1' } }
      await one.whole(person(1, { ...at1, consent: { email: 'denied' } }))
      const ignored = await one.optIn('L1', { consent: ['email'] }, NOW + HOUR)
      assert.equal(ignored.outcome, 'ignored')
      assert.match(ignored.because[0]!.why, /shared mailbox, which refused email/)
      await one.optIn('L1', { consent: ['email'], mailbox: true }, NOW + 2 * HOUR)
      for (const [n, more] of [
        [2, at1],
        [3, { contact: info }],
      ] as const) {
        const { lead } = await one.dedupe(again(n, NOW + DAY, more), NOW + DAY)
        assert.notEqual(lead.consent.email, 'denied')
      }
      // Somebody there refuses once more: it holds against who had granted it, too.
      await one.whole(
        again(4, NOW + 2 * DAY, { contact: info, consent: { email: 'denied' } }),
        NOW + 2 * DAY,
      )
      const { lead } = await one.dedupe(again(5, NOW + 3 * DAY, at1), NOW + 3 * DAY)
      assert.deepEqual([lead.id, lead.consent.email], ['L1', 'denied'])
    })

    it('is held to what a shared mailbox refused before, when they write from it', async () => {
      const one = await life()
      const info = { email: 'info@acme.example', emailKey: 'info@acme.example', emailRole: true }
      const crm = { externalIds: { crm: '1' } }
      await one.whole(person(2, { contact: info, consent: { email: 'denied' } }))
      await one.whole(person(1, { ...crm, consent: { email: 'denied' } }))
      await one.optIn('L1', { consent: ['email'] }, NOW + HOUR)
      const { lead } = await one.dedupe(again(3, NOW + DAY, { contact: info, ...crm }), NOW + DAY)
      assert.deepEqual([lead.id, lead.consent.email], ['L1', 'denied'])
      assert.deepEqual(lead.consent.refusedAt, { email: at(NOW + DAY) })
    })

    it('random histories: who spoke last is right, a tie refuses, and a form that says yes never counts', async () => {
      const act = fc.record({
        what: fc.constantFrom('refuse', 'yes', 'report', 'stale'),
        kind: fc.constantFrom('optOut', 'marketing', 'email', 'phone'),
        /** How long ago the report says that it was granted. */
        agoMs: fc.constantFrom(0, 1, MINUTE, HOUR),
        stepMs: fc.constantFrom(0, 1, MINUTE),
      })
      const REFUSES = {
        optOut: { optOut: true },
        marketing: { marketing: 'denied' },
        email: { email: 'denied' },
        phone: { phone: 'denied' },
      } as const
      const YES = {
        optOut: false,
        marketing: 'granted',
        email: 'granted',
        phone: 'granted',
      } as const
      let realm = 0
      await fc.assert(
        fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 12 }), async (acts) => {
          const one = new Life(await open(`r${realm++}`))
          let [nowMs, n] = [NOW, 1]
          await one.whole(person(1))
          let [first] = [(await one.store.lead('L1'))!.lead]
          const last = new Map<string, { refusedMs: number; grantedMs: number }>()
          for (const { what, kind, agoMs, stepMs } of acts) {
            nowMs += stepMs
            n += 1
            const words = last.get(kind) ?? { refusedMs: -1, grantedMs: -1 }
            if (what === 'report') {
              const isRefused = words.refusedMs >= Math.max(0, words.grantedMs)
              const isLater = nowMs - agoMs > words.refusedMs
              const { outcome } = await one.optIn(
                'L1',
                { consent: [kind], atMs: nowMs - agoMs, evidence: `doi-${n}` },
                nowMs,
              )
              assert.equal(outcome, isRefused && isLater ? 'recorded' : 'ignored')
              if (outcome === 'recorded') words.grantedMs = nowMs - agoMs
            } else if (what === 'stale') {
              // A message of long ago goes on, and brings back what it knew.
              await one.qualify(first, nowMs)
            } else {
              const consent = what === 'yes' ? YES : REFUSES[kind]
              const { lead } = await one.whole(again(n, nowMs, { consent }), nowMs)
              assert.equal(lead.id, 'L1')
              if (what === 'refuse') {
                words.refusedMs = nowMs
                first = structuredClone(lead)
              }
            }
            last.set(kind, words)
            const consent = await consentOf(one)
            for (const [each, { refusedMs, grantedMs }] of last) {
              const want = refusedMs >= Math.max(0, grantedMs)
              const value = consent[each as 'email']
              assert.equal((value as unknown) === true || value === 'denied', want, each)
            }
          }
        }),
        { numRuns: runs },
      )
    })
  })
}
