/** The end of an assignment: capacity back, clocks and timers stopped. Shared by every step that ends one. */
import type { Change, LeadPatch } from '../decision'
import type { Lead } from '../lead/lead'
import { stopped } from '../sla/lifecycle'
import { clocksOf, isOpen } from '../sla/section'

export function closing(lead: Lead, reason: string): Change[] {
  return [
    { kind: 'assignment.close', leadId: lead.id, cycle: lead.cycle, reason },
    { kind: 'timers.cancel', leadId: lead.id, cycle: lead.cycle },
  ]
}

/** The sections of a lead whose assignment ends; a clock that was met stays met. */
export function closedSections({ assignment, sla }: Lead): LeadPatch {
  return {
    ...(assignment === undefined ? {} : { assignment: { ...assignment, status: 'closed' } }),
    ...(sla === undefined || !clocksOf(sla).some(isOpen) ? {} : { sla: stopped(sla) }),
  }
}
