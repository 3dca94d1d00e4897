// Goal: the laws that SLA clocks and routing lean on hold for any calendar, instant (to the ms) and pause.
// Method: fast-check over a handful of calendars of different shapes and random questions.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  ALWAYS,
  type Calendar,
  due,
  elapsed,
  intersect,
  isOpen,
  nextClosing,
  nextOpening,
  type Pause,
  periods,
  previousOpening,
  remaining,
  subtract,
} from '../../../engine/calendar'
import { at, DAY, HOUR, OFFICE, open, SPLIT } from './support'

const SPECS: readonly object[] = [
  OFFICE,
  { ...SPLIT, holidays: ['2026-05-01', '2026-12-25'], dates: { '2026-12-24': ['09:00-12:00'] } },
  { timezone: 'America/New_York', hours: { 'wed-fri': ['18:00-03:00'], sun: ['01:15-01:45'] } },
  { timezone: 'Australia/Lord_Howe', hours: { daily: ['00:00-24:00'] }, holidays: ['2026-04-05'] },
  { timezone: 'Asia/Kolkata', hours: { mon: ['00:00-00:01'] } },
]

const compile = (index: number): Calendar => (index < SPECS.length ? open(SPECS[index]!) : ALWAYS)
const warm = [...SPECS.keys(), SPECS.length].map(compile)

const index = fc.nat(SPECS.length)
const calendar = index.map((i) => warm[i]!)
const instant = fc.integer({ min: at('2025-01-01T00:00'), max: at('2028-01-01T00:00') })
// The one-minute-a-week calendar makes a year of any budget above 52 minutes; stay well below the horizon.
const budget = fc.oneof(fc.nat(90_000), fc.nat(10 * 60_000))
const pause: fc.Arbitrary<Pause> = fc
  .tuple(instant, fc.nat(20 * DAY))
  .map(([startMs, lengthMs]) => ({ startMs, endMs: startMs + lengthMs }))
const pauses = fc.array(pause, { maxLength: 5 })

