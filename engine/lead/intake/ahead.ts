/**
 * A time that lies further ahead than a source's clock may run says nothing about when something
 * happened, and would keep a signal fresh for years; so it is set aside.
 */
import { instantMs } from '../../instant'
import { type Normalised, refused } from '../normalise'

export const AHEAD_MAX_MS = 24 * 3_600_000

/** The time as it is, or refused when it is more than a day after `receivedMs`. */
export function notAhead(time: Normalised<string>, receivedMs: number): Normalised<string> {
  if (!time.ok || instantMs(time.value) <= receivedMs + AHEAD_MAX_MS) return time
  return refused('a time at most 24 hours after it was received')
}
