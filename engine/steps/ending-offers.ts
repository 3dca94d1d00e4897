/**
 * The end of offers: the units that were kept for them are free again, and the share that they cost is
 * given back, where it was not the rep's own doing in full, else as the pool's credits say.
 */
import type { Change, Timer } from '../decision'
import type { Assignment, Lead } from '../lead/lead'
import type { Policy } from '../policy/policy'
import { credited, refunded } from '../routing/credit'
import type { RoutingState } from '../routing/route'
import type { FairnessRecord, OfferEnd, OfferRecord } from '../step'

/** The cycle of an offer's timers; the lead's own cycles count from 1. */
export const OFFER_CYCLE = 0

export type Ending = readonly [offer: OfferRecord, end: OfferEnd]
type Books = Pick<RoutingState, 'loads' | 'tallies' | 'fairness'>

export interface Ended<B extends Books> {
  /** All timers of the lead's offers are off; what goes on standing open is to be set again. */
  readonly changes: readonly Change[]
  /** What is known of the reps' work, after that. */
  readonly books: B
}

export function endOffers<B extends Books>(
  policy: Policy,
  leadId: string,
  before: B,
  endings: readonly Ending[],
): Ended<B> {
  const loads = new Map(before.loads)
  const tallies = new Map(before.tallies)
  const fairness = new Map(before.fairness)
  const changes: Change[] = [{ kind: 'timers.cancel', leadId, cycle: OFFER_CYCLE }]
  for (const [{ token, repId, poolId, units }, end] of endings) {
    changes.push({ kind: 'offer.close', leadId, token, end })
    loads.set(repId, (loads.get(repId) ?? 0) - units)
    for (const { key } of policy.reps.get(repId)?.caps ?? [])
      tallies.set(key, (tallies.get(key) ?? 0) - 1)
    const records = fairness.get(poolId) ?? new Map<string, FairnessRecord>()
    const record = shareBack(policy, { repId, poolId, units }, end, records)
    if (record === undefined) continue
    fairness.set(poolId, new Map(records).set(repId, record))
    changes.push({ kind: 'fairness.save', poolId, repId, ...record })
  }
  return { changes, books: { ...before, loads, tallies, fairness } }
}

function shareBack(
  { pools }: Policy,
  { repId, poolId, units }: Pick<OfferRecord, 'repId' | 'poolId' | 'units'>,
  end: OfferEnd,
  records: ReadonlyMap<string, FairnessRecord>,
): FairnessRecord | undefined {
  const pool = pools.get(poolId)
  if (end === 'accepted') return undefined
  return end === 'withdrawn'
    ? refunded(pool, repId, units, records)
    : credited(pool, repId, units, records, end)
}

/** One for each offer that the section lists. */
export function offerTimers(
  { id: leadId }: Pick<Lead, 'id'>,
  { offers = [], node = '', policy }: Assignment,
): Change[] {
  return offers.map(({ rep, token, expiresAt }) => ({
    kind: 'timer.set',
    timer: {
      ...timerFrame(leadId, node, policy.name),
      id: `${leadId}#${OFFER_CYCLE}#offer#${token}`,
      dueMs: Date.parse(expiresAt),
      detail: { token, rep: rep.id },
    },
  }))
}

/**
 * Hands an answered offer back to the node that made it: an accepted lead goes on from there, and one
 * that nobody accepted is offered to the next. A timer, so that a stop in between loses nothing.
 */
export function handBack(
  { id: leadId, cycle }: Pick<Lead, 'id' | 'cycle'>,
  { node = '', policy }: Assignment,
  token: number,
  answer: 'accepted' | 'declined',
  nowMs: number,
): Change {
  return {
    kind: 'timer.set',
    timer: {
      ...timerFrame(leadId, node, policy.name),
      id: `${leadId}#${OFFER_CYCLE}#${answer}#${token}`,
      dueMs: nowMs,
      detail: { token, answer, cycle },
    },
  }
}

function timerFrame(
  leadId: string,
  nodeId: string,
  policy: string,
): Pick<Timer, 'leadId' | 'cycle' | 'kind' | 'nodeId' | 'policy'> {
  return { leadId, cycle: OFFER_CYCLE, kind: 'offer', nodeId, policy }
}
