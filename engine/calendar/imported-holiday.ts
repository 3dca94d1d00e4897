/**
 * Says on which days an imported holiday falls: its own days, and those of its yearly repetitions.
 *
 * A 29 February repeats in leap years only, as iCalendar (RFC 5545, 3.3.10) has it.
 */
import type { ImportedHoliday, NthWeekday } from './calendar-spec'
import { dayOf, parseDate, weekdayOf, YEAR_MAX } from './local-date'

/** Day numbers closed by a holiday, through YEAR_MAX. Requires a valid `date`. */
export function* daysOf(holiday: ImportedHoliday): Generator<number> {
  const except = new Set(holiday.except?.map(parseDate))
  for (const first of occurrencesOf(holiday)) {
    if (except.has(first)) continue
    for (let offset = 0; offset < holiday.dayCount; offset++) yield first + offset
  }
}

function* occurrencesOf({ date, yearly }: ImportedHoliday): Generator<number> {
  const first = parseDate(date)!
  yield first
  if (yearly === undefined) return

  const [year, month, dayOfMonth] = date.split('-').map(Number) as [number, number, number]
  const { interval, untilDate, countMax = Number.POSITIVE_INFINITY, nthWeekday } = yearly
  const lastDay = untilDate === undefined ? Number.POSITIVE_INFINITY : parseDate(untilDate)!
  let count = 1
  for (let next = year + interval; next <= YEAR_MAX && count < countMax; next += interval) {
    const day = nthWeekday ? dayOfNth(next, nthWeekday) : dayOf(next, month, dayOfMonth)
    if (day === undefined) continue
    if (day > lastDay) return
    count++
    yield day
  }
}

/** Day number of, say, the last Monday in May; undefined when the month has no fifth one. */
export function dayOfNth(year: number, { month, weekday, nth }: NthWeekday): number | undefined {
  const first = dayOf(year, month, 1)!
  const next = month === 12 ? dayOf(year + 1, 1, 1)! : dayOf(year, month + 1, 1)!
  const day =
    nth > 0
      ? first + ((weekday - weekdayOf(first) + 7) % 7) + 7 * (nth - 1)
      : next - 1 - ((weekdayOf(next - 1) - weekday + 7) % 7) + 7 * (nth + 1)
  return day >= first && day < next ? day : undefined
}
