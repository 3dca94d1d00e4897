// Goal: a message may go ahead of the disk, but never past a commit that did not get there.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { dedupeStep } from '../../../engine/steps/dedupe'
import { qualifyStep } from '../../../engine/steps/qualify'
import { perform } from '../../../store/perform'
import { SqliteStore } from '../../../store/sqlite/sqlite-store'
import { NOW } from '../../engine/support/leads'
import { CONTRACT, Life, person, takeUp } from '../life'

const ENDS: ReadonlySet<string> = new Set()
const AHEAD = { nowMs: NOW, aheadOf: new Set(['new', 'nurture']) }

describe('SqliteStore: going ahead', () => {
  let folder = ''
  let store: SqliteStore
  let life: Life
  const file = () => join(folder, 'leads.db')
  /** Beside the store, as an administrator with a tool would. */
  const outside = (sql: string) => {
    const database = new DatabaseSync(file())
    database.exec(sql)
    database.close()
  }
  const dedupe = (n: number) => perform(store, dedupeStep, person(n), { ends: ENDS }, AHEAD)
  const qualify = (n: number) =>
    perform(store, qualifyStep, person(n), { contract: CONTRACT, ends: ENDS }, AHEAD)

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lead-ahead-'))
    store = SqliteStore.open(file(), 'live')
    life = new Life(store)
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('answers before the disk has it, and the disk gets it without anybody waiting', async () => {
    await life.ingest(person(1))
    const inFile = () => {
      const database = new DatabaseSync(file())
      const { n } = database.prepare('SELECT COUNT(*) AS n FROM leads').get() as { n: number }
      database.close()
      return n
    }
    assert.equal((await dedupe(1)).outcome, 'new')
    assert.equal(inFile(), 0)
    await new Promise<void>((resolve) => {
      const end = store.subscribe(() => {
        end()
        resolve()
      })
    })
    assert.equal(inFile(), 1)
  })

  it('the next step sees what is not on disk yet', async () => {
    await life.ingest(person(1))
    const { lead } = await dedupe(1)
    assert.equal((await life.qualify(lead)).outcome, 'sales')
    assert.equal((await dedupe(1)).again, true)
  })

  it('when the disk refuses it, the message is refused at its next step, and others are not', async () => {
    await life.ingest(person(1))
    await life.ingest(person(2))
    outside('ALTER TABLE standings RENAME TO elsewhere')
    assert.equal((await dedupe(1)).outcome, 'new')
    // Whoever waits for the disk is told; by then the first message is lost too.
    await assert.rejects(life.dedupe(person(2)), { code: 'LEAD_STORE_UNAVAILABLE' })
    outside('ALTER TABLE elsewhere RENAME TO standings')
    await assert.rejects(qualify(1), { code: 'LEAD_STORE_LOST' })
    await assert.rejects(qualify(1), { code: 'LEAD_STORE_LOST' }, 'and its copy as well')
    assert.equal((await store.census()).entries, 2)
    // The one that was told may be sent again; the other starts anew from what is on disk.
    assert.equal((await life.dedupe(person(2))).outcome, 'new')
    await store.cutOff('web:1', { reason: 'lost', nowMs: NOW, pauseMs: 0 })
    const [first] = await takeUp(store)
    assert.equal(first!.lead.id, 'L1')
    assert.deepEqual((await dedupe(1)).again, false)
    assert.equal((await life.qualify(person(1))).outcome, 'sales')
    assert.equal((await store.verify()).ok, true)
  })

  it('what a message carries on is not what the store remembers', async () => {
    await life.ingest(person(1))
    const { lead } = await dedupe(1)
    const routed = await life.decided(lead)
    ;(routed.lead.assignment as { why: string }).why = 'somebody wrote here'
    ;(routed.lead.consent as { optOut?: boolean }).optOut = true
    const stored = await store.lead('L1')
    assert.notEqual(stored!.lead.assignment!.why, 'somebody wrote here')
    assert.equal(stored!.lead.consent.optOut, person(1).consent.optOut)
  })
})
