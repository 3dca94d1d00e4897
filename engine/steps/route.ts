/**
 * Route: who gets the lead. At most one assignment per cycle; a lead that already has one keeps it,
 * unless a routing request (an SLA escalation) asks for another rep.
 */
import type { Change, Decision, LeadState } from '../decision'
import type { Assignment, Lead } from '../lead/lead'
import type { Policy } from '../policy/policy'
import { type Request, type Routing, type RoutingState, route } from '../routing/route'
import { isOptedOut } from '../scoring/decide'
import { tierOf } from '../sla/tier'
import type { FairnessRecord, Reads, Step } from '../step'
import { closedSections, closing } from './closing'
import { iso, type JourneySettings, journeyAgain, journeyEnd } from './journey'

export interface RouteSettings extends JourneySettings {
  readonly policy: Policy
}

export type RouteOutcome = 'assigned' | 'waiting' | 'unroutable'

interface Known extends RoutingState {
  readonly open?: { readonly repId: string; readonly poolId: string }
  /** How a lead stands that was parked before; another event may have moved it since. */
  readonly parkedAs?: LeadState
}

export const routeStep: Step<RouteSettings, Known, RouteOutcome> = {
  name: 'route',
  artefact: ({ policy }) => policy.ref,
  // One lock for the policy: routes may overflow from pool to pool. One for all reps: several
  // policies may share one, and a lock per rep would be hundreds for each lead.
  scopes: (lead, { policy }) => ['reps', `policy:${policy.ref.name}`, `lead:${lead.id}`],
  // An open assignment answers a repetition; a lead that waits is worth another try each time. Only
  // a routing request (an escalation) must not be followed twice.
  key: (lead) => (lead.routing === undefined ? undefined : `${lead.id}#${lead.routing.id}`),
  gather,
  decide,
}

async function gather(reads: Reads, lead: Lead, { policy }: RouteSettings): Promise<Known> {
  const fairness = new Map<string, ReadonlyMap<string, FairnessRecord>>()
  for (const poolId of policy.pools.keys()) fairness.set(poolId, await reads.fairness(poolId))
  const open = await reads.openAssignment(lead.id, lead.cycle)
  const owner = accountOwner(policy, lead)
  const previous = lead.assignment?.rep?.id ?? lead.assignment?.previous
  const parked = isParked(lead) ? (await reads.lead(lead.id))?.state : undefined
  return {
    loads: await reads.repLoads([...policy.reps.keys()]),
    fairness,
    ...(parked === undefined ? {} : { parkedAs: parked }),
    ...(open === undefined ? {} : { open }),
    ...(owner === undefined ? {} : { accountOwner: owner }),
    ...(previous === undefined ? {} : { previousOwner: previous }),
  }
}

function isParked({ assignment }: Lead): boolean {
  return assignment?.status === 'waiting' || assignment?.status === 'unroutable'
}

/** The CRM's owner first, then the policy's named accounts, then who had the account before. */
function accountOwner(
  { reps, accountOwners }: Policy,
  { crm, company, account }: Lead,
): string | undefined {
  const named = company.domain === undefined ? undefined : accountOwners.get(company.domain)
  return [crm?.owner, named, account?.owner].find((id) => id !== undefined && reps.has(id))
}

function decide(
  lead: Lead,
  settings: RouteSettings,
  known: Known,
  nowMs: number,
): Decision<RouteOutcome> {
  const barred = barrier(lead, known)
  if (barred !== undefined) return refuse(lead, settings, barred, known, nowMs)
  if (known.open !== undefined && lead.routing === undefined)
    return keep(lead, settings, known.open)
  if (known.open === undefined && lead.routing !== undefined && isSpent(lead))
    return drop(lead, settings)
  const { tier } = tierOf(settings.policy, lead)
  const request: Request = {
    units: tier.units,
    exclude: new Set(lead.routing?.exclude ?? []),
    ...(lead.routing?.pool === undefined ? {} : { poolId: lead.routing.pool }),
  }
  const routing = route(settings.policy, lead, known, request, nowMs)
  return routing.kind === 'assigned'
    ? assign(lead, settings, routing, known, request, nowMs)
    : park(lead, settings, routing, known, request, nowMs)
}

/**
 * A person who opted out is never routed, whatever else matches; nor is a lead decided otherwise,
 * unless sales has it: what sales has, sales keeps.
 */
function barrier(lead: Lead, { open }: Known): string | undefined {
  if (isOptedOut(lead)) return 'the person asked not to be contacted'
  if (open !== undefined) return undefined
  const outcome = lead.decision?.outcome
  if (outcome === undefined || outcome === 'sql' || outcome === 'mql') return undefined
  return `the lead is decided as ${outcome}`
}

