// Goal: a clock starts once per cycle, rings what the tier says, and falls silent when it is over.

import assert from 'node:assert/strict'
import { carryOut, known } from '../../../engine/asking'
import type { LeadState, Timer } from '../../../engine/decision'
import type { Assignment, Lead, SlaSection } from '../../../engine/lead/lead'
import type { Reads } from '../../../engine/step'
import { latenessMs, slaFireStep } from '../../../engine/steps/sla-fire'
import { slaStartStep } from '../../../engine/steps/sla-start'
import { policy } from '../support/artefacts'
import { at, HOUR, lead, MINUTE, NOW } from '../support/leads'
import { change, ends, kinds, stateAfter } from './support'

const tier = (more: object = {}) =>
  policy({
    tiers: [
      {
        id: 'fast',
        respond: '1h',
        clock: 'always',
        remind: ['30m'],
        escalate: [{ after: '2h', to: 'all', action: 'reassign' }],
        ...more,
      },
    ],
  })
const assigned = (more: Partial<Assignment> = {}) =>
  ({
    status: 'assigned',
    rep: { id: 'ana', name: 'Ana' },
    cycle: 1,
    at: at(NOW + 10 * MINUTE),
    ...more,
  }) as Assignment
const clock = (more: Partial<SlaSection> = {}): SlaSection => ({
  tier: 'fast',
  status: 'running',
  startedAt: at(NOW),
  dueAt: at(NOW + HOUR),
  clock: 'always',
  cycle: 1,
  ...more,
})
const start = (one: Lead, state: LeadState = 'assigned', more: object = {}, ...at: string[]) =>
  slaStartStep.decide(one, { ...ends(...at), policy: tier(more), nodeId: 'n1' }, { state }, NOW)

