/** In which order a pool and those that it overflows to are asked. */
import type { PoolSpec } from './schema'

/** The pools that a pool overflows to, in their order. */
export function overflowOf(pool: PoolSpec | undefined): readonly string[] {
  return pool?.overflow === undefined ? [] : [pool.overflow].flat()
}

/** A pool's overflow in the order it is written, each followed by its own; none is asked twice. */
export function ladderOf(
  poolId: string,
  pools: ReadonlyMap<string, PoolSpec>,
  ladder = new Set<string>(),
): Set<string> {
  if (ladder.has(poolId)) return ladder
  ladder.add(poolId)
  for (const next of overflowOf(pools.get(poolId))) ladderOf(next, pools, ladder)
  return ladder
}

/** The ids of a pool's reps. */
export function memberIds({ members }: PoolSpec): string[] {
  return members.map((member) => (typeof member === 'string' ? member : member.rep))
}
