// Goal: only contact stops a clock, closing gives capacity back, reopening starts the next cycle,
// and nothing is recorded for a lead that nobody has.
import assert from 'node:assert/strict'
import { patched } from '../../../engine/decision'
import type { Assignment, Lead, SlaSection } from '../../../engine/lead/lead'
import { outcomeStep } from '../../../engine/steps/outcome'
import type { OutcomeKind, SalesEvent } from '../../../engine/steps/sales-event'
import { policy } from '../support/artefacts'
import { at, HOUR, lead, MINUTE, NOW } from '../support/leads'
import { change, kinds, stateAfter } from './support'

const POLICY = policy()
const clock = (more: Partial<SlaSection> = {}): SlaSection => ({
  tier: 'routine',
  status: 'running',
  startedAt: at(NOW - HOUR),
  dueAt: at(NOW),
  clock: 'always',
  cycle: 1,
  ...more,
})
const assigned = (more: Partial<Assignment> = {}) =>
  ({
    status: 'assigned',
    rep: { id: 'ana', name: 'Ana' },
    cycle: 1,
    at: at(NOW),
    ...more,
  }) as Assignment
const inWork = (more: Partial<Lead> = {}) => lead({ assignment: assigned(), sla: clock(), ...more })
const go = (
  one: Lead,
  event: Partial<SalesEvent> & { kind: OutcomeKind },
  { open = true, waits = false, ...more }: Partial<Parameters<typeof outcomeStep.decide>[2]> = {},
  nowMs = NOW,
) =>
  outcomeStep.decide(
    one,
    { policy: POLICY, event: { id: 'o1', atMs: nowMs, ...event } },
    { open, waits, ...more },
    nowMs,
  )
const touch = (one: Lead, more: Partial<SalesEvent> = {}, nowMs = NOW) =>
  go(one, { kind: 'first_touch', evidence: 'call', ...more }, {}, nowMs)

describe('outcome: first touch', () => {
  it('stops the clock in time, timers off', () => {
    const decision = touch(inWork(), { by: 'ana' })
    assert.deepEqual([decision.outcome, kinds(decision)], ['met', ['timers.cancel', 'lead.save']])
    assert.deepEqual(
      decision.patch.sla,
      clock({
        status: 'met',
        metAt: at(NOW),
        evidence: 'call',
        elapsedMs: HOUR,
        delays: { prospectMs: 0 },
      }),
    )
    assert.equal(decision.because[0]!.why, 'first touch (call) by ana')
  })
  for (const [name, atMs, status, elapsedMs] of [
    ['at the last moment', NOW, 'met', HOUR],
    ['a moment later', NOW + 1, 'met_late', HOUR + 1],
    ['before it was reported', NOW - 30 * MINUTE, 'met', 30 * MINUTE],
    ['in a report from the future', NOW + 9 * HOUR, 'met_late', HOUR + 10 * MINUTE],
  ] as const) {
    it(`${name}: ${status}`, () => {
      const { patch } = touch(inWork(), { atMs }, NOW + 10 * MINUTE)
      assert.deepEqual([patch.sla!.status, patch.sla!.elapsedMs], [status, elapsedMs])
    })
  }
  it('a breached clock is met late', () => {
    assert.equal(
      touch(inWork({ sla: clock({ status: 'breached' }) }), {}, NOW + HOUR).patch.sla!.status,
      'met_late',
    )
  })
  it('a tier that left the policy does not matter', () => {
    assert.equal(touch(inWork({ sla: clock({ tier: 'gone' }) })).outcome, 'met')
  })
  const ignored: ReadonlyArray<readonly [string, Lead, Partial<SalesEvent>, RegExp]> = [
    [
      'without evidence',
      inWork(),
      { evidence: undefined as never },
      /Only evidence stops the clock: call, reply, meeting, chat/,
    ],
    ['without a clock', lead({ assignment: assigned() }), {}, /No clock runs/],
    ['of before the lead came', inWork(), { atMs: NOW - HOUR - 1 }, /came or was opened again at/],
    ['with the clock of another cycle', inWork({ cycle: 2 }), {}, /No clock runs/],
    [
      'a second time',
      inWork({ sla: clock({ status: 'met', metAt: at(NOW) }) }),
      {},
      /was stopped before/,
    ],
    [
      'with a clock that was stopped',
      inWork({ sla: clock({ status: 'stopped' }) }),
      {},
      /was stopped before/,
    ],
  ]
  for (const [name, one, event, why] of ignored) {
    it(`${name} it is ignored`, () => {
      const decision = touch(one, event)
      assert.deepEqual([decision.outcome, decision.changes, decision.patch], ['ignored', [], {}])
      assert.match(decision.because[0]!.why, why)
    })
  }
})

