/**
 * Whether a routing request (an SLA escalation) still holds when it reaches routing: it is about one
 * assignment and one clock, and between its firing and here the lead may have got another rep, or
 * the rep may have answered. One that is out of date changes nothing.
 */
import type { Change, Decision } from '../decision'
import type { Lead } from '../lead/lead'
import { clocksOf, isCurrent, isOpen } from '../sla/section'
import type { Known, RouteOutcome, RouteSettings } from './assigning'
import { journeyEnd } from './journey'
import { unmoved } from './unmoved'

/** Why the request is out of date; undefined when it is not, or does not say what it is about. */
export function outOfDate(
  lead: Lead,
  { policy }: RouteSettings,
  { open }: Pick<Known, 'open'>,
): string | undefined {
  const { routing: asked } = lead
  if (asked?.cycle === undefined) return undefined
  // Within a cycle only one rep has the lead: whoever is not the one it is to be taken from got it since.
  const isAnother = open !== undefined && !asked.exclude.includes(open.repId)
  if (asked.cycle !== lead.cycle || isAnother) {
    const who = open && (policy.reps.get(open.repId)?.name ?? open.repId)
    return who === undefined ? 'The lead has moved on since' : `${who} has got the lead since`
  }
  const runs =
    isCurrent(lead) && clocksOf(lead.sla).some((one) => one.id === asked.clock && isOpen(one))
  return runs ? undefined : 'The clock that asked has stopped since'
}

/** The lead stays where it is; its trail says that somebody asked, and why nothing came of it. */
export function setAside(
  lead: Lead,
  settings: RouteSettings,
  known: Known,
  why: string,
): Decision<RouteOutcome> {
  const state = known.open === undefined ? known.parkedAs : 'assigned'
  const outcome = known.open === undefined ? parkedOutcome(lead) : 'assigned'
  const reason = lead.assignment?.why ?? why
  const stays: Change[] =
    state === undefined ? [] : [{ ...unmoved(lead, state, reason), standingOnly: true }]
  return {
    step: 'route',
    outcome,
    patch: { routing: undefined },
    because: [
      { rule: 'route.late', why, inputs: [{ path: 'routing.id', value: lead.routing!.id }] },
    ],
    changes: [...stays, ...journeyEnd(lead, outcome, settings)],
  }
}

function parkedOutcome({ assignment }: Lead): RouteOutcome {
  const status = assignment?.status
  return status === 'waiting' || status === 'offered' ? status : 'unroutable'
}
