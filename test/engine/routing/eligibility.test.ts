// Goal: the gates in their order; the first that fails is the answer to "why not me".
import assert from 'node:assert/strict'
import type { Rep } from '../../../engine/policy/policy'
import { failingGate, nextChanceMs } from '../../../engine/routing/eligibility'
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

describe('failingGate', () => {
  const rows: ReadonlyArray<
    readonly [
      string,
      object,
      { open?: number; units?: number; skills?: string[]; exclude?: string[]; nowMs?: number },
      string | undefined,
    ]
  > = [
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
      'off shift comes before full',
      {},
      { nowMs: EVENING, open: 3 },
      `off shift until ${at(NOW + 23 * HOUR)}`,
    ],
  ]
  for (const [
    name,
    changes,
    { open = 0, units = 1, skills = [], exclude = [], nowMs = NOW },
    want,
  ] of rows) {
    it(`${name}: ${want ?? 'may take it'}`, () => {
      const demand = { units, skills, exclude: new Set(exclude) }
      assert.equal(failingGate(rep(changes), open, demand, nowMs), want)
    })
  }
})

describe('nextChanceMs: when the hours or an absence next change for the better', () => {
  const rows: ReadonlyArray<readonly [string, object, number, number | undefined]> = [
    ['on shift', {}, NOW, undefined],
    ['in the evening', {}, EVENING, NOW + 23 * HOUR],
    ['paused', { paused: true }, EVENING, undefined],
    ['away, back during the shift', away(NOW, NOW + HOUR), NOW, NOW + HOUR],
    ['away, back at night', away(NOW, EVENING), NOW, NOW + 23 * HOUR],
    ['away, without a calendar', { calendar: undefined, ...away(NOW, EVENING) }, NOW, EVENING],
    ['always on shift', { calendar: undefined }, NOW, undefined],
  ]
  for (const [name, changes, nowMs, want] of rows) {
    it(`${name}: ${want === undefined ? 'never' : at(want)}`, () => {
      assert.equal(nextChanceMs(rep(changes), nowMs), want)
    })
  }

  it('one absence that follows another is one absence', () => {
    const twice = {
      away: [
        { from: at(NOW), to: at(NOW + HOUR) },
        { from: at(NOW + HOUR), to: at(NOW + 2 * HOUR) },
      ],
    }
    assert.equal(nextChanceMs(rep(twice), NOW), NOW + 2 * HOUR)
  })
})
