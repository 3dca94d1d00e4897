/**
 * Which SLA class a lead is in, and on whose hours its clocks run.
 *
 * The first tier whose condition holds. Budgets run on the clock: `always` counts every minute,
 * `business` only the open ones of the clock's or tier's calendar, or else of the rep's; of the pool's,
 * while the lead waits in one or its rep is gone from the policy.
 */
import { ALWAYS, type Calendar } from '../calendar'
import { reasonOf } from '../conditions/rules'
import { TRUE } from '../conditions/tri'
import type { Lead, Reason, SlaClockSection, SlaSection } from '../lead/lead'
import type { Policy, Pool, SlaClock, Tier } from '../policy/policy'

/** The last tier has no condition (lint), so there always is one. */
export function tierOf(policy: Policy, lead: Lead): { tier: Tier; because: Reason } {
  const inputs = policy.tiers.fields.readLead(lead)
  for (const tier of policy.tiers.list) {
    if (tier.rule.evaluate(inputs) === TRUE) return { tier, because: reasonOf(tier.rule, inputs) }
  }
  throw new RangeError(`policy ${policy.ref.name} has no last tier`)
}

/** The calendar on which a clock's time runs for this rep, or for a pool where no rep has the lead. */
export function clockOf(
  { reps, pools }: Policy,
  clock: Pick<SlaClock, 'business' | 'calendar'>,
  repId: string | undefined,
  poolId?: string,
): Calendar {
  if (!clock.business) return ALWAYS
  if (clock.calendar !== undefined) return clock.calendar
  const rep = repId === undefined ? undefined : reps.get(repId)
  if (rep !== undefined) return rep.calendar ?? ALWAYS
  const pool = poolId === undefined ? undefined : pools.get(poolId)
  return pool === undefined ? ALWAYS : (pool.calendar ?? commonest(pool))
}

/** The calendar that most members of the pool have, of several the one of the first member. */
function commonest({ members }: Pool): Calendar {
  const counts = new Map<Calendar, number>()
  for (const { rep } of members) {
    const calendar = rep.calendar ?? ALWAYS
    counts.set(calendar, (counts.get(calendar) ?? 0) + 1)
  }
  let most: readonly [Calendar, number] = [ALWAYS, 0]
  for (const entry of counts) if (entry[1] > most[1]) most = entry
  return most[0]
}

/** Whose hours count where neither the clock nor its tier has any. */
export interface Owner {
  readonly repId: string | undefined
  /** Only where no rep's hours are known. */
  readonly poolId?: string | undefined
}

export function ownerOf({ reps }: Policy, { assignment }: Lead): Owner {
  const repId = assignment?.rep?.id
  return repId !== undefined && reps.has(repId) ? { repId } : { repId, poolId: assignment?.pool }
}

/** By what a lead's clocks run: a policy, the lead's tier in it, and whose hours count. */
export interface Terms extends Owner {
  readonly policy: Policy
  readonly tier: Tier
}

/** The tier that the clocks were started in; the first that fits under another policy. */
export function termsOf(policy: Policy, lead: Lead): Terms {
  const { sla } = lead
  const same = sla?.policy === undefined || sla.policy.hash === policy.ref.hash
  const running = same ? policy.tiers.list.find(({ id }) => id === sla?.tier) : undefined
  const tier = running ?? tierOf(policy, lead).tier
  return { policy, tier, ...ownerOf(policy, lead) }
}

/** By what the clocks ran until now; undefined when that policy or its tier is not known any more. */
export function formerTerms(policy: Policy | undefined, sla: SlaSection): Terms | undefined {
  const tier = policy?.tiers.list.find(({ id }) => id === sla.tier)
  return tier && { policy: policy!, tier, repId: sla.rep, poolId: sla.pool }
}

/** What the tier says of a running clock; undefined when it has it no more. */
export function specOf({ tier }: Terms, { id }: Pick<SlaClockSection, 'id'>): SlaClock | undefined {
  return tier.clocks.find((clock) => clock.id === id)
}
