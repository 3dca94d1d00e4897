/**
 * Is the rep there? Who lets so many offers in a row expire is not, and is left out of routing until
 * the rep reports back, answers another offer, or the time that the policy states is over.
 */
import type { Misses } from '../policy/policy'
import type { PresenceRecord } from '../step'

export interface Offline {
  /** Epoch ms. */
  readonly sinceMs: number
  /** Absent: until the rep reports back. */
  readonly untilMs?: number
  readonly misses: number
}

/** Undefined while the rep is there. */
export function offlineNow(
  record: PresenceRecord | undefined,
  misses: Misses | undefined,
  nowMs: number,
): Offline | undefined {
  const sinceMs = record?.offlineSinceMs
  if (record === undefined || sinceMs === undefined || misses === undefined) return undefined
  if (misses.offlineMs === undefined) return { sinceMs, misses: record.misses }
  const untilMs = sinceMs + misses.offlineMs
  return nowMs < untilMs ? { sinceMs, untilMs, misses: record.misses } : undefined
}

/** Of everybody who is offline. */
export function offlineReps(
  records: ReadonlyMap<string, PresenceRecord>,
  misses: Misses | undefined,
  nowMs: number,
): ReadonlyMap<string, Offline> {
  const offline = new Map<string, Offline>()
  for (const [repId, record] of records) {
    const found = offlineNow(record, misses, nowMs)
    if (found !== undefined) offline.set(repId, found)
  }
  return offline
}

/** After an offer has expired; `misses` is absent when the policy takes nobody out. */
export function missed(
  record: PresenceRecord | undefined,
  misses: Misses | undefined,
  nowMs: number,
): PresenceRecord {
  // Who is offline already stays so, since when it was.
  if (record !== undefined && offlineNow(record, misses, nowMs) !== undefined)
    return { ...record, misses: record.misses + 1 }
  // Who was offline and is back by time starts anew.
  const before = record?.offlineSinceMs === undefined ? (record?.misses ?? 0) : 0
  const count = before + 1
  return misses !== undefined && count >= misses.max
    ? { misses: count, offlineSinceMs: nowMs }
    : { misses: count }
}

/** After a sign of life; undefined when it says nothing new. */
export function answered(record: PresenceRecord | undefined): PresenceRecord | undefined {
  if (record === undefined) return undefined
  return record.misses === 0 && record.offlineSinceMs === undefined ? undefined : { misses: 0 }
}
