// Goal: one assignment per cycle, kept by who has it; a lead that cannot be placed stands visibly;
// a request is followed once. Method: a table of standings; each change checked with its state.

import assert from 'node:assert/strict'
import { known as answered, carryOut } from '../../../engine/asking'
import type { LeadState } from '../../../engine/decision'
import { patched } from '../../../engine/decision'
import type { Assignment, Lead, RoutingRequest, SlaSection } from '../../../engine/lead/lead'
import type { Reads } from '../../../engine/step'
import { routeStep } from '../../../engine/steps/route'
import { policy } from '../support/artefacts'
import { at, DAY, HOUR, lead, NOW } from '../support/leads'
import { change, ends, kinds, stateAfter } from './support'

const POLICY = policy({
  routes: [
    { id: 'previous', to: 'previous-owner', wait: true, when: { 'company.country': 'FR' } },
    { id: 'rest', pool: 'all' },
  ],
})
const SETTINGS = { ...ends(), policy: POLICY }
type Known = Parameters<typeof routeStep.decide>[2]
const known = (more: Partial<Known> & { full?: boolean } = {}): Known => {
  const { full, ...rest } = more
  return {
    loads: new Map(
      full
        ? [
            ['ana', 10],
            ['ben', 10],
          ]
        : [],
    ),
    fairness: new Map(),
    ...rest,
  }
}
const go = (one: Lead, facts: Known = known(), settings = SETTINGS, nowMs = NOW) =>
  routeStep.decide(one, settings, facts, nowMs)
const OPEN = { open: { repId: 'ana', poolId: 'all', units: 1 } }

function assignment(changes: Partial<Assignment> = {}): Assignment {
  return {
    status: 'assigned',
    rep: { id: 'ana', name: 'Ana' },
    units: 1,
    cycle: 1,
    attempt: 1,
    at: at(NOW - HOUR),
    why: 'w',
    candidates: [],
    policy: POLICY.ref,
    ...changes,
  }
}
const request = (changes: Partial<RoutingRequest> = {}): RoutingRequest => ({
  id: 't1',
  exclude: ['ana'],
  why: 'no response',
  ...changes,
})

describe('route: a lead that nobody has', () => {
  const decision = go(lead({ account: { id: 'domain:acme.example' } }))
  it('notes the owner under the person’s own key of the account', () => {
    const account = { id: 'crm:1', key: 'domain:acme.example' }
    assert.equal(change(go(lead({ account })), 'account.owner')!.accountId, account.key)
  })
  it('is assigned, in this cycle, with the account’s owner noted', () => {
    assert.equal(decision.outcome, 'assigned')
    assert.deepEqual(kinds(decision), [
      'assignment.open',
      'fairness.save',
      'fairness.save',
      'account.owner',
      'lead.save',
    ])
    assert.deepEqual(change(decision, 'assignment.open'), {
      kind: 'assignment.open',
      leadId: 'L1',
      cycle: 1,
      repId: 'ana',
      poolId: 'all',
      units: 1,
    })
    assert.equal(stateAfter(decision), 'assigned')
    const { status, rep, pool, route, cycle, attempt } = decision.patch.assignment!
    assert.deepEqual(
      [status, rep, pool, route, cycle, attempt],
      ['assigned', { id: 'ana', name: 'Ana' }, 'all', 'rest', 1, 1],
    )
  })
  it('waits when everybody is full, with its pool', () => {
    const waiting = go(lead(), known({ full: true }))
    assert.deepEqual([waiting.outcome, stateAfter(waiting)], ['waiting', 'waiting'])
    assert.equal(change(waiting, 'lead.save')!.poolId, 'all')
    assert.equal(change(waiting, 'assignment.open'), undefined)
  })
  it('a tier’s units are what it takes', () => {
    const tiers = [{ id: 'routine', respond: '1h', clock: 'always', units: 3 }]
    const heavy = go(lead(), known(), { ...ends(), policy: policy({ tiers }) })
    assert.equal(change(heavy, 'assignment.open')!.units, 3)
  })
})

