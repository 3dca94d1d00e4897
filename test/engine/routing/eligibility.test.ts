// Goal: the gates in their order; the first that fails is the answer to "why not me".
import assert from 'node:assert/strict'
import type { Rep } from '../../../engine/policy/policy'
import {
  type Asked,
  firstGate,
  gateSubject,
  gateWords,
  mayHaveRoom,
  nextChanceMs,
} from '../../../engine/routing/eligibility'
import { policy } from '../support/artefacts'
import { at, DAY, HOUR, NOW } from '../support/leads'

const CALENDARS = { office: { timezone: 'Etc/UTC', hours: { 'mon-fri': ['09:00-17:00'] } } }

/** A rep as the policy compiles one; `office` hours unless told. */
function rep(changes: object = {}): Rep {
  const one = {
    id: 'ana',
    name: 'Ana',
    capacity: 3,
    calendar: 'office',
    skills: ['de'],
    ...changes,
  }
  const pools = [{ id: 'all', members: ['ana'] }]
  return policy({ calendars: CALENDARS, reps: [one], pools }).reps.get('ana')!
}

const away = (fromMs: number, toMs: number) => ({ away: [{ from: at(fromMs), to: at(toMs) }] })
const EVENING = NOW + 8 * HOUR
const SATURDAY = NOW + 5 * DAY

interface Facts {
  readonly open?: number
  readonly units?: number
  readonly skills?: readonly string[]
  readonly exclude?: readonly string[]
  readonly tallies?: Readonly<Record<string, number>>
  readonly nowMs?: number
}
function asked(changes: object, facts: Facts = {}): Asked {
  const { open = 0, units = 1, skills = [], exclude = [], tallies = {}, nowMs = NOW } = facts
  const one = rep(changes)
  return {
    rep: one,
    shift: one.calendar,
    openUnits: open,
    tallies: new Map(Object.entries(tallies)),
    demand: { units, skills, exclude: new Set(exclude) },
    nowMs,
  }
}

describe('firstGate: the first that fails, in words', () => {
  const rows: ReadonlyArray<readonly [string, object, Facts, string | undefined]> = [
    ['free, on shift, skilled', {}, {}, undefined],
    ['paused', { paused: true }, {}, 'paused'],
    ['excluded', {}, { exclude: ['ana'] }, 'excluded: had this lead before'],
    ['another is excluded', {}, { exclude: ['ben'] }, undefined],
    ['has the skill', {}, { skills: ['de'] }, undefined],
    ['lacks one skill of two', {}, { skills: ['de', 'fr'] }, 'lacks the skill fr'],
    ['away', away(NOW - DAY, NOW + DAY), {}, `away until ${at(NOW + DAY)}`],
    ['at the first moment away', away(NOW, NOW + DAY), {}, `away until ${at(NOW + DAY)}`],
    ['just before leaving', away(NOW + 1, NOW + DAY), {}, undefined],
    ['at the first moment back', away(NOW - DAY, NOW), {}, undefined],
    ['off shift in the evening', {}, { nowMs: EVENING }, `off shift until ${at(NOW + 23 * HOUR)}`],
    ['off shift on Saturday', {}, { nowMs: SATURDAY }, 'off shift until 2026-03-09T09:00:00.000Z'],
    ['without a calendar never off shift', { calendar: undefined }, { nowMs: SATURDAY }, undefined],
    ['one unit is left', {}, { open: 2 }, undefined],
    ['full', {}, { open: 3 }, 'full: 3 of 3'],
    ['over full, after the capacity was lowered', {}, { open: 5 }, 'full: 5 of 3'],
    ['too little is left for a lead of two units', {}, { open: 2, units: 2 }, 'full: 2 of 3'],
    ['exactly enough is left', {}, { open: 1, units: 2 }, undefined],
    ['no capacity at all', { capacity: 0 }, {}, 'full: 0 of 0'],
    ['paused comes before excluded', { paused: true }, { exclude: ['ana'] }, 'paused'],
    [
      'excluded comes before skills',
      {},
      { exclude: ['ana'], skills: ['fr'] },
      'excluded: had this lead before',
    ],
    [
      'skills come before away',
      away(NOW - DAY, NOW + DAY),
      { skills: ['fr'] },
      'lacks the skill fr',
    ],
    [
      'away comes before off shift',
      away(NOW - DAY, NOW + DAY),
      { nowMs: EVENING },
      `away until ${at(NOW + DAY)}`,
    ],
    [
      'the cap of the day is reached',
      { caps: { day: 4 } },
      { tallies: { 'ana day': 4 } },
      'cap of 4 per day reached until 2026-03-03T00:00:00.000Z',
    ],
    ['one less than the cap', { caps: { day: 4 } }, { tallies: { 'ana day': 3 } }, undefined],
    [
      'of several caps the shortest period speaks',
      { caps: { week: 9, hour: 2 } },
      { tallies: { 'ana week': 9, 'ana hour': 2 } },
      'cap of 2 per hour reached until 2026-03-02T11:00:00.000Z',
    ],
    [
      'the cap of the week is reached',
      { caps: { week: 9, hour: 2 } },
      { tallies: { 'ana week': 9, 'ana hour': 0 } },
      'cap of 9 per week reached until 2026-03-09T00:00:00.000Z',
    ],
    [
      'without a calendar a day is one of UTC',
      { calendar: undefined, caps: { day: 1 } },
      { tallies: { 'ana day': 1 } },
      'cap of 1 per day reached until 2026-03-03T00:00:00.000Z',
    ],
    [
      'full comes before the cap',
      { caps: { day: 4 } },
      { open: 3, tallies: { 'ana day': 4 } },
      'full: 3 of 3',
    ],
    [
      'off shift comes before full',
      {},
      { nowMs: EVENING, open: 3 },
      `off shift until ${at(NOW + 23 * HOUR)}`,
    ],
  ]
  for (const [name, changes, facts, want] of rows) {
    it(`${name}: ${want ?? 'may take it'}`, () => {
      const one = asked(changes, facts)
      const gate = firstGate(one)
      assert.equal(gate && gateWords(gate, one), want)
    })
  }

  it('reps with the same subject are told the same words, and only those', () => {
    const told = rows.flatMap(([, changes, facts]) => {
      const one = asked(changes, facts)
      const gate = firstGate(one)
      return gate === undefined ? [] : [{ gate, one }]
    })
    for (const a of told) {
      for (const b of told) {
        if (a.gate !== b.gate || a.one.nowMs !== b.one.nowMs || a.gate === 'shift') continue
        const same = gateSubject(a.gate, a.one) === gateSubject(b.gate, b.one)
        assert.equal(same, gateWords(a.gate, a.one) === gateWords(b.gate, b.one))
      }
    }
  })
})

