/**
 * Routes that never get a lead because of those before them, and skills that nobody has.
 *
 * A route to a pool keeps every lead that it matches; one to an owner or a rep may pass it on, so
 * behind it only a route that does the same is dead.
 */
import { error, type Finding, shown, warning } from '../artefact'
import { canonicalJson } from '../audit/canonical-json'
import { type Constraints, implies } from '../conditions/constraints'
import { safeConstraints } from '../conditions/rules'
import { ladderOf, memberIds } from './ladder'
import type { PolicySpec, RouteSpec } from './schema'

interface Place {
  readonly route: RouteSpec
  readonly area: string
  readonly when: string
  readonly constraints: Constraints | undefined
  readonly target: string
}

export function deadRouteFindings(routes: readonly RouteSpec[]): Finding[] {
  const earlier: Place[] = []
  return routes.flatMap((route, index) => {
    const place = placeOf(route)
    const winner = earlier.find((before) => beats(before, place))
    earlier.push(place)
    return winner === undefined ? [] : [error(['routes', index], words(winner, place))]
  })
}

function placeOf(route: RouteSpec): Place {
  const { when, territory, to, pool, rep, skills, within, wait } = route
  return {
    route,
    area: keyOf(territory),
    when: keyOf(when),
    constraints: when && safeConstraints(when),
    target: keyOf([to, pool, rep, skills, within, wait].map((part) => part ?? null)),
  }
}

/** Equal for two spellings of the same; text counts without regard to case, as in conditions. */
function keyOf(value: unknown): string {
  return value === undefined ? '' : canonicalJson(value).toLowerCase()
}

function beats(before: Place, place: Place): boolean {
  const { route } = before
  const keeps = route.pool !== undefined
  // The rule that the last route is for everybody tells this by itself.
  if (keeps && route.when === undefined && route.territory === undefined) return false
  return (keeps || before.target === place.target) && covers(before, place)
}

function covers(wide: Place, narrow: Place): boolean {
  if (wide.area !== '' && wide.area !== narrow.area) return false
  if (wide.when === '' || wide.when === narrow.when) return true
  const { constraints } = narrow
  return (
    constraints !== undefined &&
    wide.constraints !== undefined &&
    implies(constraints, wide.constraints)
  )
}

function words(winner: Place, { route: { id } }: Place): string {
  const before = `"${winner.route.id}" before it`
  return winner.route.pool === undefined
    ? `"${id}" never gets a lead: it asks for the same leads and leads to the same as ${before}`
    : `"${id}" can never win: whenever it matches, ${before} has matched already`
}

/** A route that asks for skills which none of its reps has gives its leads to nobody. */
export function skillFindings(spec: PolicySpec): Finding[] {
  return spec.routes.flatMap((route, index) => {
    const { skills = [] } = route
    const asked = askedReps(spec, route)
    // A pool or rep that is missing is told already.
    if (asked.skills.length === 0) return []
    if (asked.skills.some((own) => skills.every((skill) => own.includes(skill)))) return []
    const missing = skills.find((skill) => !asked.skills.some((own) => own.includes(skill)))
    const what =
      missing === undefined ? `all of the skills ${shown(skills)}` : `the skill ${shown(missing)}`
    const message = `${asked.who} has ${what}, so "${route.id}" can give its leads to nobody`
    return [warning(['routes', index, 'skills'], message)]
  })
}

interface Asked {
  readonly who: string
  /** By rep. */
  readonly skills: readonly (readonly string[])[]
}

const LADDER_SHOWN = 4

function askedReps({ reps, pools }: PolicySpec, { pool, rep }: RouteSpec): Asked {
  const skillsOf = (ids: ReadonlySet<string>) =>
    reps.filter(({ id }) => ids.has(id)).map(({ skills = [] }) => skills)
  if (pool !== undefined) {
    const ladder = ladderOf(pool, new Map(pools.map((one) => [one.id, one])))
    const members = pools.filter(({ id }) => ladder.has(id)).flatMap(memberIds)
    const names = ladder.size > LADDER_SHOWN ? `${pool} and its overflow` : [...ladder].join(' → ')
    return { who: `nobody in ${names}`, skills: skillsOf(new Set(members)) }
  }
  if (rep !== undefined) return { who: `nobody called ${rep}`, skills: skillsOf(new Set([rep])) }
  return { who: 'no rep', skills: reps.map(({ skills = [] }) => skills) }
}
