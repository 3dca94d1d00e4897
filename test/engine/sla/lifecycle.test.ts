// Goal: each clock begins, stands still, is met and ends as its tier says; escalations act, and not
// for ever; the three delays are measured apart. Method: one lead at a desk, moved by hand.
import assert from 'node:assert/strict'
import type { Lead } from '../../../engine/lead/lead'
import type { Policy } from '../../../engine/policy/policy'
import { policy } from '../support/artefacts'
import { at, DAY, HOUR, MINUTE, NOW } from '../support/leads'
import { Desk } from './desk'

const PAUSES = { 'waiting-for-customer': 'prospect', 'legal-hold': 'other' }
const CALENDARS = { office: { timezone: 'Etc/UTC', hours: { 'mon-fri': ['09:00-17:00'] } } }
const THREE = {
  id: 'strong',
  respond: '1h',
  clock: 'always',
  remind: ['45m'],
  pauseOn: ['waiting-for-customer'],
  clocks: [
    { kind: 'follow-up', within: '24h', remind: ['20h'] },
    { kind: 'resolution', within: '5d' },
  ],
}
const one = (tier: object, more: object = {}) =>
  policy({ calendars: CALENDARS, pauses: PAUSES, ...more, tiers: [tier] })
const begin = (
  tier: object,
  more: object = {},
  desk: ConstructorParameters<typeof Desk>[1] = {},
) => {
  const started = new Desk(one(tier, more), desk)
  started.start()
  return started
}
const why = ({ because }: { because: readonly { why: string }[] }) => because[0]!.why