describe('outcome: what sales says of a lead that it has', () => {
  it('accepted leaves it with the rep', () => {
    const decision = go(inWork(), { kind: 'accepted', by: 'ana', why: 'good fit' })
    assert.deepEqual(
      [decision.outcome, kinds(decision), stateAfter(decision)],
      ['recorded', ['lead.save'], 'assigned'],
    )
    assert.equal(change(decision, 'lead.save')!.reason, 'accepted by ana: good fit')
  })
  for (const [kind, state] of [
    ['rejected', 'closed'],
    ['disqualified', 'disqualified'],
    ['converted', 'closed'],
    ['closed', 'closed'],
  ] as const) {
    it(`${kind} ends it: capacity back, timers off, clock stopped, and says so`, () => {
      const decision = go(inWork(), { kind })
      assert.deepEqual(
        [decision.outcome, kinds(decision), stateAfter(decision)],
        ['recorded', ['assignment.close', 'timers.cancel', 'lead.save'], state],
      )
      assert.deepEqual(change(decision, 'assignment.close'), {
        kind: 'assignment.close',
        leadId: 'L1',
        cycle: 1,
        reason: kind,
      })
      assert.deepEqual(
        [decision.patch.assignment!.status, decision.patch.sla!.status],
        ['closed', 'stopped'],
      )
      assert.deepEqual(go(inWork(), { kind, reason: 'wrong-region' }).patch.assignment!.ended, {
        at: at(NOW),
        reason: kind,
        code: 'wrong-region',
      })
    })
  }
  const share = {
    repId: 'ana',
    poolId: 'all',
    units: 1,
    records: new Map([
      ['ana', { virtualTime: 5 }],
      ['ben', { virtualTime: 4.5 }],
    ]),
  }
  for (const [kind, want] of [
    ['rejected', 4.5],
    ['disqualified', 4.5],
    ['converted', undefined],
    ['closed', undefined],
  ] as const) {
    it(`${kind} gives the share ${want === undefined ? 'not ' : ''}back`, () => {
      const decision = go(inWork(), { kind }, { open: true, share })
      assert.equal(change(decision, 'fairness.save')?.virtualTime, want)
    })
  }
  it('a clock that was met stays met', () => {
    const met = inWork({ sla: clock({ status: 'met', metAt: at(NOW) }) })
    assert.equal(go(met, { kind: 'converted' }).patch.sla!.status, 'met')
  })
})

describe('outcome: what sales says of a lead that nobody has', () => {
  for (const kind of ['first_touch', 'accepted', 'rejected', 'converted', 'closed'] as const) {
    it(`${kind} is ignored, and the lead is not moved`, () => {
      const decision = go(inWork(), { kind, evidence: 'call' }, { open: false })
      assert.deepEqual([decision.outcome, decision.changes], ['ignored', []])
    })
  }
})

