/**
 * Combines calendars into one that is open only when all of them are (company, rep and tier, say).
 *
 * The order of the calendars never matters. The result compiles lazily too, chunk by chunk from its parts.
 */
import { ALWAYS, type Calendar } from './calendar'
import { common } from './open-interval'
import { periods } from './openings'
import { Timeline } from './timeline'

/** The calendar that is open when every given one is; ALWAYS when none is given. */
export function intersect(calendars: readonly Calendar[]): Calendar {
  const [first = ALWAYS, ...rest] = calendars
  if (rest.length === 0) return first
  const timeline = new Timeline((fromMs, toMs) =>
    rest.reduce(
      (open, calendar) => common(open, periods(calendar, fromMs, toMs)),
      periods(first, fromMs, toMs),
    ),
  )
  return { timeline }
}