describe('several clocks', () => {
  it('begin when their tier says, each with timers of its own', () => {
    const desk = begin(THREE)
    assert.deepEqual(desk.due, {
      'first-touch/reminder#0': 45 * MINUTE,
      'first-touch/breach#0': HOUR,
      'resolution/breach#0': 5 * DAY,
    })
    assert.deepEqual(
      desk.sla.clocks!.map(({ id, kind, dueAt }) => [id, kind, dueAt]),
      [['resolution', 'resolution', at(NOW + 5 * DAY)]],
    )
    desk.pass(30 * MINUTE).touch()
    assert.equal(desk.sla.status, 'met')
    assert.deepEqual(desk.due, {
      'resolution/breach#0': 5 * DAY - 30 * MINUTE,
      'follow-up/reminder#0': 20 * HOUR,
      'follow-up/breach#0': DAY,
    })
  })

  it('the next contact is the follow-up, the same one told twice is not', () => {
    const desk = begin(THREE)
    desk.pass(10 * MINUTE).touch()
    const again = desk.pass(MINUTE).touch('call', { atMs: NOW + 10 * MINUTE })
    assert.deepEqual([again.outcome, why(again)], ['ignored', 'The clock was stopped before'])
    const next = desk.pass(HOUR).touch('meeting', { by: 'Ana' })
    assert.deepEqual([next.outcome, why(next)], ['met', 'follow up (meeting) by Ana'])
    const [resolution, followUp] = desk.sla.clocks!
    assert.deepEqual([resolution!.status, followUp!.status], ['running', 'met'])
    assert.equal(followUp!.elapsedMs, 61 * MINUTE)
  })

  it('ring beside each other, and only the one that is late is breached', () => {
    const desk = begin(THREE)
    desk.touch()
    desk.pass(30 * HOUR)
    assert.deepEqual(desk.rang, ['follow-up/reminder#0', 'follow-up/breach#0'])
    assert.deepEqual(
      desk.sla.clocks!.map(({ id, status }) => [id, status]),
      [
        ['resolution', 'running'],
        ['follow-up', 'breached'],
      ],
    )
    assert.equal(why(desk.rung[1]!.decision), `Ana did not follow up before ${at(NOW + DAY)}`)
    assert.equal(desk.sla.status, 'met')
  })

  const ends: readonly (readonly ['converted' | 'closed' | 'disqualified' | 'rejected', string])[] =
    [
      ['converted', 'met'],
      ['closed', 'met'],
      ['disqualified', 'met'],
      ['rejected', 'stopped'],
    ]
  for (const [kind, status] of ends) {
    it(`a resolution of a lead that is ${kind} is ${status}, the others stop`, () => {
      const desk = begin(THREE)
      desk.pass(10 * MINUTE)
      desk.report(kind)
      assert.deepEqual([desk.sla.status, desk.sla.clocks![0]!.status], ['stopped', status])
      assert.deepEqual(desk.due, {})
    })
  }

  it('a clock may be written in full, and count from the assignment', () => {
    const clocks = [
      {
        kind: 'first-touch',
        within: '2h',
        from: 'assigned',
        clock: 'business',
        calendar: 'office',
      },
    ]
    const desk = begin({ id: 't', clocks }, {}, { systemMs: 3 * HOUR })
    assert.deepEqual([desk.sla.startedAt, desk.sla.dueAt], [at(NOW), at(NOW + 2 * HOUR)])
  })

  it('one that counts from the assignment does not count while nobody has the lead', () => {
    const tier = { id: 't', respond: '1h', clock: 'always', from: 'assigned' }
    const desk = new Desk(one(tier))
    const assigned = desk.lead.assignment!
    const { rep: _rep, ...nobody } = assigned
    desk.lead = { ...desk.lead, assignment: { ...nobody, status: 'waiting' } }
    desk.start()
    assert.deepEqual([desk.due, desk.sla.delays], [{}, { prospectMs: 0 }])
    desk.pass(5 * HOUR)
    desk.lead = { ...desk.lead, assignment: { ...assigned, at: at(desk.nowMs) } }
    desk.start()
    assert.deepEqual(desk.due, { 'first-touch/breach#0': HOUR })
    assert.equal(desk.sla.delays!.systemMs, 5 * HOUR)
  })

  it('the hours of the rep count from when there is one, those of the pool before', () => {
    const tier = { id: 't', respond: '2h', clock: 'business' }
    const long = { timezone: 'Etc/UTC', hours: { 'mon-fri': ['09:00-20:00'] } }
    const calendars = { ...CALENDARS, long }
    const pools = [{ id: 'all', members: ['ana', 'ben'], calendar: 'long' }]
    const reps = [
      { id: 'ana', name: 'Ana', capacity: 9, calendar: 'office' },
      { id: 'ben', name: 'Ben', capacity: 9, calendar: 'office' },
    ]
    const desk = new Desk(one(tier, { reps, pools, calendars }))
    const assigned = desk.lead.assignment!
    const { rep: _rep, ...nobody } = assigned
    desk.nowMs = NOW + 6.5 * HOUR
    desk.lead = {
      ...desk.lead,
      event: { id: 'e', receivedAt: at(desk.nowMs) },
      assignment: { ...nobody, status: 'waiting', at: at(desk.nowMs) },
    }
    desk.start()
    assert.deepEqual(desk.due, { 'first-touch/breach#0': 2 * HOUR })
    desk.pass(HOUR)
    desk.lead = { ...desk.lead, assignment: { ...assigned, at: at(desk.nowMs) } }
    desk.start()
    assert.equal(
      desk.sla.dueAt,
      '2026-03-03T10:00:00.000Z',
      'an hour is used, one is left tomorrow',
    )
    assert.equal(desk.sla.pool, undefined)
  })

  it('a lead that waits over the weekend loses none of it', () => {
    const friday = Date.parse('2026-03-06T17:30:00Z')
    const reps = ['ana', 'ben'].map((id) => ({ id, name: id, capacity: 9, calendar: 'office' }))
    const desk = new Desk(one({ id: 't', respond: '4h', clock: 'business' }, { reps }))
    const assigned = desk.lead.assignment!
    const { rep: _rep, ...nobody } = assigned
    desk.nowMs = friday
    desk.lead = {
      ...desk.lead,
      event: { id: 'e', receivedAt: at(friday) },
      assignment: { ...nobody, status: 'waiting', at: at(friday) },
    }
    desk.start()
    assert.equal(desk.sla.dueAt, '2026-03-09T13:00:00.000Z')
    desk.pass(64 * HOUR)
    desk.lead = { ...desk.lead, assignment: { ...assigned, at: at(desk.nowMs) } }
    desk.start()
    assert.deepEqual([desk.rang, desk.sla.dueAt], [[], '2026-03-09T13:00:00.000Z'])
  })

  it('another pool to wait in counts in its hours from then on', () => {
    const pools = [
      { id: 'all', members: ['ana'], calendar: 'office' },
      { id: 'duty', members: ['ana'] },
    ]
    const desk = new Desk(one({ id: 't', respond: '9h', clock: 'business' }, { pools }))
    const { rep: _rep, ...nobody } = desk.lead.assignment!
    desk.lead = { ...desk.lead, assignment: { ...nobody, status: 'waiting' } }
    desk.start()
    desk.pass(10 * HOUR)
    desk.lead = { ...desk.lead, assignment: { ...nobody, status: 'waiting', pool: 'duty' } }
    desk.start()
    assert.deepEqual([desk.sla.consumedMs, desk.sla.pool], [7 * HOUR, 'duty'])
    assert.equal(desk.due['first-touch/breach#0'], 2 * HOUR)
  })

  it('a rep who is gone from the policy leaves the lead in the hours of the pool', () => {
    const tier = { id: 't', respond: '8h', clock: 'business' }
    const rep = (id: string) => ({ id, name: id, capacity: 9, calendar: 'office' })
    const desk = begin(tier, { reps: [rep('ana'), rep('ben')] })
    const { dueAt } = desk.sla
    const pools = [{ id: 'all', members: ['ben'] }]
    desk.pass(6 * HOUR).change(one(tier, { reps: [rep('ben')], pools }))
    desk.start()
    assert.deepEqual([desk.sla.dueAt, desk.sla.rep, desk.sla.pool], [dueAt, 'ana', 'all'])
  })
})

