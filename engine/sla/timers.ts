/**
 * The timers of a lead's clocks. They are a function of the section: whatever changes it takes off
 * all timers of the cycle and sets those that follow from it now, so that none is ever left over.
 */
import type { Change, Timer } from '../decision'
import type { Lead, SlaSection } from '../lead/lead'
import type { SlaClock } from '../policy/policy'
import { type Milestone, milestoneName, milestones } from './clock'
import { clocksOf, FIRST_TOUCH, isOpen, timingOf } from './section'
import { specOf, type Terms } from './tier'

/** What makes the store's timers those of `sla`. `lead` may still carry the section before. */
export function timerChanges(lead: Lead, sla: SlaSection, terms: Terms): Change[] {
  return [
    { kind: 'timers.cancel', leadId: lead.id, cycle: sla.cycle },
    ...timersOf(lead, sla, terms).map((timer): Change => ({ kind: 'timer.set', timer })),
  ]
}

/** What is still to ring, in order; what has rung in this cycle does not ring again. */
export function timersOf(lead: Lead, sla: SlaSection, terms: Terms): Timer[] {
  return clocksOf(sla)
    .flatMap((clock) => {
      const spec = isOpen(clock) ? specOf(terms, clock) : undefined
      if (spec === undefined || sla.node === undefined) return []
      // Nobody has the lead yet, so a clock that counts from the assignment has not begun to count.
      if (spec.from === 'assigned' && sla.assignedAt === undefined) return []
      return milestones(spec, clock, timingOf(terms, spec, sla))
        .filter((milestone) => !clock.fired?.includes(milestoneName(milestone)))
        .map((milestone) => timerOf(lead, sla, spec, milestone, terms))
    })
    .sort((a, b) => a.dueMs - b.dueMs)
}

function timerOf(
  lead: Lead,
  sla: SlaSection,
  spec: SlaClock,
  { kind, index, dueMs, to, action }: Milestone,
  { policy, tier }: Terms,
): Timer {
  const base = `${lead.id}#${sla.cycle}#${kind}#${index}`
  const pool = action === 'overflow' ? policy.pools.get(lead.assignment?.pool ?? '')?.ladder[1] : to
  return {
    id: spec.id === FIRST_TOUCH ? base : `${base}#${spec.id}`,
    leadId: lead.id,
    cycle: sla.cycle,
    kind,
    dueMs,
    nodeId: sla.node!,
    policy: policy.ref.name,
    detail: {
      tier: tier.id,
      clock: spec.id,
      index,
      ...(pool === undefined ? {} : { to: pool }),
      ...(action === undefined ? {} : { action }),
      ...(action === 'reassign' || action === 'overflow' ? { movesMax: tier.movesMax } : {}),
    },
  }
}
