// Goal: a lead is in the first tier that fits, and its clock rings when the tier says, in its hours.
import assert from 'node:assert/strict'
import { ALWAYS } from '../../../engine/calendar'
import { clockOf, milestones, tierOf, used } from '../../../engine/sla/tier'
import { policy } from '../support/artefacts'
import { at, DAY, HOUR, lead, MINUTE, NOW } from '../support/leads'

const CALENDARS = {
  office: { timezone: 'Etc/UTC', hours: { 'mon-fri': ['09:00-17:00'] } },
  early: { timezone: 'Etc/UTC', hours: { 'mon-fri': ['06:00-14:00'] } },
}
const tiers = (list: readonly object[]) =>
  policy({
    calendars: CALENDARS,
    reps: [
      { id: 'ana', name: 'Ana', capacity: 9, calendar: 'early' },
      { id: 'ben', name: 'Ben', capacity: 9 },
    ],
    tiers: [...list, { id: 'rest', respond: '24h', clock: 'always' }],
  })
const CHAT = { id: 'chat', when: { 'source.trigger': 'chat' }, respond: '5m', clock: 'always' }

describe('tierOf', () => {
  for (const [trigger, want] of [
    ['chat', 'chat'],
    ['CHAT', 'chat'],
    ['demo_request', 'rest'],
    [undefined, 'rest'],
  ] as const) {
    it(`a lead from ${trigger} is in ${want}`, () => {
      const one = lead({ source: trigger === undefined ? {} : { trigger } })
      assert.equal(tierOf(tiers([CHAT]), one).tier.id, want)
    })
  }
  it('the first that fits wins, and says why', () => {
    const urgent = {
      id: 'urgent',
      when: { 'company.country': 'DE' },
      respond: '1m',
      clock: 'always',
      why: 'Home',
    }
    const { tier, because } = tierOf(tiers([urgent, CHAT]), lead({ source: { trigger: 'chat' } }))
    assert.equal(tier.id, 'urgent')
    assert.deepEqual(because, {
      rule: 'urgent',
      why: 'Home',
      inputs: [{ path: 'company.country', value: 'DE' }],
    })
  })
})

describe('clockOf: on whose hours the budget runs', () => {
  const loaded = tiers([
    { id: 'a', when: { 'attributes.t': 'a' }, respond: '1h', clock: 'always', calendar: 'office' },
    { id: 'b', when: { 'attributes.t': 'b' }, respond: '1h', clock: 'business' },
    {
      id: 'c',
      when: { 'attributes.t': 'c' },
      respond: '1h',
      clock: 'business',
      calendar: 'office',
    },
  ])
  const clock = (t: string, rep?: string) =>
    clockOf(loaded, tierOf(loaded, lead({ attributes: { t } })).tier, rep)
  const hoursOn = (t: string, rep?: string) =>
    used(clock(t, rep), NOW - 10 * HOUR, NOW + 14 * HOUR) / HOUR
  for (const [name, t, rep, hours] of [
    ['always is always', 'a', 'ana', 24],
    ['business is the rep’s calendar', 'b', 'ana', 8],
    ['a rep without a calendar works always', 'b', 'ben', 24],
    ['nobody works always', 'b', undefined, 24],
    ['a rep who left works always', 'b', 'gone', 24],
    ['the tier’s own calendar comes first', 'c', 'ana', 8],
  ] as const) {
    it(name, () => assert.equal(hoursOn(t, rep), hours))
  }
  it('the tier’s calendar is not the rep’s', () => {
    assert.notEqual(clock('c', 'ana'), clock('b', 'ana'))
    assert.equal(clock('a'), ALWAYS)
  })
})

describe('milestones', () => {
  const loaded = (more: object) =>
    tiers([{ id: 't', when: { 'company.country': 'DE' }, respond: '1h', clock: 'always', ...more }])
      .tiers.list[0]!
  const list = (more: object, startMs = NOW, calendar = ALWAYS) =>
    milestones(loaded(more), calendar, startMs).map(({ kind, index, dueMs }) => [
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
      ALWAYS,
      NOW,
    )
    assert.deepEqual(escalation, {
      kind: 'escalation',
      index: 0,
      to: 'all',
      action: 'reassign',
      dueMs: NOW + 2 * HOUR,
    })
  })

  it('runs in business hours only: Friday 16:30 plus an hour is Monday 09:30', () => {
    const friday = Date.parse('2026-03-06T16:30:00Z')
    const { calendar } = tiers([
      {
        id: 'x',
        when: { 'company.country': 'DE' },
        respond: '1h',
        clock: 'business',
        calendar: 'office',
      },
    ]).tiers.list[0]!
    const [breach] = milestones(loaded({}), calendar!, friday)
    assert.equal(at(breach!.dueMs), '2026-03-09T09:30:00.000Z')
  })

  it('what the calendar never reaches is left out', () => {
    const past = policy({
      calendars: {
        once: { timezone: 'Etc/UTC', hours: {}, dates: { '2026-03-02': ['09:00-11:00'] } },
      },
      tiers: [{ id: 't', respond: '2h', remind: ['30m'], clock: 'business', calendar: 'once' }],
    })
    const tier = past.tiers.list[0]!
    assert.deepEqual(
      milestones(tier, tier.calendar!, NOW).map(({ kind }) => kind),
      ['reminder'],
    )
    assert.deepEqual(milestones(tier, tier.calendar!, NOW + DAY), [])
  })
})
