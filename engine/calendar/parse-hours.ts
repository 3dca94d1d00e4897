/**
 * Reads the weekly hours: { 'mon-fri': ['09:00-12:30', '13:30-18:00'], sat: ['10:00-14:00'] }.
 *
 * A day named by several keys has the windows of all of them. Windows may touch, also across midnight
 * and from Sunday into Monday, but not overlap: an overlap is nearly always a typing mistake.
 */
import { WEEKDAYS } from './local-date'
import { type AddProblem, isRecord, show } from './problem'
import { DAY_MIN, formatWindow, parseWindow, type TimeWindow } from './time-window'

/** A window with the place it was written at. */
interface Written {
  readonly window: TimeWindow
  readonly path: string
  /** Rises in the order of writing. */
  readonly order: number
}

const WEEK_MIN = 7 * DAY_MIN

/** The windows per weekday, Monday first. What cannot be read is reported and left out. */
export function parseHours(hours: unknown, path: string, problem: AddProblem): TimeWindow[][] {
  const week: Written[][] = WEEKDAYS.map(() => [])
  if (!isRecord(hours)) {
    problem(
      path,
      `hours must map days to windows, like mon-fri: ["09:00-17:00"], got ${show(hours)}`,
    )
    return week.map(() => [])
  }
  let order = 0
  for (const [key, list] of Object.entries(hours)) {
    const keyPath = `${path}.${key}`
    const days = parseDays(key)
    if (days === undefined) {
      problem(keyPath, `"${key}" names no days; write mon, mon-fri, "mon,wed" or daily`)
    }
    const written = readWindows(list, keyPath, problem, order)
    order += written.length
    for (const day of days ?? []) week[day]!.push(...written)
  }
  reportOverlapsInWeek(week, problem)
  return week.map((day) => day.map(({ window }) => window).sort(byOpening))
}

/** The windows of one date. What cannot be read is reported and left out; an empty list means closed. */
export function parseWindows(list: unknown, path: string, problem: AddProblem): TimeWindow[] {
  const written = readWindows(list, path, problem)
  written.forEach((later, i) => {
    const earlier = written.slice(0, i).find((other) => overlap(other.window, later.window))
    if (earlier) problem(later.path, overlapMessage(earlier.window, later.window))
  })
  return written.map(({ window }) => window).sort(byOpening)
}

function readWindows(list: unknown, path: string, problem: AddProblem, order = 0): Written[] {
  if (!Array.isArray(list)) {
    problem(path, `must be a list of windows, like ["09:00-17:00"], got ${show(list)}`)
    return []
  }
  const written: Written[] = []
  list.forEach((text, i) => {
    const window = parseWindow(text)
    if (typeof window === 'string') problem(`${path}[${i}]`, window)
    else written.push({ window, path: `${path}[${i}]`, order: order + written.length })
  })
  return written
}

/** Weekday numbers of "sat", "mon-fri", "fri-mon", "mon,wed" or "daily"; undefined when it is none. */
function parseDays(key: string): ReadonlySet<number> | undefined {
  if (key.trim().toLowerCase() === 'daily') return new Set(WEEKDAYS.keys())
  const days = new Set<number>()
  for (const part of key.split(',')) {
    const [from = -1, to = from, ...more] = part.split('-').map(weekdayNamed)
    if (from < 0 || to < 0 || more.length > 0) return undefined
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(day)
      if (day === to) break
    }
  }
  return days
}

function weekdayNamed(text: string): number {
  const name = text.trim().toLowerCase()
  return WEEKDAYS.findIndex((weekday) => name === weekday || name === weekday.slice(0, 3))
}

/** Reports each two places that overlap once, at the one written later. */
function reportOverlapsInWeek(week: readonly Written[][], problem: AddProblem): void {
  const all = week.flatMap((written, day) => written.map((entry) => ({ ...entry, day })))
  const reported = new Set<string>()
  for (const a of all) {
    for (const b of all) {
      const pair = `${a.order} ${b.order}`
      if (a.order >= b.order || reported.has(pair)) continue
      if (!overlapInWeek(onDay(a.window, a.day), onDay(b.window, b.day))) continue
      reported.add(pair)
      problem(b.path, `${overlapMessage(a.window, b.window)} on ${WEEKDAYS[b.day]}`)
    }
  }
}

function onDay({ openMin, closeMin }: TimeWindow, day: number): TimeWindow {
  return { openMin: openMin + day * DAY_MIN, closeMin: closeMin + day * DAY_MIN }
}

function overlapInWeek(a: TimeWindow, b: TimeWindow): boolean {
  return [-WEEK_MIN, 0, WEEK_MIN].some((shiftMin) =>
    overlap(a, { openMin: b.openMin + shiftMin, closeMin: b.closeMin + shiftMin }),
  )
}

function overlap(a: TimeWindow, b: TimeWindow): boolean {
  return a.openMin < b.closeMin && b.openMin < a.closeMin
}

function overlapMessage(a: TimeWindow, b: TimeWindow): string {
  return `${formatWindow(b)} overlaps ${formatWindow(a)}`
}

function byOpening(a: TimeWindow, b: TimeWindow): number {
  return a.openMin - b.openMin
}
