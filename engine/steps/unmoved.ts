/** Saving a lead without moving it: what waits goes on waiting for the same, with its pool and its next try. */
import type { Asking } from '../asking'
import type { ChangeOf, LeadState } from '../decision'
import type { Lead } from '../lead/lead'
import type { Reads } from '../step'

/** How the lead stands; one that was never saved is on its way. */
export function* stateOf(reads: Reads, lead: Lead): Asking<LeadState> {
  if ((yield* reads.openAssignment(lead.id, lead.cycle)) !== undefined) return 'assigned'
  const state = yield* reads.state(lead.id)
  return state === undefined || state === 'assigned' ? 'open' : state
}

/** Whether the work on the lead has ended, so that no clock runs for it. */
export function isOver(state: LeadState): boolean {
  return ['closed', 'suppressed', 'disqualified', 'erased'].includes(state)
}

export function unmoved(
  { assignment }: Lead,
  state: LeadState,
  reason: string,
): ChangeOf<'lead.save'> {
  if (state !== 'waiting' || assignment === undefined) return { kind: 'lead.save', state, reason }
  const { pool, retryAt, why } = assignment
  return {
    kind: 'lead.save',
    state,
    reason: why,
    ...(pool === undefined ? {} : { poolId: pool }),
    ...(retryAt === undefined ? {} : { retryAtMs: Date.parse(retryAt) }),
  }
}
