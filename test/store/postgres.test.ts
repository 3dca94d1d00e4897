// Goal: the shared store keeps what the embedded one keeps, whatever several containers do at once
// and whatever becomes of the server. What every store promises is in postgres-contract.test.ts. Method: a real server; SQLite as the witness for the same
// steps in the same order; then two and more stores on one database, racing.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Client } from 'pg'
import { waitFor } from '../../engine/asking'
import { type Change, LEAD_STATES } from '../../engine/decision'
import type { Lead } from '../../engine/lead/lead'
import type { Policy } from '../../engine/policy/policy'
import { StoreOutage } from '../../store/outage'
import { PatientStore } from '../../store/patient-store'
import { trailsQuestion } from '../../store/postgres/audit-log'
import { FINDING, leadsQuestion } from '../../store/postgres/leads'
import { MIGRATIONS } from '../../store/postgres/migrations'
import { channelOf } from '../../store/postgres/news'
import { PostgresStore } from '../../store/postgres/postgres-store'
import type { Statement } from '../../store/postgres/sql'
import { SqliteStore } from '../../store/sqlite/sqlite-store'
import type { Commit, Store, StoreEvent, TrailEntry } from '../../store/store'
import { policy } from '../engine/support/artefacts'
import { at, DAY, HOUR, MINUTE, NOW, signal } from '../engine/support/leads'
import { dueTimers, Life, own, person, TIGHT, takeUp, WIDE } from './postgres-life'
import { freePort, PASSWORD, PostgresServer, SilentProxy } from './postgres-server'

