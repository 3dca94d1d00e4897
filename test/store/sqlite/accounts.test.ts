// Goal: what is not on disk yet counts in an account at once, and memory never says anything else than the file.
// Method: random people who come faster than the writer writes; each answer that was given meanwhile is compared with
// that of a reader who knows nothing but the file, after the same events one by one.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { carryOut } from '../../../engine/asking'
import type { Reads } from '../../../engine/step'
import { Database } from '../../../store/sqlite/database'
import { Realm } from '../../../store/sqlite/realm'
import { SqliteStore } from '../../../store/sqlite/sqlite-store'
import { event, who } from '../contract/accounts'
import { Life } from '../life'

const KEYS = ['crm:1', 'crm:2', 'domain:a.example', 'domain:b.example']

function* told(reads: Reads) {
  const accounts = yield* reads.accounts(KEYS)
  const signals: string[][] = []
  for (const key of KEYS)
    signals.push((yield* reads.accountSignals(key, 0, 99)).map(({ id }) => id).sort())
  return { accounts, signals }
}

describe('accounts in a SQLite file', () => {
  it('are at once as they will stand there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(who, { minLength: 1, maxLength: 9 }), async (list) => {
        const folder = mkdtempSync(join(tmpdir(), 'lead-accounts-'))
        const stores: SqliteStore[] = []
        const open = (name: string) => {
          const store = SqliteStore.open(join(folder, name), 'live')
          stores.push(store)
          return new Life(store)
        }
        try {
          const fast = open('fast.db')
          const work: Promise<unknown>[] = []
          const answers: ReturnType<typeof seen>[] = []
          const seen = () => fast.store.transaction([], told)
          for (const [n, { who: person, crm, domain, durable }] of list.entries()) {
            work.push(fast.dedupe(event(n, person, crm, domain)))
            answers.push(seen())
            if (durable) await Promise.all(work)
          }
          await Promise.all(work)
          const slow = open('slow.db')
          for (const [n, { who: person, crm, domain }] of list.entries()) {
            await slow.dedupe(event(n, person, crm, domain))
            await slow.store.census()
            const file = new Database(join(folder, 'slow.db'), { readOnly: true })
            const { reads } = new Realm(file, 'live')
            assert.deepEqual(await answers[n], await carryOut(told(reads)), `event ${n}`)
            file.close()
          }
          assert.deepEqual(await seen(), await answers.at(-1))
        } finally {
          await Promise.all(stores.map((store) => store.close()))
          rmSync(folder, { recursive: true, force: true })
        }
      }),
      { numRuns: 12 },
    )
  })
})