describe('sla-start', () => {
  const decision = start(lead({ assignment: assigned() }))
  it('starts the clock of the tier, from when the lead came in', () => {
    assert.deepEqual(
      decision.patch.sla,
      clock({
        node: 'n1',
        policy: tier().ref,
        rep: 'ana',
        assignedAt: at(NOW + 10 * MINUTE),
        delays: { systemMs: 10 * MINUTE, prospectMs: 0 },
      }),
    )
    assert.equal(decision.because[0]!.rule, 'fast')
  })
  it('is over for a lead whose rep lost it meanwhile', () => {
    const lost = start(lead({ assignment: assigned() }), 'open')
    assert.deepEqual([lost.outcome, lost.patch], ['over', {}])
    assert.equal(lost.because[0]!.why, 'Nobody has the lead any more')
  })
  it('sets one timer per milestone, in order, each with its own id', () => {
    const timers = decision.changes.flatMap((one) => (one.kind === 'timer.set' ? [one.timer] : []))
    assert.deepEqual(
      timers.map(({ id, kind, dueMs, nodeId }) => [id, kind, dueMs - NOW, nodeId]),
      [
        ['L1#1#reminder@1800000', 'reminder', 30 * MINUTE, 'n1'],
        ['L1#1#breach#0', 'breach', HOUR, 'n1'],
        ['L1#1#escalation@7200000:reassign:all', 'escalation', 2 * HOUR, 'n1'],
      ],
    )
    assert.deepEqual(timers[2]!.detail, {
      tier: 'fast',
      clock: 'first-touch',
      index: 0,
      to: 'all',
      action: 'reassign',
      movesMax: 3,
    })
  })
  it('may count from the assignment', () => {
    assert.equal(
      start(lead({ assignment: assigned() }), 'assigned', { from: 'assigned' }).patch.sla!
        .startedAt,
      at(NOW + 10 * MINUTE),
    )
  })
  it('a second rep gets the whole budget, a returning person too counts from their new event', () => {
    const again = start(lead({ cycle: 2, assignment: assigned({ cycle: 2, reassigned: true }) }))
    assert.equal(again.patch.sla!.startedAt, at(NOW + 10 * MINUTE))
    const returned = start(lead({ cycle: 2, assignment: assigned({ cycle: 2 }) }))
    assert.equal(returned.patch.sla!.startedAt, at(NOW))
  })
  it('a lead that was opened again counts from there, and not from its old receipt', () => {
    const later = NOW + 5 * MINUTE
    const reopened = assigned({ cycle: 2, openedAt: at(later) })
    const { sla } = start(lead({ cycle: 2, assignment: reopened })).patch
    assert.deepEqual([sla!.startedAt, sla!.delays!.systemMs], [at(later), 5 * MINUTE])
    const event = { id: 'web:2', receivedAt: at(NOW + 8 * MINUTE) }
    const newer = start(lead({ cycle: 2, event, assignment: reopened }))
    assert.equal(newer.patch.sla!.startedAt, event.receivedAt, 'a newer event is the later word')
  })
  it('an override of a lead that was never routed counts from the override', () => {
    const override = { outcome: 'sql', rule: 'override', at: at(NOW + HOUR) } as Lead['decision']
    const { sla } = start(lead({ decision: override! })).patch
    assert.equal(sla!.startedAt, at(NOW + HOUR))
  })
  it('a lead taken from a rep that waits rings nothing; the next rep has the whole budget', () => {
    const former = clock({ status: 'stopped', assignedAt: at(NOW), moves: 2 })
    const had = { cycle: 2, had: ['ana'] }
    const { rep: _rep, ...waiting } = assigned({ ...had, status: 'waiting' })
    const waits = start(lead({ cycle: 2, assignment: waiting, sla: former }), 'waiting')
    assert.equal(change(waits, 'timer.set'), undefined)
    for (const sla of [waits.patch.sla!, former]) {
      const given = assigned({ ...had, at: at(NOW + 9 * HOUR) })
      const { patch } = start(lead({ cycle: 2, assignment: given, sla }))
      assert.deepEqual(
        [patch.sla!.startedAt, patch.sla!.dueAt, patch.sla!.moves, patch.sla!.consumedMs],
        [at(NOW + 9 * HOUR), at(NOW + 10 * HOUR), 2, undefined],
      )
    }
  })
  it('runs once per cycle', () => {
    const again = start(lead({ assignment: assigned(), sla: clock() }))
    assert.deepEqual([again.outcome, again.changes, again.patch], ['started', [], {}])
    const next = start(lead({ cycle: 2, assignment: assigned({ cycle: 2 }), sla: clock() }))
    assert.equal(next.patch.sla!.cycle, 2)
  })
  it('counts in the rep’s hours: a lead on Saturday is due on Monday', () => {
    const saturday = Date.parse('2026-03-07T12:00:00Z')
    const office = policy({
      calendars: { office: { timezone: 'Etc/UTC', hours: { 'mon-fri': ['09:00-17:00'] } } },
      reps: [
        { id: 'ana', name: 'Ana', capacity: 9, calendar: 'office' },
        { id: 'ben', name: 'Ben', capacity: 9, calendar: 'office' },
      ],
      tiers: [{ id: 'fast', respond: '1h', clock: 'business' }],
    })
    const one = lead({ event: { id: 'e', receivedAt: at(saturday) }, assignment: assigned() })
    const { patch } = slaStartStep.decide(
      one,
      { ...ends(), policy: office, nodeId: 'n' },
      { state: 'assigned' },
      saturday,
    )
    assert.deepEqual([patch.sla!.dueAt, patch.sla!.clock], ['2026-03-09T10:00:00.000Z', 'business'])
  })
  it('does not move the lead: one that waits goes on waiting, with its next try', () => {
    const waiting = assigned({ status: 'waiting', pool: 'all', retryAt: at(NOW + HOUR) })
    const saved = change(start(lead({ assignment: waiting }), 'waiting'), 'lead.save')!
    assert.deepEqual([saved.state, saved.poolId, saved.retryAtMs], ['waiting', 'all', NOW + HOUR])
  })
  for (const [name, one, state] of [
    ['closed meanwhile', lead({ assignment: assigned({ status: 'closed' }) }), 'closed'],
    [
      'disqualified meanwhile',
      lead({ assignment: assigned({ status: 'closed' }) }),
      'disqualified',
    ],
    ['suppressed meanwhile', lead({ assignment: assigned({ status: 'closed' }) }), 'suppressed'],
    [
      'of a person who opted out',
      lead({ assignment: assigned(), consent: { optOut: true } }),
      'assigned',
    ],
  ] as const) {
    it(`no clock starts for a lead ${name}, and its way is over`, () => {
      const over = start(one, state)
      assert.deepEqual([over.outcome, over.patch, kinds(over)], ['over', {}, ['intake.done']])
    })
  }
})

