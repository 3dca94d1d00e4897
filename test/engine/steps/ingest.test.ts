// Goal: each event is taken once; a repetition changes nothing and names the first one's lead.
import assert from 'node:assert/strict'
import { ingestStep } from '../../../engine/steps/ingest'
import { HOUR, lead, NOW } from '../support/leads'
import { ends, kinds } from './support'

const settings = (...outcomes: string[]) => ({
  ...ends(...outcomes),
  rememberMs: HOUR,
  nodeId: 'n1',
})

describe('ingest', () => {
  it('takes a new event, for as long as it is remembered', () => {
    const decision = ingestStep.decide(lead(), settings(), undefined, NOW)
    assert.deepEqual([decision.outcome, decision.patch], ['lead', {}])
    assert.deepEqual(decision.changes, [
      { kind: 'intake.accept', key: 'web:1', expiresMs: NOW + HOUR, nodeId: 'n1' },
    ])
  })
  it('answers a repetition with the lead that it became, and changes nothing', () => {
    for (const done of [true, false]) {
      const decision = ingestStep.decide(lead(), settings(), { leadId: 'L7', done }, NOW)
      assert.deepEqual(
        [decision.outcome, decision.patch, decision.changes],
        ['repeated', { id: 'L7' }, []],
      )
      assert.match(decision.because[0]!.why, done ? /taken before/ : /on its way already/)
    }
  })
  it('ends the way at once when no lead node follows', () => {
    assert.deepEqual(kinds(ingestStep.decide(lead(), settings('lead'), undefined, NOW)), [
      'intake.accept',
      'intake.done',
    ])
  })
  it('guards itself, and locks the event', () => {
    assert.equal(ingestStep.key(lead(), settings()), undefined)
    assert.deepEqual(ingestStep.scopes(lead(), settings()), ['event:web:1'])
  })
})