describe('evidence', () => {
  const tier = { ...THREE, stopOn: ['call', 'visit'] }
  for (const [evidence, says] of [
    ['status_edit', /^A status edit is no contact.*call, visit/],
    ['automatic-mail', /^An automatic mail is no contact/],
    ['edited the record', /^"edited the record" is no contact/],
    ['reply', /^"reply" does not stop this clock; what stops it: call, visit$/],
    [undefined, /names no evidence.*call, visit/],
  ] as const) {
    it(`${evidence} stops nothing, and the answer says what would`, () => {
      const desk = begin(tier)
      const decision = desk.report('first_touch', evidence === undefined ? {} : { evidence })
      assert.deepEqual([decision.outcome, decision.changes], ['ignored', []])
      assert.match(why(decision), says)
    })
  }
  it('what the tier lists stops the clock, and the section says which it was', () => {
    const desk = begin(tier)
    assert.equal(desk.touch('visit').outcome, 'met')
    assert.equal(desk.sla.evidence, 'visit')
  })
})

describe('contact', () => {
  const OLDER = /^The contact was at .*, and the lead came or was opened again at /
  const refused = (desk: Desk, atMs: number) => {
    const decision = desk.touch('call', { atMs })
    assert.deepEqual([decision.outcome, decision.changes], ['ignored', []])
    assert.match(why(decision), OLDER)
  }

  it('of before the receipt is none of this lead, at the receipt it is', () => {
    const desk = begin(THREE, {}, { systemMs: 10 * MINUTE })
    refused(desk, NOW - 30 * DAY)
    refused(desk, NOW - 10 * MINUTE - 1)
    assert.equal(desk.touch('call', { atMs: NOW - 10 * MINUTE }).outcome, 'met')
  })

  it('in the minute of the receipt counts, as a CRM notes it to the minute', () => {
    const desk = begin(THREE, {}, { systemMs: 10 * MINUTE - 30_000 })
    assert.equal(desk.touch('call', { atMs: NOW - 10 * MINUTE }).outcome, 'met')
  })

  it('between receipt and assignment counts, also where the clock begins with the assignment', () => {
    const desk = begin({ ...THREE, from: 'assigned' }, {}, { systemMs: 10 * MINUTE })
    assert.equal(desk.touch('call', { atMs: NOW - MINUTE }).outcome, 'met')
    assert.deepEqual([desk.sla.status, desk.sla.elapsedMs], ['met', 0])
  })

  it('counts also when a newer event of the lead has come since', () => {
    const desk = begin(THREE)
    desk.pass(40 * MINUTE)
    desk.lead = { ...desk.lead, event: { id: 'web:2', receivedAt: at(desk.nowMs) } }
    assert.equal(desk.touch('call', { atMs: NOW + 30 * MINUTE }).outcome, 'met')
  })

  it('with the rep before counts when it is told to the second one', () => {
    const desk = begin(THREE, {}, { systemMs: 5 * MINUTE })
    desk.pass(2 * HOUR)
    const assignment = { ...desk.lead.assignment!, cycle: 2, reassigned: true, at: at(desk.nowMs) }
    desk.lead = { ...desk.lead, cycle: 2, assignment }
    desk.start()
    assert.equal(desk.touch('call', { atMs: NOW + HOUR }).outcome, 'met')
  })

  it('of the work before is none of a lead that was opened again', () => {
    const desk = begin(THREE)
    desk.pass(HOUR / 2).report('closed')
    desk.pass(30 * DAY).report('reopened')
    const assignment = { ...desk.lead.assignment!, status: 'assigned' as const, cycle: 2 }
    desk.lead = { ...desk.lead, assignment: { ...assignment, at: at(desk.nowMs + MINUTE) } }
    desk.pass(MINUTE).start()
    assert.equal(desk.due['first-touch/breach#0'], 59 * MINUTE)
    refused(desk, NOW + 20 * MINUTE)
    desk.pass(MINUTE).touch()
    assert.deepEqual([desk.sla.status, desk.sla.elapsedMs], ['met', 2 * MINUTE])
    assert.deepEqual([desk.sla.delays!.systemMs, desk.sla.delays!.humanWallMs], [MINUTE, MINUTE])
  })
})

