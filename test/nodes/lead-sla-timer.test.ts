// Goal: each milestone of a clock fires once, never early, through restarts, and says how late it is;
// evidence of contact stops it. Method: POLICY gives an hour (reminder after 30 min, escalation with
// reassignment after 90); the clock and the timers are moved by hand.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { mock } from 'node:test'
import type { Lead } from '../../engine/lead/lead'
import { slaFireStep } from '../../engine/steps/sla-fire'
import type { StoreNode } from '../../nodes/shared/config-nodes'
import { perform } from '../../store/perform'
import type { DueTimer } from '../../store/store'
import { nodeLaws } from './laws'
import {
  Clock,
  type FlowNode,
  folder,
  HOUR,
  leadNode,
  leadOf,
  MINUTE,
  type Msg,
  POLICY,
  type Rig,
  runtimeEvents,
  start,
  stop,
  tidyUp,
} from './support'

describe('lead-sla-timer', () => {
  tidyUp()
  let count = 0
  const ROUTE = leadNode('route', 'lead-route-by-capacity')
  const assigned = async (rig: Rig, record: object = {}): Promise<Msg> => {
    const payload = leadOf({ event_id: `e${count++}`, ...record }, rig.clock.nowMs)
    await rig.send('route', { payload })
    return structuredClone(rig.out('route', 'assigned').at(-1)!)
  }
  nodeLaws({
    type: 'lead-sla-timer',
    needs: ['store', 'policy'],
    refuses: 'LEAD_MESSAGE_NOT_A_LEAD',
    port: 'started',
    beside: ROUTE,
    good: assigned,
  })

  const FLOW: readonly FlowNode[] = [...leadNode('sla', 'lead-sla-timer'), ...ROUTE]
  const tick = async (rig: Rig) => {
    await (rig.node('sla') as unknown as { tick(): Promise<void> }).tick()
    await rig.quiet()
  }
  const touched = (payload: unknown, more: object = {}): Msg => ({
    payload,
    outcome: { kind: 'first_touch', evidence: 'call', by: 'Ana', ...more },
  })

  describe('whose timers they are', () => {
    const adopted = (rig: Rig, store: string, node: string) =>
      (rig.node(store) as unknown as StoreNode).adopted(node)

    it('are a deployed node’s own, though another lead-store names the same file', async () => {
      const file = join(folder(), 'leads.db')
      const beside = { id: 'beside', type: 'lead-store', name: '', file, realm: 'live' }
      const flow = [...FLOW, ...leadNode('a-first', 'lead-sla-timer', { store: 'beside' })]
      const rig = await start(flow, { file, configs: [beside] })
      await rig.send('sla', await assigned(rig))
      runtimeEvents.emit('flows:started')
      await rig.quiet()
      assert.deepEqual(await adopted(rig, 'beside', 'a-first'), [])
    })

    it('stay so when the store has forgotten who is deployed with it', async () => {
      const rig = await start([...FLOW, ...leadNode('a-first', 'lead-sla-timer')])
      await rig.send('sla', await assigned(rig))
      // As a lead-store that is deployed anew, while a node in a subflow that uses it is not.
      ;(rig.node('store') as unknown as StoreNode).servers.clear()
      runtimeEvents.emit('flows:started')
      await rig.quiet()
      assert.deepEqual(await adopted(rig, 'store', 'a-first'), [])
    })
  })

  it('starts the clock of the tier that the lead is in', async () => {
    const rig = await start(FLOW)
    const msg = await assigned(rig)
    await rig.send('sla', msg)
    assert.deepEqual(rig.counts('sla'), { started: 1 })
    const { sla, id } = msg.payload as Lead
    const { policy, ...clock } = sla!
    assert.equal(policy!.name, 'test')
    assert.deepEqual(clock, {
      tier: 'fast',
      status: 'running',
      startedAt: '2026-03-02T10:00:00.000Z',
      dueAt: '2026-03-02T11:00:00.000Z',
      clock: 'always',
      cycle: 1,
      node: 'sla',
      rep: 'ana',
      assignedAt: '2026-03-02T10:00:00.000Z',
      delays: { systemMs: 0, prospectMs: 0 },
    })
    assert.equal(rig.out('sla', 'started')[0]!.topic, id)
    const routine = await assigned(rig, { trigger: 'newsletter' })
    await rig.send('sla', routine)
    assert.equal((routine.payload as Lead).sla!.tier, 'routine')
  })

  it('starts it once, however often the lead comes', async () => {
    const rig = await start(FLOW)
    const msg = await assigned(rig)
    await rig.send('sla', msg)
    rig.clock.forward(10 * MINUTE)
    const again = structuredClone(msg)
    await rig.send('sla', again)
    assert.deepEqual((again.payload as Lead).sla, (msg.payload as Lead).sla)
    assert.equal((await rig.store.trail((msg.payload as Lead).id)).length, 2)
  })

  it('says so when the lead has no assignment', async () => {
    const rig = await start(FLOW)
    await rig.refused('sla', { payload: leadOf() }, 'LEAD_MESSAGE_STEP_MISSING')
  })

  const MILESTONES = [
    { kind: 'reminder', afterMs: 30 * MINUTE },
    { kind: 'breach', afterMs: HOUR },
    { kind: 'escalation', afterMs: 90 * MINUTE },
  ] as const

  it('fires each milestone at its time, not a millisecond before, and once', async () => {
    const rig = await start(FLOW)
    const msg = await assigned(rig)
    await rig.send('sla', msg)
    const { id } = msg.payload as Lead
    const startMs = rig.clock.nowMs
    const seen: Record<string, number> = { started: 1 }
    for (const { kind, afterMs } of MILESTONES) {
      rig.clock.nowMs = startMs + afterMs - 1
      await tick(rig)
      assert.deepEqual(rig.counts('sla'), seen, `before the ${kind}`)
      rig.clock.forward(1)
      await tick(rig)
      await tick(rig)
      seen[kind] = 1
      assert.deepEqual(rig.counts('sla'), seen, `at the ${kind}`)
      const fired = rig.out('sla', kind)[0]!
      assert.equal(fired.topic, id)
      assert.equal((fired.payload as Lead).id, id)
      assert.deepEqual([fired.sla.kind, fired.sla.lateMs, fired.sla.tier], [kind, 0, 'fast'])
      assert.equal(fired.sla.dueAt, new Date(startMs + afterMs).toISOString())
    }
    assert.equal((rig.out('sla', 'breach')[0]!.payload as Lead).sla!.status, 'breached')
    rig.clock.forward(100 * HOUR)
    await tick(rig)
    assert.deepEqual(rig.counts('sla'), seen)
    assert.deepEqual(rig.logged(), [])
  })

  it('wakes by itself, also when a lead with an earlier milestone comes later', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const rig = await start(FLOW)
      await rig.send('sla', await assigned(rig, { trigger: 'newsletter' }))
      await rig.send('sla', await assigned(rig))
      await rig.quiet()
      for (let minute = 1; minute <= 30; minute++) {
        rig.clock.forward(MINUTE)
        mock.timers.tick(MINUTE)
        await rig.quiet()
        const due = minute < 30 ? { started: 2 } : { started: 2, reminder: 1 }
        assert.deepEqual(rig.counts('sla'), due, `after ${minute} minutes`)
      }
    } finally {
      mock.timers.reset()
    }
  })

  /** Messages of leads that came a second apart, the last first. */
  const heldByAna = (rig: Rig, count: number) =>
    Array.from({ length: count }, (_, n) => ({
      payload: {
        ...leadOf({ event_id: `many${n}` }, rig.clock.nowMs - n * 1_000),
        assignment: {
          rep: { id: 'ana', name: 'Ana Ruiz' },
          at: new Date(rig.clock.nowMs).toISOString(),
        },
      },
    }))

  it('fires many that are due together each once, in their order', async () => {
    const rig = await start(FLOW)
    const file = heldByAna(rig, 30)
    await rig.sendAll('sla', file)
    rig.clock.forward(30 * MINUTE)
    await tick(rig)
    const fired = rig.out('sla', 'reminder')
    assert.deepEqual(
      fired.map(({ topic }) => topic),
      file.map(({ payload }) => payload.id).reverse(),
    )
    assert.equal(fired.at(-1)!.sla.lateMs, 0)
    assert.equal(fired[0]!.sla.lateMs, 29_000)
  })

  it('one that cannot be fired keeps none of the others back, and fires when it can be', async () => {
    const rig = await start(FLOW)
    const file = heldByAna(rig, 230)
    await rig.sendAll('sla', file)
    const { id } = file.at(-1)!.payload
    const { store } = rig
    const { transaction } = store
    store.transaction = (scopes, body, way) =>
      scopes.includes(`lead:${id}`)
        ? Promise.reject(new Error('cannot be fired'))
        : (transaction.call(store, scopes, body, way) as never)
    rig.clock.forward(30 * MINUTE)
    await tick(rig)
    assert.deepEqual(rig.counts('sla'), { started: 230, reminder: 229 })
    assert.deepEqual(
      rig.caught.map(({ error }) => error.message),
      ['Error: cannot be fired'],
    )
    store.transaction = transaction
    await tick(rig)
    assert.deepEqual(rig.counts('sla'), { started: 230, reminder: 230 })
    assert.equal(rig.out('sla', 'reminder').at(-1)!.topic, id)
  })

  describe('what sales reports', () => {
    it('with evidence stops the clock, and nothing fires any more', async () => {
      const rig = await start(FLOW)
      const msg = await assigned(rig)
      await rig.send('sla', msg)
      rig.clock.forward(20 * MINUTE)
      const report = touched(msg.payload)
      await rig.send('sla', report)
      assert.deepEqual(rig.counts('sla'), { started: 1, met: 1 })
      assert.equal(rig.out('sla', 'met')[0], report)
      const { sla, id } = report.payload as Lead
      assert.equal(sla!.status, 'met')
      assert.equal(sla!.elapsedMs, 20 * MINUTE)
      assert.equal(report.topic, id)
      rig.clock.forward(10 * HOUR)
      await tick(rig)
      assert.deepEqual(rig.counts('sla'), { started: 1, met: 1 })
    })

    it('after the breach is met late', async () => {
      const rig = await start(FLOW)
      const msg = await assigned(rig)
      await rig.send('sla', msg)
      rig.clock.forward(61 * MINUTE)
      await tick(rig)
      const report = touched((msg.payload as Lead).id)
      await rig.send('sla', report)
      assert.equal((report.payload as Lead).sla!.status, 'met_late')
      assert.equal((report.payload as Lead).sla!.elapsedMs, 61 * MINUTE)
    })

    const ignored: readonly (readonly [string, object])[] = [
      ['without evidence', { evidence: undefined }],
      ['with evidence that is none', { evidence: 'edited the record' }],
    ]
    for (const [name, more] of ignored) {
      it(`${name} stops nothing and is answered`, async () => {
        const rig = await start(FLOW)
        const msg = await assigned(rig)
        await rig.send('sla', msg)
        const report = touched(msg.payload, more)
        const { error } = await rig.send('sla', report)
        assert.equal(error, undefined)
        assert.deepEqual(rig.counts('sla'), { started: 1, answered: 1 })
        assert.equal(rig.out('sla', 'answered')[0], report, 'who asked gets an answer')
        assert.match(report.because[0], /Only evidence stops the clock/)
        rig.clock.forward(30 * MINUTE)
        await tick(rig)
        assert.deepEqual(rig.counts('sla'), { started: 1, answered: 1, reminder: 1 })
      })
    }

    it('whatever it is, is answered once: with what it did, or why it did nothing', async () => {
      const rig = await start(FLOW)
      const msg = await assigned(rig)
      await rig.send('sla', msg)
      const { id } = msg.payload as Lead
      for (const outcome of ['accept', 'resume', 'reopen', 'closed', 'converted', 'reopen']) {
        const before = rig.out('sla', 'answered').length
        await rig.send('sla', { payload: id, outcome, res: {} })
        const [answer, ...others] = rig.out('sla', 'answered').slice(before)
        assert.deepEqual(
          [answer!.topic, others, answer!.because.length > 0],
          [id, [], true],
          outcome,
        )
      }
    })

    it('a lead that was closed on its way here starts no clock, and is answered', async () => {
      const rig = await start([...FLOW, ...leadNode('outcome', 'lead-outcome')])
      const msg = await assigned(rig)
      await rig.send('outcome', { payload: (msg.payload as Lead).id, outcome: 'closed' })
      const late = { ...msg, req: { url: '/' } }
      await rig.send('sla', late)
      assert.deepEqual(rig.counts('sla'), { answered: 1 })
      assert.equal(rig.out('sla', 'answered')[0]!.req, late.req)
      assert.deepEqual(rig.out('sla', 'answered')[0]!.because, ['The lead was closed before'])
    })

    it('about a lead that nobody knows, or in words that nobody knows, is a fault', async () => {
      const rig = await start(FLOW)
      await rig.refused('sla', touched('nobody'), 'LEAD_NOT_FOUND')
      for (const outcome of ['won', { kind: 'won' }, {}, 42, [], true]) {
        await rig.refused('sla', { payload: leadOf(), outcome }, 'LEAD_COMMAND_UNKNOWN')
      }
    })
  })

  describe('after a stop', () => {
    it('what is overdue fires at once, in its order, says how late, and does so once', async () => {
      const file = join(folder(), 'leads.db')
      const clock = new Clock()
      const rig = await start(FLOW, { file, clock })
      await rig.send('sla', await assigned(rig))
      await stop()

      clock.forward(5 * HOUR)
      const later = await start(FLOW, { file, clock })
      await later.until('all three', () => later.sends.length >= 3)
      await later.quiet()
      assert.deepEqual(later.counts('sla'), { reminder: 1, breach: 1, escalation: 1 })
      for (const { kind, afterMs } of MILESTONES) {
        assert.equal(later.out('sla', kind)[0]!.sla.lateMs, 5 * HOUR - afterMs)
      }
      const trail = await later.store.trail(later.out('sla', 'breach')[0]!.topic!)
      assert.deepEqual(
        trail.filter(({ entry }) => entry.step === 'sla-fire').map(({ entry }) => entry.outcome),
        ['reminder', 'breach', 'escalation'],
      )
      assert.match(trail.at(-1)!.detail!.because[0]!.why, /3h 30m late/)
      await stop()

      const last = await start(FLOW, { file, clock })
      await last.quiet()
      assert.deepEqual(last.sends, [])
    })

    it('a message that was fired and not sent is sent, once, and says so', async () => {
      const file = join(folder(), 'leads.db')
      const clock = new Clock()
      const rig = await start(FLOW, { file, clock })
      await rig.send('sla', await assigned(rig))
      clock.forward(30 * MINUTE)
      // As a process that dies between the commit and the send.
      const scope = { nodeId: 'sla', adopted: [], of: [] }
      const [{ timer, lead }] = (await rig.store.claimTimers(scope, clock.nowMs, 1)) as [DueTimer]
      await perform(rig.store, slaFireStep, lead, { timer }, { nowMs: clock.nowMs })
      await stop()

      clock.forward(MINUTE)
      const later = await start(FLOW, { file, clock })
      await later.until('the message', () => later.out('sla', 'reminder').length >= 1)
      const [msg] = later.out('sla', 'reminder')
      assert.deepEqual(
        [msg!._msgid, msg!.sla.id, msg!.sla.lateMs, msg!.sla.again, msg!.topic],
        [timer.id, timer.id, MINUTE, true, lead.id],
      )
      await later.quiet()
      await stop()
      const last = await start(FLOW, { file, clock })
      await last.quiet()
      assert.deepEqual(last.sends, [])
    })

    it('what is not due yet fires at its time', async () => {
      const file = join(folder(), 'leads.db')
      const clock = new Clock()
      const rig = await start(FLOW, { file, clock })
      await rig.send('sla', await assigned(rig))
      await stop()
      clock.forward(30 * MINUTE - 1)
      const later = await start(FLOW, { file, clock })
      await tick(later)
      assert.deepEqual(later.counts('sla'), {})
      clock.forward(1)
      await tick(later)
      assert.deepEqual(later.counts('sla'), { reminder: 1 })
      assert.equal(later.out('sla', 'reminder')[0]!.sla.lateMs, 0)
    })

    it('in the middle of an SLA, a deploy fires nothing twice', async () => {
      const file = join(folder(), 'leads.db')
      const rig = await start(FLOW, { file })
      await rig.send('sla', await assigned(rig))
      rig.clock.forward(30 * MINUTE)
      await tick(rig)
      for (let n = 0; n < 3; n++) {
        await rig.deploy(FLOW)
        await rig.quiet()
      }
      assert.deepEqual(rig.counts('sla'), { started: 1, reminder: 1 })
      rig.clock.forward(30 * MINUTE)
      await tick(rig)
      assert.deepEqual(rig.counts('sla'), { started: 1, reminder: 1, breach: 1 })
    })
  })

  describe('several clocks, through the store', () => {
    const config = (text: string): FlowNode => ({
      id: 'policy',
      type: 'lead-policy',
      name: 'test',
      source: 'inline',
      file: '',
      text,
    })
    const TIERS = `
pauses: { waiting-for-customer: prospect }
tiers:
  - id: fast
    respond: 1h
    clock: always
    pauseOn: [waiting-for-customer]
    escalate: [{ after: 30m, action: auto-accept }]
    clocks:
      - { kind: follow-up, within: 2h }
      - { kind: resolution, within: 10h, remind: [5h] }
`
    const CLOCKS = POLICY.slice(0, POLICY.indexOf('tiers:')) + TIERS.trimStart()
    const started = async (file?: string, clock = new Clock()) => {
      const options = { clock, configs: [config(CLOCKS)], ...(file === undefined ? {} : { file }) }
      const rig = await start(FLOW, options)
      const msg = await assigned(rig)
      await rig.send('sla', msg)
      return { rig, id: (msg.payload as Lead).id }
    }

    it('a pause holds through a stop, and afterwards what was left is left', async () => {
      const file = join(folder(), 'leads.db')
      const { rig, id } = await started(file)
      rig.clock.forward(10 * MINUTE)
      await rig.send('sla', {
        payload: id,
        outcome: { kind: 'pause', state: 'waiting-for-customer' },
      })
      const { clock } = rig
      await stop()
      clock.forward(100 * HOUR)
      const later = await start(FLOW, { file, clock, configs: [config(CLOCKS)] })
      await tick(later)
      assert.deepEqual(later.counts('sla'), {}, 'nothing rings in a pause')
      await later.send('sla', { payload: id, outcome: 'resume' })
      clock.forward(20 * MINUTE - 1)
      await tick(later)
      assert.deepEqual(later.counts('sla'), { answered: 1 })
      clock.forward(1)
      await tick(later)
      assert.deepEqual(later.counts('sla'), { answered: 1, escalation: 1 })
      const { sla, payload } = later.out('sla', 'escalation')[0]!
      assert.deepEqual([sla.action, sla.clock, sla.lateMs], ['auto-accept', 'first-touch', 0])
      assert.equal((payload as Lead).assignment!.accepted!.by, 'policy')
      assert.equal((payload as Lead).sla!.delays!.prospectMs, 100 * HOUR)
    })

    it('a contact starts the follow-up, which rings by itself beside the resolution', async () => {
      const { rig, id } = await started()
      await rig.send('sla', touched(id))
      rig.clock.forward(6 * HOUR)
      await tick(rig)
      assert.deepEqual(rig.counts('sla'), { started: 1, met: 1, breach: 1, reminder: 1 })
      assert.equal(rig.out('sla', 'breach')[0]!.sla.clock, 'follow-up')
      assert.equal(rig.out('sla', 'reminder')[0]!.sla.clock, 'resolution')
      await rig.send('sla', { payload: id, outcome: 'converted' })
      rig.clock.forward(100 * HOUR)
      await tick(rig)
      assert.deepEqual(rig.counts('sla'), {
        started: 1,
        met: 1,
        breach: 1,
        reminder: 1,
        answered: 1,
      })
      const { sla } = (await rig.store.lead(id))!.lead
      assert.deepEqual(
        sla!.clocks!.map(({ kind, status }) => [kind, status]),
        [
          ['resolution', 'met'],
          ['follow-up', 'stopped'],
        ],
      )
    })

    it('under another policy keep the time that is used, in the hours that then counted', async () => {
      const file = join(folder(), 'leads.db')
      const clock = new Clock()
      const office = (respond: string, hours: string) =>
        CLOCKS.replace('respond: 1h', `respond: ${respond}`).replace('clock: always', hours)
      const business = office('20h', 'clock: business\n    calendar: office')
      const rig = await start(FLOW, { file, clock, configs: [config(business)] })
      const msg = await assigned(rig)
      await rig.send('sla', msg)
      clock.forward(14 * HOUR)
      const later = await start(FLOW, {
        file,
        clock,
        configs: [config(office('9h', 'clock: always'))],
      })
      await later.send('sla', structuredClone(msg))
      const { sla } = later.out('sla', 'started')[0]!.payload as Lead
      assert.equal(sla!.consumedMs, 7 * HOUR, 'from ten to five')
      assert.equal(sla!.dueAt, new Date(clock.nowMs + 2 * HOUR).toISOString())
      const trail = await later.store.trail((msg.payload as Lead).id)
      const reasons = trail.flatMap(({ detail }) => detail!.because)
      const carried = reasons.find(({ rule }) => rule === 'sla.carried')
      assert.match(carried!.why, /policy has changed.*7h of 9h are used/)
    })
  })

  it('an escalation that reassigns gives the lead to the rep on call, with a new clock', async () => {
    const rig = await start([
      ...leadNode('sla', 'lead-sla-timer', {}, { escalation: ['route'] }),
      ...leadNode('route', 'lead-route-by-capacity', {}, { assigned: ['sla'] }),
    ])
    await rig.send('route', { payload: leadOf() })
    await rig.until('the clock', () => rig.out('sla', 'started').length === 1)
    rig.clock.forward(90 * MINUTE)
    await tick(rig)
    await rig.until('the second clock', () => rig.out('sla', 'started').length === 2)
    await rig.quiet()
    assert.deepEqual(rig.counts('sla'), { started: 2, reminder: 1, breach: 1, escalation: 1 })
    const escalated = rig.out('sla', 'escalation')[0]!
    assert.equal(escalated.sla.to, 'on-call')
    const { assignment, sla, cycle, routing } = rig.out('sla', 'started')[1]!.payload as Lead
    assert.equal(assignment!.rep!.id, 'olga')
    assert.equal(cycle, 2)
    assert.equal(routing, undefined, 'the wish is fulfilled')
    assert.equal(sla!.status, 'running')
    assert.equal(sla!.startedAt, '2026-03-02T11:30:00.000Z', 'the whole budget for the second rep')
    const loads = await rig.store.transaction([], (tx) => tx.repLoads())
    assert.deepEqual([loads.get('ana') ?? 0, loads.get('olga')], [0, 1])
    rig.clock.forward(30 * MINUTE)
    await tick(rig)
    assert.equal((rig.out('sla', 'reminder')[1]!.payload as Lead).assignment!.rep!.id, 'olga')
  })
})
