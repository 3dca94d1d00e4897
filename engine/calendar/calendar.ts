/**
 * A compiled calendar: a timeline to search, and the calendar that is always open.
 *
 * Treat it as opaque; the functions of the facade are the ways to ask it something.
 */
import { DAY_MS } from './local-date'
import { Timeline } from './timeline'

export interface Calendar {
  readonly timeline: Timeline
}

/** How far from the asked instant an answer may lie, in ms: 20 years. Beyond it the answer is undefined. */
export const HORIZON_MS = 7305 * DAY_MS

/** Open 24 hours on 7 days, in every zone. */
export const ALWAYS: Calendar = {
  timeline: new Timeline((startMs, endMs) => [{ startMs, endMs }]),
}
