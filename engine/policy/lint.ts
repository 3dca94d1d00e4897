/**
 * What a policy's schema cannot see: names that refer to nothing, an overflow that runs in a
 * circle, routes and tiers that can never be reached, a clock without a calendar.
 */
import { error, type Finding, type Path, warning } from '../artefact'
import { duplicateIdFindings, shadowFindings } from '../conditions/rules'
import { memberIds, overflowOf } from './ladder'
import { accountFindings } from './lint-accounts'
import { capacityFindings } from './lint-capacity'
import { offerFindings } from './lint-offers'
import { deadRouteFindings, skillFindings } from './lint-routes'
import { slaFindings } from './lint-sla'
import { momentMs, zoneOfRep } from './moment'
import type { PolicySpec, PoolSpec, RouteSpec } from './schema'
import { territoryFindings } from './territory'

export function lintPolicy(spec: PolicySpec): Finding[] {
  return [
    ...duplicateIdFindings([{ path: ['reps'], ids: spec.reps.map(({ id }) => id) }], 'rep'),
    ...duplicateIdFindings([{ path: ['pools'], ids: spec.pools.map(({ id }) => id) }], 'pool'),
    ...duplicateIdFindings(
      [
        { path: ['routes'], ids: spec.routes.map(({ id }) => id) },
        { path: ['tiers'], ids: spec.tiers.map(({ id }) => id) },
      ],
      'route and tier',
    ),
    ...formerFindings(spec),
    ...referenceFindings(spec),
    ...awayFindings(spec),
    ...memberFindings(spec),
    ...overflowFindings(spec),
    ...spec.routes.flatMap(routeFindings),
    ...catchAllRouteFindings(spec.routes),
    ...deadRouteFindings(spec.routes),
    ...skillFindings(spec),
    ...accountFindings(spec),
    ...capacityFindings(spec),
    ...shadowFindings(spec.tiers, ['tiers']),
    ...slaFindings(spec),
    ...offerFindings(spec),
  ]
}

function formerFindings({ policy, formerly = [] }: PolicySpec): Finding[] {
  if (![formerly].flat().includes(policy)) return []
  return [error(['formerly'], `the policy is called ${policy} now; name what it was called before`)]
}

function referenceFindings(spec: PolicySpec): Finding[] {
  const pools = new Set(spec.pools.map(({ id }) => id))
  const reps = new Set(spec.reps.map(({ id }) => id))
  const calendars = new Set(Object.keys(spec.calendars ?? {}))
  const findings: Finding[] = []
  const want = (known: ReadonlySet<string>, kind: string, name: string | undefined, path: Path) => {
    if (name === undefined || known.has(name)) return
    const names =
      known.size === 0 ? 'there are none' : `known: ${[...known].slice(0, 20).join(', ')}`
    findings.push(error(path, `there is no ${kind} "${name}"; ${names}`))
  }
  spec.reps.forEach(({ calendar }, i) => {
    want(calendars, 'calendar', calendar, ['reps', i, 'calendar'])
  })
  spec.pools.forEach((pool, i) => {
    const { members, calendar, overflow } = pool
    want(calendars, 'calendar', calendar, ['pools', i, 'calendar'])
    overflowOf(pool).forEach((next, j) => {
      want(pools, 'pool', next, ['pools', i, 'overflow', ...(Array.isArray(overflow) ? [j] : [])])
    })
    members.forEach((member, j) => {
      want(reps, 'rep', typeof member === 'string' ? member : member.rep, [
        'pools',
        i,
        'members',
        j,
      ])
    })
  })
  spec.accounts?.forEach(({ owner }, i) => {
    want(reps, 'rep', owner, ['accounts', i, 'owner'])
  })
  spec.routes.forEach(({ pool, rep }, i) => {
    want(pools, 'pool', pool, ['routes', i, 'pool'])
    want(reps, 'rep', rep, ['routes', i, 'rep'])
  })
  want(pools, 'pool', spec.reassign?.to, ['reassign', 'to'])
  want(pools, 'pool', spec.recycle?.to, ['recycle', 'to'])
  spec.tiers.forEach((tier, i) => {
    const clocks = (tier.clocks ?? []).map(
      (clock, j) => [clock, ['tiers', i, 'clocks', j]] as const,
    )
    for (const [{ calendar, escalate = [] }, path] of [[tier, ['tiers', i]] as const, ...clocks]) {
      want(calendars, 'calendar', calendar, [...path, 'calendar'])
      escalate.forEach(({ to }, k) => {
        want(pools, 'pool', to, [...path, 'escalate', k, 'to'])
      })
    }
  })
  return findings
}

