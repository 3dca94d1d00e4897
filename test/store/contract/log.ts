// Goal: that the log has one order and tells of every change, realms know nothing of each other, and what is over says so.
import assert from 'node:assert/strict'
import { known } from '../../../engine/asking'
import type { ArtefactRef } from '../../../engine/lead/lead'
import type { StoreEvent } from '../../../store/store'
import { DAY, HOUR, NOW } from '../../engine/support/leads'
import { dueTimers, Life, own, person, TIGHT, takeUp } from '../life'
import { entries, livesIn, loads, type Open, plain, settle } from './support'

export function describeLog(open: Open): void {
  const life = livesIn(open)

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
    it('go with the leads that they are about, however long they should be remembered', async () => {
      const store = await open()
      for (const [key, observedAtMs] of [
        ['old', NOW - 1],
        ['young', NOW],
      ] as const)
        await store.remember('p', key, { values, observedAtMs }, NOW + 9_000 * DAY)
      await store.forget(NOW + DAY)
      assert.notEqual(await store.cached('p', 'old', NOW), undefined, 'kept for ever')
      await store.forget(NOW + DAY, NOW)
      assert.equal(await store.cached('p', 'old', NOW), undefined)
      assert.notEqual(await store.cached('p', 'young', NOW), undefined)
    })
    it('and so do the keys of events', async () => {
      const one = new Life(await open())
      await one.whole(person(1))
      await one.store.forget(NOW + HOUR, NOW)
      assert.equal((await one.ingest(person(1), NOW + HOUR)).outcome, 'repeated')
      await one.store.forget(NOW + HOUR, NOW + 1)
      await one.store.close()
      const next = new Life(await open())
      assert.equal((await next.ingest(person(1), NOW + HOUR)).outcome, 'lead')
    })
  })

  describe('news', () => {
    it('come after each commit, with what changed, until one listens no more', async () => {
      const one = await life()
      const heard: StoreEvent[] = []
      const stop = one.store.subscribe((event) => heard.push(event))
      // From a server they come when they come.
      const heardUpTo = async (seq: number) => {
        while (heard.at(-1)?.lastSeq !== seq) await settle(one.store)
      }
      await one.whole(person(1))
      await heardUpTo(4)
      assert.ok(heard.some(({ timers }) => timers) && !heard.some(({ freed }) => freed))
      await one.sales('L1', { kind: 'closed' })
      await heardUpTo(5)
      assert.equal(heard.at(-1)!.freed, true)
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
      const more = await one.store.verify({ entries: 99, root: noted.root })
      assert.deepEqual(more.faults, ['the log has only 10 of the 99 entries that were noted'])
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
      assert.equal((await again.ingest(person(7, { event: person(1).event }))).outcome, 'repeated')
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

  describe('a version of a contract or policy', () => {
    const of = (hash: string, changes: Partial<ArtefactRef> = {}): ArtefactRef => ({
      name: 'inbound',
      version: '1.2.0',
      hash,
      ...changes,
    })
    it('belongs to the text that was first used as it, in every realm, and to none before', async () => {
      const [store, sim] = [await open(), await open('sim:1')]
      assert.equal(await store.firstUse('contract', of('x')), undefined)
      await store.saveArtefact('contract', of('b'), 'B', NOW)
      await store.saveArtefact('contract', of('a'), 'A', NOW + 1)
      await store.saveArtefact('contract', of('b'), 'B', NOW + 2)
      for (const asked of [store, sim])
        assert.deepEqual(plain(await asked.firstUse('contract', of('a'))), { hash: 'b', atMs: NOW })
      for (const other of [{ name: 'abm' }, { version: '1.3.0' }])
        assert.equal(await store.firstUse('contract', of('b', other)), undefined)
      assert.equal(await store.firstUse('policy', of('b')), undefined)
    })
    it('is the same text’s for everybody when two were used in one moment', async () => {
      const store = await open()
      for (const hash of ['b', 'a']) await store.saveArtefact('policy', of(hash), hash, NOW)
      assert.equal((await store.firstUse('policy', of('b')))!.hash, 'a')
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
        () => store.claimWaiting(['x'], 1),
        () => takeUp(store),
        () => store.claimTimers(own(), NOW, 1),
        () => store.nextTimerMs(own(), NOW),
        () => store.claimOutbox(own(), new Set(), 1),
        () => store.sent(['x']),
        () => store.homes(),
        () => store.deadLetters(1),
        () => store.redrive(undefined),
        () => store.ping(),
        () => store.nextRetryMs([TIGHT.ref.name]),
        () => store.cached('p', 'k', NOW),
        () => store.remember('p', 'k', { values: {}, observedAtMs: NOW }, NOW),
        () => store.saveArtefact('policy', TIGHT.ref, '', NOW),
        () => store.firstUse('policy', TIGHT.ref),
        () => store.trail('L1'),
        () => store.entriesAfter(0, 1),
        () => store.verify(),
        () => store.census(),
        () => store.leads('open', 1),
        () => store.find([{ by: 'id', value: 'L1' }]),
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
}
