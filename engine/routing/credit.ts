/**
 * Gives a rep back the share that a lead cost when nothing could come of it: it was declined, found
 * to be no lead at all, lost to another rep because of the SLA, or only offered.
 *
 * Bounded: a rep is put level with the furthest behind of the others at most, so that declining
 * everything piles up no claim. Once: the end of an assignment is the only moment that gives it.
 */
import type { Pool } from '../policy/policy'
import type { Credit } from '../policy/schema'
import type { FairnessRecord } from '../step'

/** The rep's record after the credit; undefined when there is nothing to give. */
export function credited(
  pool: Pool | undefined,
  repId: string,
  units: number,
  records: ReadonlyMap<string, FairnessRecord>,
  why: Credit,
): FairnessRecord | undefined {
  const record = records.get(repId)
  const member = pool?.members.find(({ rep }) => rep.id === repId)
  if (pool === undefined || member === undefined || record === undefined) return undefined
  if (!pool.credits.has(why)) return undefined
  let floor = Number.POSITIVE_INFINITY
  for (const { rep } of pool.members) {
    const other = rep.id === repId ? undefined : records.get(rep.id)
    if (other !== undefined && other.awaySinceMs === undefined)
      floor = Math.min(floor, other.virtualTime)
  }
  const before = record.virtualTime
  const refunded = before - units / member.weight
  const virtualTime = floor === Number.POSITIVE_INFINITY ? refunded : Math.max(refunded, floor)
  return virtualTime < before ? { ...record, virtualTime } : undefined
}

/**
 * The rep's record after an offer that somebody else accepted, or that was taken back: as if it had
 * never been made. Undefined when the offer had cost nothing.
 */
export function refunded(
  pool: Pool | undefined,
  repId: string,
  units: number,
  records: ReadonlyMap<string, FairnessRecord>,
): FairnessRecord | undefined {
  const record = records.get(repId)
  const member = pool?.members.find(({ rep }) => rep.id === repId)
  if (record === undefined || member === undefined) return undefined
  return { ...record, virtualTime: record.virtualTime - units / member.weight }
}
