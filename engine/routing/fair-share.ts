/**
 * Who of the eligible reps is next: weighted fair share with bounded catch-up.
 *
 * Each rep has a virtual time: work received ÷ weight; taking a lead of `units` adds units ÷ weight.
 * Of the reps who are not ahead of their share (virtual time up to the weighted mean) the one is
 * next whose lead is due first (virtual time + units ÷ weight): the earliest eligible virtual
 * deadline (Stoica & Abdel-Wahab, TR-95-22, 1995), which keeps everybody within one lead of the
 * share at every moment. The lowest virtual time alone (stride scheduling) lets a heavy rep among
 * many light ones fall behind by more the larger the team is.
 *
 * A rep who was not eligible for a time T keeps at most `catchUp` of it: of the gap to the others,
 * the part 1 − catchUp ÷ T is forgiven, so that nobody is flooded on return. Time in which nobody of
 * the pool could take a lead is no absence. A new rep starts level with the rep who is furthest
 * behind, owing and owed nothing.
 */
import type { FairnessRecord } from '../step'

export interface Contender {
  readonly id: string
  readonly weight: number
  readonly openUnits: number
  readonly capacity: number
}

export interface Ranked extends Contender {
  readonly virtualTime: number
}

/** What the pool keeps, and the lead that is to be placed. */
export interface Turn {
  /** Records of the pool's members, eligible or not. */
  readonly records: ReadonlyMap<string, FairnessRecord>
  readonly catchUpMs: number
  readonly units: number
  readonly nowMs: number
}

/** Ranks the eligible, next first. Ties go to the lower load, then to the id: never to the list's order. */
export function rank(eligible: readonly Contender[], turn: Turn): Ranked[] {
  const level = levelOf(eligible, turn)
  const ranked = eligible.map((contender) => ({
    ...contender,
    virtualTime: currentTime(turn.records.get(contender.id), level, turn.catchUpMs),
  }))
  const dueBy = fairTime(ranked)
  return ranked.sort(
    (a, b) =>
      Number(a.virtualTime > dueBy) - Number(b.virtualTime > dueBy) ||
      charged(a, turn.units) - charged(b, turn.units) ||
      byLoad(a, b),
  )
}

/** How far the pool has come, and until when somebody took leads. */
interface Level {
  readonly virtualTime: number
  readonly atMs: number
}

function levelOf(eligible: readonly Contender[], { records, nowMs }: Turn): Level {
  const present = eligible.flatMap(({ id }) => {
    const record = records.get(id)
    return record && record.awaySinceMs === undefined ? [record.virtualTime] : []
  })
  if (present.length > 0) return { virtualTime: Math.min(...present), atMs: nowMs }
  // All of them come back at once, or alone: what counts is how far the last ones came.
  const all = [...records.values()]
  if (all.length === 0) return { virtualTime: 0, atMs: nowMs }
  const atMs = Math.max(...all.map(({ awaySinceMs = nowMs }) => awaySinceMs))
  const last = all.filter(({ awaySinceMs = nowMs }) => awaySinceMs === atMs)
  return { virtualTime: Math.min(...last.map(({ virtualTime }) => virtualTime)), atMs }
}

function currentTime(record: FairnessRecord | undefined, level: Level, catchUpMs: number): number {
  if (record === undefined) return level.virtualTime
  if (record.awaySinceMs === undefined) return record.virtualTime
  const gap = level.virtualTime - record.virtualTime
  const absentMs = level.atMs - record.awaySinceMs
  if (gap <= 0 || absentMs <= catchUpMs) return record.virtualTime
  return record.virtualTime + gap * (1 - catchUpMs / absentMs)
}

/** The weighted mean, and a little for the rounding of many small sums. */
function fairTime(ranked: readonly Ranked[]): number {
  const weights = ranked.reduce((sum, { weight }) => sum + weight, 0)
  const sum = ranked.reduce((total, { weight, virtualTime }) => total + weight * virtualTime, 0)
  const mean = sum / weights
  return mean + 1e-9 * Math.max(1, Math.abs(mean))
}

function byLoad(a: Ranked, b: Ranked): number {
  return (
    // Cross-multiplied: 1/3 and 2/6 must tie exactly, which division does not promise.
    a.openUnits * b.capacity - b.openUnits * a.capacity || (a.id < b.id ? -1 : 1)
  )
}

/** The virtual time of a rep after taking `units`. */
export function charged({ virtualTime, weight }: Ranked, units: number): number {
  return virtualTime + units / weight
}
