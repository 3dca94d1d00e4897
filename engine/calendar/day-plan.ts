/**
 * A calendar day by day, as people read it: when it is open on each local date, and why it differs
 * from the week before.
 *
 * The times are what the wall shows, so on the night of a clock change they follow the facade's rule.
 */

import type { CalendarSpec } from './calendar-spec'
import { compileCalendar } from './compile-calendar'
import { daysOf } from './imported-holiday'
import { DAY_MS, formatDate, parseDate, weekdayOf } from './local-date'
import { periods } from './openings'
import { offsetStretches } from './zone'

export interface PlannedDay {
  /** "2026-12-25" */
  readonly date: string
  /** Monday is 0. */
  readonly weekday: number
  /** Open times of the wall's clock, e.g. "09:00–12:30"; empty when closed all day. */
  readonly open: readonly string[]
  /** Why it is not as the weekday says. */
  readonly special?: { readonly kind: 'holiday' | 'date'; readonly name?: string }
}

/** The local days from the one around `fromMs` (epoch ms) on. Throws when the zone is unknown. */
export function planDays(spec: CalendarSpec, fromMs: number, count: number): PlannedDay[] {
  const calendar = compileCalendar(spec)
  const special = specialDays(spec)
  const wall = (atMs: number) => atMs + offsetAt(spec.timezone, atMs)
  const firstDay = Math.floor(wall(fromMs) / DAY_MS)
  // A day more at each end: midnight of a zone is up to 14 hours from that of UTC.
  const open = periods(calendar, (firstDay - 1) * DAY_MS, (firstDay + count + 1) * DAY_MS).map(
    ({ startMs, endMs }) => ({ startMs: wall(startMs), endMs: wall(endMs - 1) + 1 }),
  )
  return Array.from({ length: count }, (_, index) => {
    const day = firstDay + index
    const startMs = day * DAY_MS
    const why = special.get(day)
    return {
      date: formatDate(day),
      weekday: weekdayOf(day),
      open: open
        .filter((one) => one.startMs < startMs + DAY_MS && one.endMs > startMs)
        .map(
          (one) =>
            `${timeOf(Math.max(0, one.startMs - startMs))}–${timeOf(Math.min(DAY_MS, one.endMs - startMs))}`,
        ),
      ...(why === undefined ? {} : { special: why }),
    }
  })
}

/** By day number; a listed holiday wins over an entry of `dates`, and that over an imported one. */
function specialDays({
  holidays,
  dates,
  imported,
}: CalendarSpec): Map<number, PlannedDay['special']> {
  const days = new Map<number, PlannedDay['special']>()
  const holiday = (name: string | undefined) =>
    ({ kind: 'holiday', ...(name === undefined ? {} : { name }) }) as const
  for (const one of imported) for (const day of daysOf(one)) days.set(day, holiday(one.name))
  for (const date of Object.keys(dates)) days.set(parseDate(date)!, { kind: 'date' })
  for (const { date, name } of holidays) days.set(parseDate(date)!, holiday(name))
  return days
}

/** Wall time minus UTC at an instant, ms. */
function offsetAt(timezone: string, atMs: number): number {
  return offsetStretches(timezone, atMs, atMs + 1)[0]!.offsetMs
}

function timeOf(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
