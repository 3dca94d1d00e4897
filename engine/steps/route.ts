/**
 * Route: who gets the lead. At most one assignment per cycle; a lead that already has one keeps it,
 * unless a routing request (an SLA escalation) asks for another rep.
 *
 * Here is what is asked, and who may not have it at all; ./assigning and ./offering make a routing a
 * decision.
 */
import type { Asking } from '../asking'
import { ALWAYS } from '../calendar'
import type { Decision } from '../decision'
import type { Lead } from '../lead/lead'
import type { Policy, Tier } from '../policy/policy'
import type { Budget } from '../routing/deadline'
import { offlineReps } from '../routing/presence'
import { type Request, route } from '../routing/route'
import { isOptedOut } from '../scoring/decide'
import { tierOf } from '../sla/tier'
import { begunMs, wasTaken } from '../sla/work'
import type { FairnessRecord, Reads, Step } from '../step'
import {
  assign,
  type Case,
  hadBefore,
  hold,
  type Known,
  park,
  type RouteOutcome,
  type RouteSettings,
  section,
} from './assigning'
import { closedSections, closing } from './closing'
import { journeyEnd } from './journey'
import { isSpent, limitReached } from './limits'
import {
  byRounds,
  isOffered,
  offer,
  openOffers,
  overrule,
  stillOffered,
  withdrawal,
  withPassed,
} from './offering'
import { outOfDate, setAside } from './routing-request'

export type { RouteOutcome, RouteSettings }

export const routeStep: Step<RouteSettings, Known, RouteOutcome> = {
  name: 'route',
  artefact: ({ policy }) => policy.ref,
  scopes: routingScopes,
  // An open assignment answers a repetition; a lead that waits is worth another try each time. Only
  // a routing request (an escalation) must not be followed twice.
  key: (lead) => (lead.routing === undefined ? undefined : `${lead.id}#${lead.routing.id}`),
  again: journeyEnd,
  gather: gatherRouting,
  decide,
}

/**
 * One lock for the policy: routes may overflow from pool to pool. One for all reps: several policies
 * may share one, and a lock per rep would be hundreds for each lead.
 */
export function routingScopes(lead: Lead, { policy }: { readonly policy: Policy }): string[] {
  return ['reps', `policy:${policy.ref.name}`, `lead:${lead.id}`]
}

export function* gatherRouting(
  reads: Reads,
  lead: Lead,
  { policy }: RouteSettings,
  nowMs: number,
): Asking<Known> {
  const fairness = new Map<string, ReadonlyMap<string, FairnessRecord>>()
  for (const poolId of policy.pools.keys()) fairness.set(poolId, yield* reads.fairness(poolId))
  const open = yield* reads.openAssignment(lead.id, lead.cycle)
  const owner = accountOwner(policy, lead)
  const { assignment } = lead
  const previous = assignment?.rep?.id ?? assignment?.previous
  const previousAt = assignment?.rep === undefined ? assignment?.previousAt : assignment.at
  const parked = isParked(lead) ? yield* reads.state(lead.id) : undefined
  return {
    loads: yield* reads.repLoads(),
    tallies: yield* talliesOf(reads, policy, nowMs),
    fairness,
    ...(parked === undefined ? {} : { parkedAs: parked }),
    ...(open === undefined ? {} : { open }),
    ...(owner === undefined ? {} : { accountOwner: owner }),
    ...(previous === undefined ? {} : { previousOwner: previous }),
    ...(previousAt === undefined ? {} : { previousAtMs: Date.parse(previousAt) }),
    ...(yield* gatherOffers(reads, lead, policy, nowMs)),
  }
}

