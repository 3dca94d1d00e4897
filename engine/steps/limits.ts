/**
 * How often a lead may change hands before it is somebody else's affair: taken from a rep
 * (`reassign`), and come back after it was closed (`recycle`). Beyond that it goes to the pool that
 * the policy names, or waits with the reason, and never back and forth.
 */
import type { Lead } from '../lead/lead'
import type { Limit, Policy } from '../policy/policy'

export interface Reached {
  readonly why: string
  readonly rule: 'route.reassign' | 'route.recycle'
  /** Where it goes; undefined: it waits. */
  readonly poolId?: string
  /** It went there before, and goes nowhere from there. */
  readonly over: boolean
}

/** The limit that the lead has reached, if any. `taken`: it is about to be taken from a rep. */
export function limitReached(
  lead: Lead,
  { reassign, recycle }: Policy,
  taken: boolean,
): Reached | undefined {
  const { assignment } = lead
  const had = assignment === undefined || isClosed(lead) ? 0 : (assignment.had?.length ?? 0)
  const waits = assignment?.status === 'waiting'
  if (reassign !== undefined && (taken ? had >= reassign.max : waits && had > reassign.max)) {
    const why = `the lead was taken from ${counted(had + (taken ? 1 : 0), 'rep')}; ${atMost(reassign)}`
    return { why, rule: 'route.reassign', ...poolOf(reassign), over: taken && had > reassign.max }
  }
  const recycled = recycledOf(lead)
  if (recycle !== undefined && !taken && recycled > recycle.max) {
    const why = `the lead came back ${counted(recycled, 'time')}; ${atMost(recycle)}`
    return { why, rule: 'route.recycle', ...poolOf(recycle), over: false }
  }
  return undefined
}

const counted = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`
const atMost = ({ max }: Limit) => `the policy allows ${max}`
const poolOf = ({ poolId }: Limit) => (poolId === undefined ? {} : { poolId })

/** How often the lead came back after it was closed, the present return included. */
export function recycledOf(lead: Lead): number {
  return (lead.assignment?.recycled ?? 0) + (isClosed(lead) ? 1 : 0)
}

function isClosed({ assignment }: Lead): boolean {
  return assignment?.status === 'closed'
}

/** Whether this cycle has had its assignment; the next one is another cycle's. */
export function isSpent({ assignment, cycle }: Lead): boolean {
  return assignment?.cycle === cycle && assignment.status === 'closed'
}