describe('nextChanceMs: when the hours, an absence or a cap next change for the better', () => {
  const rows: ReadonlyArray<readonly [string, object, Facts, number | undefined]> = [
    ['full', {}, { open: 3 }, undefined],
    ['in the evening', {}, { nowMs: EVENING }, NOW + 23 * HOUR],
    ['paused', { paused: true }, { nowMs: EVENING }, undefined],
    ['away, back during the shift', away(NOW, NOW + HOUR), {}, NOW + HOUR],
    ['away, back at night', away(NOW, EVENING), {}, NOW + 23 * HOUR],
    ['away, without a calendar', { calendar: undefined, ...away(NOW, EVENING) }, {}, EVENING],
    ['at the cap of the hour', { caps: { hour: 1 } }, { tallies: { 'ana hour': 1 } }, NOW + HOUR],
    [
      'at the cap of the day: when the shift after it begins',
      { caps: { day: 1 } },
      { tallies: { 'ana day': 1 } },
      NOW + 23 * HOUR,
    ],
  ]
  for (const [name, changes, facts, want] of rows) {
    it(`${name}: ${want === undefined ? 'never' : at(want)}`, () => {
      const one = asked(changes, facts)
      assert.equal(nextChanceMs(firstGate(one)!, one), want)
    })
  }

  it('one absence that follows another is one absence, in whatever order they stand', () => {
    const twice = [
      { from: at(NOW + HOUR), to: at(NOW + 2 * HOUR) },
      { from: at(NOW), to: at(NOW + HOUR) },
    ]
    assert.equal(nextChanceMs('away', asked({ away: twice })), NOW + 2 * HOUR)
  })
})

describe('mayHaveRoom', () => {
  const reps = [
    { id: 'ana', name: 'Ana', capacity: 2 },
    { id: 'ben', name: 'Ben', capacity: 3, paused: true },
    { id: 'cy', name: 'Cy', capacity: 9 },
  ]
  const among = new Set(['ana', 'ben', 'gone'])
  const rows: ReadonlyArray<readonly [string, Record<string, number>, boolean]> = [
    ['somebody has nothing', {}, true],
    ['somebody has a unit left', { ana: 1, ben: 3 }, true],
    ['everybody is full', { ana: 2, ben: 3 }, false],
    ['only who is paused has room, or is not asked', { ana: 2, ben: 0 }, false],
    ['somebody has more than the policy allows by now', { ana: 4, ben: 3 }, false],
  ]
  for (const [name, loads, expected] of rows)
    it(`${name}: ${expected}`, () => {
      const pools = [{ id: 'all', members: ['ana', 'ben', 'cy'] }]
      const loaded = policy({ reps, pools })
      assert.equal(mayHaveRoom(loaded, new Map(Object.entries(loads)), among), expected)
    })
})
