/**
 * What a policy's schema cannot see: names that refer to nothing, an overflow that runs in a
 * circle, routes and tiers that can never be reached, a clock without a calendar.
 */
import { error, type Finding, type Path, warning } from '../artefact'
import { duplicateIdFindings, shadowFindings } from '../conditions/rules'
import { instantMs } from './instant'
import { slaFindings } from './lint-sla'
import type { PolicySpec, RouteSpec } from './schema'

export function lintPolicy(spec: PolicySpec): Finding[] {
  return [
    ...duplicateIdFindings([{ path: ['reps'], ids: spec.reps.map(({ id }) => id) }]),
    ...duplicateIdFindings([{ path: ['pools'], ids: spec.pools.map(({ id }) => id) }]),
    ...duplicateIdFindings([
      { path: ['routes'], ids: spec.routes.map(({ id }) => id) },
      { path: ['tiers'], ids: spec.tiers.map(({ id }) => id) },
    ]),
    ...referenceFindings(spec),
    ...awayFindings(spec),
    ...memberFindings(spec),
    ...overflowFindings(spec),
    ...spec.routes.flatMap(routeFindings),
    ...catchAllRouteFindings(spec.routes),
    ...shadowFindings(spec.tiers, ['tiers']),
    ...slaFindings(spec),
  ]
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
  spec.pools.forEach(({ members, overflow }, i) => {
    want(pools, 'pool', overflow, ['pools', i, 'overflow'])
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

function awayFindings({ reps }: PolicySpec): Finding[] {
  return reps.flatMap(({ id, away = [] }, i) =>
    away.flatMap(({ from, to }, j) => {
      const path = ['reps', i, 'away', j]
      const [fromMs, toMs] = [instantMs(from), instantMs(to)]
      if (fromMs === undefined)
        return [error([...path, 'from'], `"${from}" is not a date such as 2026-12-24`)]
      if (toMs === undefined)
        return [error([...path, 'to'], `"${to}" is not a date such as 2026-12-24`)]
      return fromMs < toMs
        ? []
        : [error(path, `"${id}" would be back (${to}) before leaving (${from})`)]
    }),
  )
}

function memberFindings({ pools }: PolicySpec): Finding[] {
  return pools.flatMap(({ id, members }, i) => {
    const ids = members.map((member) => (typeof member === 'string' ? member : member.rep))
    return ids.flatMap((rep, j) =>
      ids.indexOf(rep) < j
        ? [error(['pools', i, 'members', j], `"${rep}" is listed twice in pool "${id}"`)]
        : [],
    )
  })
}

function overflowFindings({ pools }: PolicySpec): Finding[] {
  const next = new Map(pools.map(({ id, overflow }) => [id, overflow]))
  return pools.flatMap(({ id }, i) => {
    const seen = [id]
    for (let pool = next.get(id); pool !== undefined; pool = next.get(pool)) {
      if (pool === id)
        return [
          error(
            ['pools', i, 'overflow'],
            `overflow runs in a circle: ${[...seen, id].join(' → ')}`,
          ),
        ]
      if (seen.includes(pool)) return []
      seen.push(pool)
    }
    return []
  })
}

function routeFindings(route: RouteSpec, index: number): Finding[] {
  const targets = [route.to, route.pool, route.rep].filter((target) => target !== undefined)
  if (targets.length === 1) return []
  const count = targets.length === 0 ? 'no target' : 'more than one target'
  return [error(['routes', index], `"${route.id}" has ${count}; give one of pool, rep or to`)]
}

/** A route to an owner or rep may pass the lead on; a pool, or a rep to wait for, ends the list. */
function catchAllRouteFindings(routes: readonly RouteSpec[]): Finding[] {
  const ends = routes.findIndex(
    ({ when, pool, rep, wait }) =>
      when === undefined && (pool !== undefined || (rep !== undefined && wait === true)),
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
