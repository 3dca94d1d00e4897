/**
 * What a policy would do now, for the dialogs: who gets the next leads of a pool, when each calendar
 * is open in the days to come, and by when a lead of each tier has to be answered. Pure data.
 */
import { due, parseCalendar } from '../../engine/calendar'
import { planDays } from '../../engine/calendar/day-plan'
import { clockSpecs } from '../../engine/policy/compile-tier'
import type { Policy, SlaClock, Tier } from '../../engine/policy/policy'
import { previewAssignments } from '../../engine/routing/preview'
import type { RoutingState } from '../../engine/routing/route'
import { clockOf } from '../../engine/sla/tier'

export interface PreviewRequest {
  /** The pool to look at; the one that the last route leads to unless it is known. */
  readonly pool?: unknown
}

const LEADS = 20
const DAYS = 30

export type LiveState = Pick<RoutingState, 'loads' | 'fairness' | 'tallies'>

/** `live`: open work and fairness as the store has them; without it, as if nobody had a lead. */
export function previewPolicy(
  policy: Policy,
  { pool }: PreviewRequest,
  live: LiveState | undefined,
  nowMs: number,
): object {
  const poolId = typeof pool === 'string' && policy.pools.has(pool) ? pool : lastPool(policy)
  const state = live ?? { loads: new Map(), fairness: new Map() }
  const units = policy.tiers.list.at(-1)?.units ?? 1
  const options = { poolId, count: LEADS, units, nowMs }
  return {
    at: iso(nowMs),
    live: live !== undefined,
    pools: [...policy.pools.keys()],
    pool: poolId,
    next: previewAssignments(policy, state, options).map(({ retryAtMs, ...lead }) => ({
      ...lead,
      ...(retryAtMs === undefined ? {} : { retryAt: iso(retryAtMs) }),
    })),
    calendars: calendarsOf(policy, nowMs),
    due: policy.tiers.list.map((tier) => dueOf(policy, tier, nowMs)),
  }
}

function lastPool({ routes, pools }: Policy): string {
  const named = routes.rules.map(({ spec }) => spec.pool).findLast((id) => id !== undefined)
  return named ?? [...pools.keys()][0]!
}

function calendarsOf({ spec }: Policy, nowMs: number): object[] {
  return Object.entries(spec.calendars ?? {}).flatMap(([name, raw]) => {
    const { calendar } = parseCalendar(raw, '')
    if (calendar === undefined) return []
    return [{ name, timezone: calendar.timezone, days: planDays(calendar, nowMs, DAYS) }]
  })
}

/** A lead that arrives now and is assigned at once. On the reps' own hours, for each of these. */
function dueOf(policy: Policy, tier: Tier, nowMs: number): object {
  const specs = clockSpecs(tier.rule.spec)
  const clocks = tier.clocks.map((clock, index) => ({
    id: clock.id,
    within: specs[index]!.within,
    due: hoursOf(policy, clock, specs[index]!.calendar).map(({ hours, repId }) => {
      const dueMs = due(clockOf(policy, clock, repId), nowMs, clock.budgetMs)
      return { hours, ...(dueMs === undefined ? {} : { at: iso(dueMs) }) }
    }),
  }))
  return { tier: tier.id, clocks }
}

interface Hours {
  /** The calendar's name; undefined: every minute counts. */
  readonly hours?: string
  /** A rep who works on them. */
  readonly repId?: string
}

function hoursOf({ spec }: Policy, { business }: SlaClock, calendar: string | undefined): Hours[] {
  if (!business) return [{}]
  if (calendar !== undefined) return [{ hours: calendar }]
  const byCalendar = new Map<string | undefined, string>()
  for (const rep of spec.reps)
    if (!byCalendar.has(rep.calendar)) byCalendar.set(rep.calendar, rep.id)
  return [...byCalendar].map(([hours, repId]) => ({
    ...(hours === undefined ? {} : { hours }),
    repId,
  }))
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
