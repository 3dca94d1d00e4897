// Goal: that a refusal holds, and that who comes back is one person with a cycle for each time.
import assert from 'node:assert/strict'
import { at, DAY, HOUR, MINUTE, NOW } from '../../engine/support/leads'
import { dueTimers, Life, person, TIGHT } from '../life'
import { livesIn, loads, type Open, states } from './support'

export function describePeople(open: Open): void {
  const life = livesIn(open)

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

  describe('a refusal that no lead bears', () => {
    const info = { email: 'info@acme.example', emailKey: 'info@acme.example', emailRole: true }
    it('from a shared mailbox holds for the next who write from it, and for no other', async () => {
      const one = await life()
      await one.whole(person(1, { contact: info, consent: { optOut: true } }))
      for (const store of [one.store, await open()]) {
        const next = new Life(store)
        const n = store === one.store ? 2 : 3
        const { lead, outcome, because } = await next.dedupe(person(n, { contact: info }))
        const { refusedAt, ...consent } = lead.consent
        assert.deepEqual([outcome, lead.id, consent], ['new', `L${n}`, { optOut: true }])
        assert.deepEqual(refusedAt, { optOut: at(NOW) })
        assert.ok(because.some(({ rule }) => rule === 'dedupe.refused'))
        assert.equal((await next.qualify(lead)).lead.decision!.outcome, 'suppressed')
      }
      const sales = { email: 'sales@acme.example', emailKey: 'sales@acme.example', emailRole: true }
      assert.deepEqual((await one.dedupe(person(4, { contact: sales }))).lead.consent, {})
    })

    it('is added to what the list has, in one process or another', async () => {
      const one = await life()
      const others = new Life(await open())
      await one.dedupe(person(1, { contact: info, consent: { email: 'denied' } }))
      await others.dedupe(person(2, { contact: info, consent: { marketing: 'denied' } }))
      const { lead } = await one.dedupe(person(3, { contact: info }))
      const { refusedAt: _refusedAt, ...consent } = lead.consent
      assert.deepEqual(consent, { email: 'denied', marketing: 'denied' })
    })

    it('with the keys of two people reaches both when they come again', async () => {
      const one = await life()
      await one.whole(person(1))
      await one.whole(person(2, { externalIds: { crm: '7' } }))
      const { contact } = person(1)
      const optOut = { contact, externalIds: { crm: '7' }, consent: { optOut: true } }
      assert.equal((await one.dedupe(person(3, optOut))).outcome, 'review')
      for (const [n, contactOf] of [
        [4, 1],
        [5, 2],
      ] as const) {
        const again = person(n, {
          contact: person(contactOf).contact,
          ...(contactOf === 2 ? { externalIds: { crm: '7' } } : {}),
        })
        const { outcome, lead } = await one.dedupe(again)
        assert.deepEqual([outcome, lead.id, lead.consent.optOut], ['known', `L${contactOf}`, true])
        await one.qualify(lead)
      }
      assert.equal((await states(one.store)).suppressed, 2)
    })
  })

  describe('what is known of a person', () => {
    for (const order of [
      ['slow', 'quick'],
      ['quick', 'slow'],
    ] as const)
      it(`is what all events said, whichever of them was decided last: the ${order[1]} one`, async () => {
        const one = await life()
        const slow = await one.dedupe(person(1, { attributes: { seats: 7 } }))
        const quick = await one.dedupe(
          person(2, {
            contact: { ...person(1).contact, title: 'CTO' },
            company: { domain: 'acme.example' },
            crm: { accountId: '7' },
            signals: [],
          }),
          NOW + MINUTE,
        )
        // A provider between the two nodes, which answered the slow one only.
        const company = { ...slow.lead.company, industry: 'tools' }
        const on = { slow: { ...slow.lead, company }, quick: quick.lead }
        for (const [n, which] of order.entries()) {
          const atMs = NOW + (n + 2) * MINUTE
          const { lead } = await one.qualify(on[which], atMs)
          assert.equal(lead.decision!.at, at(atMs))
          await one.route(lead, atMs)
        }
        const { lead } = (await one.store.lead('L1'))!
        assert.deepEqual(
          [lead.contact.title, lead.attributes, lead.company.industry, lead.signals.length],
          ['CTO', { seats: 7 }, 'tools', 1],
        )
        assert.equal(lead.account!.id, 'crm:7')
        assert.equal(lead.decision!.at, at(NOW + 3 * MINUTE))
        assert.equal((await one.store.leads(undefined, 9, { accountId: 'crm:7' })).length, 1)
      })
  })

  describe('what is known of a person when events overtake each other', () => {
    const same = { contact: person(1).contact, company: {}, signals: [] }
    const sized = { company: { domain: 'acme.example', employees: 50 } }
    const doubted = { 'company.employees': 5_000 }
    const critical = ['company.employees']

    it('stays, however often the slow one is saved', async () => {
      const one = await life()
      const slow = await one.dedupe(person(1, sized))
      await one.dedupe(person(2, { ...same, attributes: { seats: 7 } }))
      const stopped = await one.enrich(slow.lead, doubted, NOW + MINUTE, critical)
      assert.equal(stopped.outcome, 'conflict')
      // Somebody has looked at it, and sends it on.
      await one.qualify(stopped.lead, NOW + 2 * MINUTE)
      const { lead } = (await one.store.lead('L1'))!
      assert.deepEqual(lead.attributes, { seats: 7 })
      const quick = { ...lead, event: person(2).event }
      await one.qualify(quick, NOW + 3 * MINUTE)
      assert.deepEqual((await one.store.lead('L1'))!.lead.attributes, { seats: 7 })
    })

    it('is decided as it was, when the slow one is saved undecided', async () => {
      const one = await life()
      await one.whole(person(1, sized))
      const slow = await one.dedupe(person(2, same), NOW + MINUTE)
      const quick = await one.dedupe(person(3, same), NOW + MINUTE)
      const decided = await one.qualify(quick.lead, NOW + 2 * MINUTE)
      await one.enrich(slow.lead, doubted, NOW + 3 * MINUTE, critical)
      const { lead } = (await one.store.lead('L1'))!
      assert.equal(lead.decision!.at, at(NOW + 2 * MINUTE))
      assert.equal(lead.fit!.points, decided.lead.fit!.points)
    })

    for (const order of [
      ['doubting', 'other'],
      ['other', 'doubting'],
    ] as const)
      it(`keeps a doubt about it, whichever was decided last: the ${order[1]} one`, async () => {
        const one = await life()
        await one.whole(person(1, sized))
        const doubting = await one.dedupe(person(2, same), NOW + MINUTE)
        const other = await one.dedupe(person(3, same), NOW + MINUTE)
        const enriched = await one.enrich(doubting.lead, doubted, NOW + MINUTE)
        const on = { doubting: enriched.lead, other: other.lead }
        for (const [n, which] of order.entries())
          await one.qualify(on[which], NOW + (n + 2) * MINUTE)
        const { lead } = (await one.store.lead('L1'))!
        const { method, confidence } = lead.provenance['company.employees']!
        assert.deepEqual([method, confidence < 0.5], ['conflict', true])
      })

    it('has the account that a second look found', async () => {
      const one = await life()
      await one.whole(person(1, sized))
      const slow = await one.dedupe(person(2, same), NOW + MINUTE)
      await one.dedupe(person(3, same), NOW + MINUTE)
      const enriched = await one.enrich(slow.lead, { 'crm.accountId': '7' }, NOW + MINUTE)
      const again = await one.dedupe(enriched.lead, NOW + 2 * MINUTE)
      assert.equal(again.lead.account!.id, 'crm:7')
      assert.equal((await one.store.lead('L1'))!.lead.account!.id, 'crm:7')
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
        (await one.store.claimWaiting([TIGHT.ref.name], 9)).items.map(({ id }) => id),
        ['L4'],
      )
    })
  })
}
