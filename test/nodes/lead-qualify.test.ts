// Goal: each outcome leaves by its port and is kept with every reason; without the scores there is no
// decision. Method: leads that the test contract decides in each of its ways.
import assert from 'node:assert/strict'
import type { Lead } from '../../engine/lead/lead'
import { nodeLaws } from './laws'
import { leadNode, leadOf, type Msg, type Rig, start, tidyUp } from './support'

describe('lead-qualify', () => {
  tidyUp()
  let count = 0
  const scores = [
    ...leadNode('fit', 'lead-score-fit', {}, { scored: ['intent'] }),
    ...leadNode('intent', 'lead-score-intent'),
  ]
  const scored = async (rig: Rig, record: object = {}): Promise<Msg> => {
    await rig.send('fit', { payload: leadOf({ event_id: `e${count++}`, ...record }) })
    return structuredClone(rig.out('intent', 'scored').at(-1)!)
  }
  nodeLaws({
    type: 'lead-qualify',
    needs: ['store', 'contract'],
    refuses: 'LEAD_MESSAGE_NOT_A_LEAD',
    port: 'sales',
    beside: scores,
    good: scored,
  })

  const cases: readonly (readonly [string, object, string, string, string])[] = [
    ['fits and asks', {}, 'sales', 'sql', 'qualified'],
    ['does not ask', { trigger: 'newsletter' }, 'nurture', 'nurture', 'nurture'],
    ['is in doubt', { attributes: { doubt: true } }, 'review', 'review', 'review'],
    ['works for a rival', { email: 'x@rival.example' }, 'closed', 'disqualified', 'disqualified'],
    ['opted out', { opt_out: true }, 'closed', 'suppressed', 'suppressed'],
    [
      'opted out and works for a rival',
      { opt_out: true, email: 'x@rival.example' },
      'closed',
      'suppressed',
      'suppressed',
    ],
  ]
  for (const [name, record, port, outcome, state] of cases) {
    it(`a lead that ${name} leaves by ${port} as ${outcome}`, async () => {
      const rig = await start([...leadNode('qualify', 'lead-qualify'), ...scores])
      const msg = await scored(rig, record)
      await rig.send('qualify', msg)
      assert.deepEqual(rig.counts('qualify'), { [port]: 1 })
      const { decision, id } = msg.payload as Lead
      assert.equal(decision!.outcome, outcome)
      assert.ok(decision!.why !== '' && decision!.next !== '')
      assert.equal(decision!.at, '2026-03-02T10:00:00.000Z')
      assert.equal(decision!.contract.name, 'test')
      assert.equal(msg.topic, id)
      assert.equal((await rig.store.lead(id))!.state, state)
    })
  }

  it('keeps the reasons of both scores with the decision, in one entry', async () => {
    const rig = await start([...leadNode('qualify', 'lead-qualify'), ...scores])
    const msg = await scored(rig)
    await rig.send('qualify', msg)
    const trail = await rig.store.trail((msg.payload as Lead).id)
    assert.equal(trail.length, 1)
    assert.deepEqual(trail[0]!.entry.artefact?.version, '1.0.0')
    assert.deepEqual(
      trail[0]!.detail!.because.map(({ rule }) => rule),
      ['decide.sql', 'decide.doubt', 'fit.industry', 'fit.size', 'intent.demo'],
    )
  })

  it('says which score is missing', async () => {
    const rig = await start([...leadNode('qualify', 'lead-qualify'), ...scores])
    await rig.refused('qualify', { payload: leadOf() }, 'LEAD_MESSAGE_STEP_MISSING')
    assert.match(rig.caught.at(-1)!.error.message, /fit.*lead-score-fit/)
    const msg = await scored(rig)
    delete (msg.payload as { intent?: unknown }).intent
    await rig.refused('qualify', msg, 'LEAD_MESSAGE_STEP_MISSING')
    assert.match(rig.caught.at(-1)!.error.message, /intent.*lead-score-intent/)
  })

  it('leaves a lead with the rep who has it, except when the person opts out', async () => {
    const rig = await start([
      ...leadNode('qualify', 'lead-qualify', {}, { sales: ['route'] }),
      ...leadNode('route', 'lead-route-by-capacity'),
      ...scores,
    ])
    const first = await scored(rig)
    await rig.send('qualify', first)
    await rig.until('the rep', () => rig.out('route', 'assigned').length === 1)
    const { id } = first.payload as Lead
    const again = structuredClone(first)
    Object.assign((again.payload as Lead).event, { id: 'again' })
    Object.assign((again.payload as Lead).fit!, { points: 0 })
    await rig.send('qualify', again)
    assert.equal((again.payload as Lead).decision!.outcome, 'nurture')
    assert.equal((await rig.store.lead(id))!.state, 'assigned')
    const out = structuredClone(first)
    Object.assign((out.payload as Lead).event, { id: 'out' })
    Object.assign((out.payload as Lead).consent, { optOut: true })
    await rig.send('qualify', out)
    assert.equal((await rig.store.lead(id))!.state, 'suppressed')
    assert.equal((out.payload as Lead).assignment!.status, 'closed')
  })
})
