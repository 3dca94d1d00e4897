/**
 * A rep's answer to an offer. The first to accept has the lead, the other offers end with that; who
 * declines is asked no more. The token fences: an answer to an offer that has ended changes nothing.
 */
import type { Asking } from '../asking'
import type { Change, LeadPatch } from '../decision'
import type { Assignment, Lead } from '../lead/lead'
import type { Policy } from '../policy/policy'
import { answered } from '../routing/presence'
import type { FairnessRecord, OfferRecord, PresenceRecord, Reads } from '../step'
import { counted } from './assigning'
import { endOffers, handBack, offerTimers } from './ending-offers'
import { iso } from './journey'
import { withoutOffer } from './offer-fire'
import { openOffers } from './offering'
import { barrier } from './route'
import type { SalesEvent } from './sales-event'

export interface OffersKnown {
  readonly offers: readonly OfferRecord[]
  /** Of the pools through which the lead is offered. */
  readonly fairness: ReadonlyMap<string, ReadonlyMap<string, FairnessRecord>>
  readonly presences: ReadonlyMap<string, PresenceRecord>
}

export const NO_OFFERS: OffersKnown = { offers: [], fairness: new Map(), presences: new Map() }

export function* gatherOffersOf(reads: Reads, lead: Lead): Asking<OffersKnown> {
  const offers = yield* reads.offers(lead.id)
  const pools = new Set(openOffers({ offers }).map(({ poolId }) => poolId))
  const fairness = new Map<string, ReadonlyMap<string, FairnessRecord>>()
  for (const poolId of pools) fairness.set(poolId, yield* reads.fairness(poolId))
  return { offers, fairness, presences: yield* reads.presences() }
}

export interface Answer {
  readonly lead: Lead
  readonly policy: Policy
  readonly event: SalesEvent
  readonly known: OffersKnown
  readonly nowMs: number
}

export type Answered =
  | { readonly patch: LeadPatch; readonly changes: readonly Change[] }
  /** Why the answer changes nothing. */
  | { readonly problem: string }

export function answer(one: Answer): Answered {
  const { lead, policy, event, known, nowMs } = one
  const found = offerOf(one)
  if (typeof found === 'string') return { problem: found }
  if (event.kind === 'declined') return decline(one, found)
  const barred = barrier(lead, {})
  if (barred !== undefined) return { problem: `Nobody may have the lead: ${barred}` }
  const { token, repId, poolId, units } = found
  const endings = openOffers(known).map(
    (offer) => [offer, offer === found ? 'accepted' : 'withdrawn'] as const,
  )
  const name = nameOf(policy, lead, repId)
  const { offers: _offers, ...rest } = lead.assignment!
  const at = iso(nowMs)
  const assignment: Assignment = {
    ...rest,
    status: 'assigned',
    rep: { id: repId, name },
    accepted: { at: iso(Math.min(event.atMs, nowMs)), by: event.by ?? name },
    at,
  }
  const rep = policy.reps.get(repId)
  return {
    patch: { assignment },
    changes: [
      ...endOffers(policy, lead.id, booksOf(known), endings).changes,
      { kind: 'assignment.open', leadId: lead.id, cycle: lead.cycle, repId, poolId, units },
      ...(rep === undefined ? [] : counted(rep, nowMs)),
      ...signOfLife(repId, known),
      ...(lead.account === undefined
        ? []
        : [
            {
              kind: 'account.owner' as const,
              accountId: lead.account.key ?? lead.account.id,
              repId,
            },
          ]),
      handBack(lead, assignment, token, 'accepted', nowMs),
      { kind: 'lead.save', state: 'assigned', reason: `${name} accepted`, standingOnly: true },
    ],
  }
}

function decline({ lead, policy, event, known, nowMs }: Answer, offer: OfferRecord): Answered {
  const section = withoutOffer(lead, offer, 'declined')
  const name = nameOf(policy, lead, offer.repId)
  const reason = [event.reason, event.why].filter((part) => part !== undefined).join(', ')
  const why = `${name} declined${reason === '' ? '' : `: ${reason}`}`
  const assignment = { ...section, why }
  const isLast = openOffers(known).length === 1
  return {
    patch: { assignment },
    changes: [
      ...endOffers(policy, lead.id, booksOf(known), [[offer, 'declined']]).changes,
      ...signOfLife(offer.repId, known),
      ...(isLast
        ? [handBack(lead, assignment, offer.token, 'declined', nowMs)]
        : offerTimers(lead, assignment)),
      { kind: 'lead.save', state: 'offered', reason: why, standingOnly: true },
    ],
  }
}

/** The open offer that is answered, or why there is none. */
function offerOf({ lead, policy, event, known, nowMs }: Answer): OfferRecord | string {
  const { token } = event
  if (token === undefined)
    return 'The lead is offered; outcome.token must say which offer is answered'
  const offer = known.offers.find((one) => one.token === token)
  if (offer === undefined) return `The lead has no offer ${token}`
  const name = nameOf(policy, lead, offer.repId)
  if (offer.end !== undefined) return `Offer ${token} to ${name} is over: ${END_WORDS[offer.end]}`
  // Its timer may be a moment late.
  if (nowMs >= offer.expiresMs)
    return `Offer ${token} to ${name} is over: it expired at ${iso(offer.expiresMs)}`
  if (lead.assignment?.status !== 'offered') return `The lead is not offered any more`
  return offer
}

const END_WORDS = {
  accepted: 'it was accepted before',
  declined: 'it was declined before',
  expired: 'it expired',
  withdrawn: 'somebody else has the lead, or nobody is to have it',
} as const

function nameOf({ reps }: Policy, { assignment }: Lead, repId: string): string {
  const offered = assignment?.offers?.find(({ rep }) => rep.id === repId)
  return reps.get(repId)?.name ?? offered?.rep.name ?? repId
}

function booksOf({ fairness }: OffersKnown) {
  return { loads: new Map<string, number>(), fairness }
}

function signOfLife(repId: string, { presences }: OffersKnown): Change[] {
  const presence = answered(presences.get(repId))
  return presence === undefined ? [] : [{ kind: 'presence.save', repId, ...presence }]
}