/** What is known because of offers: the lead's own, and who is offline for having missed some. */
function* gatherOffers(
  reads: Reads,
  lead: Lead,
  { offers, misses }: Policy,
  nowMs: number,
): Asking<Pick<Known, 'offers' | 'presences' | 'offline'>> {
  const presences = misses === undefined ? undefined : yield* reads.presences()
  const own = offers || isOffered(lead) ? yield* reads.offers(lead.id) : undefined
  return {
    ...(own === undefined ? {} : { offers: own }),
    ...(presences === undefined
      ? {}
      : { presences, offline: offlineReps(presences, misses, nowMs) }),
  }
}

/** How many leads each rep with a cap got in the current period, by the cap's key. */
export function* talliesOf(
  reads: Reads,
  { caps }: Policy,
  nowMs: number,
): Asking<ReadonlyMap<string, number>> {
  if (caps.length === 0) return new Map()
  const periods = caps.map(({ repId, clock }) => ({
    repId,
    period: clock.period,
    fromMs: clock.around(nowMs).startMs,
  }))
  const counts = yield* reads.tallies(periods)
  // Any of the offers may be accepted.
  const offers = yield* reads.repOffers([...new Set(caps.map(({ repId }) => repId))])
  return new Map(
    caps.map(({ key, repId }, index) => [key, counts[index]! + (offers.get(repId) ?? 0)]),
  )
}

function isParked({ assignment }: Lead): boolean {
  return (
    assignment?.status === 'waiting' ||
    assignment?.status === 'unroutable' ||
    assignment?.status === 'offered'
  )
}

/** The CRM's owner first, then the policy's named accounts, then who had the account before. */
function accountOwner(
  { reps, accountOwners }: Policy,
  { crm, company, account }: Lead,
): string | undefined {
  const domain = company.domain ?? account?.domain
  const named = domain === undefined ? undefined : accountOwners.get(domain)
  const { owner, lastRep } = account ?? {}
  return [crm?.owner, named, owner, lastRep].find((id) => id !== undefined && reps.has(id))
}

function decide(
  lead: Lead,
  settings: RouteSettings,
  known: Known,
  nowMs: number,
): Decision<RouteOutcome> {
  const barred = barrier(lead, known)
  if (barred !== undefined) return refuse(lead, settings, barred, known, nowMs)
  const { open } = known
  const { routing: asked } = lead
  if (open !== undefined && asked === undefined) return keep(lead, settings, open.repId, 'already')
  if (open === undefined && asked !== undefined && isSpent(lead)) return drop(lead, settings)
  const late = outOfDate(lead, settings, known)
  if (late !== undefined) return setAside(lead, settings, known, late)
  if (open !== undefined && lead.assignment?.locked === true)
    return keep(lead, settings, open.repId, 'for good')
  if (openOffers(known).length > 0 && open === undefined)
    return asked === undefined
      ? stillOffered(lead, settings, known)
      : overrule(lead, settings, known, (facts) => place(lead, settings, facts, nowMs))
  return place(lead, settings, known, nowMs)
}

const NOBODY: ReadonlySet<string> = new Set()

/** Finds somebody for a lead that may be given to somebody else than who has it. */
export function place(
  lead: Lead,
  settings: RouteSettings,
  known: Known,
  nowMs: number,
): Decision<RouteOutcome> {
  const { open } = known
  const { routing: asked } = lead
  const { tier } = tierOf(settings.policy, lead)
  const one: Case = { lead, settings, known, units: tier.units, nowMs }
  const limit = limitReached(lead, settings.policy, open !== undefined)
  if (limit?.over) {
    const because = [{ rule: limit.rule, why: limit.why, inputs: [] }]
    return park(one, { kind: 'waiting', why: limit.why, because, candidates: [], standings: [] })
  }
  if (limit !== undefined && limit.poolId === undefined)
    return hold(one, { rule: limit.rule, why: limit.why, inputs: [] })
  const exclude = [...(asked?.exclude ?? []), ...hadBefore(lead)]
  const request: Request = {
    units: tier.units,
    exclude: exclude.length === 0 ? NOBODY : new Set(exclude),
    poolId: limit?.poolId ?? asked?.pool,
    budget: budgetOf(tier, lead, open !== undefined, nowMs),
    // An escalation has lost time already, so it gives the lead to somebody and asks nobody.
    handover: asked === undefined ? { byTier: tier.offer } : undefined,
  }
  const { routing, passed } = byRounds(lead, (who) =>
    route(
      settings.policy,
      lead,
      known,
      who === undefined ? request : { ...request, passed: who },
      nowMs,
    ),
  )
  if (routing.kind !== 'assigned') return park(one, routing)
  const placed = { ...one, lead: withPassed(lead, passed) }
  return routing.offered === undefined
    ? assign(placed, routing)
    : offer(placed, { ...routing, offered: routing.offered })
}