describe('outcome: reopened', () => {
  const closed = inWork({
    assignment: assigned({ status: 'closed' }),
    sla: clock({ status: 'stopped' }),
  })
  it('starts the next cycle, without the old clock', () => {
    const decision = go(closed, { kind: 'reopened' }, { open: false })
    assert.deepEqual([decision.outcome, stateAfter(decision)], ['recorded', 'qualified'])
    const after = patched(closed, decision.patch)
    assert.deepEqual([after.cycle, 'sla' in after, after.assignment!.rep!.id], [2, false, 'ana'])
  })
  for (const [name, atMs, endedMs, wantMs] of [
    ['when it is told', NOW, NOW - HOUR, NOW],
    ['when it was, if told later', NOW - MINUTE, NOW - HOUR, NOW - MINUTE],
    ['no earlier than what it reopens had ended', NOW - 2 * HOUR, NOW - HOUR, NOW - HOUR],
    ['no later than now', NOW + HOUR, NOW - HOUR, NOW],
  ] as const) {
    it(`keeps the moment: ${name}`, () => {
      const ended = { at: at(endedMs), reason: 'closed' }
      const one = { ...closed, assignment: { ...closed.assignment!, ended } }
      const { patch } = go(one, { kind: 'reopened', atMs }, { open: false })
      assert.equal(patch.assignment!.openedAt, at(wantMs))
    })
  }
  for (const [name, one, facts] of [
    ['a lead that somebody has', inWork(), { open: true }],
    ['a lead that waits for a rep', closed, { open: false, waits: true }],
    ['a person who opted out', { ...closed, consent: { optOut: true } }, { open: false }],
  ] as const) {
    it(`${name} is not reopened`, () => {
      assert.deepEqual(go(one, { kind: 'reopened' }, facts).outcome, 'ignored')
    })
  }
  it('a lead that once waited and was decided otherwise since may be', () => {
    const parked = inWork({ assignment: assigned({ status: 'waiting' }) })
    assert.equal(go(parked, { kind: 'reopened' }, { open: false }).outcome, 'recorded')
  })
})

describe('outcome: key', () => {
  it('the same report of the same lead is one', () => {
    const event = { id: 'o1', kind: 'accepted' as const, atMs: NOW }
    assert.equal(outcomeStep.key(lead(), { policy: POLICY, event }), 'L1#accepted#o1')
  })
})

