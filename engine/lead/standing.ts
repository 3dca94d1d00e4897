/**
 * The part of a lead that several messages about it may change at the same time, and that changes
 * most often: which cycle it is in, who has it, its clock, and the person's consent.
 */
import { copyDefined } from '../defined'
import type { Lead } from './lead'

export type Standing = Pick<Lead, 'cycle' | 'consent'> & {
  readonly assignment?: Lead['assignment']
  readonly sla?: Lead['sla']
  /**
   * The event whose message knows all that is known of the lead: it was the last to write it. Empty when
   * no message knows what several brought; absent in records of before.
   */
  readonly knownBy?: string
}

export function standingOf({ cycle, consent, assignment, sla }: Lead, knownBy?: string): Standing {
  return copyDefined({ assignment, sla, knownBy }, { cycle, consent })
}

/** The lead as it stands; sections that the standing does not have are taken off. */
export function withStanding(lead: Lead, { cycle, consent, assignment, sla }: Standing): Lead {
  const { assignment: _assignment, sla: _sla, ...rest } = lead
  return {
    ...rest,
    cycle,
    consent,
    ...(assignment === undefined ? {} : { assignment }),
    ...(sla === undefined ? {} : { sla }),
  }
}

/** JSON of a lead without what its standing holds, which would only go stale there. */
export function bodyOf(lead: Lead): string {
  const { assignment, sla } = lead
  if (assignment === undefined && sla === undefined) return JSON.stringify(lead)
  return JSON.stringify({ ...lead, assignment: undefined, sla: undefined })
}
