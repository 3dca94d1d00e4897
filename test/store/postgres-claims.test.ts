// Goal: several containers take up what a dead one leaves, each piece by one of them, and a living
// one keeps what it carries. Method: stores with a short lease on a real server; processes that are
// killed; a connection that breaks while COMMIT is on its way. What any store promises of claims is
// in contract/.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from 'pg'
import { StoreOutage } from '../../store/outage'
import { PatientStore } from '../../store/patient-store'
import { WAITING } from '../../store/postgres/claims'
import { PostgresStore } from '../../store/postgres/postgres-store'
import type { Store } from '../../store/store'
import { HOUR, NOW } from '../engine/support/leads'
import { entry } from './contract/support'
import { TIGHT } from './life'
import { dueTimers, Life, person, takeUp, WIDE } from './postgres-life'
import { PostgresServer, SilentProxy } from './postgres-server'

const LEASE_MS = 600

describe('PostgresStore: claims of several containers', () => {
  let server: PostgresServer
  let url = ''
  const opened: Store[] = []
  const children: ChildProcess[] = []

  before(async function () {
    const started = await PostgresServer.start()
    if (started === undefined) return this.skip()
    server = started
  })
  after(() => server?.remove())
  beforeEach(async () => {
    url = await server.database()
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await Promise.all(opened.splice(0).map((store) => store.close()))
  })

  async function open(connectionString = url, leaseMs = LEASE_MS): Promise<PostgresStore> {
    const store = await PostgresStore.open({ connectionString, leaseMs }, 'live')
    opened.push(store)
    return store
  }

  /** What the last one answers. */
  async function sqlRows(...texts: string[]): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: url })
    await client.connect()
    try {
      await client.query('SET search_path TO lead_qualification')
      let rows: Record<string, unknown>[] = []
      for (const text of texts) rows = (await client.query(text)).rows
      return rows
    } finally {
      await client.end()
    }
  }

  it('finds a page of those who wait by index, however many wait', async () => {
    const store = await open()
    const life = new Life(store, TIGHT)
    for (let n = 0; n < 6; n++) await life.whole(person(n))
    const values = ["'live'", '0', `ARRAY['${TIGHT.ref.name}']`, '2', '0', "''"]
    const asked = WAITING.replace(/\$(\d)/g, (_, n) => values[Number(n) - 1]!)
    const plan = JSON.stringify(
      // The table is small: it would be read whole.
      await sqlRows(`SET enable_seqscan = off`, `SET enable_sort = off`, `EXPLAIN ${asked}`),
    )
    assert.match(plan, /standings_waiting/)
    assert.doesNotMatch(plan, /Filter: \(\(\(standing/)
    assert.equal(plan.match(/Sort {2}\(/g)?.length, 1, `only of what the pages have: ${plan}`)
    assert.equal((await sqlRows(asked)).length, 2)
  })

  it('a living container keeps what it carries for longer than its lease', async () => {
    const [here, there] = [await open(), await open()]
    await new Life(here, WIDE).ingest(person(1))
    const [before] = await sqlRows('SELECT max(until) AS until FROM workers')
    // Both have renewed twice: a lease of before would have run out by then.
    await until(async () => {
      const [now] = await sqlRows(
        `SELECT min(until) > '${(before!.until as Date).toISOString()}'::timestamptz
           + interval '${LEASE_MS} ms' AS renewed FROM workers`,
      )
      return now!.renewed === true
    })
    assert.deepEqual(await takeUp(there), [])
    assert.equal((await sqlRows('SELECT 1 FROM workers')).length, 2)
  })

  it('one that is silent for longer loses it, and comes back under another number', async () => {
    const proxy = await SilentProxy.start(server.port)
    const here = await open(url.replace(`:${server.port}/`, `:${proxy.port}/`))
    const there = await open()
    await new Life(here, WIDE).ingest(person(1))
    const [mine] = await sqlRows('SELECT min(id)::int AS id FROM workers')
    proxy.refuse()
    const heard = new Promise<void>((resolve) => {
      there.subscribe(({ orphans }) => {
        if (orphans) resolve()
      })
    })
    await heard
    assert.equal((await takeUp(there)).length, 1)
    proxy.accept()
    await until(async () => (await sqlRows('SELECT 1 FROM workers')).length === 2)
    const [now] = await sqlRows('SELECT max(id)::int AS id, min(id)::int AS other FROM workers')
    assert.ok((now!.id as number) > (mine!.id as number))
    assert.notEqual(now!.other, mine!.id)
    // Late words about what is somebody else's by now change nothing.
    await here.cutOff('web:1', { reason: 'late', nowMs: NOW, pauseMs: 1 })
    assert.deepEqual(await takeUp(here, { nowMs: NOW + HOUR }), [])
    await proxy.close()
  })

  it('killed at any moment: every lead arrives, each is assigned once, each timer fires once', async () => {
    const feeder = await open()
    const people = Array.from({ length: 120 }, (_, n) => n)
    const life = new Life(feeder, WIDE)
    await Promise.all(people.map((n) => life.ingest(person(n))))
    await feeder.close()
    const lines: string[] = []
    let running = 0
    const start = () => {
      running += 1
      const child = spawn(
        process.execPath,
        ['-r', 'tsx/cjs', join(__dirname, 'postgres-claimer.ts')],
        {
          env: {
            ...process.env,
            CLAIMER_URL: url,
            CLAIMER_LEASE_MS: String(LEASE_MS),
            CLAIMER_NOW_MS: String(NOW + HOUR),
          },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      children.push(child)
      createInterface({ input: child.stdout! }).on('line', (line) => lines.push(line))
      child.on('exit', () => {
        running -= 1
      })
      return child
    }
    const workers = [start(), start()]
    for (const at of [15, 40, 70]) {
      await until(async () => lines.filter((line) => line.startsWith('taken')).length >= at)
      const child = workers.shift()!
      child.kill('SIGKILL')
      workers.push(start())
    }
    const store = await open()
    await until(async () => (await store.census()).underway === 0)
    await until(async () => (await store.homes()).length === 0)
    assert.ok(running >= 1)
    const { byState, dead } = await store.census()
    assert.deepEqual([byState, dead], [{ assigned: people.length }, 0])
    const log = await store.entriesAfter(-1, 10_000)
    const once = log.map(({ entry: { lead, step }, detail }) => `${lead} ${step} ${detail?.key}`)
    assert.equal(new Set(once).size, once.length, 'no step was decided twice')
    assert.equal(log.filter(({ entry: { step } }) => step === 'sla-fire').length, people.length)
    const { ok } = await store.verify()
    assert.ok(ok)
  })

  it('whoever asks for it all at the same time gets a part that nobody else has', async () => {
    const feeder = await open()
    const life = new Life(feeder, WIDE)
    await Promise.all(Array.from({ length: 30 }, (_, n) => life.whole(person(n))))
    const stores = await Promise.all(Array.from({ length: 4 }, () => open()))
    const due = await Promise.all(
      [...stores, ...stores].map((store) => dueTimers(store, NOW + HOUR, 8)),
    )
    const byStore = stores.map((_, n) => new Set([...due[n]!, ...due[n + 4]!].map(({ id }) => id)))
    const all = byStore.flatMap((ids) => [...ids])
    assert.equal(new Set(all).size, all.length)
    assert.ok(all.length >= 24, `${all.length}`)
  })

  it('a commit of which nobody knows is found out, and is not made twice', async () => {
    // The proxy swallows the answer to COMMIT: the server has done it, and nobody is told.
    const proxy = await SilentProxy.start(server.port)
    const behind = url.replace(`:${server.port}/`, `:${proxy.port}/`)
    const store = new PatientStore({
      realm: 'live',
      name: 'proxy',
      open: (lost) =>
        PostgresStore.open({ connectionString: behind, leaseMs: 60_000 }, 'live', lost),
      pauseMsMin: 20,
      pauseMsMax: 50,
    }).start()
    opened.push(store)
    await store.lead('L1')
    const witness = await open(url, 60_000)
    for (let n = 1; n <= 4; n++) {
      // Nothing is asked, so that all of it goes to the server in one packet with COMMIT.
      let runs = 0
      proxy.deafen()
      const writing = store.transaction([`lead:L${n}`], function* (tx) {
        runs += 1
        yield* tx.commit(entry(person(n)))
        return n
      })
      await until(async () => (await witness.census()).entries === n)
      proxy.refuse()
      await until(async () => store.health.presence === 'away')
      proxy.accept()
      assert.equal(await writing, n)
      assert.equal(runs, 1)
    }
    assert.equal((await witness.entriesAfter(-1, 100)).length, 4)
    await store.close()
    await proxy.close()
  })

  it('says apart what passes by itself and what has to be mended', async () => {
    const passes = async (connectionString: string, more = {}) =>
      PostgresStore.open({ connectionString, ...more }, 'live').then(
        () => assert.fail('opened'),
        (raw: unknown) => raw instanceof StoreOutage,
      )
    assert.equal(await passes('postgres://u:p@127.0.0.1:1/x'), true)
    assert.equal(await passes('postgres://u:p@nobody.invalid/x'), true)
    assert.equal(await passes(url.replace('postgres:open', 'postgres:shut')), false)
    assert.equal(await passes(server.url('nowhere')), false)
    assert.equal(await passes(url, { ssl: true }), false)
  })
})

async function until(condition: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs
  while (!(await condition())) {
    assert.ok(performance.now() < deadlineMs, `waited ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
