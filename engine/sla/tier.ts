/**
 * Which SLA class a lead is in, and when its clock says what.
 *
 * The first tier whose condition holds. Budgets run on the tier's clock: `always` counts every
 * minute, `business` only the open ones of the tier's calendar, or else of the rep's.
 */
import { ALWAYS, type Calendar, due, elapsed } from '../calendar'
import { reasonOf } from '../conditions/rules'
import { TRUE } from '../conditions/tri'
import type { Lead, Reason } from '../lead/lead'
import type { Policy, Tier } from '../policy/policy'

/** The last tier has no condition (lint), so there always is one. */
export function tierOf(policy: Policy, lead: Lead): { tier: Tier; because: Reason } {
  const inputs = policy.tiers.fields.readLead(lead)
  for (const tier of policy.tiers.list) {
    if (tier.rule.evaluate(inputs) === TRUE) return { tier, because: reasonOf(tier.rule, inputs) }
  }
  throw new RangeError(`policy ${policy.ref.name} has no last tier`)
}

/** The calendar on which the tier's time runs for this rep. */
export function clockOf(policy: Policy, tier: Tier, repId: string | undefined): Calendar {
  if (!tier.business) return ALWAYS
  return (
    tier.calendar ?? (repId === undefined ? undefined : policy.reps.get(repId)?.calendar) ?? ALWAYS
  )
}

export interface Milestone {
  readonly kind: 'reminder' | 'escalation' | 'breach'
  /** Distinguishes several of a kind. */
  readonly index: number
  readonly dueMs: number
  readonly to?: string
  readonly action?: 'notify' | 'reassign'
}

/** Every moment of the clock in order; a moment that the calendar never reaches is left out. */
export function milestones(tier: Tier, clock: Calendar, startMs: number): Milestone[] {
  const list: Milestone[] = []
  const add = (milestone: Omit<Milestone, 'dueMs'>, budgetMs: number) => {
    const dueMs = due(clock, startMs, budgetMs)
    if (dueMs !== undefined) list.push({ ...milestone, dueMs })
  }
  tier.remindMs.forEach((budgetMs, index) => {
    add({ kind: 'reminder', index }, budgetMs)
  })
  add({ kind: 'breach', index: 0 }, tier.respondMs)
  tier.escalate.forEach(({ afterMs, to, action }, index) => {
    add({ kind: 'escalation', index, action, ...(to === undefined ? {} : { to }) }, afterMs)
  })
  return list.sort(
    (a, b) => a.dueMs - b.dueMs || ORDER[a.kind] - ORDER[b.kind] || a.index - b.index,
  )
}

/** At the same instant people hear the reminder first, then that it is late, then what follows. */
const ORDER = { reminder: 0, breach: 1, escalation: 2 } as const

/** Time used on the tier's clock, ms. */
export function used(clock: Calendar, startMs: number, nowMs: number): number {
  return elapsed(clock, startMs, nowMs)
}