describe('pauses', () => {
  it('hold the timers, and what was left is left afterwards', () => {
    const desk = begin(THREE)
    desk.pass(40 * MINUTE)
    const decision = desk.pause()
    assert.match(
      why(decision),
      /waiting-for-customer.*first-touch, follow-up, resolution of strong/,
    )
    assert.deepEqual(desk.due, {})
    desk.pass(3 * DAY).resume()
    assert.deepEqual(desk.rang, [])
    assert.deepEqual(desk.due, {
      'first-touch/reminder#0': 5 * MINUTE,
      'first-touch/breach#0': 20 * MINUTE,
      'resolution/breach#0': 5 * DAY - 40 * MINUTE,
    })
    assert.equal(desk.sla.dueAt, at(desk.nowMs + 20 * MINUTE))
  })

  it('count in business time: a pause over night costs the clock nothing', () => {
    const tier = { ...THREE, respond: '10h', clock: 'business', calendar: 'office' }
    const desk = begin(tier)
    const dueAt = desk.sla.dueAt
    desk.pass(8 * HOUR).pause()
    desk.pass(14 * HOUR).resume()
    assert.equal(desk.sla.dueAt, dueAt)
  })

  it('hold only the clocks that declare the state', () => {
    const desk = begin({
      ...THREE,
      pauseOn: [],
      clocks: [{ kind: 'resolution', within: '5d', pauseOn: ['legal-hold'] }],
    })
    assert.match(why(desk.pause('legal-hold')), /resolution of strong stands still/)
    assert.deepEqual(Object.keys(desk.due), ['first-touch/reminder#0', 'first-touch/breach#0'])
    assert.match(why(desk.pause('waiting-for-customer')), /no clock of strong stands still/)
  })

  it('what was due before still rings, late', () => {
    const desk = begin(THREE)
    desk.nowMs = NOW + 50 * MINUTE
    desk.pause()
    desk.pass(0)
    assert.deepEqual(desk.rang, ['first-touch/reminder#0'])
    assert.match(why(desk.rung[0]!.decision), /5m late/)
  })

  it('a contact meanwhile is in time', () => {
    const desk = begin(THREE)
    desk.pass(59 * MINUTE).pause()
    desk.pass(DAY).touch()
    assert.deepEqual([desk.sla.status, desk.sla.elapsedMs], ['met', 59 * MINUTE])
  })

  it('twice in the same state is one, and going on without one is none', () => {
    const desk = begin(THREE)
    desk.pause()
    assert.match(why(desk.pause()), /waiting-for-customer already/)
    assert.equal(desk.resume().outcome, 'recorded')
    assert.match(why(desk.resume()), /No clock of this lead stands still/)
  })

  it('in two states hold until both have ended', () => {
    const desk = begin({ ...THREE, pauseOn: ['waiting-for-customer', 'legal-hold'] })
    desk.pause()
    desk.pass(HOUR).pause('legal-hold')
    desk.pass(HOUR).report('resumed', { state: 'waiting-for-customer' })
    assert.deepEqual(desk.due, {})
    desk.pass(HOUR).resume()
    assert.equal(desk.due['first-touch/breach#0'], HOUR)
    assert.equal(desk.sla.delays!.prospectMs, 2 * HOUR, 'legal is not the prospect')
  })
})