function section(
  lead: Lead,
  { policy }: RouteSettings,
  fields: Pick<Assignment, 'status' | 'why' | 'candidates' | 'units'> & Partial<Assignment>,
  nowMs: number,
): Assignment {
  const previous = lead.assignment?.rep?.id ?? lead.assignment?.previous
  return {
    cycle: lead.cycle,
    ...(previous === undefined ? {} : { previous }),
    attempt: (lead.assignment?.cycle === lead.cycle ? lead.assignment.attempt : 0) + 1,
    at: iso(nowMs),
    policy: policy.ref,
    ...fields,
  }
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
    { status: isSpent(lead) ? 'closed' : 'unroutable', why, candidates: [], units: 0 },
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

/** Whether this cycle has had its assignment; the next one is another cycle's. */
function isSpent({ assignment, cycle }: Lead): boolean {
  return assignment?.cycle === cycle && assignment.status === 'closed'
}

/** First route wins: the same event again, or a new one of a lead in work, changes nobody's owner. */
function keep(
  lead: Lead,
  settings: RouteSettings,
  open: { repId: string; poolId: string },
): Decision<RouteOutcome> {
  const why = `${settings.policy.reps.get(open.repId)?.name ?? open.repId} has this lead already`
  return {
    step: 'route',
    outcome: 'assigned',
    patch: {},
    because: [
      { rule: 'route.lock', why, inputs: [{ path: 'assignment.rep.id', value: open.repId }] },
    ],
    changes: journeyEnd(lead, 'assigned', settings),
  }
}

function assign(
  lead: Lead,
  settings: RouteSettings,
  routing: Extract<Routing, { kind: 'assigned' }>,
  known: Known,
  { units }: Request,
  nowMs: number,
): Decision<RouteOutcome> {
  const { rep, poolId, candidates, why } = routing
  const again = known.open !== undefined
  // One assignment per cycle: a second one, after a reassignment or a close, is a cycle of its own.
  const cycle = again || isSpent(lead) ? lead.cycle + 1 : lead.cycle
  const current = { ...lead, cycle }
  const assignment = section(
    current,
    settings,
    {
      status: 'assigned',
      rep: { id: rep.id, name: rep.name },
      ...(poolId === '' ? {} : { pool: poolId }),
      route: routing.route.id,
      ...(again ? { reassigned: true } : {}),
      units,
      why,
      candidates: [...candidates],
    },
    nowMs,
  )
  const changes: Change[] = [
    ...(again ? closing(lead, lead.routing?.why ?? 'reassigned') : []),
    { kind: 'assignment.open', leadId: lead.id, cycle, repId: rep.id, poolId, units },
    ...routing.standings.map((standing): Change => ({ kind: 'fairness.save', ...standing })),
    ...(lead.account === undefined
      ? []
      : [{ kind: 'account.owner' as const, accountId: lead.account.id, repId: rep.id }]),
    ...(lead.assignment?.status === 'waiting' ? journeyAgain(lead, 'assigned', settings) : []),
    { kind: 'lead.save', state: 'assigned', reason: why, standingOnly: true },
    ...journeyEnd(lead, 'assigned', settings),
  ]
  return {
    step: 'route',
    outcome: 'assigned',
    patch: { cycle, assignment, routing: undefined },
    because: routing.because,
    changes,
  }
}

function park(
  lead: Lead,
  settings: RouteSettings,
  routing: Exclude<Routing, { kind: 'assigned' }>,
  known: Known,
  { units }: Request,
  nowMs: number,
): Decision<RouteOutcome> {
  const { kind, why, candidates, poolId, retryAtMs } = routing
  const standings = routing.standings.map(
    (standing): Change => ({ kind: 'fairness.save', ...standing }),
  )
  if (known.open !== undefined && lead.assignment !== undefined) {
    // Nobody else can take it now, so the lead stays with whom it is rather than with nobody.
    const stays = `${why}; it stays with ${lead.assignment.rep?.name ?? known.open.repId}`
    return {
      step: 'route',
      outcome: kind,
      patch: { assignment: { ...lead.assignment, why: stays }, routing: undefined },
      because: routing.because,
      changes: [
        ...standings,
        { kind: 'lead.save', state: 'assigned', reason: stays, standingOnly: true },
        ...journeyEnd(lead, kind, settings),
      ],
    }
  }
  const cycle = isSpent(lead) ? lead.cycle + 1 : lead.cycle
  const assignment = section(
    { ...lead, cycle },
    settings,
    {
      status: kind,
      ...(routing.route === undefined ? {} : { route: routing.route.id }),
      ...(poolId === undefined ? {} : { pool: poolId }),
      ...(retryAtMs === undefined ? {} : { retryAt: iso(retryAtMs) }),
      units,
      why,
      candidates: [...candidates],
    },
    nowMs,
  )
  if (known.parkedAs === kind && nothingNew(lead, assignment)) {
    const end = journeyEnd(lead, kind, settings)
    const patch = { routing: undefined }
    return { step: 'route', outcome: kind, patch, because: routing.because, changes: end }
  }
  return {
    step: 'route',
    outcome: kind,
    patch: { cycle, assignment, routing: undefined },
    because: routing.because,
    changes: [
      ...standings,
      {
        kind: 'lead.save',
        state: kind,
        reason: why,
        ...(poolId === undefined ? {} : { poolId }),
        ...(retryAtMs === undefined ? {} : { retryAtMs }),
        standingOnly: true,
      },
      ...journeyEnd(lead, kind, settings),
    ],
  }
}

/** A lead that waits is tried often; only news about its waiting is worth an entry in its trail. */
function nothingNew({ assignment: before }: Lead, after: Assignment): boolean {
  return (
    before !== undefined &&
    before.cycle === after.cycle &&
    before.status === after.status &&
    before.why === after.why &&
    before.retryAt === after.retryAt
  )
}