describe('route: whom nobody may have', () => {
  for (const [name, one, state] of [
    ['an opted-out person', lead({ consent: { optOut: true } }), 'suppressed'],
    [
      'a person whom no channel reaches',
      lead({ consent: { email: 'denied', phone: 'denied' } }),
      'suppressed',
    ],
    ...(['nurture', 'review', 'disqualified', 'suppressed'] as const).map(
      (outcome) =>
        [
          `a lead decided as ${outcome}`,
          lead({ decision: { outcome } as Lead['decision'] & object }),
          'unroutable',
        ] as const,
    ),
  ] as const) {
    it(`${name} is not assigned`, () => {
      const decision = go(one)
      assert.deepEqual([decision.outcome, stateAfter(decision)], ['unroutable', state])
      assert.equal(change(decision, 'assignment.open'), undefined)
    })
  }
  for (const outcome of ['sql', 'mql', undefined] as const) {
    it(`a lead decided as ${outcome} is`, () => {
      const one =
        outcome === undefined
          ? lead()
          : lead({ decision: { outcome } as Lead['decision'] & object })
      assert.equal(go(one).outcome, 'assigned')
    })
  }
  it('an opted-out person whose lead is open gives it back, clock and all', () => {
    const one = lead({
      consent: { optOut: true },
      assignment: assignment(),
      sla: { status: 'running', cycle: 1 } as Lead['sla'] & object,
    })
    const decision = go(one, known(OPEN))
    assert.deepEqual(kinds(decision), ['assignment.close', 'timers.cancel', 'lead.save'])
    assert.deepEqual(
      [decision.patch.assignment!.status, decision.patch.sla!.status, stateAfter(decision)],
      ['closed', 'stopped', 'suppressed'],
    )
  })
  it('a lead that sales has is not taken away by a later, lower decision', () => {
    const one = lead({
      assignment: assignment(),
      decision: { outcome: 'nurture' } as Lead['decision'] & object,
    })
    const decision = go(one, known(OPEN))
    assert.deepEqual([decision.outcome, decision.changes], ['assigned', []])
  })
})

describe('route: a lead that somebody has', () => {
  it('stays, and nothing is written', () => {
    const decision = go(lead({ assignment: assignment() }), known({ ...OPEN, full: true }))
    assert.deepEqual([decision.outcome, decision.changes, decision.patch], ['assigned', [], {}])
    assert.equal(decision.because[0]!.why, 'Ana has this lead already')
  })
  it('goes to another on request, in the next cycle', () => {
    const decision = go(lead({ assignment: assignment(), routing: request() }), known(OPEN))
    assert.deepEqual(kinds(decision).slice(0, 3), [
      'assignment.close',
      'timers.cancel',
      'assignment.open',
    ])
    assert.deepEqual(change(decision, 'assignment.close'), {
      kind: 'assignment.close',
      leadId: 'L1',
      cycle: 1,
      reason: 'no response',
    })
    assert.deepEqual(
      [change(decision, 'assignment.open')!.cycle, change(decision, 'assignment.open')!.repId],
      [2, 'ben'],
    )
    const after = patched(lead({ routing: request() }), decision.patch)
    assert.deepEqual(
      [after.cycle, after.assignment!.reassigned, after.assignment!.previous, 'routing' in after],
      [2, true, 'ana', false],
    )
  })
  it('stays when nobody else can take it', () => {
    const one = lead({ assignment: assignment(), routing: request({ exclude: ['ana', 'ben'] }) })
    const decision = go(one, known(OPEN))
    assert.deepEqual([kinds(decision), stateAfter(decision)], [['lead.save'], 'assigned'])
    assert.match(decision.patch.assignment!.why, /it stays with Ana$/)
    assert.equal('routing' in patched(one, decision.patch), false)
  })
  it('a request is followed once: its id is the key', () => {
    assert.equal(routeStep.key(lead({ routing: request() }), SETTINGS), 'L1#t1')
    assert.equal(routeStep.key(lead(), SETTINGS), undefined)
  })
})

