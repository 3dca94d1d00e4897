// Goal: leads that wait are never left behind without a word when their policy is renamed, or nobody
// routes by it any more, or their store is taken out; and a policy takes over what it is told was its own.
// Method: two reps are full and a third lead waits; then another flow is deployed.
import assert from 'node:assert/strict'
import type { Lead } from '../../engine/lead/lead'
import {
  type FlowNode,
  folder,
  leadNode,
  leadOf,
  type Msg,
  POLICY,
  type Rig,
  start,
  tidyUp,
} from './support'

const policy = (text: string): FlowNode => ({
  id: 'policy',
  type: 'lead-policy',
  name: '',
  source: 'inline',
  text,
})
const RENAMED = POLICY.replace('policy: test', 'policy: emea')
const FORMERLY = POLICY.replace('policy: test', 'policy: emea\nformerly: test')
const ROUTE = leadNode('route', 'lead-route-by-capacity')
const OUTCOME = leadNode('outcome', 'lead-outcome')
const FLOW = [...ROUTE, ...OUTCOME]

describe('leads that wait', () => {
  tidyUp()
  let count = 0
  const full = async (): Promise<{ rig: Rig; leads: Lead[]; file: string }> => {
    const file = `${folder()}/leads.db`
    const rig = await start(FLOW, { file })
    const leads: Lead[] = []
    for (let n = 0; n < 3; n++) {
      const msg: Msg = { payload: leadOf({ event_id: `e${count++}` }, rig.clock.nowMs) }
      await rig.send('route', msg)
      leads.push(msg.payload as Lead)
    }
    assert.deepEqual(rig.counts('route'), { assigned: 2, waiting: 1 })
    return { rig, leads, file }
  }
  const close = (rig: Rig, lead: Lead) =>
    rig.send('outcome', { payload: lead.id, outcome: { kind: 'closed', id: `c${count++}` } })
  const told = (rig: Rig) => rig.warned().filter((line) => /has no node|work left/.test(line))
  const stateOf = async (rig: Rig, { id }: Lead) => (await rig.store.lead(id))!.state

  it('under a policy that was renamed are told once, with what to do, and go on when it is done', async () => {
    const { rig, leads } = await full()
    await rig.deploy(FLOW, 'nodes', [policy(RENAMED)])
    await rig.until('the warning', () => told(rig).length > 0)
    assert.match(
      told(rig)[0]!,
      /1 waiting lead of the policy "test" has no node: no lead-route-by-capacity .*; deploy one, or write "formerly: test" in the policy that takes over$/,
    )
    assert.deepEqual(
      [rig.status('store')?.fill, rig.status('store')?.text],
      ['yellow', 'no node for 1 waiting lead'],
    )
    await close(rig, leads[0]!)
    await rig.quiet()
    assert.equal(await stateOf(rig, leads[2]!), 'waiting')

    await rig.deploy(FLOW, 'nodes', [policy(FORMERLY)])
    await rig.until('a rep', async () => (await stateOf(rig, leads[2]!)) === 'assigned')
    const { lead } = (await rig.store.lead(leads[2]!.id))!
    assert.equal(lead.assignment!.policy.name, 'emea')
    await rig.until('nothing left', () => rig.status('store')?.text === 'open')
    assert.equal(told(rig).length, 1)
  })

  it('stay with a policy that is still routed by, whoever claims its name', async () => {
    const { rig, leads } = await full()
    const other = { ...policy(FORMERLY), id: 'emea' }
    const [heir] = leadNode('heir', 'lead-route-by-capacity')
    await rig.deploy([...FLOW, { ...heir!, policy: 'emea' }], 'nodes', [policy(POLICY), other])
    await rig.quiet()
    await close(rig, leads[0]!)
    await rig.until('a rep', async () => (await stateOf(rig, leads[2]!)) === 'assigned')
    const { lead } = (await rig.store.lead(leads[2]!.id))!
    assert.equal(lead.assignment!.policy.name, 'test')
  })

  it('whose node is disabled are told, and go on when it is back', async () => {
    const { rig, leads } = await full()
    await rig.deploy(FLOW.map((node) => (node.id === 'route' ? { ...node, d: true } : node)))
    await rig.until('the warning', () => told(rig).length > 0)
    assert.match(told(rig)[0]!, /1 waiting lead of the policy "test"/)
    await close(rig, leads[0]!)
    await rig.deploy(FLOW)
    await rig.until('a rep', async () => (await stateOf(rig, leads[2]!)) === 'assigned')
  })

  it('with a policy of the same name at another node are not told, and go on', async () => {
    const { rig, leads } = await full()
    await rig.deploy([...leadNode('other', 'lead-route-by-capacity'), ...OUTCOME])
    await close(rig, leads[0]!)
    await rig.until('a rep', async () => (await stateOf(rig, leads[2]!)) === 'assigned')
    assert.deepEqual(told(rig), [])
  })

  it('in a store that is taken out are told', async () => {
    const { rig } = await full()
    await rig.deploy([], 'full', [
      { id: 'store', type: 'lead-store', name: 'ours', file: 'x', realm: 'live', d: true },
    ])
    await rig.until('the warning', () => told(rig).length > 0)
    assert.match(told(rig)[0]!, /: taken out with work left in the store \(1 waiting lead\)/)
  })

  it('in a store of which another lead-store has the place are not told', async () => {
    const { rig, file } = await full()
    const other = FLOW.map((node) => ('store' in node ? { ...node, store: 'other' } : node))
    await rig.deploy(other, 'full', [
      { id: 'store', type: 'lead-store', name: 'ours', file: 'x', realm: 'live', d: true },
      { id: 'other', type: 'lead-store', name: 'theirs', file, realm: 'live' },
    ])
    await rig.quiet()
    assert.deepEqual(told(rig), [])
  })
})
