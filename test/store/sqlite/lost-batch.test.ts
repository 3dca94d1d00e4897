// Goal: what a batch that failed leaves behind in memory neither doubles nor forgets a lead. Method: a
// real file, whose tables refuse what a trigger of an administrator says, and a writer that dies.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { dedupeStep } from '../../../engine/steps/dedupe'
import { PatientStore } from '../../../store/patient-store'
import { perform } from '../../../store/perform'
import { SqliteStore } from '../../../store/sqlite/sqlite-store'
import { DAY, NOW } from '../../engine/support/leads'
import { Life, person, takeUp } from '../life'

const NONE: ReadonlySet<string> = new Set()

describe('SqliteStore: a batch that is lost', () => {
  let folder = ''
  let store: PatientStore
  let life: Life
  const file = () => join(folder, 'leads.db')
  const outside = (sql: string) => {
    const database = new DatabaseSync(file())
    database.exec(sql)
    database.close()
  }
  const presence = (want: string) =>
    new Promise<void>((resolve) => {
      if (store.health.presence === want) return resolve()
      const unwatch = store.watch(({ presence }) => {
        if (presence !== want) return
        unwatch()
        resolve()
      })
    })
  const dedupe = (n: number) =>
    perform(store, dedupeStep, person(n), { ends: NONE }, { nowMs: NOW, aheadOf: new Set(['new']) })

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lead-lost-'))
    store = new PatientStore({
      realm: 'live',
      name: 'leads.db',
      open: () => SqliteStore.open(file(), 'live'),
      pauseMsMin: 1,
      pauseMsMax: 5,
    }).start()
    life = new Life(store)
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('leads that were being taken up in it are taken up later', async () => {
    await life.ingest(person(1))
    await store.cutOff('web:1', { reason: 'x', nowMs: NOW, pauseMs: 0 })
    outside(
      `CREATE TRIGGER no BEFORE UPDATE ON attempts BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END`,
    )
    await assert.rejects(takeUp(store), { code: 'LEAD_STORE_UNAVAILABLE' })
    outside('DROP TRIGGER no')
    await presence('open')
    const taken = await takeUp(store, { nowMs: NOW + DAY })
    assert.equal(taken.length, 1, 'nobody carries it and nobody takes it up')
  })

  it('a message that went ahead of a writer that died is refused at its next step', async () => {
    const workers = new Set<Worker>()
    const post = Worker.prototype.postMessage
    let isDead = false
    Worker.prototype.postMessage = function (this: Worker, ...args) {
      workers.add(this)
      if (!isDead || args[0] === 'close') post.apply(this, args as never)
    }
    try {
      await life.ingest(person(1))
      isDead = true
      const { lead } = await dedupe(1)
      for (const worker of workers) void worker.terminate()
      // Waits until the file is open anew, as its message is there still.
      const next = assert.rejects(
        perform(
          store,
          dedupeStep,
          { ...lead, event: { ...lead.event } },
          { ends: NONE },
          { nowMs: NOW, aheadOf: NONE },
        ),
        { code: 'LEAD_STORE_LOST' },
      )
      await presence('away')
      isDead = false
      await next
      assert.deepEqual(
        (await store.trail('L1')).map(({ entry }) => entry.step),
        ['ingest'],
      )
    } finally {
      Worker.prototype.postMessage = post
    }
  })
})
