// Goal: opportunities are read in the order in which they came, or the file says what is wrong with it.
// Method: two small offices in a folder of its own.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPipeline } from '../../bench/pipeline/read'

const TEAMS = 'sales_agent,manager,regional_office\nAna,M,East\nBen,M,East\nKim,N,West\n'
const ACCOUNTS =
  'account,sector,year_established,revenue,employees,office_location,subsidiary_of\nAcme,retail,1999,1,5,Panama,\n'
const HEAD =
  'opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n'

describe('readPipeline', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pipeline-'))
    writeFileSync(join(folder, 'maven_sales_teams.csv'), TEAMS)
    writeFileSync(join(folder, 'maven_accounts.csv'), ACCOUNTS)
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  const read = (rows: string) => {
    writeFileSync(join(folder, 'maven_sales_pipeline.csv'), HEAD + rows)
    return readPipeline(folder)
  }

  it('puts them in their order, spread over the day, those without a date last', () => {
    const { opportunities, agents } = read(
      'C,Kim,P,,Prospecting,,,\nB,Ben,P,Acme,Engaging,1/3/2017,,\nA,Ana,P,Acme,Won,1/2/2017,1/12/2017,9\nD,Ben,P,,Lost,1/3/2017,1/4/2017,0\n',
    )
    assert.deepEqual(
      opportunities.map(({ id, region, cameMs, takesMs }) => [
        id,
        region,
        new Date(cameMs).toISOString().slice(0, 16),
        takesMs / 86_400_000,
      ]),
      [
        ['A', 'East', '2017-01-02T09:00', 10],
        ['B', 'East', '2017-01-03T09:00', Number.POSITIVE_INFINITY],
        ['D', 'East', '2017-01-03T13:00', 1],
        ['C', 'West', '2017-01-04T09:00', Number.POSITIVE_INFINITY],
      ],
    )
    assert.deepEqual([...agents.keys()].sort(), ['Ana', 'Ben', 'Kim'])
    assert.equal(opportunities[0]!.account!.account, 'Acme')
  })
  it('names the agent who is in no team', () => {
    assert.throws(
      () => read('A,Lee,P,,Won,1/2/2017,1/3/2017,9\n'),
      /A is of "Lee", who is in no team/,
    )
  })
  it('names the file that is missing', () => {
    assert.throws(() => readPipeline(join(folder, 'none')), /^Error: maven_sales_teams.csv: /)
  })
})
