/**
 * The hour, day or week in which an instant lies, as a clock and a calendar on the wall show them.
 *
 * A day begins at 00:00 of the zone, a week on Monday. An hour is a clock hour and not the last 60
 * minutes, so that one can be told when it is over; of an hour that a clock change repeats, each time
 * it shows is an hour of its own.
 */
import { DAY_MS, formatDate, weekdayOf } from './local-date'
import type { OpenInterval } from './open-interval'
import { instantOfLocal, offsetStretches } from './zone'

export const PERIODS = ['hour', 'day', 'week'] as const
export type Period = (typeof PERIODS)[number]

const HOUR_MS = 3_600_000

export class PeriodClock {
  /** The last answer; the next question is mostly about the same period. */
  #last: OpenInterval = { startMs: 0, endMs: 0 }

  constructor(
    readonly timezone: string,
    readonly period: Period,
  ) {}

  /** The period [startMs, endMs) around an instant, epoch ms. */
  around(atMs: number): OpenInterval {
    const { startMs, endMs } = this.#last
    if (atMs < startMs || atMs >= endMs) this.#last = this.#find(atMs)
    return this.#last
  }

  #find(atMs: number): OpenInterval {
    const [stretch] = offsetStretches(this.timezone, atMs, atMs + 1)
    const localMs = atMs + (stretch?.offsetMs ?? 0)
    if (this.period === 'hour') {
      const startMs = atMs - (((localMs % HOUR_MS) + HOUR_MS) % HOUR_MS)
      return { startMs, endMs: startMs + HOUR_MS }
    }
    const day = Math.floor(localMs / DAY_MS)
    const first = this.period === 'day' ? day : day - weekdayOf(day)
    const after = first + (this.period === 'day' ? 1 : 7)
    return { startMs: this.#midnight(first), endMs: this.#midnight(after) }
  }

  /** Where midnight is skipped, the day begins when the clock is put forward. */
  #midnight(day: number): number {
    return instantOfLocal(this.timezone, `${formatDate(day)}T00:00`) ?? day * DAY_MS
  }
}
