/**
 * Measures open time: how much of it lies between two instants, and how much of a budget is left.
 *
 * The inverse of due(): elapsed(c, start, due(c, start, budget)) is the budget again.
 */
import type { Calendar } from './calendar'
import { type Pause, unitePauses } from './pauses'

/** Unpaused open ms in [fromMs, toMs); 0 when toMs <= fromMs. */
export function elapsed(
  calendar: Calendar,
  fromMs: number,
  toMs: number,
  pauses: readonly Pause[] = [],
): number {
  let openMs = openBetween(calendar, fromMs, toMs)
  if (pauses.length === 0) return openMs
  for (const { startMs, endMs } of unitePauses(pauses)) {
    openMs -= openBetween(calendar, Math.max(fromMs, startMs), Math.min(toMs, endMs))
  }
  return openMs
}

/**
 * The ms of a budget, running since startMs, that are left at nowMs. Below 0 it says by how much open
 * time the budget is overdrawn.
 */
export function remaining(
  calendar: Calendar,
  nowMs: number,
  startMs: number,
  budgetMs: number,
  pauses: readonly Pause[] = [],
): number {
  return budgetMs - elapsed(calendar, startMs, nowMs, pauses)
}

function openBetween({ timeline }: Calendar, fromMs: number, toMs: number): number {
  if (toMs <= fromMs) return 0
  // Both first: covering an earlier instant moves the origin that openBefore counts from.
  timeline.cover(fromMs)
  timeline.cover(toMs)
  return timeline.openBefore(toMs) - timeline.openBefore(fromMs)
}
