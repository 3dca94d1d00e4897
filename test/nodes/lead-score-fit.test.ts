// Goal: the fit section with its reasons, from the contract that the node names. The points
// themselves are the engine's affair and tested there.
import assert from 'node:assert/strict'
import { nodeLaws } from './laws'
import { CONTRACT, type FlowNode, leadNode, leadOf, start, tidyUp } from './support'

describe('lead-score-fit', () => {
  tidyUp()
  nodeLaws({
    type: 'lead-score-fit',
    needs: ['contract'],
    refuses: 'LEAD_MESSAGE_NOT_A_LEAD',
    port: 'scored',
    good: () => ({ payload: leadOf() }),
  })

  it('adds who the lead is, with reasons and with what is not known', async () => {
    const rig = await start(leadNode('fit', 'lead-score-fit'))
    const before = leadOf()
    await rig.send('fit', { payload: before })
    const [msg] = rig.out('fit', 'scored')
    const { fit, ...rest } = msg!.payload as typeof before
    assert.deepEqual(rest, before, 'nothing else changes')
    assert.equal(msg!.topic, before.id)
    assert.equal(fit!.points, 60)
    assert.equal(fit!.possible, 80)
    assert.deepEqual(
      [fit!.because, fit!.unknown].map((list) => list.map(({ rule }) => rule)),
      [['fit.industry'], ['fit.size']],
    )
    assert.equal(fit!.contract.version, '1.0.0')
  })

  it('reads the contract that it names, and only writes in the message', async () => {
    const other: FlowNode = {
      id: 'contract-2',
      type: 'lead-contract',
      name: 'other',
      source: 'inline',
      text: CONTRACT.replace('points: 60, why: Industry', 'points: 70, why: Industry'),
    }
    const rig = await start(leadNode('fit', 'lead-score-fit', { contract: 'contract-2' }), {
      configs: [other],
    })
    const msg = { payload: leadOf() }
    await rig.send('fit', msg)
    assert.equal(msg.payload.fit!.points, 70)
    assert.equal(
      (await rig.store.census()).entries,
      0,
      'its reasons are kept by the step that uses them',
    )
  })
})
