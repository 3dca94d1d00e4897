/**
 * Compiles a checked calendar into a timeline of open instants.
 *
 * Between two clock changes wall time and UTC differ by a constant. Each such stretch is filled with the
 * windows of its local days, moved by the offset and clipped to the stretch; that is the wall reading
 * (see the facade) for skipped and repeated hours, and for days that a zone left out, without a case
 * for any of them.
 */
import type { Calendar } from './calendar'
import type { CalendarSpec } from './calendar-spec'
import { daysOf } from './imported-holiday'
import { DAY_MS, MINUTE_MS, parseDate, weekdayOf } from './local-date'
import { type OpenInterval, unite } from './open-interval'
import type { TimeWindow } from './time-window'
import { Timeline } from './timeline'
import { type OffsetStretch, offsetStretches } from './zone'

type WindowsOn = (day: number) => readonly TimeWindow[]

const CLOSED: readonly TimeWindow[] = []

/** Compiles a calendar that parseCalendar has checked. Throws when its time zone is unknown. */
export function compileCalendar(spec: CalendarSpec): Calendar {
  const windowsOn = windowsOfDays(spec)
  // Asked once up front: a wrong zone must fail here, not at the first question.
  offsetStretches(spec.timezone, 0, 0)
  const timeline = new Timeline((fromMs, toMs) => {
    const stretches = offsetStretches(spec.timezone, fromMs, toMs)
    return unite(stretches.flatMap((stretch) => openWithin(stretch, windowsOn)))
  })
  return { timeline }
}

/** The one place that ranks holidays, dates, imported holidays and weekdays. */
function windowsOfDays({ week, holidays, dates, imported }: CalendarSpec): WindowsOn {
  const byDay = new Map<number, readonly TimeWindow[]>()
  for (const holiday of imported) for (const day of daysOf(holiday)) byDay.set(day, CLOSED)
  for (const [date, windows] of Object.entries(dates)) byDay.set(parseDate(date)!, windows)
  for (const { date } of holidays) byDay.set(parseDate(date)!, CLOSED)
  return (day) => byDay.get(day) ?? week[weekdayOf(day)]!
}

function openWithin({ startMs, endMs, offsetMs }: OffsetStretch, windowsOn: WindowsOn) {
  const open: OpenInterval[] = []
  // From the day before, whose overnight windows may reach in.
  const firstDay = Math.floor((startMs + offsetMs) / DAY_MS) - 1
  const lastDay = Math.floor((endMs - 1 + offsetMs) / DAY_MS)
  for (let day = firstDay; day <= lastDay; day++) {
    const midnightMs = day * DAY_MS - offsetMs
    for (const { openMin, closeMin } of windowsOn(day)) {
      open.push({
        startMs: Math.max(startMs, midnightMs + openMin * MINUTE_MS),
        endMs: Math.min(endMs, midnightMs + closeMin * MINUTE_MS),
      })
    }
  }
  return open
}