describe('route: a request that says what it is about', () => {
  const sla = (changes: Partial<SlaSection> = {}): SlaSection => ({
    tier: 'fast',
    status: 'breached',
    startedAt: at(NOW - HOUR),
    dueAt: at(NOW),
    clock: 'always',
    cycle: 1,
    ...changes,
  })
  const about = (changes: Partial<RoutingRequest> = {}) =>
    request({ cycle: 1, clock: 'first-touch', ...changes })
  const inWork = (changes: Partial<Lead> = {}) =>
    lead({ assignment: assignment(), sla: sla(), routing: about(), ...changes })
  const next = { cycle: 2, assignment: assignment({ cycle: 2 }) }
  const followUp = { id: 'follow-up', kind: 'follow-up' as const }
  const { tier: _tier, cycle: _cycle, ...time } = sla({ status: 'running' })

  it('is carried out while that holds', () => {
    assert.equal(go(inWork(), known(OPEN)).patch.assignment!.rep!.id, 'ben')
    const other = sla({ status: 'met', clocks: [{ ...time, ...followUp }] })
    const one = inWork({ sla: other, routing: about({ clock: 'follow-up' }) })
    assert.equal(go(one, known(OPEN)).patch.assignment!.rep!.id, 'ben')
  })
  it('is a move of the lead, and only when it gets another rep', () => {
    const asked = about({ cause: 'sla-lost' })
    const moves = (one: Lead, facts: Partial<Known>) =>
      patched(one, go(one, known(facts)).patch).sla!.moves
    assert.equal(moves(inWork({ routing: asked }), OPEN), 1)
    assert.equal(moves(inWork({ routing: asked, sla: sla({ moves: 2 }) }), OPEN), 3)
    assert.equal(moves(inWork({ routing: about() }), OPEN), undefined, 'somebody else asks')
    const alone = about({ cause: 'sla-lost', exclude: ['ana', 'ben'] })
    assert.equal(moves(inWork({ routing: alone, sla: sla({ moves: 1 }) }), OPEN), 1)
    const late = inWork({ routing: asked, sla: sla({ status: 'met', moves: 1 }) })
    assert.equal(moves(late, OPEN), 1)
  })
  it('of a lead that waits, too', () => {
    const one = inWork({
      assignment: assignment({ status: 'waiting' }),
      routing: about({ exclude: [] }),
    })
    assert.equal(go(one, known({ parkedAs: 'waiting' })).outcome, 'assigned')
  })
  const late: readonly (readonly [string, Lead, Partial<Known>, string, RegExp])[] = [
    ['another rep has the lead since', inWork({ ...next }), OPEN, 'assigned', /^Ana has got/],
    [
      'a lead that waited has somebody since',
      inWork({ routing: about({ exclude: [] }) }),
      OPEN,
      'assigned',
      /^Ana has got/,
    ],
    [
      'the lead came back and waits since',
      inWork({ cycle: 2, assignment: assignment({ cycle: 2, status: 'waiting' }) }),
      { parkedAs: 'waiting' },
      'waiting',
      /moved on/,
    ],
    [
      'its clock was met since',
      inWork({ sla: sla({ status: 'met' }) }),
      OPEN,
      'assigned',
      /stopped/,
    ],
    [
      'its clock was stopped since',
      inWork({ sla: sla({ status: 'stopped' }) }),
      OPEN,
      'assigned',
      /stopped/,
    ],
    [
      'the tier has no such clock any more',
      inWork({ routing: about({ clock: 'follow-up' }) }),
      OPEN,
      'assigned',
      /stopped/,
    ],
  ]
  for (const [name, one, facts, outcome, says] of late) {
    it(`is set aside, and the lead stays where it is, when ${name}`, () => {
      const decision = go(one, known(facts))
      assert.deepEqual([decision.outcome, decision.patch], [outcome, { routing: undefined }])
      assert.match(decision.because[0]!.why, says)
      assert.deepEqual(kinds(decision), ['lead.save'])
      assert.equal(stateAfter(decision), facts.parkedAs ?? 'assigned')
      assert.equal('routing' in patched(one, decision.patch), false)
    })
  }
})

describe('route: a lead that has to wait', () => {
  const wait = (one: Lead, nowMs: number) => {
    const decision = go(one, known({ full: true }), SETTINGS, nowMs)
    assert.equal(decision.outcome, 'waiting')
    return { next: patched(one, decision.patch), save: change(decision, 'lead.save') }
  }
  const first = wait(lead(), NOW)

  it('stands in line since the first time in its cycle, whatever happened meanwhile', () => {
    assert.equal(first.save!.sinceMs, NOW)
    const event = { id: 'web:2', receivedAt: at(NOW + HOUR) }
    assert.equal(wait({ ...first.next, event }, NOW + HOUR).save!.sinceMs, NOW)
    for (const status of ['offered', 'unroutable'] as const) {
      const parked = { ...first.next, assignment: { ...first.next.assignment!, status } }
      assert.equal(wait(parked, NOW + HOUR).save!.sinceMs, NOW, status)
    }
  })
  it('still says so when somebody has it, and begins anew in the next cycle', () => {
    const taken = patched(first.next, go(first.next, known(), SETTINGS, NOW + HOUR).patch)
    assert.equal(taken.assignment!.waitingSince, at(NOW))
    const closed = { ...taken, assignment: { ...taken.assignment!, status: 'closed' as const } }
    const { next, save } = wait(closed, NOW + DAY)
    assert.deepEqual([next.cycle, save!.sinceMs], [2, NOW + DAY])
  })
})

describe('route: a cycle that had its assignment', () => {
  const closed = lead({ assignment: assignment({ status: 'closed' }) })
  it('is followed by another', () => {
    const decision = go(closed)
    assert.deepEqual([change(decision, 'assignment.open')!.cycle, decision.patch.cycle], [2, 2])
    assert.equal(decision.patch.assignment!.reassigned, undefined)
  })
  it('also when the lead had to wait between', () => {
    const waiting = go(closed, known({ full: true }))
    const parked = patched(closed, waiting.patch)
    assert.deepEqual(
      [parked.cycle, parked.assignment!.cycle, parked.assignment!.status],
      [2, 2, 'waiting'],
    )
    const decision = go(parked, known({ parkedAs: 'waiting' }))
    assert.equal(change(decision, 'assignment.open')!.cycle, 2)
  })
  it('an escalation that comes too late is dropped: the lead stays closed', () => {
    const decision = go({ ...closed, routing: request() })
    assert.deepEqual([decision.outcome, decision.changes], ['unroutable', []])
    assert.equal('routing' in patched(closed, decision.patch), false)
  })
})

