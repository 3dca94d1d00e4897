// Goal: nobody is ever over capacity, and a lead that waits is taken as soon as it can be: when
// capacity is given back, and when somebody comes on shift. Method: POLICY has two reps with room for
// one lead each, 09:00 to 17:00 UTC; the clock and the timers are moved by hand.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { mock } from 'node:test'
import type { Lead } from '../../engine/lead/lead'
import { nodeLaws } from './laws'
import {
  Clock,
  type FlowNode,
  folder,
  leadNode,
  leadOf,
  type Msg,
  POLICY,
  type Rig,
  start,
  stop,
  tidyUp,
} from './support'

describe('lead-route-by-capacity', () => {
  tidyUp()
  let count = 0
  nodeLaws({
    type: 'lead-route-by-capacity',
    needs: ['store', 'policy'],
    refuses: 'LEAD_MESSAGE_NOT_A_LEAD',
    port: 'assigned',
    good: () => ({ payload: leadOf({ event_id: `event-${count++}` }) }),
  })

  const FLOW = [
    ...leadNode('route', 'lead-route-by-capacity'),
    ...leadNode('outcome', 'lead-outcome'),
  ]
  const send = async (rig: Rig, record: object = {}): Promise<Lead> => {
    const msg: Msg = { payload: leadOf({ event_id: `e${count++}`, ...record }, rig.clock.nowMs) }
    const { error } = await rig.send('route', msg)
    assert.equal(error, undefined)
    return msg.payload as Lead
  }
  const close = (rig: Rig, lead: Lead) =>
    rig.send('outcome', { payload: lead.id, outcome: { kind: 'closed', id: `c${count++}` } })
  const policyOf = (text: string, id = 'policy'): FlowNode => ({
    id,
    type: 'lead-policy',
    name: '',
    source: 'inline',
    text,
  })

  it('gives a lead to a rep, and says who, why and who else was asked', async () => {
    const rig = await start(FLOW)
    const { assignment, id } = await send(rig)
    assert.deepEqual(rig.counts('route'), { assigned: 1 })
    assert.equal(rig.out('route', 'assigned')[0]!.topic, id)
    assert.deepEqual(assignment!.rep, { id: 'ana', name: 'Ana Ruiz' })
    assert.equal(assignment!.route, 'route.rest')
    assert.equal(assignment!.pool, 'inbound')
    assert.equal(assignment!.policy.name, 'test')
    assert.deepEqual(
      assignment!.candidates.flatMap(({ reps }) => reps),
      ['ana', 'ben'],
    )
    assert.equal((await rig.store.lead(id))!.state, 'assigned')
  })

  it('lets a lead wait when all are full, and says so', async () => {
    const rig = await start(FLOW)
    await send(rig)
    await send(rig)
    const { assignment, id } = await send(rig)
    assert.deepEqual(rig.counts('route'), { assigned: 2, waiting: 1 })
    assert.equal(assignment!.status, 'waiting')
    assert.match(assignment!.why, /2 full/)
    assert.equal(assignment!.retryAt, undefined, 'only capacity can change it')
    assert.equal((await rig.store.lead(id))!.state, 'waiting')
  })

  const unroutable: readonly (readonly [string, object, RegExp, string])[] = [
    ['that nobody may take', { country: 'PL' }, /may take it: 2 without the skill/, 'unroutable'],
    ['of a person who opted out', { opt_out: true }, /not to be contacted/, 'suppressed'],
  ]
  for (const [name, record, why, state] of unroutable) {
    it(`a lead ${name} leaves as unroutable`, async () => {
      const rig = await start(FLOW)
      const { assignment, id } = await send(rig, record)
      assert.deepEqual(rig.counts('route'), { unroutable: 1 })
      assert.match(assignment!.why, why)
      assert.equal((await rig.store.lead(id))!.state, state)
    })
  }

  it('a lead that was decided otherwise is not routed', async () => {
    const rig = await start(FLOW)
    const lead = { ...leadOf(), decision: { outcome: 'nurture' } }
    await rig.send('route', { payload: lead })
    assert.deepEqual(rig.counts('route'), { unroutable: 1 })
  })

  it('a lead stays with whom it is, however often it comes', async () => {
    const rig = await start(FLOW)
    const lead = await send(rig)
    const messages = Array.from({ length: 20 }, () => ({ payload: structuredClone(lead) }))
    await rig.sendAll('route', messages)
    assert.deepEqual(rig.counts('route'), { assigned: 21 })
    assert.ok(messages.every(({ payload }) => payload.assignment!.rep!.id === 'ana'))
    assert.equal((await rig.store.trail(lead.id)).length, 1)
  })

  it('takes no more than there is room for, however many come at once', async () => {
    const rig = await start(FLOW)
    const messages = Array.from({ length: 60 }, (_, n) => ({
      payload: leadOf({ event_id: `m${n}` }),
    }))
    await rig.sendAll('route', messages)
    assert.deepEqual(rig.counts('route'), { assigned: 2, waiting: 58 })
    const reps = rig
      .out('route', 'assigned')
      .map(({ payload }) => (payload as Lead).assignment!.rep!.id)
    assert.deepEqual(reps.sort(), ['ana', 'ben'])
  })

  describe('an escalation that comes late', () => {
    const HOUR = 3_600_000
    const wired = () =>
      start(
        [
          ...leadNode('sla', 'lead-sla-timer', {}, { escalation: ['route'] }),
          ...leadNode('route', 'lead-route-by-capacity', {}, { assigned: ['sla'] }),
        ],
        {
          configs: [
            policyOf(`
policy: test
version: 1.0.0
reps: [{ id: ana, name: Ana, capacity: 9 }, { id: ben, name: Ben, capacity: 9 }, { id: cy, name: Cy, capacity: 9 }]
pools: [{ id: all, members: [ana, ben, cy] }]
routes: [{ id: rest, pool: all }]
tiers:
  - id: fast
    respond: 1h
    clock: always
    escalate: [{ after: 1h, action: reassign }, { after: 2h, action: reassign }]
`),
          ],
        },
      )
    const tick = async (rig: Rig) => {
      await (rig.node('sla') as never as { tick(): Promise<void> }).tick()
      await rig.quiet()
    }
    const stands = async (rig: Rig, id: string) => {
      const { lead } = (await rig.store.lead(id))!
      const { status, moves = 0 } = lead.sla!
      return [lead.assignment!.rep!.id, lead.assignment!.had, status, moves]
    }

    it('after an outage moves the lead once: the next rep has the whole time', async () => {
      const rig = await wired()
      const { id } = await send(rig)
      await rig.quiet()
      rig.clock.nowMs += 3 * HOUR
      await tick(rig)
      assert.deepEqual(await stands(rig, id), ['ben', ['ana'], 'running', 1])
      const trail = await rig.store.trail(id)
      const told = trail.flatMap(({ detail }) => detail?.because ?? []).map(({ why }) => why)
      assert.ok(told.includes('Ben has got the lead since'), told.join('; '))
      rig.clock.nowMs += HOUR
      await tick(rig)
      assert.deepEqual(await stands(rig, id), ['cy', ['ana', 'ben'], 'running', 2])
    })
  })

  describe('a lead that waits', () => {
    it('is taken when capacity is given back, the oldest first, as a message of its own', async () => {
      const rig = await start(FLOW)
      const [first] = [await send(rig), await send(rig)]
      const third = await send(rig)
      rig.clock.forward(1_000)
      const fourth = await send(rig)
      await close(rig, first)
      await rig.until('the third', () => rig.out('route', 'assigned').length === 3)
      await rig.quiet()
      assert.deepEqual(rig.counts('route'), { assigned: 3, waiting: 2 })
      const msg = rig.out('route', 'assigned')[2]!
      assert.equal(msg.topic, third.id)
      assert.equal(typeof msg._msgid, 'string')
      assert.deepEqual((msg.payload as Lead).assignment!.rep!.id, first.assignment!.rep!.id)
      assert.equal((await rig.store.lead(fourth.id))!.state, 'waiting')
    })

    it('is taken one by one until none is left, and never beyond capacity', async () => {
      const rig = await start(FLOW)
      const messages = Array.from({ length: 12 }, (_, n) => ({
        payload: leadOf({ event_id: `m${n}` }),
      }))
      await rig.sendAll('route', messages)
      for (let n = 0; n < 12; n++) {
        const assigned = rig.out('route', 'assigned')
        const waiting = Math.max(0, 12 - 2 - n)
        await rig.until('the next', () => assigned.length === 12 - waiting)
        assert.equal((await rig.store.census()).byState.waiting ?? 0, waiting)
        await close(rig, assigned[n]!.payload as Lead)
      }
      await rig.quiet()
      assert.deepEqual(await rig.store.census().then(({ byState }) => byState), { closed: 12 })
    })

    it('is not tried for nothing when the place that became free is taken', async () => {
      const rig = await start(FLOW)
      const messages = Array.from({ length: 302 }, (_, n) => ({
        payload: leadOf({ event_id: `m${n}` }),
      }))
      await rig.sendAll('route', messages)
      const [first] = rig.out('route', 'assigned')
      const { store } = rig
      let asked = 0
      const transaction = store.transaction.bind(store)
      store.transaction = (...args) => {
        asked += 1
        return transaction(...args)
      }
      await close(rig, first!.payload as Lead)
      await rig.until('the next', () => rig.out('route', 'assigned').length === 3)
      await rig.quiet()
      assert.ok(asked < 100, `${asked} transactions for one free place`)
    })

    it('may be tried often; only news about its waiting stands in its trail', async () => {
      const rig = await start(FLOW)
      await send(rig)
      await send(rig)
      const { id } = await send(rig)
      const node: { drain(): Promise<void> } = rig.node('route') as never
      for (let n = 0; n < 5; n++) await node.drain()
      assert.equal((await rig.store.trail(id)).length, 1)
      assert.deepEqual(rig.counts('route'), { assigned: 2, waiting: 1 })
    })

    it('for a shift is taken when it begins, by itself, and not before', async () => {
      mock.timers.enable({ apis: ['setTimeout'] })
      try {
        const rig = await start(FLOW, { clock: new Clock(Date.parse('2026-03-06T18:00:00Z')) })
        await rig.quiet()
        const { assignment, id } = await send(rig)
        assert.deepEqual(rig.counts('route'), { waiting: 1 })
        assert.equal(assignment!.retryAt, '2026-03-09T09:00:00.000Z', 'on Monday')
        rig.clock.nowMs = Date.parse('2026-03-09T08:59:59.999Z')
        for (let n = 0; n < 3; n++) {
          mock.timers.tick(60_000)
          await rig.quiet()
        }
        assert.deepEqual(rig.counts('route'), { waiting: 1 })
        rig.clock.forward(1)
        mock.timers.tick(60_000)
        await rig.quiet()
        assert.deepEqual(rig.counts('route'), { waiting: 1, assigned: 1 })
        assert.equal(rig.out('route', 'assigned')[0]!.topic, id)
      } finally {
        mock.timers.reset()
      }
    })

    it('is taken after a start, when the policy has room for it now', async () => {
      const file = join(folder(), 'leads.db')
      const rig = await start(FLOW, { file })
      await rig.sendAll(
        'route',
        Array.from({ length: 5 }, (_, n) => ({ payload: leadOf({ event_id: `m${n}` }) })),
      )
      assert.deepEqual(rig.counts('route'), { assigned: 2, waiting: 3 })
      await stop()
      const roomier = policyOf(POLICY.replaceAll('capacity: 1 ', 'capacity: 2 '))
      const later = await start(FLOW, { file, configs: [roomier] })
      await later.until('the leads', () => later.out('route', 'assigned').length === 2)
      await later.quiet()
      assert.deepEqual(later.counts('route'), { assigned: 2 })
      assert.equal((await later.store.census()).byState.waiting, 1)
    })

    it('for another policy is left to the node that has it', async () => {
      const other = policyOf(POLICY.replace('policy: test', 'policy: other'), 'policy-2')
      const flow = [
        ...FLOW,
        ...leadNode('second', 'lead-route-by-capacity', { policy: 'policy-2' }),
      ]
      const rig = await start(flow, { configs: [other] })
      const first = await send(rig)
      await send(rig)
      await send(rig)
      const second: { drain(): Promise<void> } = rig.node('second') as never
      await second.drain()
      await rig.quiet()
      assert.deepEqual(
        [rig.counts('route'), rig.counts('second')],
        [{ assigned: 2, waiting: 1 }, {}],
      )
      await close(rig, first)
      await rig.quiet()
      assert.deepEqual(
        [rig.counts('route'), rig.counts('second')],
        [{ assigned: 3, waiting: 1 }, {}],
      )
    })

    it('and that somebody else tries when its time has come is not looked for without end', async () => {
      const file = join(folder(), 'leads.db')
      const night = new Clock(Date.parse('2026-03-06T18:00:00Z'))
      const rig = await start(FLOW, { file, clock: night })
      await send(rig)
      await stop()
      mock.timers.enable({ apis: ['setTimeout'] })
      try {
        const later = await start(FLOW, { file, clock: night })
        later.clock.nowMs = Date.parse('2026-03-10T10:00:00Z')
        let looks = 0
        const { store } = later
        store.claimWaiting = async () => {
          looks += 1
          return { items: [] }
        }
        const node: { drain(): Promise<void> } = later.node('route') as never
        await node.drain()
        for (let ms = 0; ms < 2_000; ms += 10) {
          mock.timers.tick(10)
          await later.quiet()
        }
        assert.ok(looks > 1 && looks < 15, `${looks} looks in two seconds`)
      } finally {
        mock.timers.reset()
      }
    })
  })
})
