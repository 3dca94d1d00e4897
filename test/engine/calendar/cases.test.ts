// Goal: agree with the public business-hours cases of other engines. Method: every case of the data folder,
// taken through the authored form; the file's per-date `breaks` become `dates` with the break cut out.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  type Calendar,
  due,
  elapsed,
  instantOfLocal,
  isOpen,
  periods,
  subtract,
} from '../../../engine/calendar'
import { at, DAY, iso, open } from './support'

type Span = readonly [string, string]
type Spans = Readonly<Record<string, readonly Span[]>>

interface Case {
  readonly id: string
  readonly op: string
  readonly tz: string
  readonly calendar: { hours: Spans; holidays: string[]; breaks: Spans; shifts: Spans }
  readonly start: string
  readonly end: string
  readonly local: string
  readonly take: number
  readonly duration_s: number
  readonly pauses?: readonly Span[]
  readonly expected: unknown
}

const data = process.env.LEAD_DATA ?? resolve(__dirname, '../../../../shared/data')
const file = resolve(data, 'sla/cases.json')
const cases: readonly Case[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).cases : []

describe('calendar: public business-hours cases', () => {
  it('finds the cases', function () {
    if (cases.length === 0) {
      console.log(`      skipped: no ${file}; set LEAD_DATA to the data folder to run them`)
      this.skip()
    }
  })

  for (const one of cases) {
    it(`${one.id}: ${one.op}`, () => assert.deepEqual(answer(one), one.expected))
  }
})

function answer({ op, tz, calendar, ...ask }: Case): unknown {
  if (op === 'resolve_local') return iso(instantOfLocal(tz, ask.local))
  const compiled = open({ timezone: tz, ...authored(calendar) })
  const startMs = at(ask.start)
  const pauses = ask.pauses?.map(([from, to]) => ({ startMs: at(from), endMs: at(to) }))
  switch (op) {
    case 'add':
      return iso(due(compiled, startMs, ask.duration_s * 1000, pauses))
    case 'sub':
      return iso(subtract(compiled, startMs, ask.duration_s * 1000))
    case 'between':
      return elapsed(compiled, startMs, at(ask.end), pauses) / 1000
    case 'active':
      return isOpen(compiled, startMs)
    case 'periods':
      return spans(compiled, startMs, startMs + 60 * DAY).slice(0, ask.take)
    case 'periods_before':
      return spans(compiled, startMs - 60 * DAY, startMs)
        .reverse()
        .slice(0, ask.take)
    default:
      return assert.fail(`unknown op ${op}`)
  }
}

function spans(calendar: Calendar, fromMs: number, toMs: number) {
  return periods(calendar, fromMs, toMs).map(({ startMs, endMs }) => [iso(startMs), iso(endMs)])
}

function authored({ hours, holidays, breaks, shifts }: Case['calendar']) {
  const dates: Record<string, string[]> = {}
  for (const date of [...Object.keys(shifts), ...Object.keys(breaks)]) {
    const weekday = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][new Date(date).getUTCDay()]!
    const windows = shifts[date] ?? hours[weekday] ?? []
    dates[date] = written((breaks[date] ?? []).reduce(cutOut, windows))
  }
  const week = Object.entries(hours).map(([day, windows]) => [day, written(windows)])
  return { hours: Object.fromEntries(week), holidays, dates }
}

function written(windows: readonly Span[]): string[] {
  return windows.map(([from, to]) => `${from}-${to}`)
}

/** "HH:MM" texts of one day compare as times. */
function cutOut(windows: readonly Span[], [from, to]: Span): readonly Span[] {
  const parts = windows.flatMap(([start, end]): Span[] => [
    [start, end < from ? end : from],
    [start > to ? start : to, end],
  ])
  return parts.filter(([start, end]) => start < end)
}
