// Goal: that a transaction sees what was committed before it and what it has committed, and every text as it was.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Change } from '../../../engine/decision'
import type { Lead } from '../../../engine/lead/lead'
import { at, HOUR, NOW, signal } from '../../engine/support/leads'
import { person } from '../life'
import { entry, link, livesIn, type Open, opens, plain } from './support'

export function describeReads(open: Open): void {
  const life = livesIn(open)

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
        assert.deepEqual(
          [...(yield* tx.accounts(['domain:other.example', 'crm:1']))],
          [
            [
              'domain:other.example',
              { id: 'domain:other.example', crm: [], domain: 'other.example' },
            ],
            ['crm:1', { id: 'crm:1', crm: [] }],
          ],
        )
        assert.deepEqual(
          (yield* tx.timers('L1', 1)).map(({ id }) => id),
          ['L1#1#reminder@1800000', 'L1#1#breach#0', 'L1#1#escalation@7200000:reassign:all'],
        )
        assert.deepEqual(yield* tx.timers('L1', 2), [])
        const acme = 'domain:acme.example'
        assert.deepEqual((yield* tx.accounts([acme])).get(acme)!.owner, {
          repId: 'ana',
          sinceMs: NOW,
        })
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
            assert.equal(new Set(told.map(({ person: by, id }) => `${by} ${id}`)).size, told.length)
          },
        ),
        { numRuns: 40 },
      )
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
}
