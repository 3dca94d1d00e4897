// Goal: a lead is in the first tier that fits, and its clock rings when the tier says, in its hours.
import assert from 'node:assert/strict'
import { ALWAYS, elapsed, nextOpening } from '../../../engine/calendar'
import { clockOf, tierOf } from '../../../engine/sla/tier'
import { policy } from '../support/artefacts'
import { HOUR, lead, NOW } from '../support/leads'

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
  it('where nobody has the lead it is the pool’s, or what most of its members work', () => {
    const early = ['ana', 'ann'].map((id) => ({ id, name: id, capacity: 9, calendar: 'early' }))
    const by = policy({
      calendars: CALENDARS,
      reps: [...early, { id: 'ben', name: 'Ben', capacity: 9 }],
      pools: [
        { id: 'own', members: ['ana', 'ben'], calendar: 'office' },
        { id: 'most', members: ['ben', 'ana', 'ann'] },
        { id: 'always', members: ['ben'] },
      ],
      routes: [{ id: 'r', pool: 'own' }],
      tiers: [{ id: 't', respond: '1h', clock: 'business' }],
    })
    const opens = (rep: string | undefined, pool?: string) =>
      new Date(
        nextOpening(clockOf(by, by.tiers.list[0]!, rep, pool), NOW - 8 * HOUR)!,
      ).getUTCHours()
    for (const gone of [undefined, 'gone'])
      assert.deepEqual(
        ['own', 'most', 'always', 'none', undefined].map((pool) => opens(gone, pool)),
        [9, 6, 2, 2, 2],
      )
    assert.equal(opens('ann', 'own'), 6, 'a rep’s own hours come first')
  })

  const clock = (t: string, rep?: string) =>
    clockOf(loaded, tierOf(loaded, lead({ attributes: { t } })).tier, rep)
  const hoursOn = (t: string, rep?: string) =>
    elapsed(clock(t, rep), NOW - 10 * HOUR, NOW + 14 * HOUR) / HOUR
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