/** Until when somebody has to respond. A second rep gets the whole budget. */
function budgetOf(tier: Tier, lead: Lead, again: boolean, nowMs: number): Budget {
  const fromNow = again || wasTaken(lead) || tier.from === 'assigned'
  return {
    startMs: fromNow ? nowMs : begunMs(lead),
    respondMs: tier.respondMs,
    handleMs: tier.handleMs,
    clock: tier.business ? tier.calendar : ALWAYS,
  }
}

/**
 * A person who opted out is never routed, whatever else matches; nor is a lead decided otherwise,
 * unless sales has it: what sales has, sales keeps.
 */
export function barrier(lead: Lead, { open }: Pick<Known, 'open'>): string | undefined {
  if (isOptedOut(lead)) return 'the person asked not to be contacted'
  if (open !== undefined) return undefined
  const outcome = lead.decision?.outcome
  if (outcome === undefined || outcome === 'sql' || outcome === 'mql') return undefined
  return `the lead is decided as ${outcome}`
}

function refuse(
  lead: Lead,
  settings: RouteSettings,
  why: string,
  known: Known,
  nowMs: number,
): Decision<RouteOutcome> {
  const assignment = section(
    lead,
    settings,
    {
      cycle: lead.cycle,
      status: isSpent(lead) ? 'closed' : 'unroutable',
      why,
      candidates: [],
      units: 0,
    },
    nowMs,
  )
  const ended = known.open === undefined ? {} : closedSections(lead)
  return {
    step: 'route',
    outcome: 'unroutable',
    patch: { assignment, ...ended, routing: undefined },
    because: [
      {
        rule: 'route.barred',
        why,
        inputs: [{ path: 'decision.outcome', value: lead.decision?.outcome ?? null }],
      },
    ],
    changes: [
      ...withdrawal(lead, settings.policy, known),
      ...(known.open === undefined ? [] : closing(lead, 'suppressed')),
      {
        kind: 'lead.save',
        state: isOptedOut(lead) ? 'suppressed' : 'unroutable',
        reason: why,
        standingOnly: true,
      },
      ...journeyEnd(lead, 'unroutable', settings),
    ],
  }
}

/** Sales closed the lead before the request came: nobody is to have it any more. */
function drop(lead: Lead, settings: RouteSettings): Decision<RouteOutcome> {
  return {
    step: 'route',
    outcome: 'unroutable',
    patch: { routing: undefined },
    because: [{ rule: 'route.over', why: 'The lead was closed before', inputs: [] }],
    changes: journeyEnd(lead, 'unroutable', settings),
  }
}

/**
 * First route wins: the same event again, or a new one of a lead in work, changes nobody's owner. A
 * lead that its route has locked is not moved by an escalation either.
 */
function keep(
  lead: Lead,
  settings: RouteSettings,
  repId: string,
  how: 'already' | 'for good',
): Decision<RouteOutcome> {
  const why = `${settings.policy.reps.get(repId)?.name ?? repId} has this lead ${how}`
  return {
    step: 'route',
    outcome: 'assigned',
    patch: lead.routing === undefined ? {} : { routing: undefined },
    because: [{ rule: 'route.lock', why, inputs: [{ path: 'assignment.rep.id', value: repId }] }],
    changes: journeyEnd(lead, 'assigned', settings),
  }
}
