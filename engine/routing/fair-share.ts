/**
 * Who of the eligible reps is next: weighted fair share by stride scheduling with bounded catch-up.
 *
 * Each rep has a virtual time: work received ÷ weight. The lowest is next; taking a lead of `units`
 * adds units ÷ weight (Waldspurger & Weihl, "Stride Scheduling", MIT/LCS/TM-528, 1995). A rep who
 * was not eligible for a time T keeps at most `catchUp` of it: of the gap to the others, the part
 * 1 − catchUp ÷ T is forgiven, so that nobody is flooded on return. A new rep starts level with
 * the rep who is furthest behind, owing and owed nothing.
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

/**
 * Ranks the eligible, next first. Ties go to the lower load, then to the id, so the order of the
 * list never decides. Records of reps that are not eligible are not read.
 */
export function rank(
  eligible: readonly Contender[],
  records: ReadonlyMap<string, FairnessRecord>,
  catchUpMs: number,
  nowMs: number,
): Ranked[] {
  const levelMs = (id: string) => records.get(id)
  const present = eligible.flatMap(({ id }) => {
    const record = levelMs(id)
    return record && record.awaySinceMs === undefined ? [record.virtualTime] : []
  })
  const known = eligible.flatMap(({ id }) => levelMs(id)?.virtualTime ?? [])
  const floor =
    present.length > 0 ? Math.min(...present) : known.length > 0 ? Math.max(...known) : 0
  return eligible
    .map((contender) => ({
      ...contender,
      virtualTime: currentTime(records.get(contender.id), floor, catchUpMs, nowMs),
    }))
    .sort(byTurn)
}

function currentTime(
  record: FairnessRecord | undefined,
  floor: number,
  catchUpMs: number,
  nowMs: number,
): number {
  if (record === undefined) return floor
  if (record.awaySinceMs === undefined) return record.virtualTime
  const gap = floor - record.virtualTime
  const absentMs = nowMs - record.awaySinceMs
  if (gap <= 0 || absentMs <= catchUpMs) return record.virtualTime
  return record.virtualTime + gap * (1 - catchUpMs / absentMs)
}

function byTurn(a: Ranked, b: Ranked): number {
  return (
    a.virtualTime - b.virtualTime ||
    // Cross-multiplied: 1/3 and 2/6 must tie exactly, which division does not promise.
    a.openUnits * b.capacity - b.openUnits * a.capacity ||
    (a.id < b.id ? -1 : 1)
  )
}

/** The virtual time of a rep after taking `units`. */
export function charged({ virtualTime, weight }: Ranked, units: number): number {
  return virtualTime + units / weight
}
