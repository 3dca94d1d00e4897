/**
 * A policy as the editor shows it: its name, how much it holds, and who gets which lead and how
 * fast, with every condition in words. Pure data; the dialogs make tables of it.
 */
import { parseCalendar } from '../../engine/calendar'
import { formatWindow } from '../../engine/calendar/time-window'
import { describeCondition } from '../../engine/conditions/condition'
import { durationMs } from '../../engine/duration'
import { CLOCK_START, clockSpecs } from '../../engine/policy/compile-tier'
import { momentMs, zoneOfRep } from '../../engine/policy/moment'
import type { Policy } from '../../engine/policy/policy'
import type { PolicySpec, RouteSpec, TierSpec } from '../../engine/policy/schema'
import { drawnWords } from '../../engine/policy/territory'

export function summarisePolicy(policy: Policy): object {
  const { ref, spec } = policy
  return {
    ...ref,
    reps: spec.reps.length,
    pools: spec.pools.length,
    routes: spec.routes.length,
    tiers: spec.tiers.length,
    calendars: Object.keys(spec.calendars ?? {}).length,
    hours: hoursByCalendar(spec),
    lists: {
      reps: repLines(spec),
      routes: spec.routes.map((route) => routeLine(route, policy)),
      tiers: spec.tiers.map(tierLine),
      handover: policy.offers ? handoverLines(spec) : [],
    },
  }
}

/** The weekly windows of each calendar, Monday first; exceptions by date are left out. */
function hoursByCalendar({ calendars = {} }: PolicySpec): Record<string, object> {
  const hours: Record<string, object> = {}
  for (const [name, raw] of Object.entries(calendars)) {
    const { calendar } = parseCalendar(raw, '')
    if (calendar === undefined) continue
    const { timezone, week } = calendar
    hours[name] = { timezone, week: week.map((windows) => windows.map(formatWindow)) }
  }
  return hours
}

function repLines(policy: PolicySpec): object[] {
  const { reps, pools } = policy
  const poolsOf = new Map<string, string[]>()
  for (const { id, members } of pools) {
    for (const member of members) {
      const rep = typeof member === 'string' ? member : member.rep
      poolsOf.set(rep, [...(poolsOf.get(rep) ?? []), id])
    }
  }
  return reps.map((rep) => {
    const { id, name, capacity, calendar, skills = [], away = [], paused = false } = rep
    const zone = zoneOfRep(rep, policy)
    return {
      id,
      name,
      capacity,
      calendar,
      skills,
      away: away.map(({ from, to }) => ({ from, to, toMs: momentMs(to, zone) })),
      paused,
      pools: poolsOf.get(id) ?? [],
    }
  })
}

function routeLine(route: RouteSpec, policy: Policy) {
  const { id, to, rep, pool, skills = [], wait } = route
  return {
    id,
    when: drawnWords(route),
    to,
    rep: rep === undefined ? undefined : (policy.reps.get(rep)?.name ?? rep),
    pools: pool === undefined ? [] : (policy.pools.get(pool)?.ladder ?? [pool]),
    skills,
    wait: wait === true,
  }
}

/** How leads are handed over, tier by tier; then the routes that say otherwise. */
function handoverLines({ tiers, routes }: PolicySpec): object[] {
  const line = ({ id, offer }: Pick<TierSpec, 'id' | 'offer'>) => ({
    id,
    offer: offer && { within: offer.within, to: offer.to ?? 1 },
  })
  const deviant = routes.filter(({ assign, offer }) => assign !== undefined || offer !== undefined)
  return [...tiers, ...deviant].map(line)
}

/** A line per clock: the first-touch clock stands in the tier's own, as it does in the lead. */
function tierLine(tier: TierSpec) {
  const [first, ...others] = clockSpecs(tier).map(clockLine)
  return { ...first, id: tier.id, when: tier.when && describeCondition(tier.when), clocks: others }
}

function clockLine(spec: ReturnType<typeof clockSpecs>[number]) {
  const { id, kind, within, clock, calendar, from, remind, escalate, pauseOn = [] } = spec
  const moments = [
    ...(remind ?? []).map((after) => ({ kind: 'reminder', after })),
    { kind: 'breach', after: within },
    ...(escalate ?? []).map(({ action, after, to }) => ({ kind: action, after, to })),
  ]
  return {
    id,
    respond: within,
    clock,
    calendar,
    from: from ?? CLOCK_START[kind],
    pauseOn,
    // A stable sort, so that moments of one time stay in the order in which the clock fires them.
    moments: moments.sort((a, b) => durationMs(a.after) - durationMs(b.after)),
  }
}
