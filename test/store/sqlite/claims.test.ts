// Goal: looking for what is to be done costs no more with years of leads. Method: how SQLite would go
// about the questions; leads of several nodes, in pages.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { NEXT_RETRY, UNDERWAY } from '../../../store/sqlite/claims'
import { MIGRATIONS } from '../../../store/sqlite/migrations'
import { SqliteStore } from '../../../store/sqlite/sqlite-store'
import { NOW } from '../../engine/support/leads'
import { Life, own, person, takeUp } from '../life'

describe('claims on SQLite', () => {
  for (const [what, sql, expected] of [
    [
      'events that were cut off',
      UNDERWAY,
      'intake_underway (realm=? AND node_id=? AND accepted_at>?)',
    ],
    ['the next time to try one', NEXT_RETRY, 'standings_retry (realm=? AND retry_at>?)'],
  ] as const) {
    it(`looks for ${what} by index`, () => {
      const database = new DatabaseSync(':memory:')
      for (const step of MIGRATIONS) database.exec(step)
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
      assert.ok(
        plan.some(({ detail }) => String(detail).includes(expected)),
        JSON.stringify(plan),
      )
      database.close()
    })
  }

  it('takes up what several nodes left, the oldest first, across pages', async () => {
    const store = SqliteStore.open(':memory:', 'live')
    try {
      const before = new Life(store)
      const nodes = ['n1', 'gone', 'other', 'left']
      const count = 1_300
      await Promise.all(
        Array.from({ length: count }, (_, n) =>
          // Some in one moment.
          before.ingest(person(n), NOW + Math.floor(n / 5), nodes[n % 4]),
        ),
      )
      const taken = await takeUp(
        store,
        { limit: count, carriedBeforeMs: NOW + count },
        own('n1', ['gone', 'left'], 'web'),
      )
      const order = taken.map(({ lead }) => Number(lead.id.slice(1)))
      assert.equal(new Set(order).size, (count * 3) / 4)
      assert.ok(order.every((n) => n % 4 !== 2))
      const momentOf = (n: number) => Math.floor(n / 5)
      assert.ok(order.every((n, at) => at === 0 || momentOf(order[at - 1]!) <= momentOf(n)))
    } finally {
      await store.close()
    }
  })
})