describe('PostgresStore', () => {
  let server: PostgresServer
  const open: PostgresStore[] = []
  const urls = new WeakMap<Store, string>()
  const urlOf = (store: Store) => urls.get(store)!

  before(async function () {
    const started = await PostgresServer.start()
    if (started === undefined) {
      console.log('      no PostgreSQL binaries for this platform: these tests are left out')
      return this.skip()
    }
    server = started
  })
  after(() => server?.remove())
  afterEach(async () => {
    await Promise.all(open.splice(0).map((store) => store.close()))
  })

  async function stores(count: number, realm = 'live', schema?: string): Promise<PostgresStore[]> {
    const url = await server.database()
    return connect(url, count, realm, schema)
  }

  async function connect(url: string, count: number, realm = 'live', schema?: string) {
    const options = { connectionString: url, ...(schema === undefined ? {} : { schema }) }
    // At the same moment, as containers start: only one of them founds the tables.
    const list = await Promise.all(
      Array.from({ length: count }, () => PostgresStore.open(options, realm)),
    )
    open.push(...list)
    for (const store of list) urls.set(store, url)
    return list
  }

  describe('one store, like SQLite', () => {
    it('answers the same steps in the same order the same', async () => {
      const [shared] = await stores(1)
      await fc.assert(
        fc.asyncProperty(
          fc.array(stepArbitrary, { minLength: 5, maxLength: 30 }),
          async (steps) => {
            await empty(shared!)
            const embedded = SqliteStore.open(':memory:', 'live')
            try {
              assert.deepEqual(await replay(shared!, steps), await replay(embedded, steps))
              assert.deepEqual(await picture(shared!), await picture(embedded))
            } finally {
              await embedded.close()
            }
          },
        ),
        { numRuns: 25, interruptAfterTimeLimit: 20_000 },
      )
    })

    it('keeps apart what is another realm’s or another schema’s', async () => {
      const url = await server.database()
      const [live] = await connect(url, 1, 'live')
      const [shadow] = await connect(url, 1, 'shadow:x')
      const [elsewhere] = await connect(url, 1, 'live', 'Other "schema"')
      await new Life(live!).whole(person(1))
      for (const other of [shadow!, elsewhere!]) {
        assert.deepEqual(await other.census(), {
          byState: {},
          underway: 0,
          dead: 0,
          entries: 0,
        })
        assert.equal(await other.lead('L1'), undefined)
        assert.deepEqual(await dueTimers(other, NOW + DAY), [])
      }
      assert.equal((await live!.census()).entries, 5)
    })

    it('holds whatever text the world sends', async () => {
      const [store] = await stores(1)
      const odd = 'a\0b \u{1F600} \uD800 \' " \\ {NULL} $1 \r\n\t'
      const current = person(1, {
        event: { id: `web:${odd}`, receivedAt: at(NOW) },
        contact: { email: odd, name: odd },
        signals: [signal('demo_request', 0, { id: odd, note: odd })],
        externalIds: { [odd]: odd },
      })
      const life = new Life(store!, WIDE)
      await life.whole(current)
      assert.deepEqual((await store!.lead('L1'))!.lead.contact, { email: odd, name: odd })
      assert.equal((await life.ingest(current)).outcome, 'repeated')
      const again = person(2, { externalIds: { [odd]: odd }, contact: { email: odd } })
      assert.equal((await life.dedupe(again)).lead.id, 'L1')
      await store!.remember(odd, odd, { values: { [odd]: odd }, observedAtMs: NOW }, NOW + 1)
      assert.deepEqual((await store!.cached(odd, odd, NOW))!.values, { [odd]: odd })
      assert.deepEqual((await store!.verify()).faults, [])
    })

    it('finds identities by their keys, and does not read all of them in a table that is new', async () => {
      const [store] = await stores(1)
      const url = urlOf(store!)
      await server.query(
        `INSERT INTO lead_qualification.identity (realm, key, lead_id)
         SELECT 'live', 'email:' || n, 'L' || n FROM generate_series(1, 3000) AS n`,
        url,
      )
      const asked = ['email:7', 'email:nobody', 'email:2999', 'email:7']
      for (let n = 0; n < 10; n++) {
        const found = await store!.transaction([], (tx) => tx.identities(asked))
        assert.deepEqual(
          [...found],
          [
            ['email:7', 'L7'],
            ['email:2999', 'L2999'],
          ],
        )
      }
      // What a connection has read is counted when it ends.
      await store!.close()
      const read = async () => {
        const [row] = await server.query(
          `SELECT seq_tup_read + idx_tup_fetch AS rows, idx_scan FROM pg_stat_user_tables
           WHERE relname = 'identity'`,
          url,
        )
        return Number(row!.idx_scan) > 0 ? Number(row!.rows) : undefined
      }
      let rows = await read()
      for (const endMs = performance.now() + 20_000; rows === undefined; rows = await read())
        assert.ok(performance.now() < endMs, 'nothing was counted')
      assert.ok(rows < 1_000, `${rows} rows were read to find 30`)
    })

    it('answers whatever is asked about leads by index, in tables that were never analysed', async () => {
      const [store] = await stores(1)
      await rows(
        store!,
        `INSERT INTO standings (realm, id, state, reason, since, standing)
           SELECT 'live', 'L' || n, 'closed', '', n, '{}' FROM generate_series(1, 3000) AS n;
         INSERT INTO leads (realm, id, body, account_id)
           SELECT 'live', 'L' || n, '{}', 'a' || n FROM generate_series(1, 3000) AS n;
         INSERT INTO assignments (realm, lead_id, cycle, rep_id, pool_id, units, opened_at)
           SELECT 'live', 'L' || n, 1, 'rep' || n, 'all', 1, n FROM generate_series(1, 3000) AS n;
         INSERT INTO offers (realm, lead_id, token, rep_id, pool_id, units, opened_at, expires_at)
           SELECT 'live', 'L' || n, 1, 'rep' || n, 'all', 1, n, n FROM generate_series(1, 3000) AS n;
         INSERT INTO identity (realm, key, lead_id)
           SELECT 'live', 'k' || n, 'L' || n FROM generate_series(1, 3000) AS n;
         INSERT INTO intake (realm, key, lead_id, node_id, accepted_at, expires_at)
           SELECT 'live', 'e' || n, 'L' || n, '', n, n FROM generate_series(1, 3000) AS n;
         INSERT INTO audit (realm, lead_id, step, key, at, outcome, freed, timers, leaf, body)
           SELECT 'live', 'L' || n, 'dedupe', 'L' || n || '#e', n, '', false, false, '', '{}'
           FROM generate_series(1, 3000) AS n`,
      )
      const after = { ms: 5, id: 'L1' }
      const questions: Statement[] = [
        ...Object.values(FINDING).map((text) => ({ text, values: ['live', 'L1'] })),
        leadsQuestion('live', 'waiting', 9, { after, person: true }),
        leadsQuestion('live', undefined, 9, { leadId: 'L1' }),
        leadsQuestion('live', undefined, 9, { rep: 'rep1', after }),
        leadsQuestion('live', 'closed', 9, { accountId: 'a1', rep: 'rep1', person: true }),
        trailsQuestion('live', ['L1', 'L2']),
      ]
      for (const { text, values } of questions) {
        const plan = await rows(store!, `EXPLAIN ${text}`, values)
        const told = plan.map((row) => String(row['QUERY PLAN'])).join('\n')
        assert.doesNotMatch(told, /Seq Scan/, `${text}\n${told}`)
      }
    })

    it('asks for the accounts of the leads on the page alone, of however many it is one', async () => {
      const [store] = await stores(1)
      await rows(
        store!,
        `INSERT INTO standings (realm, id, state, reason, since, standing)
           SELECT 'live', 'L' || n, 'closed', '', n, '{}' FROM generate_series(1, 500) AS n;
         INSERT INTO leads (realm, id, body, account_id)
           SELECT 'live', 'L' || n, '{}', 'domain:a.example' FROM generate_series(1, 500) AS n`,
      )
      for (const filter of [{}, { accountId: 'domain:a.example' }]) {
        const { text, values } = leadsQuestion('live', undefined, 9, filter)
        const plan = await rows(store!, `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values)
        const told = JSON.stringify(plan)
        const page = told.match(/"Alias":"l",[^{}]*?"Actual Loops":(\d+)/)
        assert.equal(page?.[1], '9', told)
      }
    })

    it('undoes everything when the body throws, or when a promise would break', async () => {
      const [store] = await stores(1)
      const life = new Life(store!)
      await life.whole(person(1))
      const before = await picture(store!)
      const boom = new Error('boom')
      await assert.rejects(
        store!.transaction(['a'], function* (tx) {
          yield* tx.commit(entry(person(2)))
          yield* tx.lead('L2')
          throw boom
        }),
        (raw) => raw === boom,
      )
      const twice = [
        {
          kind: 'assignment.open',
          leadId: 'L1',
          cycle: 1,
          repId: 'eva',
          poolId: 'p',
          units: 1,
        } as const,
      ]
      await assert.rejects(
        store!.transaction([], (tx) => tx.commit(entry(person(1), twice))),
        /would break "one assignment per cycle": lead L1, cycle 1/,
      )
      await assert.rejects(
        store!.transaction([], (tx) =>
          tx.commit(entry(person(1), [{ kind: 'timer.fired', timerId: 'nobody' }])),
        ),
        { code: 'LEAD_STORE_INVARIANT', message: /a timer fires once": nobody/ },
      )
      assert.deepEqual(await picture(store!), before)
    })

    it('lets nobody suffer for another who waited for the same scope', async () => {
      const [store] = await stores(1)
      const boom = new Error('boom')
      const fired = [{ kind: 'timer.fired', timerId: 'nobody' } as const]
      const commit = (n: number) =>
        entry(person(n), [{ kind: 'lead.save', state: 'open', reason: `${n}` }])
      const attempts = Array.from({ length: 24 }, (_, n) =>
        store!.transaction(['x'], function* (tx) {
          assert.equal((yield* tx.lead('L0'))?.state, n === 0 ? undefined : 'open')
          yield* tx.commit(commit(n))
          // Of twelve: one throws with its writes at hand, one with them sent, one is refused.
          if (n % 12 === 4) throw boom
          if (n % 12 === 7) {
            yield* tx.lead('L1')
            throw boom
          }
          if (n % 12 === 10) yield* tx.commit(entry(person(n), fired))
          return n
        }),
      )
      const ends = await Promise.allSettled(attempts)
      for (const [n, end] of ends.entries()) {
        const kind = n % 12
        if (end.status === 'fulfilled') assert.equal(end.value, n)
        else if (kind === 10) assert.equal(end.reason.code, 'LEAD_STORE_INVARIANT')
        else assert.equal(end.reason, boom)
        assert.equal(end.status, [4, 7, 10].includes(kind) ? 'rejected' : 'fulfilled', `${n}`)
      }
      const kept = (await everything(store!)).map(({ entry: { lead } }) => lead)
      const good = [...ends.keys()].filter((n) => ends[n]!.status === 'fulfilled')
      assert.deepEqual(
        kept,
        good.map((n) => `L${n}`),
      )
      assert.equal((await store!.leads('open', 100)).length, good.length)
      await unchanged(store!)
    })

    it('shows a transaction what it wrote itself', async () => {
      const [store] = await stores(1)
      await store!.transaction([], function* (tx) {
        assert.equal(yield* tx.lead('L1'), undefined)
        yield* tx.commit(entry(person(1), [{ kind: 'lead.save', state: 'open', reason: 'new' }]))
        assert.equal((yield* tx.lead('L1'))?.state, 'open')
        yield* tx.commit(
          entry(person(1), [
            { kind: 'assignment.open', leadId: 'L1', cycle: 1, repId: 'r', poolId: 'p', units: 2 },
          ]),
        )
        assert.deepEqual(yield* tx.openAssignment('L1', 1), {
          repId: 'r',
          poolId: 'p',
          units: 2,
        })
        assert.deepEqual(yield* tx.repLoads(), new Map([['r', 2]]))
      })
      assert.equal((await store!.census()).entries, 2)
    })
  })

  describe('several stores on one database', () => {
    it('never gives a rep more than the capacity, nor a lead to two', async () => {
      const list = await stores(2)
      await forbidOverload(list[0]!, TIGHT)
      const lives = list.map((store) => new Life(store))
      const total = 40
      // Each lead is sent to both containers at once, as a broker may after a hiccup.
      const results = await Promise.all(
        Array.from({ length: total }, (_, n) =>
          Promise.all(lives.map((life) => life.route(sales(person(n))))),
        ),
      )
      for (const pair of results) {
        const [a, b] = pair.map(({ lead }) => lead.assignment?.rep?.id)
        assert.equal(a, b, 'both were told the same rep')
      }
      assert.deepEqual(await loadsAddUp(list[0]!), capacities(TIGHT))
      const { byState } = await list[1]!.census()
      assert.deepEqual(byState, { assigned: 7, waiting: total - 7 })
      await unchanged(list[0]!)
    })

    it('keeps the capacity of a rep who is in two policies', async () => {
      const [a, b] = await stores(2)
      const other = policy({
        policy: 'other',
        reps: [{ id: 'ana', name: 'Ana', capacity: 4 }],
        pools: [{ id: 'all', members: ['ana'] }],
      })
      const one = policy({
        reps: [{ id: 'ana', name: 'Ana', capacity: 4 }],
        pools: [{ id: 'all', members: ['ana'] }],
      })
      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          n % 2 === 0
            ? new Life(a!, one).route(sales(person(n)))
            : new Life(b!, other).route(sales(person(n))),
        ),
      )
      assert.deepEqual(await loadsAddUp(a!), [['ana', 4]])
    })

    it('keeps the cap of a rep who is in two policies, however many containers assign', async () => {
      const [a, b] = await stores(2)
      const other = policy({
        policy: 'other',
        reps: [{ id: 'ana', name: 'Ana', capacity: 99, caps: { day: 4 } }],
        pools: [{ id: 'all', members: ['ana'] }],
      })
      const one = policy({
        reps: [{ id: 'ana', name: 'Ana', capacity: 99, caps: { day: 4 } }],
        pools: [{ id: 'all', members: ['ana'] }],
      })
      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          n % 2 === 0
            ? new Life(a!, one).route(sales(person(n)))
            : new Life(b!, other).route(sales(person(n))),
        ),
      )
      assert.deepEqual(await loadsAddUp(a!), [['ana', 4]])
    })

    it('takes, decides and closes everything once while all is sent to all', async () => {
      const list = await stores(3)
      await forbidOverload(list[0]!, TIGHT)
      const lives = list.map((store) => new Life(store))
      await Promise.all(
        Array.from({ length: 30 }, (_, n) => {
          // Every third event is another one of a person who is known.
          const known = n % 3 === 2 ? person(n - 1).contact : person(n).contact
          const current = person(n, { contact: known })
          return Promise.all(
            lives.map(async (life) => {
              const { lead } = await life.whole(current)
              await life.outcome(lead, { id: `close-${lead.id}` })
            }),
          )
        }),
      )
      const [store] = list
      const ingested = (await everything(store!)).filter(({ entry: { step } }) => step === 'ingest')
      assert.equal(ingested.length, 30)
      await unchanged(store!)
      await once(store!)
      await loadsAddUp(store!)
    })

    it('does not lose an assignment to a merge into the same lead', async () => {
      const [a, b] = await stores(2)
      const [here, there] = [new Life(a!, WIDE), new Life(b!, WIDE)]
      for (let n = 0; n < 40; n++) {
        const first = await here.dedupe(person(n))
        const { lead } = await here.qualify(first.lead)
        const second = person(1_000 + n, { contact: person(n).contact })
        await Promise.all([here.route(lead), there.dedupe(second)])
        const stored = await a!.lead(`L${n}`)
        assert.equal(stored!.lead.assignment?.status, 'assigned', `lead ${n}`)
        assert.equal(stored!.state, 'assigned', `lead ${n}`)
      }
    })

    it('gives each timer to one of those who ask, and fires it once whoever does', async () => {
      const list = await stores(3)
      const lives = list.map((store) => new Life(store, WIDE))
      for (let n = 0; n < 10; n++) {
        const { lead } = await lives[0]!.route(sales(person(n)))
        await lives[0]!.start(lead)
      }
      const nowMs = NOW + 2 * HOUR
      const due = await Promise.all(list.map((store) => store.claimTimers(own(), nowMs, 4)))
      assert.deepEqual(due.map(({ length }) => length).sort(), [2, 4, 4])
      const all = due.flat()
      assert.equal(new Set(all.map(({ timer }) => timer.id)).size, 10)
      // Even one who was taken as dead, and still has them in hand, fires none a second time.
      const fired = await Promise.all(
        lives.map(async (life) => {
          let count = 0
          for (const { timer, lead } of all) {
            const done = await life.fire(lead, timer, nowMs)
            assert.equal(done.outcome, 'breach')
            if (!done.again) count += 1
          }
          return count
        }),
      )
      assert.equal(
        fired.reduce((sum, count) => sum + count),
        10,
      )
      assert.deepEqual(await dueTimers(list[0]!, nowMs), [])
      const entries = await everything(list[1]!)
      assert.equal(entries.filter(({ entry: { step } }) => step === 'sla-fire').length, 10)
    })

    it('finds the decision of another container that had the same key', async () => {
      const list = await stores(4)
      // Nobody's keys: dedupe locks nothing, so only the log's own key can keep it to one.
      const anonymous = person(1, { contact: {} })
      const results = await Promise.all(list.map((store) => new Life(store).dedupe(anonymous)))
      assert.equal(results.filter(({ again }) => !again).length, 1)
      assert.equal((await list[0]!.trail('L1')).length, 1)
    })

    it('gives four writers one dense log that can be verified', async () => {
      const list = await stores(4)
      const checkpoints: { entries: number; root: string }[] = []
      const watch = (async () => {
        for (let n = 0; n < 10; n++) {
          const report = await list[n % 4]!.verify(checkpoints.at(-1))
          assert.deepEqual(report.faults, [])
          checkpoints.push({ entries: report.entries, root: report.root })
        }
      })()
      await Promise.all(
        list.map(async (store, index) => {
          const life = new Life(store, WIDE)
          await Promise.all(
            Array.from({ length: 40 }, (_, n) => life.whole(person(index * 1_000 + n))),
          )
        }),
      )
      await watch
      const entries = await everything(list[3]!)
      assert.equal(entries.length, 4 * 40 * 5)
      entries.forEach(({ seq }, index) => {
        assert.equal(seq, index)
      })
      // What was decided after another was committed stands after it.
      const order = ['ingest', 'dedupe', 'qualify', 'route', 'sla-start']
      for (let n = 0; n < 40; n++) {
        const steps = (await list[1]!.trail(`L${n}`)).map(({ entry: { step } }) => step)
        assert.deepEqual(steps, order)
      }
      const root = (await list[0]!.verify()).root
      for (const store of list) {
        for (const checkpoint of checkpoints) {
          assert.deepEqual((await store.verify(checkpoint)).faults, [])
        }
        assert.equal((await store.verify()).root, root)
      }
    })

    it('does not skip an entry that arrived early and is committed late', async () => {
      const [a, b] = await stores(2)
      let release = () => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      const slow = a!.transaction([], function* (tx) {
        yield* tx.commit(entry(person(1)))
        yield* tx.lead('nobody')
        yield* waitFor(held)
      })
      await until(
        async () =>
          (
            await rows(
              a!,
              "SELECT 1 FROM pg_stat_activity WHERE xact_start IS NOT NULL AND state LIKE 'idle in%'",
            )
          ).length > 0,
      )
      await b!.transaction([], (tx) => tx.commit(entry(person(2))))
      assert.equal((await b!.census()).entries, 1)
      release()
      await slow
      assert.deepEqual(
        (await everything(b!)).map(({ entry: { lead } }) => lead),
        ['L2', 'L1'],
      )
      await unchanged(b!)
    })

    it('says what was tampered with', async () => {
      const [store] = await stores(1)
      await new Life(store!, WIDE).whole(person(1))
      const { entries, root } = await store!.verify()
      await rows(
        store!,
        "UPDATE audit SET outcome = outcome, body = replace(body, 'assigned', 'waiting') WHERE step = 'route'",
      )
      assert.match((await store!.verify()).faults.join(), /entry 3 was changed/)
      await rows(store!, 'DELETE FROM audit WHERE seq = 4')
      const faults = (await store!.verify({ entries, root })).faults.join()
      assert.match(faults, /the log has 4 entries, its tree 5/)
      assert.match(faults, /do not give the root/)
    })

    it('says that an entry stands where none can be', async () => {
      const [store] = await stores(1)
      await new Life(store!, WIDE).whole(person(1))
      assert.ok((await store!.verify()).ok)
      await rows(
        store!,
        `INSERT INTO audit (realm, seq, lead_id, step, at, outcome, freed, timers, leaf, body, salt, payload)
         SELECT realm, -1, lead_id, step, at, outcome, freed, timers, leaf, body, salt, payload FROM audit WHERE seq = 4`,
      )
      assert.equal((await store!.trail('L1')).length, 6, 'it is shown')
      assert.match((await store!.verify()).faults.join(), /entries stand before or behind/)
    })
  })

  describe('news', () => {
    it('reaches every store of the realm, and no other', async () => {
      const url = await server.database()
      const [a, b] = await connect(url, 2)
      const [shadow] = await connect(url, 1, 'shadow:x')
      const heard = [listen(a!), listen(b!)]
      const silent = listen(shadow!)
      const life = new Life(a!, WIDE)
      const { lead } = await life.whole(person(1))
      await life.outcome(lead, { id: 'close' })
      for (const events of heard) {
        await until(async () => events.some(({ freed }) => freed))
        await until(async () => events.at(-1)!.lastSeq === 5)
        assert.ok(events.some(({ timers }) => timers))
      }
      assert.deepEqual(silent, [])
    })

    it('comes from others when the container that decided died before it could tell', async () => {
      const url = await server.database()
      const [a] = await connect(url, 1)
      const life = new Life(a!, WIDE)
      const { lead } = await life.route(sales(person(1)))
      await a!.verify()
      const [b] = await connect(url, 1)
      const events = listen(b!)
      // Nobody can place the entry of somebody who is gone before the log is free again.
      const free = await holdTree(url)
      await life.outcome(lead, { id: 'close' })
      await a!.close()
      assert.equal(await unplaced(b!), 1)
      await free()
      await until(async () => events.some(({ freed }) => freed))
      assert.equal(await unplaced(b!), 0)
    })

    it('is complete when a store has closed, though it was told to while the log was not free', async () => {
      const url = await server.database()
      const [store] = await connect(url, 1)
      const life = new Life(store!, WIDE)
      const free = await holdTree(url)
      await Promise.all(Array.from({ length: 1_100 }, (_, n) => life.ingest(person(n))))
      assert.equal(await unplaced(store!), 1_100)
      const closed = store!.close()
      await free()
      await closed
      assert.equal(await unplaced(store!), 0)
    })

    it('that somebody else invents harms nobody, and makes the stores look', async () => {
      const url = await server.database()
      const [store] = await connect(url, 1)
      const events = listen(store!)
      const anybody = new Client({ connectionString: url })
      await anybody.connect()
      for (const payload of ['hello', '', 'null', '{"lastSeq":"x"}', '[]'])
        await anybody.query('SELECT pg_notify($1, $2)', [
          channelOf('lead_qualification', store!.realm),
          payload,
        ])
      await anybody.end()
      await until(async () => events.some(({ orphans }) => orphans))
      await new Life(store!, WIDE).whole(person(1))
      await until(async () => events.at(-1)!.lastSeq >= 0)
    })

    it('is not heard after the subscription ended', async () => {
      const [store] = await stores(1)
      const events: StoreEvent[] = []
      store!.subscribe((event) => events.push(event))()
      const others = listen(store!)
      await new Life(store!, WIDE).whole(person(1))
      await until(async () => others.some(({ lastSeq }) => lastSeq >= 4))
      assert.deepEqual(events, [])
    })
  })

  describe('a server that goes away', () => {
    it('fails what is under way, and goes on when it is back', async () => {
      const [store, other] = await stores(2)
      const events = listen(other!)
      const life = new Life(store!, WIDE)
      await life.whole(person(1))
      await server.stop()
      try {
        const startMs = performance.now()
        for (const operation of [
          () => life.whole(person(2)),
          () => store!.lead('L1'),
          () => store!.verify(),
          () => store!.remember('p', 'k', { values: {}, observedAtMs: NOW }, NOW + 1),
        ]) {
          await assert.rejects(operation(), { code: 'LEAD_STORE_UNAVAILABLE' })
        }
        assert.ok(performance.now() - startMs < 30_000, 'without making the caller wait for long')
      } finally {
        await server.again()
      }
      events.length = 0
      await life.whole(person(2))
      await until(async () => events.some(({ freed, timers }) => freed && timers))
      assert.equal((await other!.census()).entries, 10)
      await unchanged(other!)
    })

    it('decides nothing twice and loses nothing when it goes away in the middle', async () => {
      const [store] = await stores(1)
      const life = new Life(store!, WIDE)
      let working = true
      let accepted = 0
      let missed = 0
      const people = Array.from({ length: 8 }, async (_, lane) => {
        const done: Lead[] = []
        for (let n = 0; working; n++) {
          const current = person(lane * 10_000 + n)
          // As a broker does: sent again until it was accepted.
          for (;;) {
            try {
              await life.whole(current)
              break
            } catch (raw) {
              assert.equal((raw as { code?: string }).code, 'LEAD_STORE_UNAVAILABLE', String(raw))
              missed += 1
              await pause(20)
            }
          }
          accepted += 1
          done.push(current)
        }
        return done
      })
      const someMore = () => {
        const enough = accepted + 9
        return until(async () => accepted >= enough)
      }
      for (let round = 0; round < 3; round++) {
        await someMore()
        const before = missed
        await server.stop()
        await until(async () => missed > before)
        await server.again()
      }
      await someMore()
      working = false
      const done = (await Promise.all(people)).flat()
      for (const { id } of done) {
        const steps = (await store!.trail(id)).map(({ entry: { step } }) => step)
        assert.deepEqual(steps, ['ingest', 'dedupe', 'qualify', 'route', 'sla-start'], id)
      }
      await loadsAddUp(store!)
      await unchanged(store!)
    })

    it('tells a crowd at once that nobody answers, and closes in time', async () => {
      const proxy = await SilentProxy.start(server.port)
      const url = (await server.database()).replace(`:${server.port}/`, `:${proxy.port}/`)
      const [store] = await connect(url, 1)
      const life = new Life(store!, WIDE)
      await life.whole(person(1))
      proxy.refuse()
      const before = proxy.refused
      const crowd = Array.from({ length: 300 }, (_, n) => life.route(sales(person(n))))
      for (const outcome of await Promise.allSettled(crowd)) {
        assert.equal(outcome.status, 'rejected')
        assert.equal(outcome.reason.code, 'LEAD_STORE_UNAVAILABLE')
      }
      assert.ok(proxy.refused - before < 30, `${proxy.refused - before} of the crowd tried`)
      proxy.accept()
      await life.whole(person(2))
      proxy.hush()
      const lost = assert.rejects(store!.lead('L1'), { code: /^LEAD_STORE_/ })
      const closeMs = performance.now()
      await store!.close()
      assert.ok(performance.now() - closeMs < 15_000, 'Node-RED waits no longer')
      await lost
      await proxy.close()
    })

    it('closes in time though somebody holds a lock', async () => {
      const [store, blocker] = await stores(2)
      let release = () => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      const holding = blocker!.transaction(['x'], function* (tx) {
        yield* tx.lead('L1')
        yield* waitFor(held)
      })
      await until(
        async () =>
          (await rows(blocker!, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'")).length > 0,
      )
      const waiting = store!.transaction(['x'], (tx) => tx.lead('L1'))
      const queued = store!.transaction(['x'], (tx) => tx.lead('L1'))
      const ends = Promise.all([
        assert.rejects(waiting, { code: /^LEAD_STORE_(UNAVAILABLE|CLOSED)$/ }),
        assert.rejects(queued, { code: 'LEAD_STORE_CLOSED' }),
      ])
      const stuck = 'SELECT 1 FROM pg_locks WHERE NOT granted'
      await until(async () => (await rows(blocker!, stuck)).length > 0)
      const startMs = performance.now()
      await store!.close()
      assert.ok(performance.now() - startMs < 15_000, 'Node-RED waits no longer')
      await ends
      await assert.rejects(store!.lead('L1'), { code: 'LEAD_STORE_CLOSED' })
      release()
      await holding
    })
  })

  describe('a server that answers but cannot', () => {
    it('more connections than it gives: goes on with those it has', async () => {
      const url = await server.database()
      await server.query("CREATE ROLE tight LOGIN PASSWORD 'pressed' CONNECTION LIMIT 3")
      await server.query(`ALTER DATABASE ${url.split('/').at(-1)} OWNER TO tight`)
      const [store] = await connect(url.replace(/\/\/.*@/, '//tight:pressed@'), 1)
      const life = new Life(store!, WIDE)
      const people = Array.from({ length: 40 }, (_, n) => person(n))
      const taken = await Promise.all(people.map((one) => life.ingest(one)))
      assert.deepEqual(new Set(taken.map(({ outcome }) => outcome)), new Set(['lead']))
      assert.ok((await store!.verify()).ok)
    })

    const refusals: readonly (readonly [string, string, boolean])[] = [
      ['53100', 'no room on its disk', true],
      ['53200', 'no memory', true],
      ['58030', 'a disk that fails', true],
      ['42501', 'rights that were taken away', false],
      ['42P01', 'tables that are being restored', false],
    ]
    for (const [code, name, passes] of refusals) {
      it(`${name}: ${passes ? 'is waited for' : 'refuses, with the reason'}`, async () => {
        const [store] = await stores(1)
        await rows(
          store!,
          `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION USING ERRCODE = '${code}', MESSAGE = 'because'; END $$;
           CREATE TRIGGER fails BEFORE INSERT ON audit EXECUTE FUNCTION fail()`,
        )
        await assert.rejects(new Life(store!, WIDE).ingest(person(1)), (raw: unknown) => {
          assert.equal((raw as { code: string }).code, 'LEAD_STORE_UNAVAILABLE')
          assert.equal(raw instanceof StoreOutage, passes)
          return true
        })
        await rows(store!, 'DROP TRIGGER fails ON audit')
        assert.equal((await new Life(store!, WIDE).ingest(person(1))).outcome, 'lead')
      })
    }
  })

  describe('opening', () => {
    it('says why it cannot, and never the password', async () => {
      const url = await server.database()
      const cases: ReadonlyArray<[options: object, says: RegExp]> = [
        [{ connectionString: url.replace('open', 'shut') }, /password authentication failed/],
        [{ connectionString: server.url('nowhere') }, /database "nowhere" does not exist/],
        [{ host: '127.0.0.1', port: await freePort(), password: PASSWORD }, /ECONNREFUSED/],
        [{ host: 'nobody.invalid', password: PASSWORD }, /ENOTFOUND|EAI_AGAIN/],
        [{ connectionString: `postgres://u:${PASSWORD}@[` }, /connection settings/],
        [{ connectionString: 'u:sesame@127.0.0.1/x' }, /does not begin with postgres:/],
        [{ connectionString: url, ssl: true }, /SSL/],
      ]
      for (const [options, says] of cases) {
        await assert.rejects(
          PostgresStore.open(options, 'live'),
          (raw: Error & { code: string }) => {
            assert.equal(raw.code, 'LEAD_STORE_UNAVAILABLE')
            assert.match(raw.message, says)
            assert.ok(!/sesame|shut/.test(JSON.stringify([raw.message, raw])), raw.message)
            return true
          },
        )
      }
    })

    it('refuses as soon as a newer version has taken over, and gives back what it carries', async () => {
      const connectionString = await server.database()
      const outdated = new PatientStore({
        realm: 'live',
        name: 'outdated',
        open: (lost) => PostgresStore.open({ connectionString, leaseMs: 300 }, 'live', lost),
      }).start()
      try {
        await new Life(outdated, WIDE).ingest(person(1))
        assert.equal(outdated.health.presence, 'open')
        const refused = new Promise<void>((resolve) => {
          outdated.watch(({ presence }) => {
            if (presence === 'refused') resolve()
          })
        })
        const steps = 'lead_qualification.schema_steps'
        await server.query(
          `INSERT INTO ${steps} (version) VALUES (${MIGRATIONS.length + 1})`,
          connectionString,
        )
        await refused
        await assert.rejects(new Life(outdated, WIDE).ingest(person(2)), {
          code: 'LEAD_STORE_NEWER',
        })
        const carried = 'SELECT key FROM lead_qualification.intake WHERE owner <> 0'
        assert.deepEqual(await server.query(carried, connectionString), [])
      } finally {
        await outdated.close()
      }
    })

    it('refuses what a newer version has written, and a database in another encoding', async () => {
      const [store] = await stores(1)
      await rows(store!, `INSERT INTO schema_steps (version) VALUES (${MIGRATIONS.length + 1})`)
      await assert.rejects(connect(urlOf(store!), 1), { code: 'LEAD_STORE_NEWER' })
      await server.query("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
      await assert.rejects(connect(server.url('latin'), 1), /LATIN1; it must be UTF8/)
    })

    it('brings an older schema up to date once, whoever starts at the same time, and keeps what is in it', async () => {
      const url = await server.database()
      await server.query(
        `CREATE SCHEMA lead_qualification; SET search_path TO lead_qualification;
         CREATE TABLE schema_steps (version integer PRIMARY KEY, applied_at timestamptz DEFAULT now());
         INSERT INTO schema_steps (version) VALUES (1); ${MIGRATIONS[0]}
         INSERT INTO intake (realm, key, lead_id, node_id, accepted_at, expires_at, body)
           VALUES ('live', 'web:1', 'L1', 'n1', 5, 6, '{"id":"L1","event":{"id":"web:1"}}');
         INSERT INTO standings (realm, id, state, reason, since, standing)
           SELECT 'live', id, 'closed', '', 0, '{}' FROM unnest(ARRAY['L2', 'L3', 'L4', 'L5', 'L6']) AS id;
         INSERT INTO leads (realm, id, body) VALUES
           ('live', 'L2', '{"id":"L2","account":{"id":"crm:7"}}'), ('live', 'L3', '{"id":"L3"}'),
           ('live', 'L4', '{"id":"L4","city":"a\\u0000b\\ud83d","account":{"id":"crm:7"}}'),
           ('live', 'L5', '{"id":"L5","account":{"id":"crm:8"},"company":{"domain":"a.example"}}'),
           ('live', 'L6', '{"id":"L6","account":{"id":"domain:a.example"},"company":{"domain":"a.example"}}');
         INSERT INTO accounts (realm, id, owner) VALUES ('live', 'domain:a.example', 'ana');
         INSERT INTO signals (realm, lead_id, id, account_id, at, body) VALUES
           ('live', 'L5', 's5', 'domain:a.example', 0, '{"id":"s5","at":"1970-01-01T00:00:00.000Z"}')`,
        url,
      )
      const list = await connect(url, 4)
      assert.deepEqual(
        (await list[0]!.leads('closed', 9)).map(({ id, account }) => [id, account]),
        [
          ['L2', 'crm:7'],
          ['L3', undefined],
          ['L4', undefined],
          ['L5', 'crm:8'],
          ['L6', 'crm:8'],
        ],
      )
      await list[0]!.transaction([], function* (tx) {
        assert.equal((yield* tx.accounts(['crm:8'])).get('crm:8')!.owner!.repId, 'ana')
        assert.equal((yield* tx.accountSignals('crm:8', 0, 9)).length, 1)
      })
      const steps = await rows(list[0]!, 'SELECT version FROM schema_steps ORDER BY version')
      assert.deepEqual(
        steps.map(({ version }) => version),
        MIGRATIONS.map((_, index) => index + 1),
      )
      const taken = await Promise.all(list.map((store) => takeUp(store)))
      assert.deepEqual(
        taken.flat().map(({ lead, attempt }) => [lead.id, attempt]),
        [['L1', 1]],
      )
    })

    it('waits for a container of an older version that is at a lead, and is not in its way', async () => {
      const url = await server.database()
      const known = MIGRATIONS.length - 2
      await server.query(
        `CREATE SCHEMA lead_qualification; SET search_path TO lead_qualification;
         CREATE TABLE schema_steps (version integer PRIMARY KEY, applied_at timestamptz DEFAULT now());
         INSERT INTO schema_steps (version) SELECT generate_series(1, ${known});
         ${MIGRATIONS.slice(0, known).join(';')};
         INSERT INTO standings (realm, id, state, reason, since, standing)
           VALUES ('live', 'L1', 'waiting', '', 0, '{}');
         INSERT INTO leads (realm, id, body) VALUES ('live', 'L1', '{"id":"L1"}')`,
        url,
      )
      const older = new Client({ connectionString: url })
      await older.connect()
      try {
        await older.query('SET search_path TO lead_qualification; BEGIN')
        await older.query("SELECT 1 FROM standings WHERE id = 'L1' FOR NO KEY UPDATE")
        const opening = connect(url, 1)
        const waits = 'SELECT 1 FROM pg_locks WHERE NOT granted'
        while ((await older.query(waits)).rows.length === 0)
          await older.query('SELECT pg_sleep(0.01)')
        await older.query("SELECT body FROM leads WHERE id = 'L1'")
        await older.query("UPDATE standings SET state = 'closed' WHERE id = 'L1'; COMMIT")
        const [store] = await opening
        assert.deepEqual((await store!.census()).byState, { closed: 1 })
      } finally {
        await older.end()
      }
    })

    it('is not hurried by limits that the database sets for everybody', async () => {
      const [store] = await stores(1)
      const url = urlOf(store!)
      await server.query(`ALTER DATABASE ${url.split('/').at(-1)} SET statement_timeout = '50ms'`)
      const [hurried] = await connect(url, 1)
      const holder = new Client({ connectionString: url })
      await holder.connect()
      try {
        await holder.query('SET statement_timeout = 0; BEGIN; LOCK TABLE lead_qualification.intake')
        const taken = new Life(hurried!, WIDE).ingest(person(1))
        await Promise.race([taken, holder.query('SELECT pg_sleep(0.3)')])
        await holder.query('COMMIT')
        assert.equal((await taken).outcome, 'lead')
      } finally {
        await holder.end()
      }
    })

    it('serves a user who may use the tables but not make any', async () => {
      const url = await server.database()
      await connect(url, 1)
      await server.query("CREATE ROLE clerk LOGIN PASSWORD 'clerk'")
      const schema = 'lead_qualification'
      await server.query(`GRANT USAGE ON SCHEMA ${schema} TO clerk`, url)
      await server.query(`GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO clerk`, url)
      const [store] = await connect(url.replace(/\/\/.*@/, '//clerk:clerk@'), 1)
      assert.equal((await new Life(store!, WIDE).whole(person(1))).outcome, 'started')
    })
  })

  /** A statement in the store's schema, past the store. */
  async function rows(
    store: PostgresStore,
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: urlOf(store) })
    await client.connect()
    try {
      await client.query('SET search_path TO lead_qualification')
      return (await client.query(text, values.length === 0 ? undefined : [...values])).rows
    } finally {
      await client.end()
    }
  }

  /** Keeps everybody from placing entries, until it is called. */
  async function holdTree(url: string): Promise<() => Promise<void>> {
    const client = new Client({ connectionString: url })
    await client.connect()
    await client.query('BEGIN; SELECT FROM lead_qualification.audit_tree FOR UPDATE')
    return () => client.end()
  }

  async function unplaced(store: PostgresStore): Promise<number> {
    return (await rows(store, 'SELECT FROM audit WHERE seq IS NULL')).length
  }

  /** As if the store had never been used. */
  async function empty(store: PostgresStore): Promise<void> {
    const tables = await rows(
      store,
      `SELECT tablename FROM pg_tables WHERE schemaname = 'lead_qualification'
       AND tablename NOT IN ('schema_steps', 'audit_tree')`,
    )
    const deletes = tables.map(({ tablename }) => `DELETE FROM ${tablename}`)
    await rows(store, [...deletes, "UPDATE audit_tree SET size = 0, hashes = '[]'"].join(';'))
  }

  /** The database itself refuses a load above a rep's capacity, at any moment. */
  async function forbidOverload(store: PostgresStore, { reps }: Policy): Promise<void> {
    const cases = [...reps.values()].map(({ id, capacity }) => `WHEN '${id}' THEN ${capacity}`)
    await rows(
      store,
      `ALTER TABLE rep_load ADD CONSTRAINT capacity
       CHECK (units <= CASE rep_id ${cases.join(' ')} ELSE 0 END)`,
    )
  }

  /** Each rep's load, which must be the sum of the open assignments. */
  async function loadsAddUp(store: PostgresStore): Promise<[string, number][]> {
    const kept = 'SELECT rep_id, units::int FROM rep_load WHERE units > 0 ORDER BY rep_id'
    const summed = `SELECT rep_id, sum(units)::int AS units FROM assignments
      WHERE closed_at IS NULL GROUP BY rep_id ORDER BY rep_id`
    const loads = await rows(store, kept)
    assert.deepEqual(loads, await rows(store, summed))
    return loads.map(({ rep_id, units }) => [rep_id as string, units as number])
  }
})

