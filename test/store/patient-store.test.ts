// Goal: while the store is away nothing is lost, doubled or put out of order, memory is bounded, and
// everything goes on by itself. Method: the embedded store behind a door that is opened and shut;
// the real outages (a server, a disk) are in postgres.test.ts and test/nodes.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { LeadFault } from '../../engine/faults'
import type { Health } from '../../store/health'
import { StoreOutage } from '../../store/outage'
import { PatientStore } from '../../store/patient-store'
import { SqliteStore } from '../../store/sqlite/sqlite-store'
import type { Store, TakenUp } from '../../store/store'
import { NOW } from '../engine/support/leads'
import { Life, person, takeUp } from './life'

/** A store that is away whenever the door is shut, before or after it did what it was asked. */
class Door {
  readonly inner = SqliteStore.open(':memory:', 'live')
  shut = false
  /** Shut for what comes, but what is asked now is done, and nobody is told. */
  swallow = false
  opens = 0
  fault: () => Error = () => new StoreOutage('door', 'it is shut')
  lost: (fault: Error) => void = () => {}

  open(lost: (fault: Error) => void): Store {
    this.opens += 1
    if (this.shut) throw this.fault()
    this.lost = lost
    const { inner } = this
    return new Proxy(inner, {
      get: (_target, name) => {
        const value = Reflect.get(inner, name, inner)
        if (typeof value !== 'function') return value
        if (name === 'subscribe' || name === 'close') return value.bind(inner)
        return async (...args: unknown[]) => {
          if (this.shut) throw this.fault()
          const answer = await value.apply(inner, args)
          if (!this.swallow) return answer
          this.shut = true
          throw new StoreOutage('door', 'shut in the face', async () => ({ value: answer }))
        }
      },
    })
  }
}

