/**
 * Local dates as day numbers: whole days since 1970-01-01, so that dates compare and add as integers.
 *
 * A local date has no time zone; zone.ts and compile-calendar.ts say which instants it covers.
 */
export const DAY_MS = 86_400_000
export const MINUTE_MS = 60_000

/** First and last year that a calendar knows; see the facade for what happens outside them. */
export const YEAR_MIN = 1900
export const YEAR_MAX = 2499

/** The weekdays as an author writes them; the index is the weekday's number (Monday is 0). */
export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/

/** Day number of a year, month (1-12) and day of month; undefined when there is no such date. */
export function dayOf(year: number, month: number, dayOfMonth: number): number | undefined {
  const ms = Date.UTC(year, month - 1, dayOfMonth)
  const back = new Date(ms)
  // Date.UTC rolls 30 February over to March (and year 99 to 1999); a round trip shows it.
  const exists =
    back.getUTCFullYear() === year &&
    back.getUTCMonth() === month - 1 &&
    back.getUTCDate() === dayOfMonth
  return exists ? ms / DAY_MS : undefined
}

/** Day number of "2026-12-25"; undefined when the text is no date between YEAR_MIN and YEAR_MAX. */
export function parseDate(text: string): number | undefined {
  const [, year, month, dayOfMonth] = DATE.exec(text) ?? []
  if (Number(year) < YEAR_MIN || Number(year) > YEAR_MAX) return undefined
  return dayOf(Number(year), Number(month), Number(dayOfMonth))
}

/** "2026-12-25" of a day number. */
export function formatDate(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** Weekday number of a day: Monday is 0, Sunday is 6. */
export function weekdayOf(day: number): number {
  // Day 0 was a Thursday; the second modulo keeps days before 1970 positive.
  return (((day + 3) % 7) + 7) % 7
}