function awayFindings(policy: PolicySpec): Finding[] {
  return policy.reps.flatMap((rep, i) => {
    const { id, away = [] } = rep
    const zone = zoneOfRep(rep, policy)
    return away.flatMap(({ from, to }, j) => {
      const path = ['reps', i, 'away', j]
      const [fromMs, toMs] = [momentMs(from, zone), momentMs(to, zone)]
      if (fromMs === undefined)
        return [error([...path, 'from'], `"${from}" is not a date such as 2026-12-24`)]
      if (toMs === undefined)
        return [error([...path, 'to'], `"${to}" is not a date such as 2026-12-24`)]
      return fromMs < toMs
        ? []
        : [error(path, `"${id}" would be back (${to}) before leaving (${from})`)]
    })
  })
}

function memberFindings({ pools }: PolicySpec): Finding[] {
  return pools.flatMap((pool, i) => {
    const { id } = pool
    const ids = memberIds(pool)
    return ids.flatMap((rep, j) =>
      ids.indexOf(rep) < j
        ? [error(['pools', i, 'members', j], `"${rep}" is listed twice in pool "${id}"`)]
        : [],
    )
  })
}

function overflowFindings({ pools }: PolicySpec): Finding[] {
  const byId = new Map(pools.map((pool) => [pool.id, pool]))
  return pools.flatMap(({ id }, i) => {
    const circle = circleFrom(id, byId)
    return circle === undefined
      ? []
      : [error(['pools', i, 'overflow'], `overflow runs in a circle: ${circle.join(' → ')}`)]
  })
}

/** A way from the pool through overflows back to itself, the shortest first. */
function circleFrom(id: string, pools: ReadonlyMap<string, PoolSpec>): string[] | undefined {
  const seen = new Set<string>()
  const ways = [[id]]
  for (const way of ways) {
    for (const next of overflowOf(pools.get(way.at(-1)!))) {
      if (next === id) return [...way, id]
      if (seen.has(next)) continue
      seen.add(next)
      ways.push([...way, next])
    }
  }
  return undefined
}

function routeFindings(route: RouteSpec, index: number): Finding[] {
  const path = ['routes', index]
  const findings =
    route.territory === undefined ? [] : territoryFindings(route.territory, [...path, 'territory'])
  if (route.within !== undefined && route.to !== 'previous-owner') {
    findings.push(
      error(
        [...path, 'within'],
        `"${route.id}" has \`within\`, which only a route to the previous-owner can keep to`,
      ),
    )
  }
  const targets = [route.to, route.pool, route.rep].filter((target) => target !== undefined)
  if (targets.length === 1) return findings
  const count = targets.length === 0 ? 'no target' : 'more than one target'
  return [...findings, error(path, `"${route.id}" has ${count}; give one of pool, rep or to`)]
}

/** A route to an owner or rep passes on a lead that they can never take, also with `wait`; a pool ends the list. */
function catchAllRouteFindings(routes: readonly RouteSpec[]): Finding[] {
  const ends = routes.findIndex(
    ({ when, territory, pool }) =>
      when === undefined && territory === undefined && pool !== undefined,
  )
  if (ends === -1) {
    return [
      warning(
        ['routes'],
        'no route without `when` at the end: a lead that no route matches will be unroutable',
      ),
    ]
  }
  return routes
    .slice(ends + 1)
    .map((route, offset) =>
      error(
        ['routes', ends + 1 + offset],
        `"${route.id}" can never be reached: "${routes[ends]!.id}" before it matches every lead`,
      ),
    )
}
