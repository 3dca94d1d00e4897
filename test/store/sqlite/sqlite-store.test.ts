// Goal: SQLite keeps the promises of every store, and those of a file: it survives closing, tells
// tampering, refuses what it cannot read, and is shared by the stores of one process.
import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { lockFile, realPath } from '../../../store/sqlite/file'
import { MIGRATIONS } from '../../../store/sqlite/migrations'
import { SqliteStore } from '../../../store/sqlite/sqlite-store'
import type { Store } from '../../../store/store'
import { DAY, HOUR, NOW, signal } from '../../engine/support/leads'
import { describeStore } from '../contract'
import { entries, entry, loads } from '../contract/support'
import { dueTimers, Life, person, takeUp } from '../life'

let folder = ''
const opened: Store[] = []
const file = () => join(folder, 'leads.db')

async function open(realm = 'live'): Promise<Store> {
  const store = SqliteStore.open(file(), realm)
  opened.push(store)
  return store
}

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'lead-store-')))
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()))
  rmSync(folder, { recursive: true, force: true })
})

describeStore('SQLite', open)

describe('SqliteStore: the file', () => {
  const life = async (realm?: string) => new Life(await open(realm))
  /** Closes every store, so that the file may be looked at, or written to, from outside. */
  async function outside<T>(work: (database: DatabaseSync) => T): Promise<T> {
    await Promise.all(opened.splice(0).map((store) => store.close()))
    const database = new DatabaseSync(file())
    try {
      return work(database)
    } finally {
      database.close()
    }
  }

  it('opened again has everything, and the tree goes on from where it was', async () => {
    const before = await life()
    await before.whole(person(1))
    await before.ingest(person(2))
    await before.store.remember('p', 'k', { values: { a: 1 }, observedAtMs: NOW }, NOW + HOUR)
    const noted = await before.store.verify()
    const lead = await before.store.lead('L1')
    await before.store.close()

    const after = await life()
    assert.deepEqual(await after.store.verify({ entries: noted.entries, root: noted.root }), noted)
    assert.deepEqual(await after.store.lead('L1'), lead)
    assert.deepEqual(await loads(after.store), { ana: 1, ben: 0 })
    assert.deepEqual(
      (await takeUp(after.store)).map(({ lead: { id } }) => id),
      ['L2'],
    )
    assert.equal((await dueTimers(after.store, NOW + DAY)).length, 3)
    assert.deepEqual((await after.store.cached('p', 'k', NOW))!.values, { a: 1 })
    // What was decided before is answered, what was taken is known, what is full is full.
    assert.equal((await after.dedupe(person(1))).again, true)
    assert.equal((await after.ingest(person(3, { event: person(1).event }))).outcome, 'repeated')
    assert.equal((await after.route(lead!.lead)).lead.assignment!.rep!.id, 'ana')
    await after.whole(person(4))
    assert.deepEqual(await loads(after.store), { ana: 1, ben: 1 })
    const grown = await after.store.verify({ entries: noted.entries, root: noted.root })
    assert.deepEqual([grown.ok, grown.entries], [true, noted.entries + 5])
  })

  it('two stores of one realm share everything, and the tree stays whole', async () => {
    const [one, other] = [await life(), await life()]
    await Promise.all(Array.from({ length: 40 }, (_, n) => (n % 2 ? one : other).whole(person(n))))
    for (const { store } of [one, other]) {
      const report = await store.verify()
      assert.deepEqual([report.ok, report.entries], [true, (await entries(store)).length])
      assert.deepEqual(await loads(store), { ana: 1, ben: 2 })
    }
    await one.store.close()
    assert.equal((await other.whole(person(99))).outcome, 'waiting')
    assert.ok((await other.store.verify()).ok)
  })

  it('an event may bring more signals than a call takes arguments', async () => {
    const store = await open()
    const signals = Array.from({ length: 150_000 }, (_, n) => signal('x', n, { id: `s${n}` }))
    const add = { kind: 'signals.add', leadId: 'L1', accountId: 'a', signals } as const
    await store.transaction([], (tx) => tx.commit(entry(person(1), [add])))
    await store.census()
    const told = await store.transaction([], (tx) => tx.accountSignals('a', 0, 2))
    assert.deepEqual(
      told.map(({ id }) => id),
      ['s1', 's0'],
    )
  })

  it('a hundred writers of several realms give each realm one dense log', async () => {
    const realms = await Promise.all(['live', 'sim:1', 'shadow:x'].map((realm) => life(realm)))
    await Promise.all(Array.from({ length: 90 }, (_, n) => realms[n % 3]!.whole(person(n))))
    for (const { store } of realms) {
      assert.ok((await store.verify()).ok)
      const all = await entries(store)
      assert.deepEqual(
        all.map(({ seq }) => seq),
        all.map((_, index) => index),
      )
    }
  })

  it('a file of the first version is brought up to date, and keeps what is in it', async () => {
    const old = new DatabaseSync(file())
    old.exec(`${MIGRATIONS[0]}; PRAGMA user_version = 1;
      INSERT INTO intake (realm, key, lead_id, node_id, accepted_at, expires_at, body)
        VALUES ('live', 'web:1', 'L1', 'n1', 5, 6, '{"id":"L1","event":{"id":"web:1"}}');
      INSERT INTO timers (realm, id, node_id, due_at, body)
        VALUES ('live', 'L1#1#a#0', 'gone', 7, '{"id":"L1#1#a#0","leadId":"L1"}');
      INSERT INTO signals (realm, lead_id, id, account_id, at, body)
        VALUES ('live', 'L1', 's1', 'a', 0, '{"id":"s1","type":"x","at":"1970-01-01T00:00:00.000Z"}'),
          ('live', 'L2', 's2', 'domain:a.example', 0, '{"id":"s2","at":"1970-01-01T00:00:00.000Z"}');
      INSERT INTO accounts (realm, id, owner) VALUES ('live', 'domain:a.example', 'ana');
      INSERT INTO standings (realm, id, state, reason, since, standing)
        VALUES ('live', 'L2', 'closed', '', 0, '{}'), ('live', 'L3', 'closed', '', 0, '{}'),
          ('live', 'L4', 'closed', '', 0, '{}');
      INSERT INTO leads (realm, id, body)
        VALUES ('live', 'L2', '{"id":"L2","account":{"id":"crm:7"},"company":{"domain":"a.example"}}'),
          ('live', 'L3', '{"id":"L3"}'),
          ('live', 'L4', '{"id":"L4","account":{"id":"domain:a.example"},"company":{"domain":"a.example"}}')`)
    old.close()
    const { store } = await life()
    assert.deepEqual(
      (await takeUp(store)).map(({ lead: { id }, attempt }) => [id, attempt]),
      [['L1', 1]],
    )
    assert.deepEqual(
      (await store.homes()).map(({ kind, nodeId, of }) => [kind, nodeId, of]),
      [
        ['timers', 'gone', ''],
        ['leads', 'n1', ''],
      ],
    )
    assert.deepEqual(
      (await store.leads('closed', 9)).map(({ id, account }) => [id, account]),
      [
        ['L2', 'crm:7'],
        ['L3', undefined],
        ['L4', 'crm:7'],
      ],
    )
    for (const key of ['crm:7', 'domain:a.example']) {
      const rows = await store.leads(undefined, 9, { accountId: key })
      assert.deepEqual(
        rows.map(({ id }) => id),
        ['L2', 'L4'],
      )
      const accounts = await store.transaction([], (tx) => tx.accounts([key]))
      assert.equal(accounts.get(key)!.owner!.repId, 'ana')
      const signals = await store.transaction([], (tx) => tx.accountSignals(key, 0, 9))
      assert.deepEqual(
        signals.map(({ id }) => id),
        ['s2'],
      )
    }
    assert.deepEqual(await store.transaction([], (tx) => tx.accountSignals('a', 0, 9)), [
      { id: 's1', type: 'x', at: '1970-01-01T00:00:00.000Z', person: 'L1' },
    ])
  })

  it('what was written by a newer version is refused, and left as it is', async () => {
    await (await life()).whole(person(1))
    await outside((database) => database.exec('PRAGMA user_version = 99'))
    assert.throws(() => SqliteStore.open(file(), 'live'), {
      code: 'LEAD_STORE_NEWER',
      message: /schema 99/,
    })
    const version = await outside((database) => database.prepare('PRAGMA user_version').get())
    assert.equal(version!.user_version, 99)
  })

  for (const [name, make] of [
    ['a path through a file', () => join(folder, 'file', 'leads.db')],
    ['a folder', () => folder],
    ['a file that is no database', () => join(folder, 'file')],
  ] as const) {
    it(`${name} cannot be opened, with its own fault`, () => {
      writeFileSync(
        join(folder, 'file'),
        'this is no database, but long enough to look like a page of one '.repeat(40),
      )
      assert.throws(() => SqliteStore.open(make(), 'live'), { code: 'LEAD_STORE_UNAVAILABLE' })
      // Nothing is left behind that would keep a later try out.
      assert.throws(() => SqliteStore.open(make(), 'live'), { code: 'LEAD_STORE_UNAVAILABLE' })
    })
  }

  it('is not touched while another process has it', async () => {
    const old = new DatabaseSync(file())
    old.exec(MIGRATIONS[0]!)
    old.exec('PRAGMA user_version = 1')
    const lock = lockFile(file())
    try {
      assert.throws(() => SqliteStore.open(file(), 'live'), /another process has it open/)
      assert.deepEqual({ ...old.prepare('PRAGMA user_version').get() }, { user_version: 1 })
    } finally {
      lock.close()
      old.close()
    }
    assert.equal((await (await open()).census()).entries, 0)
  })

  it('is one by its name and by a link to it, also before it is there', async () => {
    const [link, target] = [join(folder, 'link.db'), join(folder, 'data', 'leads.db')]
    symlinkSync(join('data', 'leads.db'), link)
    assert.equal(realPath(link), target)
    opened.push(SqliteStore.open(link, 'live'))
    assert.equal(realPath(link), target)
    for (const [from, to] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const)
      symlinkSync(join(folder, to), join(folder, from))
    assert.equal(typeof realPath(join(folder, 'a')), 'string', 'a circle has an end')
  })

  it('folders on the way are made', async () => {
    const store = SqliteStore.open(join(folder, 'a', 'b', 'leads.db'), 'live')
    opened.push(store)
    assert.equal((await store.census()).entries, 0)
  })

  it('in memory keeps nothing, and each is its own', async () => {
    const stores = ['live', 'live'].map((realm) => SqliteStore.open(':memory:', realm))
    opened.push(...stores)
    await new Life(stores[0]!).whole(person(1))
    assert.deepEqual(
      [(await stores[0]!.census()).entries, (await stores[1]!.census()).entries],
      [5, 0],
    )
  })

  describe('tampering', () => {
    const SWAP = `
      UPDATE audit SET seq = -1 WHERE seq = 1; UPDATE audit SET seq = 1 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = -1`
    const rows: ReadonlyArray<readonly [name: string, sql: string, says: RegExp]> = [
      [
        'an edited body',
        `UPDATE audit SET body = replace(body, 'assigned', 'waiting') WHERE seq = 3`,
        /entry 3 was changed: its hash is another/,
      ],
      [
        'an edited body with its leaf in step',
        `UPDATE audit SET body = (SELECT body FROM audit WHERE seq = 2), leaf = (SELECT leaf FROM audit WHERE seq = 2), salt = (SELECT salt FROM audit WHERE seq = 2), payload = (SELECT payload FROM audit WHERE seq = 2) WHERE seq = 3`,
        /the root of the log is not the root of its tree/,
      ],
      [
        'an edited leaf',
        `UPDATE audit SET leaf = zeroblob(32) WHERE seq = 1`,
        /entry 1 was changed/,
      ],
      ['a leaf that is a text', `UPDATE audit SET leaf = 'x' WHERE seq = 1`, /entry 1 was changed/],
      [
        'a body that is no JSON',
        `UPDATE audit SET body = 'x' WHERE seq = 1`,
        /entry 1 cannot be read/,
      ],
      [
        'an edited payload',
        `UPDATE audit SET payload = replace(payload, 'ana', 'ben') WHERE seq = 3`,
        /the details of entry 3 were changed/,
      ],
      [
        'an edited salt',
        `UPDATE audit SET salt = '00' WHERE seq = 3`,
        /the details of entry 3 were changed/,
      ],
      [
        'a payload whose salt was taken away',
        `UPDATE audit SET salt = NULL, payload = replace(payload, 'ana', 'ben') WHERE seq = 3`,
        /the details of entry 3 were changed/,
      ],
      [
        'another lead',
        `UPDATE audit SET lead_id = 'L9' WHERE seq = 3`,
        /entry 3 stands under another lead/,
      ],
      [
        'another outcome',
        `UPDATE audit SET outcome = 'waiting' WHERE seq = 3`,
        /entry 3 stands under another outcome/,
      ],
      [
        'another step',
        `UPDATE audit SET step = 'outcome' WHERE seq = 3`,
        /entry 3 stands under another step/,
      ],
      [
        'another time',
        `UPDATE audit SET at = at - 1 WHERE seq = 3`,
        /entry 3 stands under another time/,
      ],
      [
        'another key',
        `UPDATE audit SET key = 'x' WHERE seq = 1`,
        /entry 1 stands under another key/,
      ],
      [
        'the last entry gone',
        'DELETE FROM audit WHERE seq = 4',
        /the log has 4 entries, its tree 5/,
      ],
      ['an entry in the middle gone', 'DELETE FROM audit WHERE seq = 2', /entry 2 is missing/],
      ['the first entry gone', 'DELETE FROM audit WHERE seq = 0', /entry 0 is missing/],
      ['all entries gone', 'DELETE FROM audit', /the log has 0 entries, its tree 5/],
      ['two entries swapped', SWAP, /the root of the log is not the root of its tree/],
      [
        'an entry behind the tree',
        `INSERT INTO audit SELECT realm, 5, lead_id, 'x', NULL, at, outcome, body, leaf, salt, payload FROM audit WHERE seq = 4`,
        /entries stand before or behind the tree/,
      ],
      [
        'an entry before the first',
        `INSERT INTO audit SELECT realm, -1, lead_id, 'x', NULL, at, outcome, body, leaf, salt, payload FROM audit WHERE seq = 4`,
        /entries stand before or behind the tree/,
      ],
      [
        'a key beside details that are gone',
        `UPDATE audit SET payload = NULL, salt = NULL, key = 'x' WHERE seq = 1`,
        /entry 1 has lost its details, but not its salt or key/,
      ],
      [
        'a salt beside details that are gone',
        `UPDATE audit SET payload = NULL WHERE seq = 1`,
        /entry 1 has lost its details, but not its salt or key/,
      ],
      [
        'an edited tree',
        `UPDATE audit_tree SET hashes = replace(hashes, substr(hashes, 3, 8), '00000000')`,
        /the root of the log is not the root of its tree/,
      ],
      [
        'a shorter tree',
        `UPDATE audit_tree SET size = 4, hashes = '["' || substr(hashes, 3, 64) || '"]'`,
        /entries stand before or behind the tree|cannot be read/,
      ],
      ['a tree that is no JSON', `UPDATE audit_tree SET hashes = 'x'`, /the tree cannot be read/],
      [
        'a tree that does not fit its size',
        `UPDATE audit_tree SET size = 7`,
        /the tree cannot be read|its tree 7/,
      ],
      ['no tree', 'DELETE FROM audit_tree', /entries stand before or behind the tree/],
    ]
    for (const [name, sql, says] of rows) {
      it(`${name} is found`, async () => {
        await (await life()).whole(person(1))
        await outside((database) => database.exec(sql))
        const { ok, faults } = await (await open()).verify()
        assert.equal(ok, false)
        assert.ok(
          faults.some((fault) => says.test(fault)),
          JSON.stringify(faults),
        )
      })
    }

    it('cut off cleanly, log and tree in step, is found against what was noted', async () => {
      const one = await life()
      await one.ingest(person(1))
      const short = await outside((database) => ({
        ...database.prepare('SELECT size, hashes FROM audit_tree').get()!,
      }))
      const { store } = await life()
      const again = new Life(store)
      await again.dedupe(person(1))
      const noted = await store.verify()
      await outside((database) => {
        database.exec('DELETE FROM audit WHERE seq > 0')
        database
          .prepare('UPDATE audit_tree SET size = ?, hashes = ?')
          .run(short.size!, short.hashes!)
      })
      const cut = await open()
      assert.equal((await cut.verify()).ok, true, 'nothing in the file itself can tell')
      const report = await cut.verify({ entries: noted.entries, root: noted.root })
      assert.match(report.faults.join(), /the log has only 1 of the 2 entries that were noted/)
    })

    it('of many entries is told in a few sentences', async () => {
      const one = await life()
      for (let n = 0; n < 10; n++) await one.whole(person(n))
      await outside((database) => database.exec(`UPDATE audit SET leaf = zeroblob(32)`))
      assert.ok((await (await open()).verify()).faults.length <= 20)
    })

    it('an entry that was emptied by hand is told, and its decision is still known', async () => {
      await (await life()).whole(person(1))
      await outside((database) =>
        database.exec('UPDATE audit SET salt = NULL, payload = NULL WHERE seq IN (1, 2)'),
      )
      const one = await life()
      const report = await one.store.verify()
      const tooYoung = (seq: number) =>
        `the details of entry ${seq} were removed though it was too young to be erased`
      assert.deepEqual([report.ok, report.erased], [false, 2])
      const keyLeft = (seq: number) => `entry ${seq} has lost its details, but not its salt or key`
      assert.deepEqual(report.faults, [keyLeft(1), keyLeft(2), tooYoung(1), tooYoung(2)])
      const trail = await one.store.trail('L1')
      assert.deepEqual(
        trail.map(({ detail }) => detail !== undefined),
        [true, false, false, true, true],
      )
      // What was decided is still known to be decided.
      assert.deepEqual(
        [(await one.dedupe(person(1))).again, (await one.dedupe(person(1))).outcome],
        [true, 'new'],
      )
    })

    it('a log that cannot go on is a fault of the store, not a hanging lead', async () => {
      await (await life()).whole(person(1))
      await outside((database) => database.exec(`UPDATE audit_tree SET hashes = 'x'`))
      const one = await life()
      await assert.rejects(one.ingest(person(2)), { code: 'LEAD_STORE_UNAVAILABLE' })
      await assert.rejects(one.ingest(person(2)), { code: 'LEAD_STORE_UNAVAILABLE' })
    })
  })
})
