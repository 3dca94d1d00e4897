// Goal: questions about a whole realm hold up nobody: with years of leads a verification takes minutes.
// Method: the turns that the event loop has while one is answered; a log long enough for a thread.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database } from '../../../store/sqlite/database'
import { answer, type Details, type Question } from '../../../store/sqlite/questions'
import { SqliteStore } from '../../../store/sqlite/sqlite-store'
import { NOW } from '../../engine/support/leads'
import { entry } from '../contract/support'
import { Life, person } from '../life'

/** More than are counted on the spot. */
const ENTRIES = 5_001

describe('questions about a whole realm', () => {
  let folder: string
  let file: string
  let store: SqliteStore

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'readers-'))
    file = join(folder, 'leads.db')
    store = SqliteStore.open(file, 'live')
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** What the store says to `ask`, and how often others had their turn meanwhile. */
  async function turnsDuring<T>(ask: () => Promise<T>): Promise<{ said: T; turns: number }> {
    let turns = 0
    let over = false
    const turn = () => {
      turns += 1
      if (!over) setImmediate(turn)
    }
    await store.ping()
    setImmediate(turn)
    const said = await ask()
    over = true
    return { said, turns }
  }
  const grow = () =>
    store.transaction([], function* (tx) {
      const commit = entry(person(99), [])
      for (let n = 0; n < ENTRIES; n++) yield* tx.commit(commit)
    })

  it('a verification lets others go on', async () => {
    await grow()
    const { said, turns } = await turnsDuring(() => store.verify())
    assert.deepEqual([said.ok, said.entries], [true, ENTRIES])
    assert.ok(turns > 10, `${turns} turns`)
  })

  it('a thread says of a long log what is said on the spot', async () => {
    const life = new Life(store)
    for (let n = 0; n < 5; n++) await life.whole(person(n))
    await grow()
    const { said, turns } = await turnsDuring(() =>
      Promise.all([store.census(), store.homes(), store.figures(NOW)]),
    )
    const database = new Database(file, { readOnly: true })
    try {
      const here = <Q extends Question>(question: Q, ...details: Details<Q>) =>
        answer(database, { question, realm: 'live', details })
      const homes = here('homes').map((home) => ({ ...home }))
      assert.deepEqual(said, [here('census'), homes, here('figures', NOW, undefined)])
      assert.deepEqual([said[0].byState.waiting, homes.length], [2, 2])
    } finally {
      database.close()
    }
    assert.ok(turns > 10, `${turns} turns`)
  })

  it('includes what was committed a moment ago', async () => {
    await grow()
    const life = new Life(store)
    for (let n = 0; n < 3; n++) {
      const [, census] = await Promise.all([life.ingest(person(n)), store.census()])
      assert.equal(census.underway, n + 1)
    }
  })

  it('who waits for an answer when the store closes is told so', async () => {
    await grow()
    // The thread has yet to start, and then to go through all entries.
    const told = assert.rejects(store.verify(), { code: 'LEAD_STORE_CLOSED' })
    await store.ping()
    await Promise.all([told, store.close()])
    await assert.rejects(store.census(), { code: 'LEAD_STORE_CLOSED' })
  })
})
