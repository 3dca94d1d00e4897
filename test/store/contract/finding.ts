// Goal: that a lead is found by whatever names it, that its trail tells of all its events, and that lists of leads
// are complete, in order and page by page; of whoever was erased nothing is found by anything personal.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Sought } from '../../../engine/audit/asked'
import { LEAD_STATES } from '../../../engine/decision'
import type { Lead } from '../../../engine/lead/lead'
import { retain } from '../../../store/retain'
import type { LeadFilter, Store } from '../../../store/store'
import { at, DAY, NOW } from '../../engine/support/leads'
import { Life, person, TIGHT } from '../life'
import { entries, entry, livesIn, type Open, opens } from './support'

const LATER = NOW + 800 * DAY

export function describeFinding(open: Open): void {
  const life = livesIn(open)
  const find = (store: Store, by: Sought['by'], value: string) => store.find([{ by, value }])
  /** Another event of the `n`th person, under an id of its own. */
  const again = (n: number, id: string, nowMs = NOW, changes: Partial<Lead> = {}) =>
    person(n, { id, event: { id: `web:${id}`, receivedAt: at(nowMs) }, signals: [], ...changes })

  describe('a lead is found', () => {
    it('by its id, its keys and its events, in the order in which they are asked', async () => {
      const one = await life()
      await one.whole(person(1, { externalIds: { crm: '7' } }))
      await one.whole(person(2))
      for (const [by, value] of [
        ['id', 'L1'],
        ['key', 'email:p1@acme.example'],
        ['key', 'id:crm:7'],
        ['event', 'web:1'],
      ] as const)
        assert.equal(await find(one.store, by, value), 'L1', value)
      for (const [by, value] of [
        ['id', 'web:1'],
        ['id', ''],
        ['key', 'email:p3@acme.example'],
        ['key', 'L1'],
        ['event', 'web:3'],
      ] as const)
        assert.equal(await find(one.store, by, value), undefined, value)
      const sought = ['x', 'L2', 'L1'].map((value) => ({ by: 'id', value }) as const)
      assert.equal(await one.store.find(sought), 'L2')
      assert.equal(await one.store.find([]), undefined)
    })

    it('by the id and the event under which it came again; before dedupe that is all there is', async () => {
      const one = await life()
      await one.whole(person(1))
      await one.ingest(again(1, 'N1'))
      for (const [by, value] of [
        ['id', 'N1'],
        ['event', 'web:N1'],
      ] as const)
        assert.equal(await find(one.store, by, value), 'N1')
      await one.dedupe(again(1, 'N1'))
      for (const [by, value] of [
        ['id', 'N1'],
        ['event', 'web:N1'],
      ] as const)
        assert.equal(await find(one.store, by, value), 'L1')
    })

    it('as itself, when it stands in review beside the people whom it may be', async () => {
      const one = await life()
      await one.whole(person(1))
      await one.whole(person(2, { externalIds: { crm: '7' } }))
      const both = again(1, 'N1', NOW, { externalIds: { crm: '7' } })
      assert.equal((await one.whole(both)).outcome, 'review')
      assert.equal(await find(one.store, 'id', 'N1'), 'N1')
      assert.equal(await find(one.store, 'event', 'web:N1'), 'N1')
    })

    it('as itself, when it was known under its id before it was merged into another', async () => {
      const one = await life()
      await one.whole(person(1))
      await one.whole(person(2))
      // Its message comes again with nothing but the address of the other.
      const { contact } = person(1)
      const event = { id: 'web:0', receivedAt: at(NOW) }
      const { lead } = await one.dedupe(person(2, { contact, event }))
      assert.equal(lead.id, 'L1')
      assert.equal(await find(one.store, 'id', 'L2'), 'L2')
      const trail = await one.store.trail('L2')
      await one.sales('L1', { kind: 'closed' }, LATER)
      await retain(one.store, { trailMonths: 24 }, LATER)
      assert.deepEqual(await one.store.trail('L2'), trail, 'L2 is under way still')
    })

    it('once erased by nothing but its id', async () => {
      const one = await life()
      await one.whole(person(1))
      await one.sales('L1', { kind: 'closed' })
      await retain(one.store, { leadsMonths: 24 }, LATER)
      assert.equal(await find(one.store, 'key', 'email:p1@acme.example'), undefined)
      assert.equal(await find(one.store, 'id', 'L1'), 'L1')
      const [row] = await one.store.leads(undefined, 9, { leadId: 'L1', person: true })
      assert.deepEqual([row!.state, row!.person, row!.account], ['erased', undefined, undefined])
    })

    it('not in another realm', async () => {
      const [live, sim] = [new Life(await open('live')), await open('sim:1')]
      await live.whole(person(1))
      await live.whole(again(1, 'N1'))
      for (const [by, value] of [
        ['id', 'L1'],
        ['id', 'N1'],
        ['key', 'email:p1@acme.example'],
        ['event', 'web:1'],
      ] as const)
        assert.equal(await find(sim, by, value), undefined)
      assert.deepEqual(await sim.leads('assigned', 9), [])
    })
  })

  describe('the trail of a person who came again', () => {
    const told = async (store: Store, id = 'L1') =>
      (await store.trail(id)).map(({ entry: { lead, step } }) => `${lead} ${step}`)

    it('has the intake of each event, in the order in which it happened', async () => {
      const one = await life()
      await one.whole(person(1))
      await one.whole(person(2))
      const before = await told(one.store)
      await one.ingest(again(1, 'N1'))
      await one.ingest(again(1, 'N2'))
      assert.deepEqual(await told(one.store), before)
      await one.dedupe(again(1, 'N2'))
      await one.dedupe(again(1, 'N1'))
      assert.deepEqual((await told(one.store)).slice(before.length), [
        'N1 ingest',
        'N2 ingest',
        'L1 dedupe',
        'L1 dedupe',
      ])
      const seqs = (await one.store.trail('L1')).map(({ seq }) => seq)
      assert.deepEqual(
        seqs,
        [...seqs].sort((a, b) => a - b),
      )
      assert.ok((await told(one.store, 'L2')).every((line) => line.startsWith('L2 ')))
      assert.deepEqual(await told(one.store, 'N1'), ['N1 ingest'])
    })

    it('has nothing of what an id stood for later on', async () => {
      const one = await life()
      await one.whole(person(1))
      await one.ingest(again(1, 'N1'))
      await one.dedupe(again(1, 'N1'))
      const before = await told(one.store)
      await one.store.transaction([], (tx) => tx.commit(entry(person(3, { id: 'N1' }))))
      assert.deepEqual(await told(one.store), before)
    })

    it('stays whole while the person’s lead is under way, however old, and goes with it', async () => {
      const one = await life()
      await one.whole(person(1))
      await one.whole(again(1, 'N1'))
      assert.deepEqual(await retain(one.store, { trailMonths: 24 }, LATER), {
        leads: 0,
        entries: 0,
      })
      await one.sales('L1', { kind: 'closed' }, LATER)
      const trail = await one.store.trail('L1')
      assert.ok(trail.some(({ entry: { lead } }) => lead === 'N1'))
      const old = trail.filter(({ entry: { at: time } }) => Date.parse(time) < LATER - DAY)
      const { entries: count } = await retain(one.store, { trailMonths: 24 }, LATER)
      assert.equal(count, old.length)
      for (const { entry: one_, detail } of await entries(one.store))
        assert.equal(detail === undefined, Date.parse(one_.at) < LATER - DAY, one_.lead)
    })

    it('nothing personal is left of it when the lead and the trail are over their time', async () => {
      const one = await life()
      const secret = { name: 'P Secret', email: 'p1@acme.example', emailKey: 'p1@acme.example' }
      await one.whole(person(1))
      await one.whole(again(1, 'N1', NOW, { contact: secret }))
      await one.sales('L1', { kind: 'closed' })
      assert.match(JSON.stringify(await entries(one.store)), /P Secret/)
      await retain(one.store, { leadsMonths: 24, trailMonths: 24 }, LATER)
      assert.doesNotMatch(JSON.stringify(await entries(one.store)), /Secret|p1@/)
      assert.ok((await one.store.verify()).ok)
    })
  })

  describe('a list of leads', () => {
    const ids = async (
      store: Store,
      state: 'waiting' | 'assigned' | undefined,
      filter: LeadFilter,
    ) => (await store.leads(state, 99, filter)).map(({ id }) => id)

    it('is of a rep: what is open or offered, and nothing else', async () => {
      const one = await life()
      for (const n of [1, 2, 3, 4]) await one.whole(person(n))
      const has = async (rep: string) => ids(one.store, undefined, { rep })
      const [ana, ben] = [await has('ana'), await has('ben')]
      assert.deepEqual([ana.length, ben.length], [1, 2])
      assert.deepEqual(await ids(one.store, 'waiting', { rep: 'ana' }), [])
      assert.deepEqual(await ids(one.store, 'assigned', { rep: 'ben' }), ben)
      const offer = { token: 1, repId: 'ana', poolId: 'all', units: 1, expiresMs: NOW } as const
      await one.store.transaction([], (tx) =>
        tx.commit(entry(person(9), [{ kind: 'offer.open', leadId: 'L9', ...offer }])),
      )
      assert.deepEqual((await has('ana')).sort(), [...ana, 'L9'].sort())
      await one.store.transaction([], (tx) =>
        tx.commit(
          entry(person(9), [{ kind: 'offer.close', leadId: 'L9', token: 1, end: 'declined' }]),
        ),
      )
      await one.sales(ana[0]!, { kind: 'closed' })
      assert.deepEqual(await has('ana'), [])
      assert.deepEqual(await has('nobody'), [])
    })

    it('is of an account, and of one person in it', async () => {
      const one = await life()
      for (const n of [1, 2]) await one.whole(person(n))
      await one.whole(person(3, { company: { domain: 'other.example' } }))
      await one.whole(person(4, { company: {} }))
      const accountId = 'domain:acme.example'
      assert.deepEqual(await ids(one.store, undefined, { accountId }), ['L1', 'L2'])
      assert.deepEqual(await ids(one.store, undefined, { accountId, leadId: 'L2' }), ['L2'])
      assert.deepEqual(await ids(one.store, undefined, { accountId, leadId: 'L3' }), [])
      const moved = person(1, { account: { id: 'domain:other.example' } })
      await one.store.transaction([], (tx) => tx.commit(entry(moved)))
      assert.deepEqual(await ids(one.store, undefined, { accountId }), ['L2'])
    })

    it('says where each stands, and who it is only when asked', async () => {
      const one = await life()
      await one.whole(person(1))
      const [row] = await one.store.leads('assigned', 9)
      const { id, rep, pool, account, dueMs, person: who } = row!
      assert.deepEqual(
        { id, rep, pool, account, dueMs, who },
        {
          id: 'L1',
          rep: 'ana',
          pool: 'all',
          account: 'domain:acme.example',
          dueMs: NOW + 3_600_000,
          who: undefined,
        },
      )
      assert.doesNotMatch(JSON.stringify(row), /p1@/)
      const [told] = await one.store.leads('assigned', 9, { person: true })
      assert.deepEqual(told!.person, { name: 'P 1', email: 'p1@acme.example', company: 'Acme' })
    })

    it('says of what waits why it waits, also when the person has come again', async () => {
      const one = await life()
      for (const n of [1, 2, 3, 4]) await one.whole(person(n))
      const [before] = await one.store.leads('waiting', 9)
      assert.match(before!.reason, /full/)
      await one.ingest(again(4, 'N4', NOW + DAY))
      await one.dedupe(again(4, 'N4', NOW + DAY), NOW + DAY)
      assert.deepEqual(await one.store.leads('waiting', 9), [before])
    })

    it('comes in pages that together are the whole list, whatever is asked', async () => {
      const one = await life()
      const reps = ['ana', 'ben']
      for (let n = 1; n <= 24; n++) {
        const company = { domain: n % 3 === 0 ? 'other.example' : 'acme.example' }
        const account = { id: `domain:${company.domain}` }
        const lead = person(n, { company, account })
        const state = n % 2 === 0 ? 'assigned' : 'closed'
        const change = opens(lead.id, reps[n % 4 < 2 ? 0 : 1]!, 1)
        await one.store.transaction([], (tx) =>
          tx.commit({
            ...entry(lead, [change, { kind: 'lead.save', state, reason: 'test' }]),
            // Several stand so since the same moment.
            nowMs: NOW + Math.floor(n / 5),
          }),
        )
      }
      const maybe = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined })
      await fc.assert(
        fc.asyncProperty(
          maybe('assigned', 'closed', 'waiting' as const),
          maybe(...reps),
          maybe('domain:acme.example', 'domain:other.example'),
          fc.integer({ min: 1, max: 7 }),
          async (state, rep, accountId, limit) => {
            const filter = {
              ...(rep === undefined ? {} : { rep }),
              ...(accountId === undefined ? {} : { accountId }),
            }
            const sought = state as 'assigned' | undefined
            const all = await one.store.leads(sought, 99, filter)
            const expected = Array.from({ length: 24 }, (_, index) => index + 1).filter(
              (n) =>
                (state === undefined || state === (n % 2 === 0 ? 'assigned' : 'closed')) &&
                (rep === undefined || rep === reps[n % 4 < 2 ? 0 : 1]) &&
                (accountId === undefined ||
                  (accountId === 'domain:other.example') === (n % 3 === 0)),
            )
            assert.deepEqual(all.map(({ id }) => id).sort(), expected.map((n) => `L${n}`).sort())
            const pages = []
            for (let after: LeadFilter['after'], page = all.slice(0, 1); page.length > 0; ) {
              page = [
                ...(await one.store.leads(sought, limit, { ...filter, ...(after && { after }) })),
              ]
              assert.ok(page.length <= limit)
              pages.push(...page)
              const last = page.at(-1)
              if (last !== undefined) after = { ms: last.sinceMs, id: last.id }
            }
            assert.deepEqual(pages, all)
            assert.deepEqual(
              all.map(({ sinceMs }) => sinceMs),
              all.map(({ sinceMs }) => sinceMs).sort((a, b) => a - b),
            )
          },
        ),
        { numRuns: 40 },
      )
    })

    it('of each state has every lead once', async () => {
      const one = await life(TIGHT)
      for (let n = 1; n <= 6; n++) await one.whole(person(n))
      const lists = await Promise.all(LEAD_STATES.map((state) => one.store.leads(state, 99)))
      assert.deepEqual(
        lists
          .flat()
          .map(({ id }) => id)
          .sort(),
        ['L1', 'L2', 'L3', 'L4', 'L5', 'L6'],
      )
    })
  })
}
