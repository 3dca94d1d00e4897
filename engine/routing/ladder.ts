/**
 * Where a lead goes on when it has to leave its pool: the route by which it came keeps its skills and
 * its ladder, of which the pools behind are asked, too.
 */
import type { Assignment } from '../lead/lead'
import type { Policy } from '../policy/policy'
import type { RouteSpec } from '../policy/schema'

/** The route by which the lead came; undefined when the policy has it no more, or none was followed. */
export function routeOf(
  { routes }: Policy,
  assignment: Pick<Assignment, 'route'> | undefined,
): RouteSpec | undefined {
  const id = assignment?.route
  return id === undefined ? undefined : routes.rules.find(({ spec }) => spec.id === id)?.spec
}

/**
 * `poolId` and what follows it: on the ladder of the route's pool when it stands there, else on its
 * own. Empty when there is no such pool.
 */
export function ladderFrom(
  policy: Policy,
  assignment: Pick<Assignment, 'route'> | undefined,
  poolId: string,
): readonly string[] {
  const { pools } = policy
  const whole = pools.get(routeOf(policy, assignment)?.pool ?? '')?.ladder ?? []
  const rung = whole.indexOf(poolId)
  return rung < 0 ? (pools.get(poolId)?.ladder ?? []) : whole.slice(rung)
}
