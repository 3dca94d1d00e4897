// Goal: what sales did is written down once, gives the capacity back, and is answered with a reason.
// Method: a lead that a rep has, and each report that can come about it.
import assert from 'node:assert/strict'
import type { Lead } from '../../engine/lead/lead'
import { nodeLaws } from './laws'
import { HOUR, leadNode, leadOf, type Msg, type Rig, start, tidyUp } from './support'

describe('lead-outcome', () => {
  tidyUp()
  let count = 0
  const ROUTE = leadNode('route', 'lead-route-by-capacity')
  const assigned = async (rig: Rig): Promise<Msg> => {
    await rig.send('route', { payload: leadOf({ event_id: `e${count++}` }, rig.clock.nowMs) })
    return structuredClone(rig.out('route', 'assigned').at(-1)!)
  }
  nodeLaws({
    type: 'lead-outcome',
    needs: ['store', 'policy'],
    refuses: 'LEAD_COMMAND_UNKNOWN',
    port: 'recorded',
    beside: ROUTE,
    good: async (rig) => ({ ...(await assigned(rig)), outcome: 'closed' }),
  })

  const FLOW = [
    ...leadNode('outcome', 'lead-outcome'),
    ...leadNode('sla', 'lead-sla-timer'),
    ...leadNode('route', 'lead-route-by-capacity', {}, { assigned: ['sla'] }),
  ]
  const report = async (rig: Rig, payload: unknown, outcome: unknown): Promise<Msg> => {
    const msg: Msg = { payload, outcome }
    const { error } = await rig.send('outcome', msg)
    assert.equal(error, undefined)
    return msg
  }
  const load = (rig: Rig, rep: string) =>
    rig.store.transaction([], function* (tx) {
      return (yield* tx.repLoads()).get(rep) ?? 0
    })

  const delays = (contact = '') => `0s until assigned${contact}`
  const kinds: readonly (readonly [string, object, string, string[], number])[] = [
    [
      'first_touch',
      { evidence: 'call' },
      'assigned',
      ['first touch (call) by Ana', delays(', 0s from there to contact (0s by the wall clock)')],
      1,
    ],
    ['accepted', {}, 'assigned', ['accepted by Ana'], 1],
    ['rejected', {}, 'closed', ['rejected by Ana', delays()], 0],
    [
      'reject',
      { reason: 'wrong-region' },
      'closed',
      ['rejected (wrong-region) by Ana', delays()],
      0,
    ],
    ['disqualified', {}, 'disqualified', ['disqualified by Ana', delays()], 0],
    ['converted', {}, 'closed', ['converted by Ana', delays()], 0],
    ['closed', {}, 'closed', ['closed by Ana', delays()], 0],
  ]
  for (const [kind, more, state, why, open] of kinds) {
    it(`${kind}: recorded, the lead is ${state}, and its rep has ${open} lead`, async () => {
      const rig = await start(FLOW)
      const { id } = (await assigned(rig)).payload as Lead
      await rig.until('the clock', () => rig.out('sla', 'started').length === 1)
      const msg = await report(rig, id, { kind, by: 'Ana', ...more })
      assert.deepEqual(rig.counts('outcome'), { recorded: 1 })
      assert.equal(msg.topic, id)
      assert.equal((msg.payload as Lead).id, id, 'the whole lead')
      assert.deepEqual(msg.because, why)
      assert.equal((await rig.store.lead(id))!.state, state)
      assert.equal(await load(rig, 'ana'), open)
      const { detail } = (await rig.store.trail(id)).at(-1)!
      assert.equal(detail!.actor, 'Ana')
    })
  }

  it('a first touch stops the clock at the moment of contact', async () => {
    const rig = await start(FLOW)
    const { id } = (await assigned(rig)).payload as Lead
    await rig.until('the clock', () => rig.out('sla', 'started').length === 1)
    rig.clock.forward(2 * HOUR)
    const at = '2026-03-02T10:10:00Z'
    const msg = await report(rig, id, { kind: 'first_touch', evidence: 'meeting', at })
    const { sla } = msg.payload as Lead
    assert.deepEqual([sla!.status, sla!.elapsedMs, sla!.evidence], ['met', 600_000, 'meeting'])
  })

  it('a lead that was closed can be opened again, and routed again', async () => {
    const rig = await start(FLOW)
    const { id } = (await assigned(rig)).payload as Lead
    await report(rig, id, 'closed')
    const msg = await report(rig, id, { kind: 'reopened', why: 'came back' })
    assert.equal((msg.payload as Lead).cycle, 2)
    assert.equal((await rig.store.lead(id))!.state, 'qualified')
    await rig.send('route', { payload: structuredClone(msg.payload) })
    const again = rig.out('route', 'assigned')[1]!.payload as Lead
    assert.deepEqual([again.cycle, again.assignment!.status], [2, 'assigned'])
  })

  describe('a person who granted again what they had refused', () => {
    const BACK = [
      ...FLOW,
      ...leadNode('in', 'lead-ingest', {}, { lead: ['dedupe'] }),
      ...leadNode('dedupe', 'lead-dedupe', {}, { new: ['fit'], known: ['fit'] }),
      ...leadNode('fit', 'lead-score-fit', {}, { scored: ['intent'] }),
      ...leadNode('intent', 'lead-score-intent', {}, { scored: ['qualify'] }),
      ...leadNode('qualify', 'lead-qualify'),
      ...leadNode('audit', 'lead-audit'),
    ]
    const optIn = {
      kind: 'opted_in',
      consent: ['optOut'],
      evidence: 'doi-4711',
      by: 'Dana',
      at: '2026-03-02T11:00:00Z',
    }
    const event = (id: string, more: object = {}) => ({
      payload: { email: 'ana@acme.example', event_id: id, ...more },
    })
    const refused = async (): Promise<readonly [Rig, string]> => {
      const rig = await start(BACK)
      await rig.send('in', event('e1', { opt_out: true }))
      await rig.until('the refusal', () => rig.out('qualify', 'closed').length === 1)
      rig.clock.forward(2 * HOUR)
      return [rig, (rig.out('qualify', 'closed')[0]!.payload as Lead).id]
    }

    it('is decided as anybody else with the next event, and the trail says why', async () => {
      const [rig, id] = await refused()
      const msg = await report(rig, id, optIn)
      assert.deepEqual(rig.counts('outcome'), { recorded: 1 })
      assert.equal((msg.payload as Lead).consent.optOut, false)
      assert.equal((await rig.store.lead(id))!.state, 'suppressed')
      await rig.send('route', { payload: structuredClone(msg.payload) })
      assert.deepEqual(rig.counts('route'), { unroutable: 1 })
      await rig.send('in', event('e2'))
      const decided = () =>
        ['sales', 'nurture', 'review'].flatMap((port) => rig.out('qualify', port))
      await rig.until('the next event', () => decided().length === 1)
      const next = decided()[0]!.payload as Lead
      assert.deepEqual([next.id, next.consent.optOut], [id, false])
      const asked: Msg = { command: 'explain', payload: { id } }
      await rig.send('audit', asked)
      const words =
        /Consent: recorded, said Dana .*\n +The person granted optOut again at 2026-03-02T11:00:00.000Z \(doi-4711\), reported by Dana \[outcome.opted_in\] — consent.optOut: true, consent.refusedAt.optOut: 2026-03-02T/
      assert.match(String(asked.payload), words)
    })

    it('but not by a form that says yes', async () => {
      const [rig] = await refused()
      await rig.send('in', event('e2', { opt_out: 'no', consent: 'yes', marketing: 'granted' }))
      await rig.until('the next event', () => rig.out('qualify', 'closed').length === 2)
    })

    it('with a report that proves nothing is told what is missing', async () => {
      const [rig, id] = await refused()
      const outcome = { ...optIn, evidence: '' }
      await rig.refused('outcome', { payload: id, outcome }, 'LEAD_OUTCOME_INVALID')
      assert.match(rig.caught.at(-1)!.error.message, /outcome\.evidence must be how and where/)
      const early = await report(rig, id, { ...optIn, at: '2026-03-01T11:00:00Z' })
      assert.deepEqual(rig.counts('outcome'), { ignored: 1 })
      assert.match(String(early.because), /only a later word of the person lifts that/)
    })
  })

  const places: readonly (readonly [string, (lead: Lead) => Msg])[] = [
    ['the lead', (lead) => ({ payload: lead })],
    ['its id', ({ id }) => ({ payload: id })],
    ['an object with its id', ({ id }) => ({ payload: { lead: id } })],
    ['its id as the topic', ({ id }) => ({ topic: id, payload: { note: 'x' } })],
  ]
  for (const [name, place] of places) {
    it(`knows the lead by ${name}`, async () => {
      const rig = await start(FLOW)
      const lead = (await assigned(rig)).payload as Lead
      await rig.send('outcome', { ...place(lead), outcome: 'accepted' })
      assert.equal(rig.out('outcome', 'recorded')[0]!.topic, lead.id)
    })
  }

  const ignored: readonly (readonly [string, unknown, RegExp])[] = [
    ['a touch without evidence', { kind: 'first_touch' }, /Only evidence/],
    [
      'a status edit',
      { kind: 'first_touch', evidence: 'status_edit' },
      /A status edit is no contact/,
    ],
    ['going on without a pause', 'resume', /No clock of this lead stands still/],
    [
      'an override of what was not decided',
      { kind: 'override', decision: 'nurture', reason: 'x', by: 'Dana' },
      /not decided yet/,
    ],
    ['opening what is open', 'reopened', /open already/],
  ]
  for (const [name, outcome, why] of ignored) {
    it(`${name} is ignored, with the reason, and writes nothing`, async () => {
      const rig = await start(FLOW)
      const { id } = (await assigned(rig)).payload as Lead
      const { entries } = await rig.store.census()
      const msg = await report(rig, id, outcome)
      assert.deepEqual(rig.counts('outcome'), { ignored: 1 })
      assert.match(msg.because[0], why)
      assert.equal((await rig.store.census()).entries, entries)
    })
  }

  it('closing what nobody has is ignored', async () => {
    const rig = await start(FLOW)
    const { id } = (await assigned(rig)).payload as Lead
    await report(rig, id, 'closed')
    const msg = await report(rig, id, 'converted')
    assert.deepEqual(rig.counts('outcome'), { recorded: 1, ignored: 1 })
    assert.match(msg.because[0], /no open assignment/)
  })

  it('the same report again is answered the same and counts once', async () => {
    const rig = await start(FLOW)
    const { id } = (await assigned(rig)).payload as Lead
    const outcome = { kind: 'closed', at: '2026-03-02T10:00:00Z' }
    const messages = Array.from({ length: 5 }, () => ({ payload: id, outcome }))
    await rig.sendAll('outcome', messages)
    assert.deepEqual(rig.counts('outcome'), { recorded: 5 })
    assert.equal(await load(rig, 'ana'), 0)
    const closing = (await rig.store.trail(id)).filter(({ entry }) => entry.step === 'outcome')
    assert.equal(closing.length, 1)
  })

  it('a report with a field that is missing or wrong is a fault that names it', async () => {
    const rig = await start(FLOW)
    const { payload } = await assigned(rig)
    const spoilt: readonly (readonly [object, RegExp])[] = [
      [{ kind: 'override', decision: 'sql', by: 'Dana' }, /"overridden".*outcome\.reason must be/],
      [{ kind: 'override', decision: 'sql', reason: 'x' }, /outcome\.by must be/],
      [{ kind: 'override', reason: 'x', by: 'Dana' }, /outcome\.decision must be/],
      [{ kind: 'pause' }, /outcome\.state must be/],
      [{ kind: 'pause', state: 'asleep' }, /one of those in the policy: waiting-for-customer/],
      [{ kind: 'closed', at: 'yesterday' }, /outcome\.at must be a time/],
      [{ kind: 'closed', by: {} }, /outcome\.by must be a text/],
    ]
    for (const [outcome, says] of spoilt) {
      await rig.refused('outcome', { payload, outcome }, 'LEAD_OUTCOME_INVALID')
      assert.match(rig.caught.at(-1)!.error.message, says)
    }
    assert.deepEqual(rig.counts('outcome'), {})
  })

  it('an override is in the trail with who, why and what it was before', async () => {
    const rig = await start([
      ...leadNode('fit', 'lead-score-fit', {}, { scored: ['intent'] }),
      ...leadNode('intent', 'lead-score-intent', {}, { scored: ['qualify'] }),
      ...leadNode('qualify', 'lead-qualify'),
      ...FLOW,
    ])
    const record = { event_id: `e${count++}`, trigger: 'newsletter' }
    const lead = leadOf(record, rig.clock.nowMs)
    await rig.send('fit', { payload: lead })
    await rig.until('the decision', () => rig.out('qualify', 'nurture').length === 1)
    assert.equal((await rig.store.lead(lead.id))!.state, 'nurture')
    const outcome = {
      kind: 'override',
      decision: 'sql',
      reason: 'wrong-segment',
      by: 'Dana',
      why: 'Knows us',
    }
    const msg = await report(rig, lead.id, outcome)
    assert.equal((msg.payload as Lead).decision!.outcome, 'sql')
    assert.equal((await rig.store.lead(lead.id))!.state, 'qualified')
    const { detail, entry } = (await rig.store.trail(lead.id)).at(-1)!
    assert.deepEqual(
      [entry.step, detail!.actor, detail!.because[0]!.why],
      ['outcome', 'Dana', 'overridden (wrong-segment) by Dana: Knows us; nurture becomes sql'],
    )
    await rig.send('route', { payload: structuredClone(msg.payload) })
    assert.equal(rig.out('route', 'assigned').length, 1)
    await report(rig, lead.id, { ...outcome, decision: 'disqualified' })
    assert.equal((await rig.store.lead(lead.id))!.state, 'disqualified')
    assert.equal(await load(rig, 'ana'), 0, 'the capacity is back')
  })

  it('says which words it knows, and which lead it does not', async () => {
    const rig = await start(FLOW)
    const { payload } = await assigned(rig)
    await rig.refused('outcome', { payload, outcome: 'won' }, 'LEAD_COMMAND_UNKNOWN')
    assert.match(rig.caught.at(-1)!.error.message, /"won".*first_touch.*reopened/)
    await rig.refused('outcome', { payload }, 'LEAD_COMMAND_UNKNOWN')
    assert.match(rig.caught.at(-1)!.error.message, /msg\.outcome/)
  })

  for (const [msg, says] of [
    [
      { payload: 'L0mws9htpzc4e7a8b30dd3' },
      /realm "live": msg\.payload is "L0mws9htpzc4e7a8b30dd3", which is not known$/,
    ],
    [
      { payload: { id: 'Ana Ruiz', name: 'Ana' } },
      /msg\.payload\.id is a text, which is not known$/,
    ],
    [
      { payload: {}, topic: 'L0mws9htpzc4e7a8b30dd3' },
      /msg\.topic is "L0mws9htpzc4e7a8b30dd3", which is not known$/,
    ],
    [{ payload: { id: '' } }, /msg\.payload\.id is "", expected the id of a lead, in msg\.payload/],
    [{ payload: { id: 7 }, topic: ' ' }, /msg\.payload\.id is 7, expected the id of a lead/],
    [{ payload: { name: 'Ana' } }, /msg\.payload is an object, expected the id of a lead/],
    [{ payload: 'L'.repeat(201) }, /msg\.payload is a text, expected the id of a lead/],
    [{}, /msg\.payload is nothing, expected the id of a lead/],
  ] as const) {
    it(`says where it looked for a lead in ${JSON.stringify(msg).slice(0, 40)}`, async () => {
      const rig = await start(FLOW)
      await rig.refused('outcome', { ...msg, outcome: 'closed' }, 'LEAD_NOT_FOUND')
      assert.match(rig.caught.at(-1)!.error.message, says)
    })
  }
})
