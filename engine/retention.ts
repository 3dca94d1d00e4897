/**
 * Retention: for how many months personal data is kept. Two periods, each in calendar months (UTC):
 * that of leads, from the last change of a lead at rest, and that of the trail's private parts, from
 * each entry's own time. Does not say what counts as at rest (decision.ts), erases nothing (steps/retention).
 */

export interface Retention {
  /** Absent: for ever; so for the other. */
  readonly leadsMonths?: number
  readonly trailMonths?: number
}

export const LEADS_MONTHS_MIN = 1
/** Who asks why a lead was decided so has at least a year for it. */
export const TRAIL_MONTHS_MIN = 12
export const MONTHS_MAX = 1_200

/**
 * The same day and time so many calendar months earlier, epoch ms (UTC); the last day of a month that
 * is too short for it: 31 March less one month is 28 or 29 February.
 */
export function monthsBefore(nowMs: number, months: number): number {
  const now = new Date(nowMs)
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth() - months]
  const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  const day = Math.min(now.getUTCDate(), days)
  const midnightMs = Math.floor(nowMs / 86_400_000) * 86_400_000
  return Date.UTC(year, month, day) + (nowMs - midnightMs)
}

export interface Cutoffs {
  /** What is from before is over its time; epoch ms. */
  readonly leadsBeforeMs: number
  readonly trailBeforeMs: number
}

/** A period that is absent is over for nothing. */
export function cutoffs({ leadsMonths, trailMonths }: Retention, nowMs: number): Cutoffs {
  const before = (months: number | undefined) =>
    months === undefined ? Number.MIN_SAFE_INTEGER : monthsBefore(nowMs, months)
  return { leadsBeforeMs: before(leadsMonths), trailBeforeMs: before(trailMonths) }
}
