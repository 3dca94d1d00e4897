// Goal: the chaos run's account sees every kind of loss and doubling, and nothing where nothing is.
// Method: three leads of a real SQLite file, whose account is clean; then one thing at a time is
// taken away, added or changed, in the file or in what the flow told.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { blowsOf, type Event, eventsOf } from '../../bench/chaos/events'
import { type Findings, findings, type Told } from '../../bench/chaos/findings'
import { Trail } from '../../bench/chaos/trail'
import {
  entries,
  kept,
  openAssignments,
  SqliteWitness,
  tree,
  unsettled,
} from '../../bench/chaos/witness'
import { SqliteStore } from '../../store/sqlite/sqlite-store'
import { HOUR, NOW } from '../engine/support/leads'
import { Life, own, person } from '../store/life'

const CAPACITIES = new Map([
  ['ana', 1],
  ['ben', 2],
])
const FIRST_MS = NOW + 31 * 60_000

describe('the account of a chaos run', () => {
  let folder: string
  let file: string
  let told: Told[]
  const events: readonly Event[] = ['1', '2', '3'].map((id) => ({
    id,
    email: `p${id}@acme.example`,
    record: {},
    twice: false,
  }))

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lead-chaos-test-'))
    file = join(folder, 'leads.db')
    told = []
    const store = SqliteStore.open(file, 'live')
    const life = new Life(store)
    for (const n of [1, 2, 3]) await life.whole(person(n))
    await life.sales('L2', { kind: 'closed' })
    for (const { timer, lead } of await store.claimTimers(own(), FIRST_MS, 99)) {
      await life.fire(lead, timer, FIRST_MS)
      const { id, leadId, dueMs } = timer
      told.push({ msg: id, timer: id, lead: leadId, dueMs, atMs: FIRST_MS })
    }
    await store.sent(told.map(({ msg }) => msg))
    await store.close()
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  async function account(capacities = CAPACITIES): Promise<Findings> {
    const witness = new SqliteWitness(file)
    const trail = new Trail(capacities)
    for await (const entry of entries(witness)) trail.take(entry)
    const { stored, unplaced } = await tree(witness)
    return findings({
      events,
      system: 'web',
      kept: await kept(witness),
      trail,
      logFaults: trail.faults(stored, unplaced),
      told,
      capacities,
    })
  }

  const change = (sql: string) => {
    const database = new DatabaseSync(file)
    const { changes } = database.prepare(sql).run()
    database.close()
    assert.ok(changes > 0, `nothing was changed by: ${sql}`)
  }

  const none = { lost: [], doubled: [], overCapacity: [], early: [], audit: [] }
  const only = ({ lost, doubled, overCapacity, early, audit }: Findings) => ({
    lost,
    doubled,
    overCapacity,
    early,
    audit,
  })

  it('is clean when nothing is wrong', async () => {
    const found = await account()
    assert.deepEqual(only(found), none)
    assert.deepEqual(found.states, { assigned: 2, closed: 1 })
    assert.equal(found.timersFired, 2)
    assert.deepEqual(found.firedLateMs, { p50: 60_000, p99: 60_000, max: 60_000 })
  })
  it('says what is not settled yet, and who has what', async () => {
    const witness = new SqliteWitness(file)
    assert.deepEqual(
      { ...(await unsettled(witness, NOW + HOUR + 1)) },
      {
        underway: 0,
        waiting: 0,
        outbox: 0,
        unplaced: 0,
        timers: 2,
      },
    )
    assert.deepEqual(
      (await openAssignments(witness)).map(({ lead, cycle }) => [lead, cycle]).sort(),
      [
        ['L1', 1],
        ['L3', 1],
      ],
    )
  })

  const TAMPERED: readonly (readonly [name: string, sql: string, keyof typeof none, RegExp])[] = [
    ['an event is gone', `DELETE FROM intake WHERE key = 'web:2'`, 'lost', /2 was never taken in/],
    ['an event is under way', `UPDATE intake SET body = '{}' WHERE key = 'web:2'`, 'lost', /still/],
    ['a lead is gone', `DELETE FROM leads WHERE id = 'L3'`, 'lost', /3 has no lead/],
    [
      'a lead is left between two steps',
      `UPDATE standings SET state = 'qualified' WHERE id = 'L2'`,
      'lost',
      /stands at qualified/,
    ],
    [
      'a lead waits though there is room',
      `UPDATE standings SET state = 'waiting' WHERE id = 'L2'`,
      'lost',
      /stands at waiting/,
    ],
    [
      'a person has two leads',
      `UPDATE leads SET body = replace(body, 'p1@', 'p3@') WHERE id = 'L1'`,
      'doubled',
      /are one person/,
    ],
    [
      'a rep has more than the table allows',
      `UPDATE rep_load SET units = 9 WHERE rep_id = 'ana'`,
      'overCapacity',
      /ana has 9/,
    ],
    [
      'an assignment has no entry',
      `INSERT INTO assignments SELECT realm, lead_id, 7, rep_id, pool_id, 0, opened_at, 1, ''
       FROM assignments WHERE lead_id = 'L1'`,
      'audit',
      /assignment L1#7 has no entry/,
    ],
    [
      'an entry has no assignment',
      `DELETE FROM assignments WHERE lead_id = 'L2'`,
      'audit',
      /entry of assignment L2#1 has no row/,
    ],
    [
      'the end of an assignment was not written',
      `UPDATE assignments SET closed_at = NULL WHERE lead_id = 'L2'`,
      'audit',
      /entry of the end of L2#1 has no row/,
    ],
    [
      'a lead was changed without an entry',
      `UPDATE standings SET standing = json_set(standing, '$.sla.tier', 'x') WHERE id = 'L1'`,
      'audit',
      /sla of lead L1/,
    ],
    ['an entry is gone', `DELETE FROM audit WHERE seq = 3`, 'audit', /entry 3 is missing/],
    [
      'an entry was changed',
      `UPDATE audit SET payload = replace(payload, 'system', 'nobody') WHERE seq = 2`,
      'audit',
      /details of entry 2 were changed/,
    ],
    [
      'a timer that has fired is pending',
      `INSERT INTO timers (realm, id, node_id, due_at, body)
       SELECT realm, key, 'n1', 0, '{}' FROM audit WHERE step = 'sla-fire'`,
      'audit',
      /has fired and is pending/,
    ],
  ]
  for (const [name, sql, where, words] of TAMPERED) {
    it(`sees that ${name}`, async () => {
      change(sql)
      const found = only(await account())[where]
      assert.ok(
        found.some((one) => words.test(one)),
        found.join('\n'),
      )
    })
  }

  it('sees who had too much at any moment, though it is over now', async () => {
    const found = await account(new Map([...CAPACITIES, ['ben', 1]]))
    assert.match(found.overCapacity[0]!, /1 assignments to a rep who was full/)
  })

  describe('what the flow told', () => {
    it('is lost when a timer fired and nobody heard', async () => {
      const { timer } = told.pop()!
      assert.deepEqual((await account()).lost, [`timer ${timer} fired and was never told`])
    })
    it('may come again when it says so, and under the same id', async () => {
      told.push({ ...told[0]!, again: true })
      const found = await account()
      assert.deepEqual(only(found), none)
      assert.equal(found.toldAgain, 1)
    })
    it('is doubled when it does not say so, or has another id', async () => {
      told.push({ ...told[0]! })
      assert.match((await account()).doubled[0]!, /as if for the first time 2 times/)
      told[told.length - 1] = { ...told[0]!, again: true, msg: 'another' }
      assert.match((await account()).doubled[0]!, /told under 2 ids/)
    })
    it('is early when it comes before its time', async () => {
      told[0] = { ...told[0]!, dueMs: FIRST_MS + 5 }
      const { early } = await account()
      assert.equal(early.length, 2)
      assert.match(early[0]!, /fired 5 ms early/)
    })
    it('has an entry', async () => {
      told.push({ ...told[0]!, timer: 'L1#1#nothing#0' })
      assert.match((await account()).audit[0]!, /L1#1#nothing#0 has no entry/)
    })
  })
})

describe('the seed of a chaos run', () => {
  it('decides what is sent and when it strikes', () => {
    const load = { leads: 500, kills: 20, restarts: 3 }
    assert.deepEqual(eventsOf(7, 500), eventsOf(7, 500))
    assert.deepEqual(blowsOf(7, load), blowsOf(7, load))
    assert.notDeepEqual(blowsOf(7, load), blowsOf(8, load))
  })
  it('strikes as often as asked, in order, while there is load', () => {
    const blows = blowsOf(7, { leads: 1_000, kills: 20, restarts: 3 })
    assert.deepEqual([blows.length, blows.filter(({ kind }) => kind === 'kill').length], [23, 20])
    assert.deepEqual(
      blows,
      blows.toSorted((a, b) => a.afterAnswers - b.afterAnswers),
    )
    assert.ok(blows.every(({ afterAnswers }) => afterAnswers < 1_000))
  })
  it('sends some people twice and some events again', () => {
    const events = eventsOf(7, 1_000)
    assert.equal(new Set(events.map(({ id }) => id)).size, 1_000)
    assert.ok(new Set(events.map(({ email }) => email)).size < 1_000)
    assert.ok(events.some(({ twice }) => twice))
  })
})
