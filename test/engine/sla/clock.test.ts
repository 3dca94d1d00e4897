// Goal: a clock uses its budget in its hours, outside its pauses, and rings when its tier says.
// Method: milestones by table; then the laws of one clock under any calendar, budget and pauses.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ALWAYS, type Calendar, compileCalendar, parseCalendar } from '../../../engine/calendar'
import { dueMs, milestones, type Timing, usedMs } from '../../../engine/sla/clock'
import { policy } from '../support/artefacts'
import { at, DAY, HOUR, MINUTE, NOW } from '../support/leads'

const calendarOf = (timezone: string, hours: string) =>
  compileCalendar(parseCalendar({ timezone, hours: { 'mon-sat': [hours] } }, '').calendar!)
const CALENDARS = [
  ALWAYS,
  calendarOf('Europe/Berlin', '09:00-17:00'),
  calendarOf('America/New_York', '22:00-06:00'),
]
const calendar = fc.constantFrom(...CALENDARS)
const moment = fc.integer({ min: NOW - 30 * DAY, max: NOW + 30 * DAY })
const budget = fc.integer({ min: 1, max: 5 * DAY })
const pauses = fc.array(
  fc
    .tuple(moment, fc.integer({ min: 0, max: 3 * DAY }))
    .map(([startMs, lengthMs]) => ({ startMs, endMs: startMs + lengthMs })),
  { maxLength: 4 },
)

describe('one clock: laws', () => {
  it('what is used when it is due is its budget, whatever was used under other hours before', () => {
    fc.assert(
      fc.property(
        calendar,
        moment,
        budget,
        fc.nat(5 * DAY),
        pauses,
        (hours, startMs, b, c, stood) => {
          const clock = { startedAt: at(startMs), consumedMs: c }
          const timing = { calendar: hours, pauses: stood }
          const atMs = dueMs(clock, b, timing)!
          assert.equal(usedMs(clock, timing, atMs), Math.max(b, c))
        },
      ),
    )
  })

  it('a pause in two pieces is the same pause', () => {
    fc.assert(
      fc.property(
        calendar,
        moment,
        budget,
        pauses,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (hours, startMs, b, stood, cut) => {
          const clock = { startedAt: at(startMs) }
          const split = stood.flatMap(({ startMs: from, endMs }) => {
            const middle = Math.round(from + (endMs - from) * cut)
            return [
              { startMs: from, endMs: middle },
              { startMs: middle, endMs },
            ]
          })
          const whole = { calendar: hours, pauses: stood }
          const pieces = { calendar: hours, pauses: split }
          assert.equal(dueMs(clock, b, pieces), dueMs(clock, b, whole))
        },
      ),
    )
  })

  it('a pause moves the due time by exactly the open time that it holds', () => {
    fc.assert(
      fc.property(calendar, moment, budget, pauses, (hours, startMs, b, stood) => {
        const clock = { startedAt: at(startMs) }
        const free = { calendar: hours, pauses: [] }
        const later = dueMs(clock, b, { calendar: hours, pauses: stood })!
        const moved = usedMs(clock, free, later) - b
        const stoodMs =
          usedMs(clock, free, later) - usedMs(clock, { calendar: hours, pauses: stood }, later)
        assert.equal(moved, stoodMs)
        assert.ok(later >= dueMs(clock, b, free)!)
      }),
    )
  })

  it('uses no time before it began, and never less as time goes on', () => {
    fc.assert(
      fc.property(calendar, moment, pauses, moment, moment, (hours, startMs, stood, one, other) => {
        const clock = { startedAt: at(startMs) }
        const timing = { calendar: hours, pauses: stood }
        const [early, late] = [Math.min(one, other), Math.max(one, other)]
        const used = usedMs(clock, timing, early)
        assert.ok(used >= 0 && used <= usedMs(clock, timing, late))
        assert.equal(usedMs(clock, timing, startMs - 1), 0)
      }),
    )
  })

  it('is due at no time while a pause without an end comes before', () => {
    const clock = { startedAt: at(NOW) }
    const timing = (fromMs: number) => ({ calendar: ALWAYS, pauses: [{ startMs: fromMs }] })
    assert.equal(dueMs(clock, HOUR, timing(NOW + MINUTE)), undefined)
    assert.equal(dueMs(clock, HOUR, timing(NOW + 2 * HOUR)), NOW + HOUR)
  })
})

