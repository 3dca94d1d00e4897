/**
 * Reads the repetition (RRULE) of an imported holiday. Only yearly ones are holidays: on the same month
 * and day, or on the nth weekday of a month (FREQ=YEARLY;BYMONTH=11;BYDAY=4TH).
 */
import type { NthWeekday, YearlyRule } from './calendar-spec'
import { dayOfNth } from './imported-holiday'
import { formatDate, parseDate } from './local-date'
import { show } from './problem'

const KNOWN = ['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYMONTH', 'BYMONTHDAY', 'BYDAY', 'WKST']
const ICS_WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']

/** The rule of a holiday whose first date is given, or a sentence saying why it cannot be used. */
export function parseRule(text: string, date: string): YearlyRule | string {
  const parts = new Map(
    text.split(';').map((part) => part.trim().toUpperCase().split('=') as [string, string]),
  )
  const not = `RRULE ${show(text)} is not supported`
  const unknown = [...parts.keys()].find((key) => !KNOWN.includes(key))
  if (parts.get('FREQ') !== 'YEARLY' || unknown !== undefined) {
    return `${not}; a holiday repeats yearly, or is listed date by date`
  }
  const nthWeekday = parts.has('BYDAY') ? parseNthWeekday(parts) : undefined
  if (nthWeekday === null) return `${not}; BYDAY needs one nth weekday (4TH) and one BYMONTH`
  if (!firstDateFits(parts, nthWeekday, date))
    return `${not}: its first date ${date} does not follow it`

  const interval = countOf(parts.get('INTERVAL') ?? '1')
  const countMax = parts.has('COUNT') ? countOf(parts.get('COUNT')!) : undefined
  const until = parts.get('UNTIL')
  const untilDay = until === undefined ? undefined : parseDate(dashed(until))
  if (interval === undefined) return `${not}; INTERVAL must be a number from 1 on`
  if (parts.has('COUNT') && countMax === undefined)
    return `${not}; COUNT must be a number from 1 on`
  if (until !== undefined && untilDay === undefined) return `${not}; UNTIL must be a date`
  return {
    interval,
    ...(countMax !== undefined && { countMax }),
    ...(untilDay !== undefined && { untilDate: formatDate(untilDay) }),
    ...(nthWeekday && { nthWeekday }),
  }
}

/** Null when BYDAY means something else than one nth weekday of one month. */
function parseNthWeekday(parts: ReadonlyMap<string, string>): NthWeekday | null {
  const [, nth, code = ''] = /^([+-]?[1-5])(MO|TU|WE|TH|FR|SA|SU)$/.exec(parts.get('BYDAY')!) ?? []
  const month = countOf(parts.get('BYMONTH') ?? '')
  if (nth === undefined || month === undefined || month > 12 || parts.has('BYMONTHDAY')) return null
  return { month, weekday: ICS_WEEKDAYS.indexOf(code), nth: Number(nth) }
}

/** Calendars often repeat DTSTART's month and day in the rule. Other ones would be a second holiday. */
function firstDateFits(
  parts: ReadonlyMap<string, string>,
  nthWeekday: NthWeekday | undefined,
  date: string,
): boolean {
  const [year, month, dayOfMonth] = date.split('-').map(Number) as [number, number, number]
  if (nthWeekday) return dayOfNth(year, nthWeekday) === parseDate(date)
  return (
    Number(parts.get('BYMONTH') ?? month) === month &&
    Number(parts.get('BYMONTHDAY') ?? dayOfMonth) === dayOfMonth
  )
}

function countOf(text: string): number | undefined {
  return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined
}

/** "2030-12-31" of "20301231" or "20301231T000000Z". */
function dashed(text: string): string {
  return text.replace(/^(\d{4})(\d{2})(\d{2})(T.*)?$/, '$1-$2-$3')
}
