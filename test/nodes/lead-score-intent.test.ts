// Goal: the intent section at the time of the store's clock, with what the account's other people
// did. The points themselves are the engine's affair and tested there.
import assert from 'node:assert/strict'
import type { Lead } from '../../engine/lead/lead'
import { nodeLaws } from './laws'
import { DAY, leadNode, leadOf, start, tidyUp } from './support'

describe('lead-score-intent', () => {
  tidyUp()
  nodeLaws({
    type: 'lead-score-intent',
    needs: ['store', 'contract'],
    refuses: 'LEAD_MESSAGE_NOT_A_LEAD',
    port: 'scored',
    good: () => ({ payload: leadOf() }),
  })

  it('adds what the lead does, with reasons, as of now', async () => {
    const rig = await start(leadNode('intent', 'lead-score-intent'))
    const before = leadOf()
    rig.clock.forward(7 * DAY)
    await rig.send('intent', { payload: before })
    const { intent, ...rest } = rig.out('intent', 'scored')[0]!.payload as Lead
    assert.deepEqual(rest, before, 'nothing else changes')
    assert.equal(intent!.points, 30, 'after one half-life')
    assert.equal(intent!.because[0]!.rule, 'intent.demo')
    assert.equal((await rig.store.census()).entries, 0)
  })

  it('counts what colleagues did, also those whose events are just ahead', async () => {
    const rig = await start([
      ...leadNode('dedupe', 'lead-dedupe', {}, { new: ['intent'] }),
      ...leadNode('intent', 'lead-score-intent'),
    ])
    const messages = Array.from({ length: 5 }, (_, n) => ({
      payload: leadOf({ email: `p${n}@acme.example`, event_id: `e${n}` }),
    }))
    await rig.sendAll('dedupe', messages)
    await rig.until('the scores', () => rig.out('intent', 'scored').length === 5)
    const people = rig
      .out('intent', 'scored')
      .map(({ payload }) => (payload as Lead).intent!.account!.people)
    assert.deepEqual(people, [5, 5, 5, 5, 5])
    await rig.send('intent', { payload: leadOf({ email: 'x@elsewhere.example' }) })
    assert.equal((rig.out('intent', 'scored').at(-1)!.payload as Lead).intent!.account!.people, 1)
  })
})