/** One thing that happens: to which person, by which of two events, how long after the last. */
interface Happening {
  readonly kind: (typeof KINDS)[number]
  readonly n: number
  readonly event: number
  readonly afterMs: number
}

const KINDS = [
  'whole',
  'ingest',
  'dedupe',
  'qualify',
  'route',
  'start',
  'fire',
  'closed',
  'first_touch',
  'reopened',
  'opt-out',
  'forget',
] as const

const stepArbitrary: fc.Arbitrary<Happening> = fc.record({
  kind: fc.constantFrom(...KINDS, 'whole' as const, 'route' as const),
  n: fc.integer({ min: 0, max: 5 }),
  event: fc.integer({ min: 0, max: 1 }),
  afterMs: fc.constantFrom(0, MINUTE, 20 * MINUTE, 3 * HOUR, 2 * DAY),
})

/** What every step answered, or the fault with which it ended. */
async function replay(store: Store, happenings: readonly Happening[]): Promise<unknown[]> {
  const life = new Life(store)
  const messages = new Map<string, Lead>()
  const answers: unknown[] = []
  let nowMs = NOW
  for (const [index, { kind, n, event, afterMs }] of happenings.entries()) {
    nowMs += afterMs
    const key = `${n}:${event}`
    const current = messages.get(key) ?? visitor(n, event)
    try {
      if (kind === 'forget') await store.forget(nowMs)
      else if (kind === 'fire') {
        for (const timer of await dueTimers(store, nowMs)) {
          const stored = await store.lead(timer.leadId)
          answers.push(await life.fire(stored!.lead, timer, nowMs))
        }
      } else {
        const done = await happen(life, kind, current, nowMs, index)
        answers.push(done)
        messages.set(key, done.lead)
      }
    } catch (raw) {
      answers.push([(raw as { code?: string }).code, String(raw)])
    }
  }
  return answers
}

