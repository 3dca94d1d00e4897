/**
 * Which SLA class a lead is in, and on whose hours its clocks run.
 *
 * The first tier whose condition holds. Budgets run on the clock: `always` counts every minute,
 * `business` only the open ones of the clock's or tier's calendar, or else of the rep's.
 */
import { ALWAYS, type Calendar } from '../calendar'
import { reasonOf } from '../conditions/rules'
import { TRUE } from '../conditions/tri'
import type { Lead, Reason, SlaClockSection, SlaSection } from '../lead/lead'
import type { Policy, SlaClock, Tier } from '../policy/policy'

/** The last tier has no condition (lint), so there always is one. */
export function tierOf(policy: Policy, lead: Lead): { tier: Tier; because: Reason } {
  const inputs = policy.tiers.fields.readLead(lead)
  for (const tier of policy.tiers.list) {
    if (tier.rule.evaluate(inputs) === TRUE) return { tier, because: reasonOf(tier.rule, inputs) }
  }
  throw new RangeError(`policy ${policy.ref.name} has no last tier`)
}

/** The calendar on which a clock's time runs for this rep. */
export function clockOf(
  policy: Policy,
  clock: Pick<SlaClock, 'business' | 'calendar'>,
  repId: string | undefined,
): Calendar {
  if (!clock.business) return ALWAYS
  return (
    clock.calendar ?? (repId === undefined ? undefined : policy.reps.get(repId)?.calendar) ?? ALWAYS
  )
}

/** By what a lead's clocks run: a policy, the lead's tier in it, and whose hours count. */
export interface Terms {
  readonly policy: Policy
  readonly tier: Tier
  readonly repId: string | undefined
}

/** The tier that the clocks were started in; the first that fits under another policy. */
export function termsOf(policy: Policy, lead: Lead): Terms {
  const { sla } = lead
  const same = sla?.policy === undefined || sla.policy.hash === policy.ref.hash
  const running = same ? policy.tiers.list.find(({ id }) => id === sla?.tier) : undefined
  const tier = running ?? tierOf(policy, lead).tier
  return { policy, tier, repId: lead.assignment?.rep?.id }
}

/** By what the clocks ran until now; undefined when that policy or its tier is not known any more. */
export function formerTerms(policy: Policy | undefined, sla: SlaSection): Terms | undefined {
  const tier = policy?.tiers.list.find(({ id }) => id === sla.tier)
  return tier && { policy: policy!, tier, repId: sla.rep }
}

/** What the tier says of a running clock; undefined when it has it no more. */
export function specOf({ tier }: Terms, { id }: Pick<SlaClockSection, 'id'>): SlaClock | undefined {
  return tier.clocks.find((clock) => clock.id === id)
}
