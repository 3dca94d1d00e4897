// Goal: lead-ingest does not keep a lead from the next node until it is on disk, and yet no lead that it
// took is forgotten, whatever the disk does in that moment. Method: a real file, whose table refuses
// what an administrator's trigger says; the message that went ahead is played by its next step.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { dedupeStep } from '../../engine/steps/dedupe'
import { accept } from '../../nodes/lead-ingest/accept'
import { PatientStore } from '../../store/patient-store'
import { perform } from '../../store/perform'
import { SqliteStore } from '../../store/sqlite/sqlite-store'
import { DAY, MINUTE, NOW } from '../engine/support/leads'
import { own, person, takeUp } from '../store/life'

const NONE: ReadonlySet<string> = new Set()
const AHEAD = new Set(['lead'])

describe('lead-ingest accepts', () => {
  let folder = ''
  let store: PatientStore
  const file = () => join(folder, 'leads.db')
  const outside = <T>(work: (database: DatabaseSync) => T): T => {
    const database = new DatabaseSync(file())
    try {
      return work(database)
    } finally {
      database.close()
    }
  }
  const inFile = () =>
    outside((database) =>
      database
        .prepare('SELECT key FROM intake')
        .all()
        .map(({ key }) => key),
    )
  const refuse = (why: string) =>
    outside((database) =>
      database.exec(
        `CREATE TRIGGER no BEFORE INSERT ON intake BEGIN SELECT RAISE(ABORT, '${why}'); END`,
      ),
    )
  const relent = () => outside((database) => database.exec('DROP TRIGGER no'))
  const away = () =>
    new Promise<void>((resolve) => {
      const unwatch = store.watch(({ presence }) => {
        if (presence !== 'away') return
        unwatch()
        resolve()
      })
    })
  const take = (n: number, aheadOf: ReadonlySet<string> = AHEAD) =>
    accept(
      { store, now: () => NOW },
      person(n),
      { ends: NONE, rememberMs: DAY, nodeId: own().nodeId },
      aheadOf,
    )
  const dedupe = (n: number) =>
    perform(store, dedupeStep, person(n), { ends: NONE }, { nowMs: NOW, aheadOf: new Set(['new']) })

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lead-accept-'))
    store = new PatientStore({
      realm: 'live',
      name: 'leads.db',
      open: () => SqliteStore.open(file(), 'live'),
      pauseMsMin: 1,
      pauseMsMax: 5,
    }).start()
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('before the disk has it where it goes straight on, and tells when it has', async () => {
    const { outcome, onDisk } = await take(1)
    assert.equal(outcome, 'lead')
    assert.deepEqual(inFile(), [])
    await onDisk
    assert.deepEqual(inFile(), ['web:1'])
  })

  it('only when the disk has it where anybody else may see it', async () => {
    const { onDisk } = await take(1, NONE)
    assert.equal(onDisk, undefined)
    assert.deepEqual(inFile(), ['web:1'])
  })

  it('a lead that the disk refused for a while: its message is refused, and it is taken up later', async () => {
    refuse('disk I/O error')
    const { onDisk } = await take(1)
    await away()
    relent()
    await onDisk
    assert.deepEqual(inFile(), ['web:1'])
    await assert.rejects(dedupe(1), { code: 'LEAD_STORE_LOST' })
    assert.deepEqual(await takeUp(store), [])
    const [taken] = await takeUp(store, { nowMs: NOW + MINUTE })
    assert.equal(taken!.lead.event.id, 'web:1')
    const { again, outcome } = await dedupe(1)
    assert.deepEqual([again, outcome], [false, 'new'])
    assert.equal((await take(1)).outcome, 'repeated')
    assert.equal((await store.verify()).ok, true)
  })

  it('not at all when the store cannot keep it: whoever sent it is told, and may send it again', async () => {
    refuse('nobody may write here')
    const { onDisk } = await take(1)
    await assert.rejects(onDisk!, { code: 'LEAD_STORE_UNAVAILABLE' })
    relent()
    const again = await take(1)
    assert.equal(again.outcome, 'lead')
    await again.onDisk
    assert.deepEqual(inFile(), ['web:1'])
  })
})
