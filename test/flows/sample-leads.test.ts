// Goal: the sample reps give capacity back, so that a flow left alone does not fill up every rep.
// Method: the two functions of the example, one behind the other, with an answer as the inbound flow gives it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const nodes = JSON.parse(
  readFileSync(join(__dirname, '..', '..', 'flows', 'inbound-saas', 'sample-leads.json'), 'utf8'),
) as { name?: string; func?: string }[]

function report(msg: object): { payload: { lead?: string; kind: string } } | null {
  const { func } = nodes.find(({ name }) => name === 'Or the outcome, if there was contact before')!
  return new Function('msg', func!)(msg)
}

describe('the sample reps', () => {
  const answer = { lead: 'L1', kind: 'first_touch', recorded: false, why: [] }

  it('report the outcome of the lead that was contacted before', () => {
    const said = report({ responseUrl: 'http://127.0.0.1:1880/outcomes', payload: answer })
    assert.equal(said?.payload.lead, 'L1')
    assert.ok(['converted', 'rejected', 'closed'].includes(said.payload.kind))
  })

  it('leave a lead whose first contact was just recorded', () => {
    assert.equal(report({ payload: { ...answer, recorded: true } }), null)
  })
})