describe('sla-fire', () => {
  const timer = (more: Partial<Timer> = {}): Timer => ({
    id: 'L1#1#breach#0',
    leadId: 'L1',
    cycle: 1,
    kind: 'breach',
    dueMs: NOW,
    nodeId: 'n1',
    detail: {},
    ...more,
  })
  const running = lead({ assignment: assigned(), sla: clock() })
  const fire = (
    one: Lead,
    given: Timer,
    { pending = true, state = 'assigned' as LeadState, nowMs = NOW, more = {} } = {},
  ) => slaFireStep.decide(one, { timer: given, ...more }, { pending, state }, nowMs)

  for (const [kind, want] of [
    ['reminder', `Ana is reminded: respond before ${at(NOW + HOUR)}`],
    ['breach', `Ana did not respond before ${at(NOW + HOUR)}`],
    ['escalation', 'escalated from Ana'],
  ] as const) {
    it(`a ${kind} fires, and is taken off`, () => {
      const decision = fire(running, timer({ kind }))
      assert.deepEqual([decision.outcome, decision.because[0]!.why], [kind, want])
      assert.deepEqual(kinds(decision), ['timer.fired', 'lead.save'])
      assert.equal(decision.changes[0]!.kind === 'timer.fired' && decision.changes[0].tells, true)
      assert.equal(stateAfter(decision), 'assigned')
    })
  }
  it('a breach is marked with when it was noted', () => {
    const { patch } = fire(running, timer(), { nowMs: NOW + 5 })
    assert.deepEqual([patch.sla!.status, patch.sla!.breachedAt], ['breached', at(NOW + 5)])
  })
  it('says how late it fires', () => {
    const decision = fire(running, timer(), { nowMs: NOW + 90 * MINUTE })
    assert.match(decision.because[0]!.why, /\(1h 30m late\)$/)
    assert.equal(latenessMs(timer(), NOW + 90 * MINUTE), 90 * MINUTE)
    assert.equal(latenessMs(timer(), NOW - 5), 0)
  })
  it('an escalation that reassigns asks for another rep, under the timer’s own id', () => {
    const detail = { action: 'reassign', to: 'all' }
    const { patch } = fire(running, timer({ id: 'L1#1#escalation#0', kind: 'escalation', detail }))
    assert.deepEqual(patch.routing, {
      id: 'L1#1#escalation#0',
      pool: 'all',
      exclude: ['ana'],
      why: 'no response within the SLA fast',
      cause: 'sla-lost',
      cycle: 1,
      clock: 'first-touch',
    })
    const notify = fire(running, timer({ kind: 'escalation', detail: { action: 'notify' } }))
    assert.equal(notify.patch.routing, undefined)
  })
  it('a breached clock still escalates', () => {
    const late = lead({ assignment: assigned(), sla: clock({ status: 'breached' }) })
    assert.equal(fire(late, timer({ kind: 'escalation' })).outcome, 'escalation')
  })
  it('does not move the lead: one that waits goes on waiting', () => {
    const waiting = lead({ assignment: assigned({ status: 'waiting', pool: 'all' }), sla: clock() })
    assert.equal(stateAfter(fire(waiting, timer(), { state: 'waiting' })), 'waiting')
  })
  for (const [name, one, facts] of [
    ['of a clock that was met', lead({ sla: clock({ status: 'met' }) }), {}],
    ['of a clock that was stopped', lead({ sla: clock({ status: 'stopped' }) }), {}],
    ['of an earlier cycle', lead({ cycle: 2, sla: clock({ cycle: 2 }) }), {}],
    ['of a lead without a clock', lead(), {}],
    [
      'of a lead that was suppressed while it waited',
      lead({ sla: clock() }),
      { state: 'suppressed' as const },
    ],
    ['of a lead that was closed', lead({ sla: clock() }), { state: 'closed' as const }],
  ] as const) {
    it(`a timer ${name} is dropped without a word`, () => {
      const decision = fire(one, timer(), facts)
      assert.deepEqual(
        [decision.outcome, kinds(decision), decision.patch],
        ['dropped', ['timer.fired'], {}],
      )
    })
  }
  it('a timer that was cancelled since it was found due changes nothing', () => {
    assert.deepEqual(fire(running, timer(), { pending: false }).changes, [])
  })
  it('a timer that was moved since it was found due does not ring early', async () => {
    const reads = (dueMs: number) =>
      ({
        timers: () => known([{ id: timer().id, dueMs }]),
        openAssignment: () => known({ repId: 'ana', poolId: 'all' }),
      }) as unknown as Reads
    const gather = (dueMs: number) =>
      carryOut(slaFireStep.gather(reads(dueMs), running, { timer: timer() }, NOW))
    assert.equal((await gather(NOW)).pending, true)
    assert.equal((await gather(NOW + HOUR)).pending, false)
  })
  it('is decided once per timer', () => {
    assert.equal(slaFireStep.key(running, { timer: timer() }), 'L1#1#breach#0')
  })
})
