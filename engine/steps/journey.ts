/**
 * Where the lead's way through the flow ends. A node tells its step at which outcomes no further
 * lead node follows; with that decision the intake event is done, in the same transaction.
 */
import type { Change } from '../decision'
import type { Lead } from '../lead/lead'

export { iso } from '../instant'

export interface JourneySettings {
  /** Outcomes of this step behind which no other lead node stands. */
  readonly ends: ReadonlySet<string>
}

/** The change that closes the lead's intake event, when `outcome` ends its journey. */
export function journeyEnd(lead: Lead, outcome: string, { ends }: JourneySettings): Change[] {
  return ends.has(outcome) ? [{ kind: 'intake.done', key: lead.event.id }] : []
}

/**
 * The change for a lead that moves on without a new event (a rep became free, an escalation): it is
 * under way again until it arrives, so that a stop on this way loses nothing either.
 */
export function journeyAgain(lead: Lead, outcome: string, { ends }: JourneySettings): Change[] {
  return ends.has(outcome) ? [] : [{ kind: 'intake.again', key: lead.event.id }]
}
