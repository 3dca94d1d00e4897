/**
 * Where a lead's time went, in three measures that are kept apart: what the system took to find a
 * rep, what the people took to get in touch, and what the prospect was waited for.
 *
 * system + human (wall) is the time from receipt to contact. All in ms, none below 0, whatever the
 * clocks of the machines did.
 */
import { ALWAYS, elapsed } from '../calendar'
import { defined } from '../defined'
import { formatDuration } from '../duration'
import { instantMs } from '../instant'
import type { Lead, SlaSection } from '../lead/lead'
import { pauseOf, timingOf } from './section'
import type { Terms } from './tier'
import { begunMs } from './work'

export type Delays = NonNullable<SlaSection['delays']>

/** What is known at `nowMs`. The human delay is known with the first touch. */
export function delaysOf(lead: Lead, sla: SlaSection, terms: Terms, nowMs: number): Delays {
  const { assignedAt, metAt, delays } = sla
  const prospectMs = waitedForProspect(sla, terms, nowMs)
  if (assignedAt === undefined) return { prospectMs }
  const assignedMs = instantMs(assignedAt)
  // A newer event of the same lead must not shorten what the first one waited.
  const systemMs = delays?.systemMs ?? Math.max(0, assignedMs - begunMs(lead))
  if (metAt === undefined) return { systemMs, prospectMs }
  const metMs = instantMs(metAt)
  const { calendar, pauses } = timingOf(terms, terms.tier.clocks[0]!, sla, nowMs)
  return {
    systemMs,
    humanMs: elapsed(calendar, assignedMs, metMs, pauses),
    humanWallMs: Math.max(0, metMs - assignedMs),
    prospectMs,
  }
}

/** Overlapping pauses count once. */
function waitedForProspect({ pauses }: SlaSection, { policy }: Terms, nowMs: number): number {
  if (pauses === undefined) return 0
  const waits = pauses
    .filter(({ state }) => policy.pauses.get(state) === 'prospect')
    .map((pause) => pauseOf(pause, nowMs))
  if (waits.length === 0) return 0
  const fromMs = Math.min(...waits.map(({ startMs }) => startMs))
  return Math.max(0, nowMs - fromMs) - elapsed(ALWAYS, fromMs, nowMs, waits)
}

/** The measures as one sentence for the trail. */
export function delaysInWords({ systemMs, humanMs, humanWallMs, prospectMs }: Delays): string {
  const parts = [
    systemMs !== undefined && `${formatDuration(systemMs)} until assigned`,
    humanMs !== undefined &&
      `${formatDuration(humanMs)} from there to contact (${formatDuration(humanWallMs ?? 0)} by the wall clock)`,
    prospectMs > 0 && `${formatDuration(prospectMs)} waiting for the prospect`,
  ]
  return parts.filter((part) => part !== false).join(', ') || 'not assigned yet'
}

/** The measures as inputs of a reason, so that the trail keeps the numbers. */
export function delayInputs(delays: Delays): { path: string; value: number }[] {
  return Object.entries(defined(delays)).map(([measure, value]) => ({
    path: `sla.delays.${measure}`,
    value,
  }))
}
