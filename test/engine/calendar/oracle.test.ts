// Goal: the compiled calendar and the minute-stepping oracle agree on everything. Method: random opening
// hours (night shifts, touching windows, overrides, holidays) in weeks in which a zone changes its clock.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  due,
  elapsed,
  isOpen,
  nextClosing,
  nextOpening,
  previousOpening,
  subtract,
} from '../../../engine/calendar'
import { authoredOf, type Minutes, openMinutes, type Plan, type Scene, scene } from './oracle'
import { iso, MINUTE, open } from './support'

const DAYS = 9
const SCENES = [
  ['Europe/Berlin', '2025-03-26'], // spring forward, an hour skipped
  ['Europe/Berlin', '2025-10-22'], // fall back, an hour repeated
  ['America/New_York', '2024-03-06'],
  ['America/New_York', '2024-10-30'],
  ['Australia/Lord_Howe', '2025-04-02'], // half an hour
  ['Australia/Lord_Howe', '2025-10-01'],
  ['Africa/Cairo', '2024-04-22'], // at midnight: the day starts at 01:00
  ['Pacific/Apia', '2011-12-27'], // a whole day skipped
  ['Asia/Kathmandu', '2026-01-01'], // no change
] as const

/** Minutes of a week, more often in the small hours of its end, where clocks change. */
const minuteOfWeek = fc.oneof(fc.nat(10_079), fc.integer({ min: 6 * 1440, max: 6 * 1440 + 240 }))

/** Windows on the circle of a week; what is longer than 12 hours is cut into touching ones. */
const weekOf = fc
  .tuple(fc.uniqueArray(minuteOfWeek, { maxLength: 16 }), fc.nat(10_079))
  .map(([points, turn]) => {
    const week: Minutes[][] = [[], [], [], [], [], [], []]
    points.sort((a, b) => a - b)
    for (let i = 0; i + 1 < points.length; i += 2) {
      for (const [start, end] of cut(points[i]!, points[i + 1]!)) {
        const from = (start + turn) % 10_080
        week[Math.floor(from / 1440)]!.push([from % 1440, (from % 1440) + end - start])
      }
    }
    return week
  })

function cut(start: number, end: number): Minutes[] {
  return end - start <= 720 ? [[start, end]] : [[start, start + 720], ...cut(start + 720, end)]
}

const dayWindows = fc
  .tuple(fc.nat(700), fc.integer({ min: 1, max: 700 }), fc.boolean())
  .map(([start, length, late]): Minutes[] => {
    const from = late ? start + 739 : start
    return [[from, from + length]]
  })

function planOf({ timezone, walls }: Scene): fc.Arbitrary<Plan> {
  const date = fc.nat(walls.length - 1).map((i) => walls[i]!.date)
  return fc.record({
    timezone: fc.constant(timezone),
    week: weekOf.filter((week) => week.some((windows) => windows.length > 0)),
    dates: fc.dictionary(date, fc.oneof(dayWindows, fc.constant([])), { maxKeys: 2 }),
    holidays: fc.array(date, { maxLength: 2 }),
  })
}

describe('calendar: against the minute-stepping oracle', () => {
  for (const [timezone, from] of SCENES) {
    it(`${timezone} from ${from}`, () => {
      const set = scene(timezone, from, DAYS)
      const minute = fc.nat(set.walls.length)
      fc.assert(
        fc.property(planOf(set), minute, minute, fc.nat(3000), minute, fc.nat(500), compare(set)),
        { numRuns: 100 },
      )
    })
  }
})

function compare(set: Scene) {
  return (plan: Plan, a: number, b: number, budget: number, pauseAt: number, pauseFor: number) => {
    const calendar = open(authoredOf(plan))
    const opens = openMinutes(plan, set)
    const ms = (minute: number) => set.fromMs + minute * MINUTE
    const [from, to] = [Math.min(a, b), Math.max(a, b)]
    const pause = { startMs: ms(pauseAt), endMs: ms(pauseAt + pauseFor) }
    const runs = opens.map((isIt, i) => isIt && !(i >= pauseAt && i < pauseAt + pauseFor))

    assert.equal(elapsed(calendar, ms(from), ms(to)), count(opens, from, to) * MINUTE)
    assert.equal(elapsed(calendar, ms(from), ms(to), [pause]), count(runs, from, to) * MINUTE)
    if (from < opens.length) assert.equal(isOpen(calendar, ms(from)), opens[from])

    // Beyond the scene the oracle cannot see, so only an answer that it has is compared.
    const same = (got: number | undefined, want: number | undefined) =>
      want === undefined || assert.equal(iso(got), iso(ms(want)))
    same(due(calendar, ms(from), budget * MINUTE), dueMinute(opens, from, budget))
    same(due(calendar, ms(from), 0), dueMinute(opens, from, 0))
    same(due(calendar, ms(from), budget * MINUTE, [pause]), dueMinute(runs, from, budget))
    same(due(calendar, ms(from), 0, [pause]), dueMinute(runs, from, 0))
    same(subtract(calendar, ms(to), budget * MINUTE), subtractMinute(opens, to, budget))
    same(subtract(calendar, ms(to), 0), subtractMinute(opens, to, 0))
    same(nextOpening(calendar, ms(from)), find(opens, from, true))
    same(nextClosing(calendar, ms(from)), find(opens, from, false))
    same(previousOpening(calendar, ms(to)), previousMinute(opens, to))
  }
}

function count(opens: readonly boolean[], from: number, to: number): number {
  return opens.slice(from, to).filter(Boolean).length
}

function find(opens: readonly boolean[], from: number, wanted: boolean): number | undefined {
  const found = opens.indexOf(wanted, from)
  return found < 0 ? undefined : found
}

function dueMinute(opens: readonly boolean[], from: number, budget: number): number | undefined {
  if (budget === 0) return find(opens, from, true)
  let left = budget
  for (let i = from; i < opens.length; i++) if (opens[i] && --left === 0) return i + 1
  return undefined
}

function subtractMinute(opens: readonly boolean[], to: number, budget: number): number | undefined {
  let left = budget
  for (let i = to - 1; i >= 0; i--) {
    if (opens[i] && budget === 0) return i + 1
    if (opens[i] && --left === 0) return i
  }
  return undefined
}

function previousMinute(opens: readonly boolean[], at: number): number | undefined {
  for (let i = at; i > 0; i--) if (opens[i] && !opens[i - 1]) return i
  return undefined
}
