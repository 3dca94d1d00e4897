/**
 * An offered lead as a decision: it is offered to the first in rank, and each keeps the units free for
 * it; it goes on standing offered when it comes again; an escalation takes the offers back.
 */
import type { Change, Decision } from '../decision'
import type { Assignment, Lead } from '../lead/lead'
import type { Policy } from '../policy/policy'
import type { Demand } from '../routing/eligibility'
import type { Routing } from '../routing/route'
import type { OfferRecord } from '../step'
import {
  type Case,
  type Fields,
  fairnessChanges,
  type Known,
  type Passed,
  passedOn,
  type RouteOutcome,
  type RouteSettings,
  section,
} from './assigning'
import { endOffers, offerTimers } from './ending-offers'
import { iso, journeyAgain, journeyEnd } from './journey'
import { isSpent } from './limits'

type Assigned = Extract<Routing, { kind: 'assigned' }>
type Offered = Assigned & { readonly offered: NonNullable<Assigned['offered']> }

export function isOffered({ assignment }: Lead): boolean {
  return assignment?.status === 'offered'
}

export function openOffers({ offers = [] }: Pick<Known, 'offers'>): OfferRecord[] {
  return offers.filter(({ end }) => end === undefined)
}

export function offer(one: Case, routing: Offered): Decision<RouteOutcome> {
  const { lead, settings, known, units, nowMs } = one
  const { poolId, candidates, why, offered } = routing
  const cycle = isSpent(lead) ? lead.cycle + 1 : lead.cycle
  const expiresMs = nowMs + offered.withinMs
  const lastToken = known.offers?.at(-1)?.token ?? 0
  const offers = offered.reps.map(({ id, name }, index) => ({
    rep: { id, name },
    token: lastToken + index + 1,
    expiresAt: iso(expiresMs),
  }))
  const fields: Fields = {
    cycle,
    status: 'offered',
    offers,
    node: settings.nodeId,
    pool: poolId === '' ? undefined : poolId,
    route: routing.route.id,
    locked: routing.route.lock === true ? true : undefined,
    units,
    why,
    candidates,
  }
  const assignment = section(lead, settings, fields, nowMs)
  const changes: Change[] = [
    ...offers.map(
      ({ rep, token }): Change => ({
        kind: 'offer.open',
        leadId: lead.id,
        token,
        repId: rep.id,
        poolId,
        units,
        expiresMs,
      }),
    ),
    ...fairnessChanges(routing.standings),
    ...offerTimers(lead, assignment),
    ...(lead.assignment?.status === 'waiting' ? journeyAgain(lead, 'offered', settings) : []),
    { kind: 'lead.save', state: 'offered', reason: why, standingOnly: true },
    ...journeyEnd(lead, 'offered', settings),
  ]
  return {
    step: 'route',
    outcome: 'offered',
    patch: { cycle, assignment, routing: undefined },
    because: [...routing.because, { rule: 'route.offer', why: toWhom(assignment), inputs: [] }],
    changes,
  }
}

function toWhom({ offers = [] }: Assignment): string {
  const names = offers.map(({ rep }) => rep.name).join(', ')
  const first = offers.length > 1 ? '; the first to accept has it' : ''
  return `Offered to ${names} until ${offers[0]?.expiresAt}${first}`
}

/** The same lead again, or a new event of it, makes no further offer. */
export function stillOffered(
  lead: Lead,
  settings: RouteSettings,
  known: Known,
): Decision<RouteOutcome> {
  const names = openOffers(known).map(({ repId }) => settings.policy.reps.get(repId)?.name ?? repId)
  const why = `The lead is offered to ${names.join(', ')} already`
  // Another event may have moved it since.
  const moved = known.parkedAs !== 'offered'
  const reason = lead.assignment?.why ?? why
  return {
    step: 'route',
    outcome: 'offered',
    patch: lead.routing === undefined ? {} : { routing: undefined },
    because: [{ rule: 'route.offered', why, inputs: [] }],
    changes: [
      ...(moved
        ? [
            {
              kind: 'lead.save' as const,
              state: 'offered' as const,
              reason,
              standingOnly: true as const,
            },
          ]
        : []),
      ...journeyEnd(lead, 'offered', settings),
    ],
  }
}

/**
 * An escalation asks for somebody while the lead is offered: the offers end when somebody is found, and
 * stand as they are when nobody is.
 */
export function overrule(
  lead: Lead,
  settings: RouteSettings,
  known: Known,
  place: (known: Known) => Decision<RouteOutcome>,
): Decision<RouteOutcome> {
  const endings = openOffers(known).map((one) => [one, 'withdrawn'] as const)
  const { changes, books } = endOffers(settings.policy, lead.id, known, endings)
  const decision = place(books)
  if (decision.outcome === 'assigned')
    return { ...decision, changes: [...changes, ...decision.changes] }
  const stays = stillOffered(lead, settings, known)
  return { ...stays, because: [...decision.because, ...stays.because] }
}

/** Takes all open offers back; nothing for a lead that is not offered. */
export function withdrawal(
  lead: Lead,
  policy: Policy,
  known: Pick<Known, 'offers' | 'fairness'> | undefined,
): readonly Change[] {
  if (known === undefined) return []
  const endings = openOffers(known).map((one) => [one, 'withdrawn'] as const)
  if (endings.length === 0 && !isOffered(lead)) return []
  const books = { loads: new Map<string, number>(), fairness: known.fairness }
  return endOffers(policy, lead.id, books, endings).changes
}

/**
 * Who declined is not asked again in this life of the lead. Who let the offer expire is asked again
 * once nobody else is left to ask.
 */
export function byRounds(
  lead: Lead,
  route: (passed: Demand['passed']) => Routing,
): { readonly routing: Routing; readonly passed: readonly Passed[] } {
  const passed = passedOn(lead)
  const routing = route(whoPassed(passed))
  if (passed.length === 0) return { routing, passed }
  const declined = passed.filter(({ how }) => how === 'declined')
  if (routing.kind === 'assigned' || declined.length === passed.length) return { routing, passed }
  return { routing: route(whoPassed(declined)), passed: declined }
}

function whoPassed(passed: readonly Passed[]): Demand['passed'] {
  return passed.length === 0 ? undefined : new Map(passed.map(({ rep, how }) => [rep, how]))
}

export function withPassed(lead: Lead, passed: readonly Passed[]): Lead {
  const { assignment } = lead
  if (assignment?.passed === undefined) return lead
  const { passed: _before, ...rest } = assignment
  return { ...lead, assignment: passed.length === 0 ? rest : { ...rest, passed: [...passed] } }
}