describe('escalations', () => {
  const POOLS = {
    pools: [
      { id: 'all', members: ['ana', 'ben'], overflow: 'duty' },
      { id: 'duty', members: ['ben'] },
    ],
  }
  const tier = (action: object, more: object = {}) => ({
    id: 't',
    respond: '1h',
    clock: 'always',
    escalate: [{ after: '2h', ...action }],
    ...more,
  })
  const escalated = (action: object, more: object = {}, lead: Partial<Lead> = {}) => {
    const desk = begin(tier(action, more), POOLS, { more: lead })
    desk.pass(2 * HOUR)
    assert.deepEqual(desk.rang.slice(-1), ['first-touch/escalation#0'])
    return desk
  }

  it('notify leaves the lead where it is', () => {
    const desk = escalated({ action: 'notify', to: 'duty' })
    assert.equal(desk.lead.routing, undefined)
    assert.equal(why(desk.rung.at(-1)!.decision), 'escalated from Ana to duty')
  })
  it('reassign asks for another rep, and says that the SLA was lost', () => {
    const { routing } = escalated({ action: 'reassign', to: 'duty' }).lead
    assert.deepEqual(
      [routing!.pool, routing!.exclude, routing!.cause],
      ['duty', ['ana'], 'sla-lost'],
    )
  })
  it('reassign without a pool asks for another rep of the routes', () => {
    const { routing } = escalated({ action: 'reassign' }).lead
    assert.deepEqual([routing!.pool, routing!.exclude], [undefined, ['ana']])
  })
  it('overflow asks the pool that the lead’s own one overflows to', () => {
    assert.equal(escalated({ action: 'overflow' }).lead.routing!.pool, 'duty')
  })
  it('overflow out of a pool of a ladder asks the next pool of it', () => {
    const ladder = {
      pools: [
        { id: 'all', members: ['ana'], overflow: ['duty', 'night'] },
        { id: 'duty', members: ['ben'] },
        { id: 'night', members: ['ana'] },
      ],
      routes: [{ id: 'rest', pool: 'all' }],
    }
    const desk = new Desk(one(tier({ action: 'overflow' }), ladder))
    const { assignment } = desk.lead
    desk.lead = { ...desk.lead, assignment: { ...assignment!, pool: 'duty', route: 'rest' } }
    desk.start()
    desk.pass(2 * HOUR)
    assert.equal(desk.lead.routing!.pool, 'night')
  })
  it('overflow out of a pool without one only tells', () => {
    const desk = new Desk(one(tier({ action: 'overflow' }), POOLS))
    desk.lead = { ...desk.lead, assignment: { ...desk.lead.assignment!, pool: 'duty' } }
    desk.start()
    desk.pass(2 * HOUR)
    assert.equal(desk.lead.routing, undefined)
    assert.match(why(desk.rung.at(-1)!.decision), /no overflow, so it stays/)
  })
  it('auto-accept accepts on behalf of the rep, and says so', () => {
    const desk = escalated({ action: 'auto-accept' })
    assert.deepEqual(desk.lead.assignment!.accepted, { at: at(NOW + 2 * HOUR), by: 'policy' })
    assert.equal(why(desk.rung.at(-1)!.decision), 'accepted on behalf of Ana')
  })
  it('auto-accept of what the rep has accepted is nothing', () => {
    const desk = begin(tier({ action: 'auto-accept' }), POOLS)
    desk.report('accepted', { by: 'Ana' })
    desk.pass(3 * HOUR)
    assert.deepEqual(desk.rang, ['first-touch/breach#0'])
    assert.equal(desk.lead.assignment!.accepted!.by, 'Ana')
    assert.match(why(desk.report('accepted')), /accepted by Ana before/)
  })

  it('end: a lead is moved as often as its tier allows, then it stays and somebody is told', () => {
    const spec = one(tier({ action: 'reassign' }, { movesMax: 2 }), POOLS)
    let desk = new Desk(spec)
    for (let cycle = 1; cycle <= 4; cycle++) {
      desk.start()
      desk.pass(2 * HOUR)
      const moved = desk.lead.routing !== undefined
      assert.equal(moved, cycle <= 2, `cycle ${cycle}`)
      if (!moved) assert.match(why(desk.rung.at(-1)!.decision), /moved 2 times already, the limit/)
      // What lead-route-by-capacity makes of it: another rep, the next cycle, one move more.
      const { routing, ...rest } = desk.lead
      const next = new Desk(spec)
      next.nowMs = desk.nowMs
      next.lead = {
        ...rest,
        ...(routing && { sla: { ...desk.sla, moves: cycle } }),
        cycle: cycle + 1,
        assignment: { ...rest.assignment!, cycle: cycle + 1, reassigned: true, at: at(desk.nowMs) },
      }
      desk = next
    }
  })
})

