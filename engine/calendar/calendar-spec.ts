/**
 * A checked calendar as plain data: what parseCalendar makes of the authored text and compileCalendar
 * takes. It is serialisable, so that a policy version can be hashed, stored and compiled again later.
 */
import type { TimeWindow } from './time-window'

export interface CalendarSpec {
  /** IANA name, in the database's own spelling. */
  readonly timezone: string
  /** Windows per weekday, Monday first; always seven lists. */
  readonly week: readonly (readonly TimeWindow[])[]
  /** Days written down as closed. They win over everything. */
  readonly holidays: readonly Holiday[]
  /** Windows that replace the weekday's on a date ("2026-12-24"); an empty list closes it. */
  readonly dates: Readonly<Record<string, readonly TimeWindow[]>>
  /** Holidays read from iCalendar text. An entry of `dates` wins over them. */
  readonly imported: readonly ImportedHoliday[]
}

export interface Holiday {
  readonly date: string
  readonly name?: string
}

export interface ImportedHoliday extends Holiday {
  /** Length of each occurrence in days, from 1 on. */
  readonly dayCount: number
  readonly yearly?: YearlyRule
  /** Dates on which a yearly holiday does not happen. */
  readonly except?: readonly string[]
}

/** Repeats a holiday on its month and day, or on the nth weekday of a month. */
export interface YearlyRule {
  /** Every how many years, from 1 on. */
  readonly interval: number
  /** How many occurrences there are, the first included; no limit when absent. */
  readonly countMax?: number
  /** Last date on which an occurrence may start. */
  readonly untilDate?: string
  readonly nthWeekday?: NthWeekday
}

export interface NthWeekday {
  /** 1 to 12. */
  readonly month: number
  /** Monday is 0. */
  readonly weekday: number
  /** 1 is the first of the month, -1 the last. */
  readonly nth: number
}
