/**
 * Answers when a calendar opens and closes, seen from an instant.
 *
 * An interval is open at its start and closed at its end. [nextOpening(t), nextClosing(nextOpening(t)))
 * is therefore the current open period from t on, or the next one.
 */
import { type Calendar, HORIZON_MS } from './calendar'
import type { OpenInterval } from './open-interval'
import type { Timeline } from './timeline'

/** Whether the calendar is open at atMs. */
export function isOpen({ timeline }: Calendar, atMs: number): boolean {
  timeline.cover(atMs)
  return isIn(timeline, timeline.firstEndingAfter(atMs), atMs)
}

/** The first open instant >= atMs: atMs itself while open. Undefined beyond HORIZON_MS. */
export function nextOpening({ timeline }: Calendar, atMs: number): number | undefined {
  const limitMs = atMs + HORIZON_MS
  timeline.cover(atMs)
  const i = timeline.firstEndingAfter(atMs)
  while (i === timeline.ends.length) if (!timeline.growForward(limitMs)) return undefined
  const openingMs = Math.max(atMs, timeline.starts[i]!)
  return openingMs <= limitMs ? openingMs : undefined
}

/** The first closed instant >= atMs: atMs itself while closed. Undefined beyond HORIZON_MS. */
export function nextClosing({ timeline }: Calendar, atMs: number): number | undefined {
  const limitMs = atMs + HORIZON_MS
  timeline.cover(atMs)
  const i = timeline.firstEndingAfter(atMs)
  if (!isIn(timeline, i, atMs)) return atMs
  // An interval that ends where the cover ends may go on in the next chunk.
  while (timeline.ends[i] === timeline.toMs) if (!timeline.growForward(limitMs)) return undefined
  const closingMs = timeline.ends[i]!
  return closingMs <= limitMs ? closingMs : undefined
}

/** The start of the open period around atMs, else of the last one before. Undefined beyond HORIZON_MS. */
export function previousOpening({ timeline }: Calendar, atMs: number): number | undefined {
  const limitMs = atMs - HORIZON_MS
  timeline.cover(atMs)
  do {
    const i = timeline.firstEndingAfter(atMs)
    const openingMs = timeline.starts[isIn(timeline, i, atMs) ? i : i - 1]
    // An interval that starts where the cover starts may have begun in the chunk before.
    if (openingMs === undefined || openingMs === timeline.fromMs) continue
    return openingMs >= limitMs ? openingMs : undefined
  } while (timeline.growBackward(limitMs))
  return undefined
}

/** The open periods within [fromMs, toMs), in order and clipped to it. */
export function periods({ timeline }: Calendar, fromMs: number, toMs: number): OpenInterval[] {
  if (!(fromMs < toMs)) return []
  timeline.cover(fromMs)
  timeline.cover(toMs - 1)
  const { starts, ends } = timeline
  const found: OpenInterval[] = []
  for (let i = timeline.firstEndingAfter(fromMs); i < ends.length && starts[i]! < toMs; i++) {
    found.push({ startMs: Math.max(fromMs, starts[i]!), endMs: Math.min(toMs, ends[i]!) })
  }
  return found
}

function isIn({ starts }: Timeline, i: number, atMs: number): boolean {
  return i < starts.length && starts[i]! <= atMs
}