describe('delays', () => {
  it('are three: system, human in both times, and prospect', () => {
    const tier = { ...THREE, respond: '8h', clock: 'business', calendar: 'office' }
    const desk = begin(tier, {}, { systemMs: 20 * MINUTE })
    desk.pass(2 * HOUR).pause()
    desk.pass(HOUR).resume()
    const decision = desk.pass(20 * HOUR).touch()
    // Monday 10:00 to Tuesday 09:00: seven open hours, one of them waited for the customer.
    assert.deepEqual(desk.sla.delays, {
      systemMs: 20 * MINUTE,
      humanMs: 6 * HOUR,
      humanWallMs: 23 * HOUR,
      prospectMs: HOUR,
    })
    const reason = decision.because.find(({ rule }) => rule === 'sla.delays')!
    assert.equal(
      reason.why,
      '20m until assigned, 6h from there to contact (23h by the wall clock), 1h waiting for the prospect',
    )
    assert.deepEqual(
      reason.inputs.map(({ path }) => path),
      [
        'sla.delays.systemMs',
        'sla.delays.humanMs',
        'sla.delays.humanWallMs',
        'sla.delays.prospectMs',
      ],
    )
  })

  it('count from the first rep, also when another one gets in touch', () => {
    const desk = begin(THREE, {}, { systemMs: 5 * MINUTE })
    desk.pass(2 * HOUR)
    const assignment = { ...desk.lead.assignment!, cycle: 2, reassigned: true, at: at(desk.nowMs) }
    desk.lead = { ...desk.lead, cycle: 2, assignment }
    desk.start()
    assert.equal(desk.sla.startedAt, at(desk.nowMs), 'the clock is the second rep’s')
    desk.pass(10 * MINUTE).touch()
    assert.deepEqual(
      [desk.sla.delays!.systemMs, desk.sla.delays!.humanWallMs],
      [5 * MINUTE, 130 * MINUTE],
    )
  })
})

