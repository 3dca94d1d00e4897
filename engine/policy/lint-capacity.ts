/** Pools in which nobody can take a lead, and tiers whose leads are larger than anybody's capacity. */
import { type Finding, warning } from '../artefact'
import { memberIds, overflowOf } from './ladder'
import type { PolicySpec, RepSpec } from './schema'

export function capacityFindings(spec: PolicySpec): Finding[] {
  return [...idlePoolFindings(spec), ...unitFindings(spec)]
}

const isIdle = ({ paused, capacity }: RepSpec) => paused === true || capacity === 0

function idlePoolFindings({ pools, reps }: PolicySpec): Finding[] {
  const idle = new Set(reps.filter(isIdle).map(({ id }) => id))
  return pools.flatMap((pool, index) => {
    if (!memberIds(pool).every((id) => idle.has(id))) return []
    const then = overflowOf(pool).length === 0 ? 'wait' : 'go to its overflow'
    const message = `nobody in "${pool.id}" can take a lead: every member is paused or has a capacity of 0, so its leads ${then}`
    return [warning(['pools', index, 'members'], message)]
  })
}

/** Which route a lead of a tier takes is not known here, so any rep may be the one who takes it. */
function unitFindings({ tiers, reps }: PolicySpec): Finding[] {
  const most = Math.max(0, ...reps.filter((rep) => !isIdle(rep)).map(({ capacity }) => capacity))
  if (most === 0) return []
  return tiers.flatMap(({ id, units = 1 }, index) => {
    if (units <= most) return []
    const message = `a lead of "${id}" takes ${units} units, and no rep who takes leads has a capacity of more than ${most}, so it waits`
    return [warning(['tiers', index, 'units'], message)]
  })
}