describe('calendar laws', () => {
  it('elapsed(start, due(start, budget)) is the budget, whatever the pauses', () =>
    check(
      fc.property(calendar, instant, budget, pauses, (c, startMs, budgetMs, stops) => {
        const dueMs = due(c, startMs, budgetMs, stops)!
        assert.equal(elapsed(c, startMs, dueMs, stops), budgetMs)
        assert.equal(remaining(c, dueMs, startMs, budgetMs, stops), 0)
        // And it is the earliest such instant.
        if (budgetMs > 0) assert.equal(elapsed(c, startMs, dueMs - 1, stops), budgetMs - 1)
      }),
    ))

  it('elapsed(subtract(end, budget), end) is the budget, and due leads back to it', () =>
    check(
      fc.property(calendar, instant, budget, (c, endMs, budgetMs) => {
        const startMs = subtract(c, endMs, budgetMs)!
        assert.equal(elapsed(c, startMs, endMs), budgetMs)
        if (budgetMs > 0) assert.equal(elapsed(c, startMs + 1, endMs), budgetMs - 1)
        if (budgetMs > 0) assert.ok(due(c, startMs, budgetMs)! <= endMs)
      }),
    ))

  it('splitting a pause, or its order, changes nothing', () =>
    check(
      fc.property(
        calendar,
        instant,
        budget,
        pauses,
        instant,
        (c, startMs, budgetMs, stops, cutMs) => {
          const split = stops.flatMap(({ startMs: from, endMs }) =>
            cutMs > from && cutMs < endMs!
              ? [
                  { startMs: cutMs, endMs },
                  { startMs: from, endMs: cutMs },
                ]
              : [{ startMs: from, endMs }],
          )
          split.reverse()
          const dueMs = due(c, startMs, budgetMs, stops)
          assert.equal(due(c, startMs, budgetMs, split), dueMs)
          assert.equal(elapsed(c, startMs, cutMs, split), elapsed(c, startMs, cutMs, stops))
        },
      ),
    ))

  it('due never moves back for a later start or a larger budget', () =>
    check(
      fc.property(
        calendar,
        instant,
        fc.nat(10 * DAY),
        budget,
        fc.nat(60_000),
        pauses,
        (c, s, later, b, more, stops) => {
          const dueMs = due(c, s, b, stops)!
          assert.ok(due(c, s + later, b, stops)! >= dueMs)
          assert.ok(due(c, s, b + more, stops)! >= dueMs)
        },
      ),
    ))

  it('elapsed adds up over parts', () =>
    check(
      fc.property(calendar, instant, instant, instant, pauses, (c, x, y, z, stops) => {
        const [a, b, d] = [x, y, z].sort((one, other) => one - other) as [number, number, number]
        assert.equal(elapsed(c, a, b, stops) + elapsed(c, b, d, stops), elapsed(c, a, d, stops))
      }),
    ))

  it('a restart changes nothing: a fresh calendar answers like one that has seen many questions', () => {
    const anyTime = fc.integer({ min: at('1950-01-01T00:00'), max: at('2100-01-01T00:00') })
    check(
      fc.property(
        index,
        fc.array(anyTime, { maxLength: 6 }),
        anyTime,
        budget,
        (i, before, atMs, budgetMs) => {
          const used = compile(i)
          for (const ms of before) answers(used, ms, budgetMs)
          assert.deepEqual(answers(used, atMs, budgetMs), answers(compile(i), atMs, budgetMs))
        },
      ),
      150,
    )
  })

  it('intersect is commutative and associative, and open exactly when all parts are', () =>
    check(
      fc.property(index, index, index, instant, budget, (i, j, k, atMs, budgetMs) => {
        const [a, b, c] = [warm[i]!, warm[j]!, warm[k]!]
        const all = intersect([a, b, c])
        const want = answers(all, atMs, budgetMs)
        assert.deepEqual(answers(intersect([c, b, a]), atMs, budgetMs), want)
        assert.deepEqual(answers(intersect([a, intersect([b, c])]), atMs, budgetMs), want)
        assert.equal(
          isOpen(all, atMs),
          [a, b, c].every((part) => isOpen(part, atMs)),
        )
      }),
      60,
    ))

  it('periods add up to elapsed, in order and never touching', () =>
    check(
      fc.property(calendar, instant, fc.nat(90 * DAY), (c, fromMs, lengthMs) => {
        const found = periods(c, fromMs, fromMs + lengthMs)
        const sum = found.reduce((total, { startMs, endMs }) => total + endMs - startMs, 0)
        assert.equal(sum, elapsed(c, fromMs, fromMs + lengthMs))
        found.slice(1).forEach(({ startMs }, i) => {
          assert.ok(startMs > found[i]!.endMs)
        })
      }),
    ))

  it('an opening is open, a closing is closed, and both are edges', () =>
    check(
      fc.property(calendar, instant, (c, atMs) => {
        const openingMs = nextOpening(c, atMs)!
        const closingMs = nextClosing(c, atMs)
        assert.ok(isOpen(c, openingMs))
        if (openingMs > atMs) assert.ok(!isOpen(c, openingMs - 1))
        if (closingMs !== undefined) assert.ok(!isOpen(c, closingMs))
        if (closingMs !== undefined && closingMs > atMs) assert.ok(isOpen(c, closingMs - 1))
      }),
    ))
})

function answers(c: Calendar, atMs: number, budgetMs: number) {
  return {
    isOpen: isOpen(c, atMs),
    due: due(c, atMs, budgetMs),
    dueLong: due(c, atMs, budgetMs + 100 * HOUR),
    paused: due(c, atMs, budgetMs, [{ startMs: atMs + HOUR, endMs: atMs + DAY }]),
    subtract: subtract(c, atMs, budgetMs),
    elapsed: elapsed(c, atMs, atMs + 30 * DAY),
    opening: nextOpening(c, atMs),
    closing: nextClosing(c, atMs),
    previous: previousOpening(c, atMs),
    periods: periods(c, atMs - DAY, atMs + DAY),
  }
}

function check(law: fc.IRawProperty<unknown>, numRuns = 400): void {
  fc.assert(law, { numRuns })
}
