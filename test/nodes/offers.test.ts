// Goal: a lead that is offered leaves on the fourth output; its answer or the end of its time takes it on
// from there, once, also after a restart; flows that were made for three outputs go on as they did.
// Method: one tier offers to two at once; the clock and the timers are moved by hand.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { Lead } from '../../engine/lead/lead'
import {
  type FlowNode,
  folder,
  leadNode,
  leadOf,
  MINUTE,
  type Msg,
  POLICY,
  type Rig,
  start,
  stop,
  tidyUp,
} from './support'

const OFFERING: FlowNode = {
  id: 'policy',
  type: 'lead-policy',
  name: '',
  source: 'inline',
  file: '',
  text: `misses: 2\n${POLICY.replace('respond: 1h', 'respond: 1h\n    offer: { within: 2m, to: 2 }')}`,
}
const configs = [OFFERING]
const FLOW = [
  ...leadNode('route', 'lead-route-by-capacity'),
  ...leadNode('outcome', 'lead-outcome'),
]

describe('offers: lead-route-by-capacity and lead-outcome', () => {
  tidyUp()
  let count = 0
  const send = async (rig: Rig): Promise<Lead> => {
    const msg: Msg = { payload: leadOf({ event_id: `e${count++}` }, rig.clock.nowMs) }
    assert.equal((await rig.send('route', msg)).error, undefined)
    return msg.payload as Lead
  }
  const answer = async (rig: Rig, lead: Lead, outcome: object): Promise<Msg> => {
    const msg: Msg = { payload: lead.id, outcome: { id: `a${count++}`, ...outcome } }
    assert.equal((await rig.send('outcome', msg)).error, undefined)
    await rig.quiet()
    return msg
  }
  const tick = async (rig: Rig, ms: number) => {
    rig.clock.forward(ms)
    await (rig.node('route') as unknown as { tick(): Promise<void> }).tick()
    await rig.quiet()
  }

  it('an offered lead says to whom, with which token, and until when', async () => {
    const rig = await start(FLOW, { configs })
    const { id, assignment } = await send(rig)
    assert.deepEqual(rig.counts('route'), { offered: 1 })
    assert.deepEqual(
      [assignment!.status, assignment!.offers],
      [
        'offered',
        [
          { rep: { id: 'ana', name: 'Ana Ruiz' }, token: 1, expiresAt: '2026-03-02T10:02:00.000Z' },
          {
            rep: { id: 'ben', name: 'Ben Okoro' },
            token: 2,
            expiresAt: '2026-03-02T10:02:00.000Z',
          },
        ],
      ],
    )
    assert.equal((await rig.store.lead(id))!.state, 'offered')
  })

  it('the first to accept has it, and it leaves as assigned by itself; the next is told so', async () => {
    const rig = await start(FLOW, { configs })
    const lead = await send(rig)
    await answer(rig, lead, { kind: 'accept', token: 2 })
    await rig.until('the lead', () => rig.out('route', 'assigned').length === 1)
    const late = await answer(rig, lead, { kind: 'accept', token: '1' })
    assert.deepEqual(rig.counts('outcome'), { recorded: 1, ignored: 1 })
    assert.match(late.because[0], /Offer 1 to Ana Ruiz is over/)
    await rig.quiet()
    assert.deepEqual(rig.counts('route'), { offered: 1, assigned: 1 })
    const sent = rig.out('route', 'assigned')[0]!
    assert.deepEqual((sent.payload as Lead).assignment!.rep, { id: 'ben', name: 'Ben Okoro' })
    assert.equal(sent.topic, lead.id)
  })

  it('declined by all, it goes over the overflow, and waits at last', async () => {
    const rig = await start(FLOW, {
      configs: [
        {
          ...OFFERING,
          text: String(OFFERING.text).replace(
            'members: [ana, ben] }',
            'members: [ana, ben], overflow: on-call }',
          ),
        },
      ],
    })
    const lead = await send(rig)
    await answer(rig, lead, { kind: 'declined', token: 1 })
    assert.deepEqual(rig.counts('route'), { offered: 1 })
    await answer(rig, lead, { kind: 'declined', token: 2, reason: 'wrong-segment' })
    await rig.until('the next offer', () => rig.out('route', 'offered').length === 2)
    const { offers } = (rig.out('route', 'offered')[1]!.payload as Lead).assignment!
    assert.deepEqual(
      offers!.map(({ rep, token }) => [rep.id, token]),
      [['olga', 3]],
    )
    await answer(rig, lead, { kind: 'declined', token: 3 })
    await rig.until('the lead to wait', () => rig.out('route', 'waiting').length === 1)
    assert.equal((await rig.store.lead(lead.id))!.state, 'waiting')
  })

  it('expired, it is offered anew; who misses two goes offline, until reported back', async () => {
    const rig = await start(FLOW, { configs })
    const lead = await send(rig)
    await tick(rig, 2 * MINUTE - 1)
    assert.deepEqual(rig.counts('route'), { offered: 1 })
    await tick(rig, 1)
    assert.deepEqual(rig.counts('route'), { offered: 2 })
    await tick(rig, 2 * MINUTE)
    assert.deepEqual(rig.counts('route'), { offered: 2, waiting: 1 })
    const { candidates } = (rig.out('route', 'waiting')[0]!.payload as Lead).assignment!
    assert.match(candidates[0]!.verdict, /^offline since .* after 2 missed offers$/)
    const back: Msg = { payload: 'untouched', outcome: { kind: 'available', rep: 'ana' } }
    await rig.send('outcome', back)
    assert.deepEqual([back.payload, back.because], ['untouched', ['Ana Ruiz is available']])
    await rig.until('the lead', () => rig.out('route', 'offered').length === 3)
    const again = rig.out('route', 'offered')[2]!.payload as Lead
    assert.deepEqual(
      again.assignment!.offers!.map(({ rep }) => rep.id),
      ['ana'],
    )
    assert.equal(again.id, lead.id)
    assert.equal((await rig.store.trail('rep:ana')).length, 1)
  })

  it('an unknown rep and a missing token are refused with the field', async () => {
    const rig = await start(FLOW, { configs })
    const { id } = await send(rig)
    for (const outcome of [
      { kind: 'available', rep: 'zoe' },
      { kind: 'declined' },
      { kind: 'accepted', token: 'x' },
    ])
      await rig.refused(
        'outcome',
        { payload: id, outcome, _msgid: `m${count++}` },
        'LEAD_OUTCOME_INVALID',
      )
  })

  it('after a restart an answer that had not come back yet, and an offer that has expired, go on', async () => {
    const file = join(folder(), 'leads.db')
    const rig = await start(FLOW, { file, configs })
    const [first, second] = [await send(rig), await send(rig)]
    assert.equal(second.assignment!.status, 'waiting', 'both have room for one')
    await stop()
    // While the routing node is away, somebody accepts.
    const away = await start([...leadNode('outcome', 'lead-outcome')], { file, configs })
    await answer(away, first, { kind: 'accepted', token: 1 })
    await stop()
    const later = await start(FLOW, { file, configs })
    await later.until(
      'both',
      () => later.out('route', 'assigned').length + later.out('route', 'offered').length === 2,
    )
    assert.equal(later.out('route', 'assigned')[0]!.topic, first.id)
    assert.equal(later.out('route', 'offered')[0]!.topic, second.id)
    await stop()
    const clock = later.clock
    clock.forward(3 * MINUTE)
    const last = await start(FLOW, { file, configs, clock })
    await last.until('a new offer', () => last.out('route', 'offered').length === 1)
    assert.deepEqual(last.counts('route'), { offered: 1 })
  })

  it('a flow with three outputs works as before, and loses no lead that is offered', async () => {
    const three = FLOW.map((node) =>
      node.id === 'route' ? { ...node, wires: (node.wires as string[][]).slice(0, 3) } : node,
    )
    const rig = await start(three, { configs })
    const lead = await send(rig)
    assert.deepEqual(rig.counts('route'), {})
    assert.equal((await rig.store.census()).underway, 0)
    await answer(rig, lead, { kind: 'accepted', token: 1 })
    await rig.until('the lead', () => rig.out('route', 'assigned').length === 1)
  })
})
