/**
 * Pauses: stretches [startMs, endMs) in which a clock stands still, whatever the calendar says.
 *
 * Overlapping and touching pauses count once, so splitting a pause changes nothing. A pause without an
 * end is still going on. One that ends when or before it starts is no pause.
 */
import { type OpenInterval, unite } from './open-interval'

export interface Pause {
  readonly startMs: number
  /** Absent while the pause goes on. */
  readonly endMs?: number | undefined
}

/** Pauses sorted and united; an open end becomes Infinity. */
export function unitePauses(pauses: readonly Pause[]): OpenInterval[] {
  return unite(
    pauses.map(({ startMs, endMs }) => ({ startMs, endMs: endMs ?? Number.POSITIVE_INFINITY })),
  )
}
