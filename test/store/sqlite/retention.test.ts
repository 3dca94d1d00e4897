// Goal: what is erased is in no table any more, in memory neither, and looking for it reads by index.
// Method: the file itself, asked beside the store. What every store promises is in ../contract/retention.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { retain } from '../../../store/retain'
import { DORMANT_LEAD, DORMANT_LEADS, EXPIRED, EXPIRED_PAGE } from '../../../store/sqlite/retention'
import { SqliteStore } from '../../../store/sqlite/sqlite-store'
import { at, DAY, NOW, signal } from '../../engine/support/leads'
import { Life, person } from '../life'

const LATER = NOW + 800 * DAY
const BOTH = { leadsMonths: 24, trailMonths: 24 }

describe('retention in a SQLite file', () => {
  let dir: string
  let file: string
  let store: SqliteStore
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'retention-'))
    file = join(dir, 'leads.db')
    store = SqliteStore.open(file, 'live')
  })
  afterEach(async () => {
    await store.close()
    rmSync(dir, { recursive: true })
  })

  function beside<T>(work: (database: DatabaseSync) => T): T {
    const database = new DatabaseSync(file, { readOnly: true })
    try {
      return work(database)
    } finally {
      database.close()
    }
  }

  /** Every value of every row of every table. */
  function everything(): string {
    return beside((database) => {
      const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
      return tables
        .flatMap(({ name }) => database.prepare(`SELECT * FROM "${name}"`).all())
        .map((row) => JSON.stringify(row))
        .join('\n')
    })
  }

  const secret = (n: number) =>
    person(n, {
      event: { id: 'mail:p.secret@acme.example', receivedAt: at(NOW) },
      contact: {
        email: 'p.secret@acme.example',
        emailKey: 'p.secret@acme.example',
        name: 'P Secret',
        nameKey: 'p secret',
        phone: '+4930999',
      },
      externalIds: { crm: 'secret-7' },
      consent: { optOut: true, basis: 'told P Secret' },
      signals: [signal('demo_request', 0, { id: 'secret-signal' })],
    })

  it('leaves nothing of the person in any table', async () => {
    const one = new Life(store)
    await one.whole(secret(1))
    assert.match(everything(), /secret/i)
    assert.deepEqual(await retain(store, BOTH, LATER), { leads: 1, entries: 3 })
    await store.forget(LATER)
    assert.doesNotMatch(everything(), /secret|4930999/i)
    assert.ok((await store.verify()).ok)
  })

  it('brings nothing back when more is written, in this process or the next', async () => {
    const one = new Life(store)
    await one.whole(secret(1))
    for (let n = 2; n < 6; n++) await one.whole(person(n), LATER)
    const erasing = retain(store, BOTH, LATER)
    for (let n = 6; n < 30; n++) await one.whole(person(n), LATER)
    await erasing
    assert.equal(await store.lead('L1'), undefined)
    await store.close()
    store = SqliteStore.open(file, 'live')
    assert.equal(await store.lead('L1'), undefined)
    await store.forget(LATER)
    assert.doesNotMatch(everything(), /secret/i)
  })

  it('a failed write undoes the erasure in memory as well', async () => {
    const one = new Life(store)
    await one.whole(secret(1))
    const other = new DatabaseSync(file)
    try {
      other.exec(
        `CREATE TRIGGER stop BEFORE DELETE ON leads BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END`,
      )
      await assert.rejects(retain(store, BOTH, LATER), { code: 'LEAD_STORE_UNAVAILABLE' })
      assert.equal((await store.lead('L1'))!.state, 'suppressed')
      other.exec('DROP TRIGGER stop')
      assert.equal((await retain(store, BOTH, LATER)).leads, 1)
    } finally {
      other.close()
    }
  })

  for (const [what, sql, indexes] of [
    ['dormant leads', DORMANT_LEADS, ['standings_state', 'audit_lead', 'identity_lead']],
    ['one lead', DORMANT_LEAD, ['audit_lead', 'identity_lead', 'intake_underway']],
    ['entries over their time', EXPIRED_PAGE, ['audit_details', 'intake_underway']],
    ['entries by their place', EXPIRED, ['sqlite_autoindex_audit_1', 'intake_underway']],
  ] as const) {
    it(`looks for ${what} by index, and sorts nothing`, () => {
      const plan = beside((database) =>
        database
          .prepare(`EXPLAIN QUERY PLAN ${sql}`)
          .all()
          .map(({ detail }) => String(detail)),
      )
      for (const index of indexes)
        assert.ok(
          plan.some((line) => line.includes(index)),
          plan.join('\n'),
        )
      const scans = plan.filter((line) => /^SCAN (?!CONSTANT)/.test(line))
      // The list that was asked about.
      assert.deepEqual(
        scans.filter((line) => !/VIRTUAL TABLE/.test(line)),
        [],
        plan.join('\n'),
      )
      const sorts = plan.filter((line) => line.startsWith('USE TEMP B-TREE'))
      assert.deepEqual(sorts, [], plan.join('\n'))
    })
  }
})
