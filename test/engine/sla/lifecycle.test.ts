// Goal: each clock begins, stands still, is met and ends as its tier says; escalations act, and not
// for ever; the three delays are measured apart. Method: one lead at a desk, moved by hand.
import assert from 'node:assert/strict'
import type { Lead } from '../../../engine/lead/lead'
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

  it('the hours of the rep count from when there is one', () => {
    const tier = { id: 't', respond: '2h', clock: 'business' }
    const reps = [
      { id: 'ana', name: 'Ana', capacity: 9, calendar: 'office' },
      { id: 'ben', name: 'Ben', capacity: 9, calendar: 'office' },
    ]
    const desk = new Desk(one(tier, { reps }))
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
      // What lead-route-by-capacity makes of it: another rep, the next cycle.
      const { routing: _routing, ...rest } = desk.lead
      const next = new Desk(spec)
      next.nowMs = desk.nowMs
      next.lead = {
        ...rest,
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
    desk.change(one({ ...THREE, respond: '10m', remind: ['5m'] })).start()
    desk.pass(0)
    assert.deepEqual(desk.rang, ['first-touch/reminder#0', 'first-touch/breach#0'])
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