/** Persons 0 and 1 share a phone number; a person's second event comes by another address. */
function visitor(n: number, event: number): Lead {
  return person(n * 10 + event, {
    contact: {
      ...(event === 0 || n % 2 === 0 ? { email: `p${n}@x.example` } : {}),
      ...(n < 2 ? { phone: '+4930123456' } : {}),
      nameKey: `p ${n}`,
    },
    ...(n === 4 ? { externalIds: { crm: 'x' } } : {}),
  })
}

function happen(
  life: Life,
  kind: Exclude<Happening['kind'], 'forget' | 'fire'>,
  current: Lead,
  nowMs: number,
  index: number,
) {
  switch (kind) {
    case 'closed':
    case 'first_touch':
    case 'reopened':
      return life.outcome(current, { id: `e${index}`, kind, evidence: 'call' }, nowMs)
    case 'opt-out':
      return life.dedupe({ ...current, consent: { optOut: true } }, nowMs)
    case 'whole':
      return life.whole(current, nowMs)
    default:
      return life[kind](current, nowMs)
  }
}

/** All that a store tells, but for what chance made: salts and what follows from them. */
async function picture(store: Store): Promise<unknown> {
  const leads: unknown[] = []
  for (const state of LEAD_STATES) {
    for (const summary of await store.leads(state, 1_000)) {
      leads.push({ ...summary }, await store.lead(summary.id))
    }
  }
  const { ok, entries, faults } = await store.verify()
  return {
    leads,
    verify: { ok, entries, faults },
    census: await store.census(),
    waiting: (await store.claimWaiting([TIGHT.ref.name], 1_000)).items,
    nextRetryMs: await store.nextRetryMs([TIGHT.ref.name]),
    nextTimerMs: await store.nextTimerMs(own(), NOW),
    timers: await dueTimers(store, NOW + 1_000 * DAY),
    homes: (await store.homes()).map((home) => ({ ...home })),
    entries: (await everything(store)).map(({ seq, entry, detail }) => {
      const { commitment, ...rest } = entry
      return { seq, entry: rest, detail }
    }),
  }
}

