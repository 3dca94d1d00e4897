/**
 * Business time: when a calendar is open, when a budget of open time is used up, how much of it has passed.
 *
 * A calendar is open at an instant exactly when a clock on the wall of its time zone shows a time inside
 * one of that day's windows [open, close). Everything follows from this one rule, daylight saving too:
 *   - skipped hour: its wall times never show, so a window loses that part, and one that lies inside it
 *     does not open that day;
 *   - repeated hour: its wall times show twice, so a window holds both. One that ends inside it closes,
 *     and opens again when the wall shows its times the second time.
 * A window belongs to the day it starts on, so a holiday takes away the windows that start on it, and
 * the night shift of the evening before still ends in the morning. A listed holiday wins over an entry
 * of `dates`; that wins over an imported (`ics`) holiday, and over the weekday, which it replaces.
 * Instants and durations are integer epoch ms and ms. Questions look 20 years far (HORIZON_MS), and
 * before 1900 and from 2500 on every calendar is closed.
 *
 * Not here: which calendar applies to a lead, and what happens when time is up (engine/sla).
 */
export { ALWAYS, type Calendar, HORIZON_MS } from './calendar'
export type { CalendarSpec, Holiday, ImportedHoliday } from './calendar-spec'
export { compileCalendar } from './compile-calendar'
export { due } from './due'
export { elapsed, remaining } from './elapsed'
export { intersect } from './intersect'
export type { OpenInterval } from './open-interval'
export { isOpen, nextClosing, nextOpening, periods, previousOpening } from './openings'
export { type CalendarProblem, type ParsedCalendar, parseCalendar } from './parse-calendar'
export type { Pause } from './pauses'
export { PERIODS, type Period, PeriodClock } from './period'
export { subtract } from './subtract'
export type { TimeWindow } from './time-window'
export { instantOfLocal } from './zone'
