// Goal: a backup is consistent and whole though the store goes on, and a restore harms nothing: not a
// living store, not what was there. Method: real files; the log's own proof says what came back.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { restore } from '../../../store/sqlite/backup'
import { MIGRATIONS } from '../../../store/sqlite/migrations'
import { SqliteStore } from '../../../store/sqlite/sqlite-store'
import { NOW } from '../../engine/support/leads'
import { Life, person } from '../life'

describe('SqliteStore: backup and restore', () => {
  let folder = ''
  let file = ''
  const stores: SqliteStore[] = []
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lead-backup-'))
    file = join(folder, 'leads.db')
  })
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()))
    rmSync(folder, { recursive: true, force: true })
  })
  function open(path = file): SqliteStore {
    const store = SqliteStore.open(path, 'live')
    stores.push(store)
    return store
  }

  it('holds one moment of a store that is written to all the while', async () => {
    const store = open()
    const life = new Life(store)
    await life.whole(person(0))
    let working = true
    const writing = (async () => {
      let n = 1
      for (; working; n++) await life.ingest(person(n))
      return n
    })()
    const before = await store.verify()
    const copies = []
    for (let n = 0; n < 3; n++) copies.push(await store.backup(join(folder, `${n}.backup`), NOW))
    working = false
    const total = await writing
    for (const { file: path, bytes } of copies) {
      assert.ok(bytes > 0)
      const copy = open(path)
      const report = await copy.verify({ entries: before.entries, root: before.root })
      assert.deepEqual([report.ok, report.faults], [true, []])
      assert.ok(report.entries >= before.entries && report.entries <= total + before.entries)
      assert.equal((await copy.lead('L0'))!.state, 'assigned')
    }
  })

  it('is named after its moment beside the store, and overwrites nothing', async () => {
    const store = open()
    await new Life(store).ingest(person(1))
    const { file: made } = await store.backup(undefined, NOW)
    assert.equal(made, `${file}-20260302T100000Z.backup`)
    await assert.rejects(store.backup(undefined, NOW), { code: 'LEAD_BACKUP_FAILED' })
    await assert.rejects(store.backup(join(folder, 'no', 'such', 'folder'), NOW), {
      code: 'LEAD_BACKUP_FAILED',
    })
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith('.part')),
      [],
    )
    const inMemory = SqliteStore.open(':memory:', 'live')
    await assert.rejects(inMemory.backup(undefined, NOW), /in memory has no file/)
    await inMemory.close()
  })

  it('is made once at a time: a second one to the same file is refused, and the first is whole', async () => {
    const store = open()
    await new Life(store).ingest(person(1))
    const both = await Promise.allSettled([
      store.backup(undefined, NOW),
      store.backup(undefined, NOW),
    ])
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
    const copy = open(`${file}-20260302T100000Z.backup`)
    assert.equal((await copy.verify()).ok, true)
  })

  it('comes back as it was, and what was there is kept', async () => {
    const store = open()
    const life = new Life(store)
    await life.whole(person(1))
    const { file: made } = await store.backup(undefined, NOW)
    const noted = await store.verify()
    await life.whole(person(2))
    await store.close()
    restore(made, file)
    const again = open()
    assert.deepEqual(await again.verify({ entries: noted.entries, root: noted.root }), noted)
    assert.equal(await again.lead('L2'), undefined)
    const kept = open(`${file}.before-restore`)
    assert.equal((await kept.lead('L2'))!.state, 'assigned')
  })

  it('keeps what a killed process left beside the file, there and in what is restored', async () => {
    const store = open()
    const life = new Life(store)
    await life.whole(person(1))
    const { file: made } = await store.backup(undefined, NOW)
    await life.whole(person(2))
    const killed = join(folder, 'killed.db')
    // As a kill leaves them: nothing was copied back into the file yet.
    for (const beside of ['', '-wal', '-shm']) cpSync(`${file}${beside}`, `${killed}${beside}`)
    const other = join(folder, 'other.db')
    restore(killed, other)
    assert.equal((await open(other).lead('L2'))!.state, 'assigned')
    const kept = restore(made, killed)!
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('killed')),
      ['killed.db', 'killed.db-lock', 'killed.db.before-restore'],
    )
    assert.equal((await open(kept).lead('L2'))!.state, 'assigned')
    assert.equal(await open(killed).lead('L2'), undefined)
  })

  it('is put back a second time without taking away what the first time kept', async () => {
    const store = open()
    const life = new Life(store)
    await life.whole(person(1))
    const { file: made } = await store.backup(undefined, NOW)
    await life.whole(person(2))
    await store.close()
    assert.equal(restore(made, file), `${file}.before-restore`)
    assert.equal(restore(made, file), `${file}.before-restore-2`)
    assert.equal((await open(`${file}.before-restore`).lead('L2'))!.state, 'assigned')
    assert.throws(() => restore(file, file), /it is the store itself/)
  })

  it('takes the place of a damaged store, which is kept as it was', async () => {
    const store = open()
    await new Life(store).whole(person(1))
    const { file: made } = await store.backup(undefined, NOW)
    await store.close()
    writeFileSync(file, 'x'.repeat(9_000))
    writeFileSync(`${file}-wal`, 'y')
    const kept = restore(made, file)!
    assert.equal(readFileSync(kept, 'utf8'), 'x'.repeat(9_000))
    assert.equal((await open().census()).entries, 5)
  })

  it('is not put over a store that is open by another of its names', async () => {
    const store = open()
    await new Life(store).whole(person(1))
    const { file: made } = await store.backup(undefined, NOW)
    const link = join(folder, 'link.db')
    symlinkSync(file, link)
    assert.throws(() => restore(made, link), /another process has it open/)
    // Nodes that name it differently share it.
    await new Life(open(link)).whole(person(2))
    assert.equal((await store.census()).entries, 10)
    await Promise.all(stores.splice(0).map((one) => one.close()))
    restore(made, link)
    assert.ok(lstatSync(link).isSymbolicLink())
    assert.equal((await open().census()).entries, 5)
  })

  it('is not put over a store that is open, here or in another process', async () => {
    const store = open()
    await new Life(store).whole(person(1))
    const { file: made } = await store.backup(undefined, NOW)
    const living = /another process has it open/
    const inAnother = spawnSync(
      process.execPath,
      ['-r', 'tsx/cjs', join(__dirname, '../../../store/sqlite/restore.ts'), made, file],
      { encoding: 'utf8' },
    )
    assert.deepEqual([inAnother.status, inAnother.stdout], [1, ''])
    assert.match(inAnother.stderr, living)
    assert.equal((await new Life(store).whole(person(2))).outcome, 'started')
  })

  it('is put back from the shell while nobody has it open', async () => {
    const store = open()
    await new Life(store).whole(person(1))
    const { file: made } = await store.backup(undefined, NOW)
    await store.close()
    rmSync(file)
    const script = join(__dirname, '../../../store/sqlite/restore.ts')
    const run = (...args: string[]) =>
      execFileSync(process.execPath, ['-r', 'tsx/cjs', script, ...args], { encoding: 'utf8' })
    assert.match(run(made, file), /is as it was in/)
    assert.equal((await open().census()).entries, 5)
    assert.throws(() => run(made), { status: 2 })
  })

  const damaged: readonly (readonly [string, (backup: string) => void, object])[] = [
    ['cut off', (path) => truncateSync(path, 20_000), { code: 'LEAD_BACKUP_FAILED' }],
    [
      'no database',
      (path) => writeFileSync(path, 'x'.repeat(9_000)),
      { code: 'LEAD_BACKUP_FAILED' },
    ],
    ['not there', (path) => rmSync(path), { code: 'LEAD_BACKUP_FAILED' }],
    [
      'of a newer version',
      (path) => {
        const database = new DatabaseSync(path)
        database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`)
        database.close()
      },
      { code: 'LEAD_STORE_NEWER' },
    ],
    [
      'a database of something else',
      (path) => {
        rmSync(path)
        const database = new DatabaseSync(path)
        database.exec('CREATE TABLE x (y)')
        database.close()
      },
      { code: 'LEAD_BACKUP_FAILED', message: /no store of these nodes/ },
    ],
  ]
  for (const [name, damage, fault] of damaged) {
    it(`one that is ${name} is refused, and the store is left as it was`, async () => {
      const store = open()
      await new Life(store).whole(person(1))
      const { file: made } = await store.backup(undefined, NOW)
      await store.close()
      damage(made)
      assert.throws(() => restore(made, file), fault)
      assert.ok(!existsSync(`${file}.before-restore`))
      assert.equal((await open().census()).entries, 5)
    })
  }
})
