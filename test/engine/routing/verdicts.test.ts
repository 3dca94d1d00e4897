// Goal: however compactly verdicts are kept, every candidate finds the own one.
// Method: each candidate of random pools is asked, and compared with the gates asked one by one.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { firstGate, gateWords } from '../../../engine/routing/eligibility'
import { route } from '../../../engine/routing/route'
import { verdictOf, whyNot } from '../../../engine/routing/verdicts'
import { policy } from '../support/artefacts'
import { at, HOUR, lead, NOW } from '../support/leads'

const CANDIDATES = [
  { verdict: 'chosen', reps: ['ana'] },
  { rank: 2, verdict: 'had 1.00 leads per weight more', reps: ['ben'] },
  { rank: 3, verdict: 'had more than the share', reps: ['kim', 'lee', 'mia'] },
  { verdict: 'full: 5 of 5', reps: ['ned', 'oto'] },
]

describe('verdictOf', () => {
  for (const [rep, want] of [
    ['ana', 'chosen'],
    ['ben', 'ranked 2: had 1.00 leads per weight more'],
    ['kim', 'ranked 3: had more than the share'],
    ['mia', 'ranked 5: had more than the share'],
    ['oto', 'full: 5 of 5'],
    ['pia', undefined],
  ] as const) {
    it(`${rep}: ${want ?? 'was no candidate'}`, () =>
      assert.equal(verdictOf(CANDIDATES, rep), want))
  }
})

describe('whyNot', () => {
  it('has a line for all who are told the same, and none for the chosen one', () => {
    assert.deepEqual(whyNot(CANDIDATES), [
      'not ben: ranked 2: had 1.00 leads per weight more',
      'not kim, lee, mia: ranked 3 to 5 in this order: had more than the share',
      'not ned, oto: full: 5 of 5',
    ])
  })
})

describe('verdicts in early entries of a log, one for each rep', () => {
  const early = [
    { rep: 'ana', verdict: 'chosen' },
    { rep: 'ben', rank: 2, verdict: 'had 1.00 leads per weight more' },
    { rep: 'kim', verdict: 'full: 5 of 5' },
  ] as never

  it('are read all the same', () => {
    assert.equal(verdictOf(early, 'kim'), 'full: 5 of 5')
    assert.equal(verdictOf(early, 'lee'), undefined)
    assert.deepEqual(whyNot(early), [
      'not ben: ranked 2: had 1.00 leads per weight more',
      'not kim: full: 5 of 5',
    ])
  })
})

describe('verdicts of a routing', () => {
  const ids = Array.from({ length: 12 }, (_, index) => `r${String(index).padStart(2, '0')}`)
  const anyRep = (id: string) =>
    fc.record(
      {
        id: fc.constant(id),
        name: fc.constant(id),
        capacity: fc.integer({ min: 0, max: 3 }),
        skills: fc.subarray(['x', 'y']),
        calendar: fc.constantFrom('day', 'night'),
        paused: fc.constantFrom(false, false, false, true),
        caps: fc.constantFrom({}, { day: 2 }),
        away: fc.constantFrom([], [], [{ from: at(NOW - HOUR), to: at(NOW + HOUR) }]),
      },
      { requiredKeys: ['id', 'name', 'capacity'] },
    )

  it('everybody who was asked has one: the first failing gate, or a rank of their own', () => {
    fc.assert(
      fc.property(
        fc.tuple(...ids.map(anyRep)),
        fc.dictionary(fc.constantFrom(...ids), fc.nat(3)),
        fc.dictionary(fc.constantFrom(...ids), fc.nat(3)),
        fc.subarray(['x', 'y']),
        fc.subarray(ids, { maxLength: 2 }),
        (reps, open, tally, skills, exclude) => {
          const compiled = policy({
            calendars: {
              day: { timezone: 'Etc/UTC', hours: { daily: ['08:00-20:00'] } },
              night: { timezone: 'Etc/UTC', hours: { daily: ['20:00-08:00'] } },
            },
            reps,
            pools: [
              { id: 'first', members: ids.slice(0, 8), overflow: 'second' },
              { id: 'second', members: ids.slice(5) },
            ],
            routes: [{ id: 'r', pool: 'first', skills }],
          })
          const tallies = new Map(Object.entries(tally).map(([id, n]) => [`${id} day`, n]))
          const loads = new Map(Object.entries(open))
          const demand = { units: 1, skills, exclude: new Set(exclude) }
          const state = { loads, tallies, fairness: new Map() }
          const routing = route(compiled, lead(), state, demand, NOW)
          const told = routing.candidates.flatMap((group) => group.reps)
          assert.equal(new Set(told).size, told.length, 'each is told once')
          const ranks: number[] = []
          for (const id of told) {
            const rep = compiled.reps.get(id)!
            const openUnits = loads.get(id) ?? 0
            const asked = { rep, shift: rep.calendar, openUnits, tallies, demand, nowMs: NOW }
            const gate = firstGate(asked)
            const verdict = verdictOf(routing.candidates, id)!
            if (gate !== undefined) assert.equal(verdict, gateWords(gate, asked))
            else if (verdict !== 'chosen') ranks.push(Number(/^ranked (\d+): /.exec(verdict)![1]))
          }
          assert.deepEqual(
            ranks,
            ranks.map((_, index) => index + 2),
          )
          const asked =
            routing.kind === 'assigned' && routing.poolId === 'first' ? ids.slice(0, 8) : ids
          assert.deepEqual([...told].sort(), asked)
        },
      ),
      { numRuns: 300 },
    )
  })
})