describe('another policy', () => {
  it('takes the new budget and keeps what is used, in the hours that then counted', () => {
    const desk = begin({ ...THREE, clock: 'business', calendar: 'office', respond: '12h' })
    desk.pass(20 * HOUR)
    const decision = desk.change(one({ ...THREE, respond: '9h', clock: 'always' })).start()
    assert.equal(decision.because[0]!.rule, 'sla.carried')
    assert.deepEqual(
      [desk.sla.consumedMs, desk.due['first-touch/breach#0'], desk.sla.clock],
      [7 * HOUR, 2 * HOUR, 'always'],
    )
    assert.equal(desk.start().because[0]!.rule, 'sla.running', 'only once')
  })

  it('rings at once what it puts into the past, and not again what has rung', () => {
    const desk = begin(THREE)
    desk.pass(50 * MINUTE)
    assert.deepEqual(desk.rang, ['first-touch/reminder#0'])
    desk.change(one({ ...THREE, respond: '10m', remind: ['45m'] })).start()
    desk.pass(0)
    assert.deepEqual(desk.rang, ['first-touch/reminder#0', 'first-touch/breach#0'])
  })

  describe('knows what has rung by what it was, and not by its place in the list', () => {
    const listing = (...escalate: object[]) =>
      one({ id: 't', respond: '1h', clock: 'always', escalate })
    const told = (desk: Desk) =>
      desk.rung.slice(1).map(({ decision }) => decision.patch.sla!.fired!.at(-1))
    /** Both under one policy for more than an hour, then under another for long. */
    const through = (former: Policy, next: Policy, meanwhile = (_desk: Desk) => {}) => {
      const desk = new Desk(former)
      desk.start()
      desk.pass(70 * MINUTE)
      meanwhile(desk)
      desk.change(next).start()
      desk.pass(10 * HOUR)
      return desk
    }

    it('another escalation in the place of one that rang rings', () => {
      const desk = through(
        listing({ after: '1h', action: 'notify' }),
        listing({ after: '2h', action: 'reassign' }),
      )
      assert.deepEqual(told(desk), ['escalation@3600000:notify', 'escalation@7200000:reassign'])
      assert.equal(desk.lead.routing?.cause, 'sla-lost')
    })

    it('one that rang does not ring again in another place', () => {
      const desk = through(
        listing({ after: '1h', action: 'reassign' }),
        listing({ after: '30m', action: 'notify' }, { after: '60m', action: 'reassign' }),
      )
      assert.deepEqual(told(desk), ['escalation@3600000:reassign', 'escalation@1800000:notify'])
    })

    it('the same to somebody else is another one', () => {
      const pools = ['all', 'duty'].map((id) => ({ id, members: ['ana'] }))
      const escalate = (to: string) => [{ after: '1h', action: 'notify', to }]
      const to = (id: string) =>
        one({ id: 't', respond: '1h', clock: 'always', escalate: escalate(id) }, { pools })
      assert.deepEqual(told(through(to('all'), to('duty'))), [
        'escalation@3600000:notify:all',
        'escalation@3600000:notify:duty',
      ])
    })

    it('a reminder for another time is another one', () => {
      const reminding = (...remind: string[]) =>
        one({ id: 't', respond: '2h', clock: 'always', remind })
      const desk = through(reminding('1h'), reminding('90m', '1h'))
      assert.deepEqual(desk.sla.fired, ['reminder@3600000', 'reminder@5400000', 'breach#0'])
    })

    it('what is listed twice rings once', () => {
      const twice = { after: '1h', action: 'notify' }
      const by = listing(twice, twice)
      assert.deepEqual(told(through(by, by)), ['escalation@3600000:notify'])
    })

    /** As an earlier version wrote it down. */
    const byPlace = (desk: Desk) => {
      desk.lead = { ...desk.lead, sla: { ...desk.sla, fired: ['breach#0', 'escalation#0'] } }
    }
    const reassign = { after: '1h', action: 'reassign' }

    it('a mark by place stands for what was there in the policy it rang under', () => {
      const next = listing({ after: '30m', action: 'notify' }, reassign)
      const desk = through(listing(reassign), next, byPlace)
      assert.deepEqual(told(desk).slice(1), ['escalation@1800000:notify'])
      assert.deepEqual(desk.sla.fired!.slice(0, 2), ['breach#0', 'escalation@3600000:reassign'])
    })

    it('a mark by place holds for the place where that policy is not known', () => {
      const next = listing({ after: '30m', action: 'notify' }, { ...reassign, after: '2h' })
      const desk = through(listing(reassign), next, (one) => {
        byPlace(one)
        one.change(next)
      })
      assert.deepEqual(told(desk).slice(1), ['escalation@7200000:reassign'])
    })

    it('a mark by place holds under the same policy', () => {
      const by = listing(reassign)
      const desk = through(by, by, byPlace)
      desk.pause()
      desk.resume()
      assert.deepEqual(desk.due, {})
    })
  })

  it('is noticed with the next report too', () => {
    const desk = begin(THREE)
    desk
      .pass(30 * MINUTE)
      .change(one({ ...THREE, respond: '2h' }))
      .pause()
    desk.pass(HOUR).resume()
    assert.equal(desk.due['first-touch/breach#0'], 90 * MINUTE)
  })

  it('stops a clock that it does not have, and begins one that it has beside', () => {
    const desk = begin(THREE)
    const clocks = [{ id: 'decision', kind: 'resolution', within: '3d' }]
    desk
      .pass(HOUR / 2)
      .change(one({ ...THREE, clocks }))
      .start()
    assert.deepEqual(
      desk.sla.clocks!.map(({ id, status }) => [id, status]),
      [
        ['resolution', 'stopped'],
        ['decision', 'running'],
      ],
    )
    assert.equal(desk.due['decision/breach#0'], 3 * DAY - HOUR / 2)
  })

  const NEWER = one({ ...THREE, remind: [], respond: '1h' }, { version: '2.0.0' })
  const LONGER = one({ ...THREE, remind: [], respond: '4h' }, { version: '2.0.0' })
  for (const [name, by] of [
    ['as long', NEWER],
    ['longer', LONGER],
  ] as const) {
    it(`does not excuse who was late, though its time is ${name}`, () => {
      const desk = begin(THREE)
      desk
        .pass(2 * HOUR)
        .change(by)
        .touch()
      assert.deepEqual([desk.sla.status, desk.sla.dueAt], ['met_late', at(NOW + HOUR)])
      assert.equal(desk.sla.elapsedMs, 2 * HOUR)
    })
  }

  it('leaves an overdue clock due when it was, through any number of changes', () => {
    const desk = begin(THREE)
    desk
      .pass(3 * HOUR)
      .change(NEWER)
      .start()
    desk.pass(HOUR).change(LONGER).start()
    assert.deepEqual([desk.sla.status, desk.sla.dueAt], ['breached', at(NOW + HOUR)])
    desk.pass(MINUTE).touch('call', { atMs: NOW + 2 * HOUR })
    assert.deepEqual([desk.sla.status, desk.sla.elapsedMs], ['met_late', 2 * HOUR])
  })

  it('rings a breach that nobody has heard of at once, with the time that was missed', () => {
    const desk = begin({ ...THREE, remind: [] })
    desk.nowMs += 2 * HOUR
    desk.change(LONGER).start()
    assert.equal(desk.due['first-touch/breach#0'], -HOUR)
    desk.pass(0)
    assert.match(why(desk.rung[0]!.decision), /\(1h late\)$/)
  })

  it('leaves a contact in time that is told after the change, with the time it took', () => {
    const desk = begin({ ...THREE, remind: [] })
    desk
      .pass(3 * HOUR)
      .change(NEWER)
      .start()
    desk.touch('call', { atMs: NOW + 10 * MINUTE })
    assert.deepEqual([desk.sla.status, desk.sla.elapsedMs], ['met', 10 * MINUTE])
  })

  it('leaves a contact in time for which the new budget would have been too short', () => {
    const desk = begin({ ...THREE, remind: [] })
    desk
      .pass(50 * MINUTE)
      .change(one({ ...THREE, remind: [], respond: '10m' }))
      .start()
    desk.pass(MINUTE).touch('call', { atMs: NOW + 40 * MINUTE })
    assert.equal(desk.sla.status, 'met')
  })

  it('leaves a resolution late that came after its time', () => {
    const clocks = [{ kind: 'resolution', within: '2h' }]
    const desk = begin({ ...THREE, clocks })
    desk.touch()
    desk.pass(5 * HOUR).change(one({ ...THREE, clocks }, { version: '2.0.0' }))
    desk.report('converted')
    const [resolution] = desk.sla.clocks!
    assert.deepEqual(
      [resolution!.status, resolution!.breachedAt, resolution!.dueAt],
      ['met_late', at(NOW + 2 * HOUR), at(NOW + 2 * HOUR)],
    )
  })

  it('during a pause makes nothing overdue that had time left', () => {
    for (const known of [true, false]) {
      const desk = begin({ ...THREE, remind: [] })
      desk.pass(50 * MINUTE).pause()
      desk.pass(DAY).change(NEWER)
      if (!known) desk.change(NEWER)
      desk.start()
      desk.resume()
      assert.deepEqual(desk.due['first-touch/breach#0'], 10 * MINUTE, `known: ${known}`)
    }
  })

  it('whose predecessor is not known leaves an overdue clock due when it was', () => {
    const desk = begin(THREE)
    desk.pass(2 * HOUR).change(NEWER)
    desk.change(NEWER).touch()
    assert.deepEqual([desk.sla.status, desk.sla.dueAt], ['met_late', at(NOW + HOUR)])
  })

  it('whose predecessor is not known measures what is used by its own hours', () => {
    const desk = begin({ ...THREE, respond: '4h' })
    desk.pass(HOUR)
    const stranger = new Desk(one({ ...THREE, respond: '3h' }))
    stranger.lead = desk.lead
    stranger.nowMs = desk.nowMs
    stranger.start()
    assert.equal(stranger.due['first-touch/breach#0'], 2 * HOUR)
  })
})

describe('a machine’s clock that was set back', () => {
  it('gives no negative measure, no early ring, and no fault', () => {
    const desk = begin(THREE, {}, { systemMs: 10 * MINUTE })
    desk.pass(30 * MINUTE).pause()
    desk.nowMs = NOW - 2 * HOUR
    assert.equal(desk.resume().outcome, 'recorded')
    const [{ from, to } = { from: '', to: '' }] = desk.sla.pauses!
    assert.equal(to, from, 'a pause ends no earlier than it began')
    desk.change(one({ ...THREE, respond: '2h' })).start()
    assert.equal(desk.touch().outcome, 'met')
    const { delays, elapsedMs, status } = desk.sla
    assert.equal(status, 'met')
    assert.ok(elapsedMs! >= 0)
    for (const [measure, ms] of Object.entries(delays!)) assert.ok(ms >= 0, measure)
    assert.deepEqual(desk.rang, [])
  })

  it('before the lead came: the clock starts when it says it came, and counts from there', () => {
    const desk = new Desk(one(THREE), { systemMs: -HOUR })
    desk.start()
    assert.deepEqual([desk.sla.startedAt, desk.sla.delays!.systemMs], [at(NOW + HOUR), 0])
  })
})
