/**
 * Finds the instant at which a budget of open time is used up.
 *
 * It is the earliest instant t >= start with exactly the budget open in [start, t): a budget that ends
 * at closing time is due at closing time, not at the next opening. A budget of 0 is due at the first
 * open instant, so that nothing is ever due while closed without having had any time.
 */
import { type Calendar, HORIZON_MS } from './calendar'
import { elapsed } from './elapsed'
import { type Pause, unitePauses } from './pauses'
import type { Timeline } from './timeline'

/**
 * The instant (epoch ms) when budgetMs of unpaused open time have passed since startMs; a budget below 0
 * counts as 0. Undefined when that is more than HORIZON_MS away, as on a calendar that never opens again
 * or under a pause that has not ended.
 */
export function due(
  calendar: Calendar,
  startMs: number,
  budgetMs: number,
  pauses?: readonly Pause[],
): number | undefined {
  const { timeline } = calendar
  const limitMs = startMs + HORIZON_MS
  if (pauses === undefined || pauses.length === 0) {
    return advance(timeline, startMs, budgetMs, limitMs)
  }

  let fromMs = startMs
  let leftMs = budgetMs
  for (const pause of unitePauses(pauses)) {
    if (pause.endMs <= fromMs) continue
    const dueMs = advance(timeline, fromMs, leftMs, limitMs)
    if (dueMs === undefined || dueMs < pause.startMs) return dueMs
    // Used up just as the pause starts; a budget of 0 needs an instant that is really open.
    if (dueMs === pause.startMs && leftMs > 0) return dueMs
    if (pause.endMs > limitMs) return undefined
    leftMs -= elapsed(calendar, fromMs, pause.startMs)
    fromMs = pause.endMs
  }
  return advance(timeline, fromMs, leftMs, limitMs)
}

/** due() without pauses, looking no further than limitMs. */
function advance(
  timeline: Timeline,
  startMs: number,
  budgetMs: number,
  limitMs: number,
): number | undefined {
  if (Number.isNaN(budgetMs)) throw new RangeError('a budget must be a number of ms, got NaN')
  timeline.cover(startMs)
  do {
    const dueMs = advanceCovered(timeline, startMs, budgetMs)
    if (dueMs !== undefined) return dueMs <= limitMs ? dueMs : undefined
  } while (timeline.growForward(limitMs))
  return undefined
}

/** Undefined when what is covered does not hold the answer. */
function advanceCovered(timeline: Timeline, startMs: number, budgetMs: number): number | undefined {
  const { starts, ends, openThrough } = timeline
  const first = timeline.firstEndingAfter(startMs)
  if (first === ends.length) return undefined
  const openingMs = Math.max(startMs, starts[first]!)
  if (budgetMs <= 0) return openingMs

  const usedUpMs = openThrough[first]! - (ends[first]! - openingMs) + budgetMs
  const last = timeline.firstOpenThrough(usedUpMs, first)
  if (last === ends.length) return undefined
  return ends[last]! - (openThrough[last]! - usedUpMs)
}