async function everything(store: Store): Promise<TrailEntry[]> {
  const entries: TrailEntry[] = []
  for (;;) {
    const page = await store.entriesAfter(entries.length - 1, 700)
    if (page.length === 0) return entries
    entries.push(...page)
  }
}

/** The log holds. */
async function unchanged(store: Store): Promise<void> {
  const report = await store.verify()
  assert.deepEqual(report.faults, [])
  assert.equal(report.ok, true)
}

/** No key was decided twice by one step. */
async function once(store: Store): Promise<void> {
  const seen = new Set<string>()
  for (const { entry, detail } of await everything(store)) {
    if (detail?.key === undefined) continue
    const key = `${entry.step} ${detail.key}`
    assert.ok(!seen.has(key), key)
    seen.add(key)
  }
}

function sales(current: Lead): Lead {
  return {
    ...current,
    decision: {
      outcome: 'sql',
      rule: 'decide.sql',
      why: 'test',
      factors: [],
      at: at(NOW),
      contract: { name: 'test', version: '1.0.0', hash: '0' },
    },
  }
}

function entry(current: Lead, changes: readonly Change[] = []): Commit {
  return {
    decision: { step: 'enrich', outcome: 'enriched', patch: {}, because: [], changes },
    lead: current,
    actor: 'system',
    nowMs: NOW,
  }
}

function capacities({ reps }: Policy): [string, number][] {
  return [...reps.values()].map(({ id, capacity }) => [id, capacity])
}

function listen(store: Store): StoreEvent[] {
  const events: StoreEvent[] = []
  store.subscribe((event) => events.push(event))
  return events
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 60_000
  while (!(await holds())) {
    assert.ok(performance.now() < endMs, 'it did not come to that')
    await pause(10)
  }
}
