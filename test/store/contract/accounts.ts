// Goal: one account per company, whoever of it came first, and never one of two companies.
// Method: cases by hand; random people whose records change, in random orders, against a model that looks at
// nothing but the records as they stand at the end.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Lead } from '../../../engine/lead/lead'
import { retain } from '../../../store/retain'
import type { Store } from '../../../store/store'
import { at, DAY, HOUR, NOW, signal } from '../../engine/support/leads'
import { Life, person } from '../life'
import { entry, livesIn, type Open } from './support'

const ACME = 'domain:acme.example'

/** The `n`th event: of a person who is known by an id alone, with an account id of the CRM, a domain, or both. */
export function event(n: number, who: number, crm?: string, domain?: string): Lead {
  return person(n, {
    event: { id: `web:${n}`, receivedAt: at(NOW + n) },
    contact: {},
    externalIds: { app: String(who) },
    company: domain === undefined ? {} : { domain },
    signals: [signal('visit', -n, { id: `s${n}` })],
    ...(crm === undefined ? {} : { crm: { accountId: crm } }),
  })
}

/** Of a small company: `durable` where the next event comes only when this one is on disk. */
export const who = fc.record({
  who: fc.integer({ min: 1, max: 5 }),
  crm: fc.option(fc.constantFrom('1', '2'), { nil: undefined, freq: 2 }),
  domain: fc.option(fc.constantFrom('a.example', 'b.example'), { nil: undefined }),
  durable: fc.boolean(),
})
type Who = typeof who extends fc.Arbitrary<infer T> ? T : never

const signalsOf = (store: Store, key: string) =>
  store.transaction([], function* (tx) {
    return (yield* tx.accountSignals(key, 0, 999)).map(({ id }) => id).sort()
  })
const known = (store: Store, key: string, but?: string) =>
  store.transaction([], function* (tx) {
    return (yield* tx.accounts([key], but)).get(key)!
  })
const listed = async (store: Store, accountId: string) =>
  (await store.leads(undefined, 99, { accountId })).map(({ id }) => id).sort()

/** Who is in which account, as a list of leads tells it. */
async function accountsOf(store: Store): Promise<Map<string, string | undefined>> {
  const rows = await store.leads('open', 99)
  const byPerson = new Map<string, string | undefined>()
  for (const { id, account } of rows) {
    const { lead } = (await store.lead(id))!
    byPerson.set(lead.externalIds!.app!, account)
  }
  return byPerson
}

/** The rule, from the records of all people. */
function model(leads: readonly Lead[]): Map<string, string | undefined> {
  const crmOf = (domain: string) =>
    new Set(
      leads.flatMap(({ company, crm }) =>
        company.domain === domain && crm?.accountId !== undefined ? [crm.accountId] : [],
      ),
    )
  return new Map(
    leads.map(({ externalIds, crm, company: { domain } }) => {
      const owners = domain === undefined ? new Set<string>() : crmOf(domain)
      const id = crm?.accountId ?? (owners.size === 1 ? [...owners][0] : undefined)
      const account =
        id === undefined ? (domain === undefined ? undefined : `domain:${domain}`) : `crm:${id}`
      return [externalIds!.app!, account]
    }),
  )
}

