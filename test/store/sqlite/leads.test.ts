// Goal: whatever somebody asks about leads is answered by index, however many there are.
// Method: SQLite's own plan of each question. What every store answers is in ../contract/finding.
import assert from 'node:assert/strict'
import { ACCOUNT_QUESTIONS } from '../../../store/sqlite/accounts'
import { TRAILS } from '../../../store/sqlite/audit-log'
import { Database } from '../../../store/sqlite/database'
import { FINDING, leadsQuestion } from '../../../store/sqlite/leads'
import type { LeadFilter } from '../../../store/store'

const behind = { ms: 5, id: 'L1' }
const lists: readonly (readonly ['waiting' | undefined, LeadFilter, readonly string[]])[] = [
  ['waiting', {}, ['standings_state']],
  ['waiting', { after: behind }, ['standings_state']],
  ['waiting', { rep: 'ana', after: behind }, ['assignments_open', 'offers_open']],
  [undefined, { rep: 'ana' }, ['assignments_open', 'offers_open']],
  [undefined, { accountId: 'a', person: true }, ['leads_account']],
  ['waiting', { accountId: 'a', rep: 'ana' }, ['leads_account', 'assignments_open']],
  [undefined, { leadId: 'L1' }, ['sqlite_autoindex_standings_1']],
]

describe('questions about leads in a SQLite file', () => {
  let database: Database
  before(() => {
    database = new Database(':memory:')
  })
  after(() => database.close())

  const plan = (sql: string) =>
    database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => detail)

  function assertByIndex(lines: readonly string[], indexes: readonly string[]): void {
    const told = lines.join('\n')
    for (const index of indexes) assert.ok(told.includes(index), told)
    // A list of what was asked about is no table; all of a realm is all there is.
    const scans = lines.filter(
      (line) =>
        /^SCAN (?!CONSTANT|\(subquery|.*VIRTUAL TABLE)/.test(line) || line.endsWith('(realm=?)'),
    )
    assert.deepEqual(scans, [], told)
  }

  for (const [state, filter, indexes] of lists) {
    it(`a list by ${Object.keys({ ...(state && { state }), ...filter }).join(', ')}`, () => {
      const { sql, values } = leadsQuestion('live', state, 9, filter, (key) => [key, 'domain:a'])
      assert.equal(sql.match(/\?/g)!.length, values.length)
      assertByIndex(plan(sql), indexes)
    })
  }

  it('of an account key', () => {
    for (const sql of ACCOUNT_QUESTIONS) assertByIndex(plan(sql), ['COVERING INDEX leads_'])
  })

  for (const [by, sql] of Object.entries(FINDING))
    it(`one by ${by}`, () => assertByIndex(plan(sql), []))

  it('a trail', () => assertByIndex(plan(TRAILS), ['audit_lead']))
})
