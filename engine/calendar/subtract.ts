/**
 * Finds the instant from which a budget of open time leads to a given one: the mirror image of due().
 *
 * It is the latest instant t <= end with exactly the budget open in [t, end): a budget that reaches back
 * to an opening stays at that opening. A budget of 0 goes back to the last closing, when end is not open.
 */
import { type Calendar, HORIZON_MS } from './calendar'
import type { Timeline } from './timeline'

/**
 * The instant (epoch ms) that lies budgetMs of open time before endMs; a budget below 0 counts as 0.
 * Undefined when that is more than HORIZON_MS before endMs.
 */
export function subtract(
  { timeline }: Calendar,
  endMs: number,
  budgetMs: number,
): number | undefined {
  if (Number.isNaN(budgetMs)) throw new RangeError('a budget must be a number of ms, got NaN')
  const limitMs = endMs - HORIZON_MS
  timeline.cover(endMs)
  do {
    const startMs =
      budgetMs > 0 ? retreatCovered(timeline, endMs, budgetMs) : lastOpen(timeline, endMs)
    if (startMs !== undefined) return startMs >= limitMs ? startMs : undefined
  } while (timeline.growBackward(limitMs))
  return undefined
}

/** Undefined when what is covered does not hold the answer. */
function retreatCovered(timeline: Timeline, endMs: number, budgetMs: number): number | undefined {
  const { ends, openThrough } = timeline
  const leftMs = timeline.openBefore(endMs) - budgetMs
  if (leftMs < 0) return undefined
  // The latest instant with leftMs open before it lies in the first interval that goes beyond leftMs.
  let i = timeline.firstOpenThrough(leftMs)
  if (openThrough[i] === leftMs) i++
  return ends[i]! - (openThrough[i]! - leftMs)
}

/** The latest covered instant <= endMs with open time right before it. */
function lastOpen(timeline: Timeline, endMs: number): number | undefined {
  const i = timeline.firstEndingAfter(endMs)
  if (i < timeline.ends.length && timeline.starts[i]! < endMs) return endMs
  return timeline.ends[i - 1]
}