describe('PatientStore', () => {
  const stores: PatientStore[] = []
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()))
  })

  function behind(door: Door, waitingMax = 100): PatientStore {
    const store = new PatientStore({
      realm: 'live',
      name: 'door',
      open: (lost) => door.open(lost),
      waitingMax,
      pauseMsMin: 1,
      pauseMsMax: 5,
    }).start()
    stores.push(store)
    return store
  }

  it('is open at once when the store is', async () => {
    const store = behind(new Door())
    assert.equal(store.health.presence, 'open')
    assert.equal((await new Life(store).whole(person(1))).outcome, 'started')
  })

  it('lets work wait while the store is away, and carries it out in the order it came', async () => {
    const door = new Door()
    const store = behind(door)
    door.shut = true
    const order: number[] = []
    const work = [1, 2, 3, 4, 5].map((n) =>
      store.transaction([], function* (tx) {
        yield* tx.lead('x')
        order.push(n)
        return n
      }),
    )
    await until(() => store.health.waiting === 5)
    assert.equal(store.health.presence, 'away')
    assert.match(store.health.fault!.message, /it is shut/)
    door.shut = false
    assert.deepEqual(await Promise.all(work), [1, 2, 3, 4, 5])
    assert.deepEqual(order, [1, 2, 3, 4, 5])
    assert.deepEqual(store.health, { presence: 'open', fault: undefined, waiting: 0 })
  })

  it('refuses what memory has no room for, and forgets none that it took', async () => {
    const door = new Door()
    const store = behind(door, 3)
    door.shut = true
    const first = [1, 2, 3].map((n) => new Life(store).ingest(person(n)))
    await until(() => store.health.waiting === 3)
    await assert.rejects(new Life(store).ingest(person(4)), { code: 'LEAD_STORE_BUSY' })
    door.shut = false
    assert.deepEqual(
      (await Promise.all(first)).map(({ outcome }) => outcome),
      ['lead', 'lead', 'lead'],
    )
    assert.equal((await store.census()).underway, 3)
  })

  it('tells who asks at once that there is no answer', async () => {
    const door = new Door()
    const store = behind(door)
    door.shut = true
    await assert.rejects(store.census(), { code: 'LEAD_STORE_UNAVAILABLE' })
    assert.equal(store.health.presence, 'away')
    await assert.rejects(store.verify(), { code: 'LEAD_STORE_UNAVAILABLE' })
    assert.equal(store.health.waiting, 0)
  })

  it('lets work wait for a store that could not be opened yet', async () => {
    const door = new Door()
    door.shut = true
    const store = behind(door)
    const work = new Life(store).whole(person(1))
    assert.equal(store.health.presence, 'away')
    await until(() => door.opens > 2)
    door.shut = false
    assert.equal((await work).outcome, 'started')
  })

  it('refuses with the fault what has to be mended, and is there once it was', async () => {
    const door = new Door()
    door.shut = true
    door.fault = () => new LeadFault('LEAD_STORE_NEWER', 9, 1)
    const store = behind(door)
    assert.equal(store.health.presence, 'refused')
    await assert.rejects(new Life(store).ingest(person(1)), { code: 'LEAD_STORE_NEWER' })
    door.shut = false
    await until(() => store.health.presence === 'open')
    assert.equal((await new Life(store).ingest(person(1))).outcome, 'lead')
  })

  it('answers what was done although nobody was told, and does it once', async () => {
    const door = new Door()
    const store = behind(door)
    door.swallow = true
    const taking = new Life(store).ingest(person(1))
    await until(() => door.shut)
    door.swallow = false
    door.shut = false
    assert.equal((await taking).outcome, 'lead', 'its own acceptance is no repetition')
    assert.equal((await store.census()).entries, 1)
  })

  it('goes away when it is told, and everybody looks anew when it is back', async () => {
    const door = new Door()
    const store = behind(door)
    const told: Health['presence'][] = []
    store.watch(({ presence }) => told.push(presence))
    const events: unknown[] = []
    store.subscribe((event) => events.push(event))
    door.shut = true
    door.lost(new StoreOutage('door', 'slammed'))
    assert.equal(store.health.presence, 'away')
    door.shut = false
    await until(() => events.length > 0)
    assert.deepEqual(events, [{ lastSeq: -1, freed: true, timers: true, orphans: true }])
    assert.equal(told.at(0), 'away')
    assert.equal(told.at(-1), 'open')
  })

  it('everybody looks when it was opened, if that took a while', async () => {
    const door = new Door()
    const store = new PatientStore({
      realm: 'live',
      name: 'door',
      open: async (lost) => door.open(lost),
    }).start()
    stores.push(store)
    const events: unknown[] = []
    store.subscribe((event) => events.push(event))
    await assert.rejects(store.claimTimers({ nodeId: 'n', adopted: [], of: [] }, 0, 1), {
      code: 'LEAD_STORE_UNAVAILABLE',
    })
    await until(() => events.length > 0)
    assert.deepEqual(events, [{ lastSeq: -1, freed: true, timers: true, orphans: true }])
  })

  it('gives back a lead that was cut off while it was away, once it is back and before it says so', async () => {
    const door = new Door()
    const store = behind(door, 1)
    const life = new Life(store)
    const { lead } = await life.ingest(person(1))
    door.shut = true
    const first = life.dedupe(person(2))
    await until(() => store.health.waiting === 1)
    await assert.rejects(life.dedupe(lead), { code: 'LEAD_STORE_BUSY' })
    await store.cutOff(lead.event.id, { reason: 'busy', nowMs: NOW, pauseMs: 1_000 })
    let taken: readonly TakenUp[] | undefined
    store.subscribe(({ orphans }) => {
      if (orphans) void takeUp(store, { nowMs: NOW + 1_000 }).then((found) => (taken = found))
    })
    door.shut = false
    await first
    await until(() => taken !== undefined)
    assert.deepEqual(
      taken!.map(({ lead: { id }, attempt }) => [id, attempt]),
      [['L1', 1]],
    )
  })

  it('is asked ever less often while it answers but takes nothing', async () => {
    const door = new Door()
    const store = new PatientStore({
      realm: 'live',
      name: 'door',
      open: (lost) => door.open(lost),
      pauseMsMin: 1,
      pauseMsMax: 400,
    }).start()
    stores.push(store)
    let lost = 0
    const pauses: number[] = []
    let awayMs = 0
    store.watch(({ presence }) => {
      if (presence === 'away') awayMs = performance.now()
      if (presence !== 'open') return
      pauses.push(performance.now() - awayMs)
      if (++lost < 8) queueMicrotask(() => door.lost(new StoreOutage('door', 'its disk is full')))
    })
    door.lost(new StoreOutage('door', 'its disk is full'))
    await until(() => lost === 8)
    // Each at least half of a pause that doubles: 1, 2, 4 … 128 ms.
    assert.ok(pauses.at(-1)! >= 63, String(pauses))
  })

  it('tells what waits that it was closed', async () => {
    const door = new Door()
    const store = behind(door)
    door.shut = true
    const work = new Life(store).ingest(person(1))
    await until(() => store.health.waiting === 1)
    await Promise.all([store.close(), assert.rejects(work, { code: 'LEAD_STORE_CLOSED' })])
    await assert.rejects(store.census(), { code: 'LEAD_STORE_CLOSED' })
  })

  it('whenever the door is shut and opened: each lead once, and none lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('send', 'shut', 'swallow', 'open'), {
          minLength: 3,
          maxLength: 40,
        }),
        async (acts) => {
          const door = new Door()
          const store = behind(door)
          const work: Promise<{ outcome: string }>[] = []
          for (const act of acts) {
            if (act === 'send') work.push(new Life(store).ingest(person(work.length)))
            else {
              door.shut = act === 'shut'
              door.swallow = act === 'swallow'
            }
            await new Promise((resolve) => setImmediate(resolve))
          }
          door.swallow = false
          door.shut = false
          const outcomes = (await Promise.all(work)).map(({ outcome }) => outcome)
          assert.deepEqual(
            outcomes,
            work.map(() => 'lead'),
          )
          assert.equal((await store.census()).entries, work.length)
          await store.close()
        },
      ),
      { numRuns: 60 },
    )
  })
})

async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 5_000
  while (!condition()) {
    assert.ok(performance.now() < deadlineMs, 'waited 5 s')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
