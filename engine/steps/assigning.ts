/**
 * A routing as a decision: the lead's section and the changes, for one that is placed, one that has
 * to wait, and one that stays with whom it is.
 */
import type { Change, ChangeOf, Decision, LeadPatch, LeadState } from '../decision'
import { copyDefined } from '../defined'
import type { Assignment, Lead, Reason } from '../lead/lead'
import type { Policy, Rep } from '../policy/policy'
import { credited } from '../routing/credit'
import type { Routing, RoutingState, Standing } from '../routing/route'
import { openedAt } from '../sla/work'
import type { OfferRecord, OpenAssignment, PresenceRecord } from '../step'
import { closedSections, closing } from './closing'
import { iso, type JourneySettings, journeyAgain, journeyEnd } from './journey'
import { isSpent, recycledOf } from './limits'

export interface RouteSettings extends JourneySettings {
  readonly policy: Policy
  /** The node on which offers end; in a flow there always is one. */
  readonly nodeId?: string
}

export type RouteOutcome = 'assigned' | 'waiting' | 'unroutable' | 'offered'

export interface Known extends RoutingState {
  readonly open?: OpenAssignment
  /** How a lead stands that was parked before; another event may have moved it since. */
  readonly parkedAs?: LeadState
  /** Every offer of the lead, ended ones too. */
  readonly offers?: readonly OfferRecord[]
  readonly presences?: ReadonlyMap<string, PresenceRecord>
}

/** One lead that is to be routed. */
export interface Case {
  readonly lead: Lead
  readonly settings: RouteSettings
  readonly known: Known
  readonly units: number
  readonly nowMs: number
}

export type Passed = NonNullable<Assignment['passed']>[number]

type Waiting = Exclude<Routing, { kind: 'assigned' }>
/** Of a section, what one routing says; a field without a value is left out. */
export type Fields = Pick<Assignment, 'cycle' | 'status' | 'why' | 'candidates' | 'units'> & {
  readonly [K in keyof Assignment]?: Assignment[K] | undefined
}

/** The section of a routing; what it remembers of earlier ones goes on with it. */
export function section(
  lead: Lead,
  { policy }: RouteSettings,
  fields: Fields,
  nowMs: number,
): Assignment {
  const passed = passedOn(lead)
  const { assignment: before } = lead
  // One that stays closed has not come back.
  const recycled = fields.status === 'closed' ? before?.recycled : recycledOf(lead)
  // What every section has comes first: an object that grows property by property is moved as it grows.
  const { cycle, status, units, why, candidates } = fields
  const attempt = (before?.cycle === cycle ? before.attempt : 0) + 1
  const assignment: Assignment = {
    cycle,
    attempt,
    at: iso(nowMs),
    policy: policy.ref,
    status,
    units,
    why,
    candidates,
  }
  const remembered = {
    previous: before?.rep?.id ?? before?.previous,
    previousAt: before?.rep === undefined ? before?.previousAt : before.at,
    had: before?.status === 'closed' ? undefined : before?.had,
    passed: passed.length === 0 ? undefined : passed,
    recycled: recycled === 0 ? undefined : recycled,
    openedAt: openedAt(lead),
    waitingSince: waitingSince(lead, fields, nowMs),
  }
  return copyDefined(fields, copyDefined(remembered, assignment))
}

/** Whoever shows interest again, or is offered in vain, does not go to the end of the line. */
function waitingSince(
  { assignment }: Lead,
  { cycle, status }: Fields,
  nowMs: number,
): string | undefined {
  const before = assignment?.cycle === cycle ? assignment.waitingSince : undefined
  return before ?? (status === 'waiting' ? iso(nowMs) : undefined)
}

export function assign(
  one: Case,
  routing: Extract<Routing, { kind: 'assigned' }>,
): Decision<RouteOutcome> {
  const { lead, settings, known, units, nowMs } = one
  const { rep, poolId, candidates, why } = routing
  const { open } = known
  // One assignment per cycle: a second one, after a reassignment or a close, is a cycle of its own.
  const cycle = open !== undefined || isSpent(lead) ? lead.cycle + 1 : lead.cycle
  const fields: Fields = {
    cycle,
    status: 'assigned',
    rep: { id: rep.id, name: rep.name },
    pool: poolId === '' ? undefined : poolId,
    route: routing.route.id,
    locked: routing.route.lock === true ? true : undefined,
    reassigned: open === undefined ? undefined : true,
    had: open === undefined ? undefined : [...hadBefore(lead), open.repId],
    units,
    why,
    candidates,
  }
  const changes: Change[] = [
    ...(open === undefined
      ? []
      : closing(lead, lead.routing?.cause ?? lead.routing?.why ?? 'reassigned')),
    { kind: 'assignment.open', leadId: lead.id, cycle, repId: rep.id, poolId, units },
    ...counted(rep, nowMs),
    ...fairnessChanges(routing.standings, lostShare(one)),
    ...(lead.account === undefined
      ? []
      : [
          {
            kind: 'account.owner' as const,
            accountId: lead.account.key ?? lead.account.id,
            repId: rep.id,
          },
        ]),
    ...(lead.assignment?.status === 'waiting' ? journeyAgain(lead, 'assigned', settings) : []),
    { kind: 'lead.save', state: 'assigned', reason: why, standingOnly: true },
    ...journeyEnd(lead, 'assigned', settings),
  ]
  const assignment = section(lead, settings, fields, nowMs)
  const patch = { cycle, assignment, routing: undefined, ...escalated(lead) }
  return { step: 'route', outcome: 'assigned', patch, because: routing.because, changes }
}

/** What escalations have moved is counted here, where it is moved; see `movesMax`. */
function escalated({ routing, sla }: Lead): LeadPatch {
  if (routing?.cause !== 'sla-lost' || sla === undefined) return {}
  return { sla: { ...sla, moves: (sla.moves ?? 0) + 1 } }
}