describe('outcome: overridden', () => {
  const decision = {
    outcome: 'sql',
    grade: 'A1',
    rule: 'decide.sql',
    why: 'Fits and asks',
    factors: [],
    at: at(NOW - HOUR),
    contract: POLICY.ref,
  } as Lead['decision'] & object
  const decided = (outcome: typeof decision.outcome, more: Partial<Lead> = {}) =>
    inWork({ decision: { ...decision, outcome }, ...more })
  const over = (one: Lead, to: typeof decision.outcome, facts = { open: true, waits: false }) =>
    go(one, { kind: 'overridden', decision: to, by: 'Dana', reason: 'wrong-segment' }, facts)
  const NOBODY = { open: false, waits: false }

  it('puts the person’s decision in the place of the contract’s, and says whose and why', () => {
    const { patch, because } = over(decided('review'), 'sql', NOBODY)
    assert.deepEqual([patch.cycle, 'sla' in patch, patch.sla], [2, true, undefined])
    assert.deepEqual(
      [patch.decision!.outcome, patch.decision!.rule, patch.decision!.grade, patch.decision!.at],
      ['sql', 'override', 'A1', at(NOW)],
    )
    assert.deepEqual(because, [
      {
        rule: 'override',
        why: 'overridden (wrong-segment) by Dana; review becomes sql',
        inputs: [{ path: 'decision.outcome', value: 'review' }],
      },
    ])
  })
  it('to sales, a lead that nobody has goes on to be routed', () => {
    const going = outcomeStep.decide(
      decided('nurture'),
      {
        policy: POLICY,
        event: { id: 'o', kind: 'overridden', atMs: NOW, decision: 'mql' },
        ends: new Set(),
      },
      NOBODY,
      NOW,
    )
    assert.deepEqual(
      [kinds(going), stateAfter(going)],
      [['timers.cancel', 'intake.again', 'lead.save'], 'qualified'],
    )
  })
  it('to sales, an assignment that came to nothing says when it was opened again', () => {
    const unroutable = assigned({ status: 'unroutable', at: at(NOW - HOUR) })
    const { patch } = over(decided('nurture', { assignment: unroutable }), 'sql', NOBODY)
    assert.equal(patch.assignment!.openedAt, at(NOW))
  })
  it('to sales, a lead in work stays where it is', () => {
    const stays = over(decided('sql'), 'mql')
    assert.deepEqual([kinds(stays), stateAfter(stays)], [['lead.save'], 'assigned'])
    assert.equal('assignment' in stays.patch, false)
  })
  it('to sales, a lead that waits goes on waiting, with its next try', () => {
    const waiting = assigned({ status: 'waiting', pool: 'all', retryAt: at(NOW + HOUR) })
    const facts = { open: false, waits: true }
    const saved = change(over(decided('sql', { assignment: waiting }), 'mql', facts), 'lead.save')!
    assert.deepEqual([saved.state, saved.poolId, saved.retryAtMs], ['waiting', 'all', NOW + HOUR])
  })
  for (const [to, state] of [
    ['nurture', 'nurture'],
    ['review', 'review'],
    ['disqualified', 'disqualified'],
    ['suppressed', 'suppressed'],
  ] as const) {
    it(`to ${to}, it is taken from its rep: capacity back, clock stopped`, () => {
      const away = over(decided('sql'), to)
      assert.deepEqual(kinds(away), ['assignment.close', 'timers.cancel', 'lead.save'])
      assert.equal(stateAfter(away), state)
      assert.deepEqual(
        [away.patch.assignment!.ended!.reason, away.patch.sla!.status],
        ['overridden', 'stopped'],
      )
    })
  }
  it('a review that a person decides has met its resolution, and its clocks are off', () => {
    const review = policy({
      tiers: [
        {
          id: 'review',
          respond: '30m',
          clock: 'always',
          clocks: [{ kind: 'resolution', within: '6h' }],
        },
      ],
    })
    const sla = clock({
      tier: 'review',
      policy: review.ref,
      rep: 'ana',
      assignedAt: at(NOW),
      clocks: [
        {
          id: 'resolution',
          kind: 'resolution',
          status: 'running',
          startedAt: at(NOW - HOUR),
          dueAt: at(NOW + 5 * HOUR),
          clock: 'always',
        },
      ],
    })
    const event = { id: 'o', kind: 'overridden' as const, atMs: NOW, decision: 'nurture' as const }
    const settings = { policy: review, event }
    const after = outcomeStep.decide(decided('review', { sla }), settings, NOBODY, NOW)
    assert.deepEqual(kinds(after), ['timers.cancel', 'lead.save'])
    assert.deepEqual(
      [after.patch.sla!.status, after.patch.sla!.clocks![0]!.status],
      ['stopped', 'met'],
    )
  })
  const refused: readonly (readonly [string, Lead, typeof decision.outcome, RegExp])[] = [
    ['what was not decided', inWork(), 'sql', /not decided yet/],
    ['to what it is', decided('sql'), 'sql', /decided as sql already/],
    [
      'to sales, of a person who opted out',
      decided('suppressed', { consent: { optOut: true } }),
      'sql',
      /asked not to be contacted/,
    ],
  ]
  for (const [name, one, to, why] of refused) {
    it(`${name} is ignored`, () => {
      const decision = over(one, to)
      assert.deepEqual([decision.outcome, decision.changes], ['ignored', []])
      assert.match(decision.because[0]!.why, why)
    })
  }
})

describe('outcome: paused and resumed', () => {
  it('a clock that an earlier version started is left alone, and the answer says so', () => {
    for (const kind of ['paused', 'resumed'] as const) {
      const decision = go(inWork(), { kind, state: 'waiting-for-customer' })
      assert.deepEqual([decision.outcome, decision.changes], ['ignored', []])
      assert.match(decision.because[0]!.why, /earlier version/)
    }
  })
  it('without a clock there is nothing to hold', () => {
    const decision = go(lead({ assignment: assigned() }), { kind: 'paused', state: 'x' })
    assert.match(decision.because[0]!.why, /No clock runs/)
  })
})
