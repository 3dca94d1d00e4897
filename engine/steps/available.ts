/**
 * Available: a rep who was taken out of routing for missed offers reports back. The report is about a
 * rep and no lead; its entries are the trail of the rep, under the id `rep:<rep id>`.
 */
import type { Decision } from '../decision'
import type { Lead } from '../lead/lead'
import { standIn } from '../lead/stand-in'
import type { Policy } from '../policy/policy'
import { answered } from '../routing/presence'
import type { PresenceRecord, Step } from '../step'

export interface AvailableSettings {
  readonly policy: Policy
  readonly repId: string
  /** The same report counts once. */
  readonly eventId: string
}

interface Known {
  readonly presence?: PresenceRecord
}

export const availableStep: Step<AvailableSettings, Known, 'recorded' | 'ignored'> = {
  name: 'presence',
  artefact: ({ policy }) => policy.ref,
  scopes: (_lead, { policy }) => [`policy:${policy.ref.name}`],
  key: (lead, { eventId }) => `${lead.id}#${eventId}`,
  *gather(reads, _lead, { repId }) {
    const presence = (yield* reads.presences()).get(repId)
    return presence === undefined ? {} : { presence }
  },
  decide: (_lead, { policy, repId }, { presence }): Decision<'recorded' | 'ignored'> => {
    const name = policy.reps.get(repId)?.name ?? repId
    const after = answered(presence)
    const why = after === undefined ? `${name} is not offline` : `${name} is available`
    return {
      step: 'presence',
      outcome: after === undefined ? 'ignored' : 'recorded',
      patch: {},
      because: [{ rule: 'presence.available', why, inputs: [] }],
      changes: after === undefined ? [] : [{ kind: 'presence.save', repId, ...after }],
    }
  },
}

export function repSubject(repId: string, nowMs: number): Lead {
  return standIn(`rep:${repId}`, 'rep', nowMs)
}