export function park(one: Case, routing: Waiting): Decision<RouteOutcome> {
  const { lead, settings, known } = one
  const { kind, why, because, retryAtMs, poolId } = routing
  if (known.open !== undefined && lead.assignment !== undefined) {
    // Nobody else can take it now, so the lead stays with whom it is rather than with nobody.
    const stays = `${why}; it stays with ${lead.assignment.rep?.name ?? known.open.repId}`
    const patch = { assignment: { ...lead.assignment, why: stays }, routing: undefined }
    const changes: Change[] = [
      ...fairnessChanges(routing.standings),
      { kind: 'lead.save', state: 'assigned', reason: stays, standingOnly: true },
      ...journeyEnd(lead, kind, settings),
    ]
    return { step: 'route', outcome: kind, patch, because, changes }
  }
  const cycle = isSpent(lead) ? lead.cycle + 1 : lead.cycle
  const assignment = parkedSection(one, cycle, routing)
  if (known.parkedAs === kind && nothingNew(lead, assignment)) {
    const changes = journeyEnd(lead, kind, settings)
    return { step: 'route', outcome: kind, patch: { routing: undefined }, because, changes }
  }
  const changes: Change[] = [
    ...fairnessChanges(routing.standings),
    {
      kind: 'lead.save',
      state: kind,
      reason: why,
      ...(poolId === undefined ? {} : { poolId }),
      ...(retryAtMs === undefined ? {} : { retryAtMs }),
      ...inLine(assignment),
      standingOnly: true,
    },
    ...journeyEnd(lead, kind, settings),
  ]
  const patch = { cycle, assignment, routing: undefined }
  return { step: 'route', outcome: kind, patch, because, changes }
}

/** A limit is reached that names no pool: the lead is taken from whoever has it, and waits. */
export function hold(one: Case, because: Reason): Decision<RouteOutcome> {
  const { lead, settings, known } = one
  const { why } = because
  const { open } = known
  const routing: Waiting = {
    kind: 'waiting',
    why,
    candidates: [],
    because: [because],
    standings: [],
  }
  if (open === undefined) return park(one, routing)
  const cycle = lead.cycle + 1
  const assignment = {
    ...parkedSection(one, cycle, routing),
    had: [...hadBefore(lead), open.repId],
  }
  const { sla } = closedSections(lead)
  const patch: LeadPatch = {
    cycle,
    assignment,
    routing: undefined,
    ...(sla === undefined ? {} : { sla }),
  }
  const changes: Change[] = [
    ...closing(lead, why),
    ...fairnessChanges([], lostShare(one)),
    { kind: 'lead.save', state: 'waiting', reason: why, standingOnly: true },
    ...journeyEnd(lead, 'waiting', settings),
  ]
  return { step: 'route', outcome: 'waiting', patch, because: [because], changes }
}

/** The place of a lead that waits. */
function inLine({ status, waitingSince }: Assignment): Pick<ChangeOf<'lead.save'>, 'sinceMs'> {
  return status === 'waiting' && waitingSince !== undefined
    ? { sinceMs: Date.parse(waitingSince) }
    : {}
}

function parkedSection(
  { lead, settings, units, nowMs }: Case,
  cycle: number,
  { kind, route, poolId, retryAtMs, why, candidates }: Waiting,
): Assignment {
  const fields: Fields = {
    cycle,
    status: kind,
    route: route?.id,
    pool: poolId,
    retryAt: retryAtMs === undefined ? undefined : iso(retryAtMs),
    units,
    why,
    candidates,
  }
  return section(lead, settings, fields, nowMs)
}

/** Reps to whom the lead was offered in vain since somebody last closed it. */
export function passedOn({ assignment }: Lead): Passed[] {
  return assignment === undefined || assignment.status === 'closed' ? [] : (assignment.passed ?? [])
}

/** Reps from whom the lead was taken since somebody last closed it. */
export function hadBefore({ assignment }: Lead): readonly string[] {
  return assignment === undefined || assignment.status === 'closed' ? [] : (assignment.had ?? [])
}

/** One lead more in each period for which the rep has a cap. */
export function counted({ id, caps }: Rep, nowMs: number): Change[] {
  return caps.map(({ clock }) => ({
    kind: 'tally.add',
    repId: id,
    period: clock.period,
    fromMs: clock.around(nowMs).startMs,
  }))
}

/** Whoever loses the lead to another gets the share of it back. */
function lostShare({ settings, known }: Case): Standing | undefined {
  const { open } = known
  if (open === undefined) return undefined
  const { repId, poolId, units } = open
  const pool = settings.policy.pools.get(poolId)
  const records = known.fairness.get(poolId) ?? new Map()
  const record = credited(pool, repId, units, records, 'sla-lost')
  return record && { poolId, repId, ...record }
}

/** A rep who is credited and away at the same time is both. */
export function fairnessChanges(standings: readonly Standing[], credit?: Standing): Change[] {
  if (credit === undefined) return standings.map(fairnessChange)
  const isCredited = ({ poolId, repId }: Standing) =>
    poolId === credit.poolId && repId === credit.repId
  const list = standings.map((standing) =>
    isCredited(standing) ? { ...standing, virtualTime: credit.virtualTime } : standing,
  )
  if (!standings.some(isCredited)) list.push(credit)
  return list.map(fairnessChange)
}

function fairnessChange({ poolId, repId, virtualTime, awaySinceMs }: Standing): Change {
  return awaySinceMs === undefined
    ? { kind: 'fairness.save', poolId, repId, virtualTime }
    : { kind: 'fairness.save', poolId, repId, virtualTime, awaySinceMs }
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