describe('milestones', () => {
  const loaded = (more: object, rest: object = {}) =>
    policy({ ...rest, tiers: [{ id: 't', respond: '1h', clock: 'always', ...more }] }).tiers
      .list[0]!.clocks[0]!
  const startedAt = (startMs: number) => ({ startedAt: at(startMs) })
  const on = (calendar: Calendar): Timing => ({ calendar, pauses: [] })
  const list = (more: object, startMs = NOW, calendar = ALWAYS) =>
    milestones(loaded(more), startedAt(startMs), on(calendar)).map(({ kind, index, dueMs }) => [
      kind,
      index,
      (dueMs - startMs) / MINUTE,
    ])

  it('a breach alone', () => assert.deepEqual(list({}), [['breach', 0, 60]]))

  it('reminders, breach and escalations in the order in which they ring', () => {
    const more = {
      remind: ['45m', '30m'],
      escalate: [
        { after: '2h', action: 'notify' },
        { after: '50m', to: 'all', action: 'reassign' },
      ],
    }
    assert.deepEqual(list(more), [
      ['reminder', 1, 30],
      ['reminder', 0, 45],
      ['escalation', 1, 50],
      ['breach', 0, 60],
      ['escalation', 0, 120],
    ])
  })

  it('at the same moment: the reminder, that it is late, what follows', () => {
    const more = {
      remind: ['1h'],
      escalate: [
        { after: '1h', action: 'notify' },
        { after: '1h', to: 'all', action: 'reassign' },
      ],
    }
    assert.deepEqual(
      list(more).map(([kind, index]) => [kind, index]),
      [
        ['reminder', 0],
        ['breach', 0],
        ['escalation', 0],
        ['escalation', 1],
      ],
    )
  })

  it('an escalation carries what it does and to whom', () => {
    const [, escalation] = milestones(
      loaded({ escalate: [{ after: '2h', to: 'all', action: 'reassign' }] }),
      startedAt(NOW),
      on(ALWAYS),
    )
    assert.deepEqual(escalation, {
      kind: 'escalation',
      index: 0,
      dueMs: NOW + 2 * HOUR,
      then: { afterMs: 2 * HOUR, to: 'all', action: 'reassign' },
    })
  })

  it('runs in business hours only: Friday 16:30 plus an hour is Monday 09:30', () => {
    const friday = Date.parse('2026-03-06T16:30:00Z')
    const { calendar } = loaded(
      { clock: 'business', calendar: 'office' },
      {
        calendars: { office: { timezone: 'Etc/UTC', hours: { 'mon-fri': ['09:00-17:00'] } } },
      },
    )
    const [breach] = milestones(loaded({}), startedAt(friday), on(calendar!))
    assert.equal(at(breach!.dueMs), '2026-03-09T09:30:00.000Z')
  })

  it('what the calendar never reaches is left out', () => {
    const clock = loaded(
      { respond: '2h', remind: ['30m'], clock: 'business', calendar: 'once' },
      {
        calendars: {
          once: { timezone: 'Etc/UTC', hours: {}, dates: { '2026-03-02': ['09:00-11:00'] } },
        },
      },
    )
    const timing = on(clock.calendar!)
    assert.deepEqual(
      milestones(clock, startedAt(NOW), timing).map(({ kind }) => kind),
      ['reminder'],
    )
    assert.deepEqual(milestones(clock, startedAt(NOW + DAY), timing), [])
  })
})