describe('route: a lead that waits', () => {
  const parked = (facts: Known, one = lead()) => patched(one, go(one, facts).patch)
  const full = known({ full: true })

  it('is tried again without a word when nothing is new', () => {
    const decision = go(parked(full), { ...full, parkedAs: 'waiting' })
    assert.deepEqual([decision.outcome, decision.changes], ['waiting', []])
  })
  for (const state of ['qualified', 'open', 'nurture', 'unroutable', undefined] as const) {
    it(`is put back among the waiting when it stands ${state} meanwhile`, () => {
      const facts = state === undefined ? full : { ...full, parkedAs: state as LeadState }
      assert.equal(stateAfter(go(parked(full), facts)), 'waiting')
    })
  }
  it('news about why it waits is written', () => {
    const reps = [
      { id: 'ana', name: 'Ana', capacity: 10, away: [{ from: at(NOW - DAY), to: at(NOW + DAY) }] },
      { id: 'ben', name: 'Ben', capacity: 10 },
    ]
    const settings = { ...ends(), policy: policy({ reps }) }
    const decision = go(parked(full), { ...full, parkedAs: 'waiting' }, settings)
    assert.equal(change(decision, 'lead.save')!.retryAtMs, NOW + DAY)
    assert.equal(decision.patch.assignment!.retryAt, at(NOW + DAY))
    assert.equal(decision.patch.assignment!.attempt, 2)
  })
  it('still knows who had it before, and waits for that rep', () => {
    const returned = lead({
      cycle: 2,
      company: { country: 'FR' },
      assignment: assignment({ status: 'closed' }),
    })
    const facts = known({ full: true, previousOwner: 'ana' })
    const first = go(returned, facts)
    assert.equal(first.outcome, 'waiting')
    assert.equal(first.patch.assignment!.previous, 'ana')
  })
  it('ends its way while it waits, where no lead node follows', () => {
    const decision = go(lead(), full, { ...ends('waiting'), policy: POLICY })
    assert.equal(change(decision, 'intake.done')!.key, 'web:1')
  })
})

describe('route: gather', () => {
  const reads = (more: Partial<Reads> = {}) =>
    ({
      fairness: () => answered(new Map()),
      repLoads: () => answered(new Map()),
      openAssignment: () => answered(undefined),
      state: () => answered('qualified'),
      ...more,
    }) as unknown as Reads
  const gather = (one: Lead, accounts: readonly object[] = []) =>
    carryOut(routeStep.gather(reads(), one, { ...ends(), policy: policy({ accounts }) }, NOW))

  for (const [name, one, accounts, want] of [
    [
      'the CRM’s owner first',
      lead({ crm: { owner: 'ben' }, account: { id: 'a', owner: 'ana' } }),
      [{ domain: 'acme.example', owner: 'ana' }],
      'ben',
    ],
    [
      'then the named account',
      lead({ account: { id: 'a', owner: 'ben' } }),
      [{ domain: 'Acme.example', owner: 'ana' }],
      'ana',
    ],
    [
      'of a person without a domain the named account by the domain that the account has',
      lead({ company: {}, account: { id: 'crm:1', domain: 'acme.example' } }),
      [{ domain: 'acme.example', owner: 'ana' }],
      'ana',
    ],
    ['then who had the account', lead({ account: { id: 'a', owner: 'ben' } }), [], 'ben'],
    [
      'a CRM owner who is no rep is passed over',
      lead({ crm: { owner: 'boss' }, account: { id: 'a', owner: 'boss', lastRep: 'ben' } }),
      [],
      'ben',
    ],
    ['nobody', lead(), [], undefined],
  ] as const) {
    it(`the account’s owner: ${name}`, async () =>
      assert.equal((await gather(one, accounts)).accountOwner, want))
  }
  for (const [name, given, want] of [
    ['the rep of the assignment', assignment(), 'ana'],
    [
      'of a lead that waits, the rep before',
      assignment({ status: 'waiting', rep: undefined as never, previous: 'ben' }),
      'ben',
    ],
  ] as const) {
    it(`who had it: ${name}`, async () =>
      assert.equal((await gather(lead({ assignment: given }))).previousOwner, want))
  }
  it('asks how a lead stands only when it was parked', async () => {
    assert.equal(
      (await gather(lead({ assignment: assignment({ status: 'waiting' }) }))).parkedAs,
      'qualified',
    )
    assert.equal((await gather(lead({ assignment: assignment() }))).parkedAs, undefined)
    assert.equal((await gather(lead())).parkedAs, undefined)
  })
})
