// Goal: whoever was out of a pool for long is not flooded on return, and an absence is as long as it was,
// whatever the leads of its time asked for. Method: weeks of leads, in between of which a member is taken
// out and put back; single leads that a rep could not have had anyway, at both ends of an absence.
import assert from 'node:assert/strict'
import { route } from '../../../engine/routing/route'
import type { FairnessRecord } from '../../../engine/step'
import { policy } from '../support/artefacts'
import { at, DAY, HOUR, lead, MINUTE, NOW } from '../support/leads'

describe('a member who was taken out of the pool', () => {
  const reps = ['ana', 'ben', 'cy'].map((id) => ({ id, name: id, capacity: 10_000 }))
  const teamOf = (...members: string[]) => policy({ reps, pools: [{ id: 'all', members }] })

  it('and is put back gets the share, and not all that the others had meanwhile', () => {
    const records = new Map<string, FairnessRecord>()
    const give = (team: ReturnType<typeof teamOf>, count: number, fromMs: number) => {
      const got = new Map<string, number>()
      for (let n = 0; n < count; n++) {
        const known = { loads: new Map(), fairness: new Map([['all', records]]) }
        const request = { units: 1, exclude: new Set<string>() }
        const routing = route(team, lead(), known, request, fromMs + n * MINUTE)
        assert.ok(routing.kind === 'assigned')
        for (const { repId, poolId: _poolId, ...record } of routing.standings)
          records.set(repId, record)
        got.set(routing.rep.id, (got.get(routing.rep.id) ?? 0) + 1)
      }
      return got
    }
    give(teamOf('ana', 'ben', 'cy'), 30, NOW)
    give(teamOf('ana', 'ben'), 400, NOW + DAY)
    const after = give(teamOf('ana', 'ben', 'cy'), 60, NOW + 30 * DAY).get('cy')!
    assert.ok(after >= 20 && after <= 24, `${after} of 60`)
  })
})

describe('an absence', () => {
  const TO = NOW + 8 * HOUR
  /** Everybody but Cy speaks German. */
  const team = (cy: object) =>
    policy({
      calendars: {
        office: { timezone: 'Etc/UTC', hours: { 'mon-fri': ['09:00-10:00', '18:00-23:00'] } },
      },
      reps: [
        { id: 'ana', name: 'Ana', capacity: 10, skills: ['de'] },
        { id: 'ben', name: 'Ben', capacity: 10, skills: ['de'] },
        { id: 'cy', name: 'Cy', capacity: 10, ...cy },
      ],
      pools: [{ id: 'all', members: ['ana', 'ben', 'cy'] }],
      routes: [
        { id: 'german', when: { 'company.country': 'DE' }, pool: 'all', skills: ['de'] },
        { id: 'rest', pool: 'all' },
      ],
    })
  const standingOf = (
    cy: object,
    record: FairnessRecord,
    {
      nowMs = NOW,
      ...more
    }: { nowMs?: number; open?: number; exclude?: string[]; country?: string },
  ) => {
    const { open = 0, exclude = [], country = 'DE' } = more
    const records = new Map<string, FairnessRecord>([
      ['ana', { virtualTime: 8 }],
      ['ben', { virtualTime: 8 }],
      ['cy', record],
    ])
    const known = { loads: new Map([['cy', open]]), fairness: new Map([['all', records]]) }
    const request = { units: 1, exclude: new Set(exclude) }
    const routing = route(team(cy), lead({ company: { country } }), known, request, nowMs)
    assert.ok(routing.kind === 'assigned' && routing.rep.id !== 'cy')
    return routing.standings.find(({ repId }) => repId === 'cy')
  }
  const PRESENT = { virtualTime: 4 }
  const away = { away: [{ from: at(NOW), to: at(TO) }] }
  const noted = (awaySinceMs: number) => ({ poolId: 'all', repId: 'cy', ...PRESENT, awaySinceMs })

  const begins: ReadonlyArray<readonly [string, object, Parameters<typeof standingOf>[2]]> = [
    ['away', away, {}],
    ['off shift', { calendar: 'office' }, {}],
    ['paused', { paused: true }, {}],
    ['full', {}, { open: 10 }],
    ['away, and had the lead before', { ...away, skills: ['de'] }, { exclude: ['cy'] }],
    ['full, and had the lead before', { skills: ['de'] }, { exclude: ['cy'], open: 10 }],
  ]
  for (const [name, cy, facts] of begins)
    it(`begins with the first lead, also with one for somebody else: ${name}`, () =>
      assert.deepEqual(standingOf(cy, PRESENT, facts), noted(NOW)))

  it('does not begin for a lead that is for somebody else alone', () => {
    assert.equal(standingOf({}, PRESENT, {}), undefined)
    assert.equal(standingOf({ skills: ['de'] }, PRESENT, { exclude: ['cy'] }), undefined)
  })
  it('that is noted goes on', () => {
    const facts = { nowMs: NOW + HOUR }
    assert.equal(standingOf(away, { ...PRESENT, awaySinceMs: NOW }, facts), undefined)
  })

  const ends: ReadonlyArray<readonly [string, object, Parameters<typeof standingOf>[2]]> = [
    ['without a look at each gate', { calendar: 'office' }, {}],
    ['gate by gate', away, {}],
    ['and had the lead before', { ...away, skills: ['de'] }, { exclude: ['cy'] }],
  ]
  for (const [name, cy, facts] of ends)
    it(`ends with the first lead, also with one for somebody else: ${name}`, () => {
      const record = { ...PRESENT, awaySinceMs: NOW }
      // The others are at 8. Of 8 hours 4 are made up for: half of the gap of 4 is forgiven.
      assert.deepEqual(standingOf(cy, record, { ...facts, nowMs: TO }), {
        poolId: 'all',
        repId: 'cy',
        virtualTime: 6,
      })
    })
})