export function describeAccounts(open: Open, { runs = 15 } = {}): void {
  const life = livesIn(open)

  describe('an account', () => {
    it('of a domain and one of the CRM are one as soon as a person has both, for those of before too', async () => {
      const one = await life()
      const first = await one.dedupe(event(1, 1, undefined, 'acme.example'))
      assert.deepEqual(first.lead.account, { id: ACME, domain: 'acme.example' })
      await one.dedupe(event(2, 2, '001'))
      assert.deepEqual(await signalsOf(one.store, ACME), ['s1'])
      const both = await one.dedupe(event(3, 3, '001', 'acme.example'))
      assert.deepEqual(both.lead.account, { id: 'crm:001', domain: 'acme.example' })
      assert.match(both.because[1]!.why, /account 001 of the CRM: this person has both/)
      const after = await one.dedupe(event(4, 4, undefined, 'acme.example'))
      assert.deepEqual(after.lead.account, { id: 'crm:001', key: ACME, domain: 'acme.example' })
      assert.match(after.because[1]!.why, /are in the account 001 of the CRM/)
      for (const key of [ACME, 'crm:001']) {
        assert.deepEqual(await listed(one.store, key), ['L1', 'L2', 'L3', 'L4'], key)
        assert.deepEqual(await signalsOf(one.store, key), ['s1', 's2', 's3', 's4'], key)
      }
      const rows = await one.store.leads('open', 9)
      assert.deepEqual(new Set(rows.map(({ account }) => account)), new Set(['crm:001']))
    })

    it('is one by what two events of a person say', async () => {
      const one = await life()
      await one.dedupe(event(1, 1, undefined, 'acme.example'))
      await one.dedupe(event(2, 2, undefined, 'acme.example'))
      await one.dedupe(event(3, 1, '001'))
      assert.deepEqual(await listed(one.store, 'crm:001'), ['L1', 'L2'])
      assert.deepEqual(await signalsOf(one.store, 'crm:001'), ['s1', 's2', 's3'])
    })

    it('has the domain of its others, and all of its domains', async () => {
      const one = await life()
      await one.dedupe(event(1, 1, '001', 'acme.example'))
      const { lead } = await one.dedupe(event(2, 2, '001'))
      assert.deepEqual(lead.account, { id: 'crm:001', domain: 'acme.example' })
      await one.dedupe(event(3, 3, '001', 'acme.test'))
      await one.dedupe(event(4, 4, undefined, 'acme.test'))
      assert.deepEqual(await listed(one.store, ACME), ['L1', 'L2', 'L3', 'L4'])
      assert.equal((await known(one.store, 'crm:001')).domain, undefined)
    })

    it('of the CRM that shares its domain stays apart, and so does who has nothing but the domain', async () => {
      const one = await life()
      await one.dedupe(event(1, 1, '001', 'acme.example'))
      await one.dedupe(event(2, 2, undefined, 'acme.example'))
      assert.deepEqual(await listed(one.store, ACME), ['L1', 'L2'])
      const second = await one.dedupe(event(3, 3, '002', 'acme.example'))
      assert.match(second.because[1]!.why, /of several accounts of the CRM, 001 too/)
      const alone = await one.dedupe(event(4, 4, undefined, 'acme.example'))
      assert.equal(alone.lead.account!.id, ACME)
      assert.match(alone.because[1]!.why, /in several accounts of the CRM/)
      for (const [key, leads, signals] of [
        ['crm:001', ['L1'], ['s1']],
        ['crm:002', ['L3'], ['s3']],
        [ACME, ['L2', 'L4'], ['s2', 's4']],
      ] as const) {
        assert.deepEqual(await listed(one.store, key), leads)
        assert.deepEqual(await signalsOf(one.store, key), signals)
      }
      // The CRM has merged its two accounts: the person of the second comes with the first.
      await one.dedupe(event(5, 3, '001'))
      assert.deepEqual(await listed(one.store, ACME), ['L1', 'L2', 'L3', 'L4'])
      assert.deepEqual(await signalsOf(one.store, 'crm:001'), ['s1', 's2', 's3', 's4', 's5'])
      assert.deepEqual(await listed(one.store, 'crm:002'), [])
      assert.deepEqual(await signalsOf(one.store, 'crm:002'), [])
    })

    it('takes a person’s signals along when the person goes to another', async () => {
      const one = await life()
      await one.dedupe(event(1, 1, undefined, 'acme.example'))
      await one.store.census()
      await one.dedupe(event(2, 1, undefined, 'other.example'))
      const check = async () => {
        assert.deepEqual(await signalsOf(one.store, ACME), [])
        assert.deepEqual(await signalsOf(one.store, 'domain:other.example'), ['s1', 's2'])
      }
      await check()
      await one.store.census()
      await check()
    })

    it('of the CRM into which people of many domains are put has none of them', async () => {
      const one = await life()
      const events = Array.from({ length: 51 }, (_, n) => event(n, n, '000', `d${n}.example`))
      for (const each of events.slice(0, 50)) await one.dedupe(each)
      assert.equal((await known(one.store, 'domain:d7.example')).id, 'crm:000')
      await one.dedupe(events[50]!)
      const { lead, because } = await one.dedupe(event(90, 90, undefined, 'd7.example'))
      assert.equal(lead.account!.id, 'domain:d7.example')
      assert.match(because[1]!.why, /more than 50 domains/)
      assert.deepEqual(await listed(one.store, 'domain:d7.example'), ['L90'])
      assert.equal((await listed(one.store, 'crm:000')).length, 51)
    })

    it('has the owner who had it last under any of its keys', async () => {
      const one = await life()
      const own = (accountId: string, repId: string, nowMs: number) =>
        one.store.transaction([], (tx) =>
          tx.commit({ ...entry(person(9), [{ kind: 'account.owner', accountId, repId }]), nowMs }),
        )
      await own('crm:001', 'ana', NOW)
      await own(ACME, 'ben', NOW + HOUR)
      const both = await one.dedupe(event(1, 1, '001', 'acme.example'))
      assert.equal(both.lead.account!.owner, 'ben')
      for (const key of ['crm:001', ACME])
        assert.deepEqual((await known(one.store, key)).owner, {
          repId: 'ben',
          sinceMs: NOW + HOUR,
        })
      await own('crm:001', 'ana', NOW + 2 * HOUR)
      assert.equal((await known(one.store, ACME)).owner!.repId, 'ana')
      const { lead } = await one.dedupe(event(2, 2, undefined, 'acme.example'))
      assert.equal(lead.account!.owner, 'ana')
    })

    it('is given to the rep who gets a lead of it, whichever key that has', async () => {
      const one = await life()
      await one.dedupe(event(1, 1, '001', 'acme.example'))
      await one.whole(person(2))
      const { lead } = (await one.store.lead('L2'))!
      assert.deepEqual(lead.account!.id, 'crm:001')
      const { id } = lead.assignment!.rep!
      for (const key of ['crm:001', ACME])
        assert.equal((await known(one.store, key)).owner!.repId, id)
    })

    it('is asked for as if somebody were not there', async () => {
      const one = await life()
      await one.dedupe(event(1, 1, '001', 'acme.example'))
      assert.deepEqual(await known(one.store, ACME, 'L1'), {
        id: ACME,
        crm: [],
        domain: 'acme.example',
      })
      await one.dedupe(event(2, 2, '001', 'acme.example'))
      assert.deepEqual((await known(one.store, ACME, 'L1')).crm, ['crm:001'])
    })

    it('comes apart when who tied it was erased, and nothing of that person stays', async () => {
      const one = await life()
      await one.whole(event(1, 1, '001', 'acme.example'))
      await one.dedupe(event(2, 2, undefined, 'acme.example'))
      await one.dedupe(event(3, 3, '001'))
      assert.equal((await known(one.store, ACME)).id, 'crm:001')
      await one.sales('L1', { kind: 'closed' })
      await retain(one.store, { leadsMonths: 24 }, NOW + 800 * DAY)
      assert.equal((await one.store.leads('erased', 9)).length, 1)
      assert.deepEqual((await known(one.store, ACME)).crm, [])
      assert.deepEqual(await listed(one.store, ACME), ['L2'])
      assert.deepEqual(await listed(one.store, 'crm:001'), ['L3'])
      assert.deepEqual(await signalsOf(one.store, 'crm:001'), ['s3'])
    })

    it('is of one realm', async () => {
      const [live, sim] = [new Life(await open('live')), new Life(await open('sim:1'))]
      await live.dedupe(event(1, 1, '001', 'acme.example'))
      const { lead } = await sim.dedupe(event(2, 2, undefined, 'acme.example'))
      assert.equal(lead.account!.id, ACME)
      assert.deepEqual(await listed(sim.store, 'crm:001'), [])
    })

    it('is the same for two stores, when leads tie it at the same time', async () => {
      const one = await life()
      const other = new Life(await open())
      await one.dedupe(event(1, 1, undefined, 'acme.example'))
      await other.dedupe(event(2, 2, undefined, 'acme.example'))
      await Promise.all(
        [event(3, 3, '001', 'acme.example'), event(4, 4, '001', 'acme.example')].map((each, n) =>
          (n === 0 ? one : other).dedupe(each),
        ),
      )
      for (const { store } of [one, other])
        assert.deepEqual(await listed(store, ACME), ['L1', 'L2', 'L3', 'L4'])
      await Promise.all([one.dedupe(event(5, 5, '001')), other.dedupe(event(6, 4, '002'))])
      for (const { store } of [one, other])
        assert.deepEqual(await listed(store, ACME), ['L1', 'L2'])
    })

    it('has the same people and signals, whatever the order in which they come', async () => {
      let realms = 0
      const arbitrary = fc
        .array(who, { minLength: 1, maxLength: 9 })
        .chain((list) =>
          fc.tuple(
            fc.constant(list),
            fc.shuffledSubarray([...list.keys()], { minLength: list.length }),
          ),
        )
      const tell = async (list: readonly Who[], order: readonly number[]) => {
        const one = new Life(await open(`sim:a${++realms}`))
        let work: Promise<unknown>[] = []
        for (const n of order) {
          const { who: person, crm, domain, durable } = list[n]!
          work.push(one.dedupe(event(n, person, crm, domain)))
          if (!durable) continue
          await Promise.all(work)
          work = []
        }
        await Promise.all(work)
        return one.store
      }
      await fc.assert(
        fc.asyncProperty(arbitrary, async ([list, order]) => {
          const [store, shuffled] = [await tell(list, [...list.keys()]), await tell(list, order)]
          const accounts = await accountsOf(store)
          for (const each of [store, shuffled]) {
            const rows = await each.leads('open', 99)
            const leads = await Promise.all(rows.map(async ({ id }) => (await each.lead(id))!.lead))
            assert.deepEqual(
              new Map([...(await accountsOf(each))].sort()),
              new Map([...model(leads)].sort()),
            )
            assert.deepEqual(
              new Map([...(await accountsOf(each))].sort()),
              new Map([...accounts].sort()),
            )
            for (const account of new Set(accounts.values())) {
              if (account === undefined) continue
              const people = [...accounts].flatMap(([who, of]) =>
                of === account ? [Number(who)] : [],
              )
              const signals = list.flatMap(({ who }, n) => (people.includes(who) ? [`s${n}`] : []))
              assert.deepEqual(await signalsOf(each, account), signals.sort())
            }
          }
          await store.close()
          await shuffled.close()
        }),
        { numRuns: runs },
      )
    })
  })
}
