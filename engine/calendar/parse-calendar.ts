/**
 * Checks an authored calendar (YAML or JSON) and turns it into a CalendarSpec.
 *
 * It reports everything that is wrong, not just the first thing, each with its path. A spec comes back
 * only when nothing is wrong, so whoever holds one may trust it.
 */
import type { CalendarSpec, Holiday } from './calendar-spec'
import { parseDate, YEAR_MAX, YEAR_MIN } from './local-date'
import { parseHours, parseWindows } from './parse-hours'
import { parseIcs } from './parse-ics'
import { type AddProblem, type CalendarProblem, isRecord, show } from './problem'
import type { TimeWindow } from './time-window'
import { zoneName } from './zone'

export type { CalendarProblem } from './problem'

export interface ParsedCalendar {
  /** Present exactly when there are no problems. */
  readonly calendar?: CalendarSpec
  readonly problems: readonly CalendarProblem[]
}

const KEYS = ['timezone', 'hours', 'holidays', 'dates', 'ics']

/** Checks one calendar; `path` is where it stands ("calendars.berlin") and starts every problem's path. */
export function parseCalendar(spec: unknown, path: string): ParsedCalendar {
  const problems: CalendarProblem[] = []
  const problem: AddProblem = (at, message) => problems.push({ path: at, message })
  if (!isRecord(spec)) {
    problem(path, `a calendar must have a timezone and hours, got ${show(spec)}`)
    return { problems }
  }
  for (const key of Object.keys(spec)) {
    if (!KEYS.includes(key)) {
      problem(`${path}.${key}`, `"${key}" is not known here; a calendar has ${KEYS.join(', ')}`)
    }
  }
  const calendar: CalendarSpec = {
    timezone: parseTimezone(spec.timezone, `${path}.timezone`, problem),
    week: parseHours(spec.hours, `${path}.hours`, problem),
    holidays: parseHolidays(spec.holidays ?? [], `${path}.holidays`, problem),
    dates: parseDates(spec.dates ?? {}, `${path}.dates`, problem),
    imported: spec.ics == null ? [] : parseIcs(spec.ics, `${path}.ics`, problem),
  }
  // Only said of hours that could be read: an unreadable window has been reported already.
  if (problems.length === 0 && neverOpens(calendar)) {
    problem(path, 'this calendar never opens: no weekday and no date has a window')
  }
  return problems.length === 0 ? { calendar, problems } : { problems }
}

function parseTimezone(timezone: unknown, path: string, problem: AddProblem): string {
  const name = typeof timezone === 'string' ? zoneName(timezone) : undefined
  if (name === undefined) {
    problem(path, `unknown time zone ${show(timezone)}; write one like Europe/Berlin`)
  }
  return name ?? 'Etc/UTC'
}

function parseHolidays(holidays: unknown, path: string, problem: AddProblem): Holiday[] {
  if (!Array.isArray(holidays)) {
    problem(path, `must be a list of dates, like ["2026-12-25"], got ${show(holidays)}`)
    return []
  }
  return holidays.flatMap((entry, i) => {
    const { date, name } = isRecord(entry) ? entry : { date: entry, name: undefined }
    if (!checkDate(date, `${path}[${i}]`, problem)) return []
    return [typeof name === 'string' ? { date, name } : { date }]
  })
}

function parseDates(dates: unknown, path: string, problem: AddProblem): CalendarSpec['dates'] {
  if (!isRecord(dates)) {
    problem(
      path,
      `must map dates to windows, like "2026-12-24": ["09:00-12:00"], got ${show(dates)}`,
    )
    return {}
  }
  const parsed: Record<string, readonly TimeWindow[]> = {}
  for (const [date, list] of Object.entries(dates)) {
    const datePath = `${path}.${date}`
    const windows = parseWindows(list, datePath, problem)
    if (checkDate(date, datePath, problem)) parsed[date] = windows
  }
  return parsed
}

function checkDate(date: unknown, path: string, problem: AddProblem): date is string {
  if (typeof date === 'string' && parseDate(date) !== undefined) return true
  problem(
    path,
    `${show(date)} is not a date; write it like 2026-12-25 (years ${YEAR_MIN} to ${YEAR_MAX})`,
  )
  return false
}

function neverOpens({ week, dates, holidays }: CalendarSpec): boolean {
  const closed = new Set(holidays.map(({ date }) => date))
  const someDate = Object.entries(dates).some(
    ([date, windows]) => windows.length > 0 && !closed.has(date),
  )
  return !someDate && week.every((windows) => windows.length === 0)
}
