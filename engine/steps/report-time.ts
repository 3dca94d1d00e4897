/**
 * When a report of sales may say that something happened: from 30 days before the first that the lead
 * tells of until 24 hours from now.
 *
 * Late reports are legal, as a CRM tells of days at once, and of what was done before it handed the lead
 * on; what is a little ahead comes from a clock that runs ahead, and counts as now. Beyond is a wrong year
 * or another unit. Whether a contact came after the lead, and so is an answer to it, is for its clock.
 */
import { instantMs, iso } from '../instant'
import { AHEAD_MAX_MS } from '../lead/intake/ahead'
import type { Lead } from '../lead/lead'

const BEFORE_MAX_MS = 30 * 24 * 3_600_000

/** What is wrong with the time of a report, epoch ms; undefined: nothing. */
export function reportTimeProblem(lead: Lead, atMs: number, nowMs: number): string | undefined {
  const fromMs = firstKnownMs(lead, nowMs) - BEFORE_MAX_MS
  const untilMs = nowMs + AHEAD_MAX_MS
  if (atMs >= fromMs && atMs <= untilMs) return undefined
  const [from, until] = [iso(fromMs), iso(untilMs)]
  return `outcome.at is ${iso(atMs)}, expected a time from ${from}, 30 days before the lead, to ${until}, 24 hours from now`
}

/** A newer event of the lead has a receipt of its own, so that alone does not tell. */
function firstKnownMs({ event, assignment, sla, signals }: Lead, nowMs: number): number {
  const times = [event.occurredAt, event.receivedAt, assignment?.previousAt, assignment?.at]
  const all = [...times, sla?.startedAt, sla?.assignedAt, ...signals.map(({ at }) => at)]
  const known = all.map((time) => instantMs(time ?? '')).filter(Number.isFinite)
  return Math.min(nowMs, ...known)
}
