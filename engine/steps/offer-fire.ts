/**
 * Offer fire: an offer's time is over, or its answer comes back to the node that made it. An expired
 * offer counts as missed; when nobody else is still asked, the lead goes on to the next in rank, else
 * over the overflow ladder, and at last waits. An accepted lead goes on its way.
 */
import type { Change, Decision, Timer } from '../decision'
import type { Assignment, Lead, Reason } from '../lead/lead'
import { missed, offlineReps } from '../routing/presence'
import { isOptedOut } from '../scoring/decide'
import type { OfferRecord, Step } from '../step'
import { type Known, passedOn, type RouteOutcome, type RouteSettings } from './assigning'
import { endOffers, OFFER_CYCLE, offerTimers } from './ending-offers'
import { journeyAgain } from './journey'
import { isOffered, openOffers, withdrawal } from './offering'
import { barrier, gatherRouting, place, routingScopes } from './route'

export interface OfferFireSettings extends RouteSettings {
  readonly timer: Timer
}

/** `expired`: others may still accept it, or nobody needs it any more; `dropped`: nothing was left to do. */
export type OfferOutcome = RouteOutcome | 'expired' | 'dropped'

interface FireKnown extends Known {
  /** An answer that came after the timer had been found due takes it off. */
  readonly pending: boolean
}

type Decided = Decision<OfferOutcome>

export const offerFireStep: Step<OfferFireSettings, FireKnown, OfferOutcome> = {
  name: 'offer',
  artefact: ({ policy }) => policy.ref,
  scopes: routingScopes,
  key: (_lead, { timer }) => timer.id,
  *gather(reads, lead, settings, nowMs) {
    return {
      ...(yield* gatherRouting(reads, lead, settings, nowMs)),
      pending: (yield* reads.timers(lead.id, OFFER_CYCLE)).some(
        ({ id }) => id === settings.timer.id,
      ),
    }
  },
  decide: (lead, settings, known, nowMs): Decided => {
    const { timer } = settings
    if (!known.pending) return dropped('The offer was answered before', [])
    const fired: Change = { kind: 'timer.fired', timerId: timer.id }
    const { answer, token } = timer.detail
    if (answer === 'accepted') return accepted(lead, settings, known, fired)
    if (answer === 'declined') return declined(lead, settings, known, fired, nowMs)
    const offer = openOffers(known).find((one) => one.token === token)
    if (offer === undefined) return dropped('The offer ended before', [fired])
    if (!isOffered(lead)) {
      const changes = [fired, ...withdrawal(lead, settings.policy, known)]
      return dropped('The lead is not offered any more', changes)
    }
    return expired(lead, settings, known, { offer, fired }, nowMs)
  },
}

function dropped(why: string, changes: readonly Change[]): Decided {
  const because = [{ rule: 'offer.over', why, inputs: [] }]
  return { step: 'offer', outcome: 'dropped', patch: {}, because, changes }
}

/** The assignment was made with the answer; here the lead goes on. */
function accepted(lead: Lead, settings: OfferFireSettings, known: Known, fired: Change): Decided {
  const { assignment } = lead
  const isTheirs = known.open !== undefined && assignment?.status === 'assigned'
  if (!isTheirs || settings.timer.detail.cycle !== lead.cycle)
    return dropped('The lead went elsewhere meanwhile', [fired])
  const why = `${assignment.rep?.name ?? known.open.repId} has accepted the lead`
  return {
    step: 'offer',
    outcome: 'assigned',
    patch: {},
    because: [{ rule: 'offer.accepted', why, inputs: [] }],
    changes: [fired, ...journeyAgain(lead, 'assigned', settings)],
  }
}

function declined(
  lead: Lead,
  settings: OfferFireSettings,
  known: Known,
  fired: Change,
  nowMs: number,
): Decided {
  if (!isOffered(lead) || openOffers(known).length > 0)
    return dropped('The lead was offered anew meanwhile', [fired])
  return goOn(lead, settings, known, { changes: [fired], because: [] }, nowMs)
}

function expired(
  lead: Lead,
  settings: OfferFireSettings,
  known: Known,
  { offer, fired }: { readonly offer: OfferRecord; readonly fired: Change },
  nowMs: number,
): Decided {
  const { policy } = settings
  const { repId } = offer
  const ended = endOffers(policy, lead.id, known, [[offer, 'expired']])
  const name = policy.reps.get(repId)?.name ?? repId
  const because = [reason('offer.expired', `${name} let the offer expire`)]
  const changes = [fired, ...ended.changes]
  let { books } = ended
  if (policy.misses !== undefined) {
    const before = known.presences?.get(repId)
    const presence = missed(before, policy.misses, nowMs)
    changes.push({ kind: 'presence.save', repId, ...presence })
    const presences = new Map(known.presences).set(repId, presence)
    books = { ...books, presences, offline: offlineReps(presences, policy.misses, nowMs) }
    if (presence.offlineSinceMs === nowMs && before?.offlineSinceMs !== nowMs)
      because.push(reason('offer.offline', `${name} is offline after ${presence.misses} in a row`))
  }
  const passed = { ...lead, assignment: withoutOffer(lead, offer, 'expired') }
  if (openOffers(known).length > 1) return stands(passed, { changes, because })
  const others = (books.offers ?? []).map((one) =>
    one === offer ? { ...one, end: 'expired' as const } : one,
  )
  return goOn(passed, settings, { ...books, offers: others }, { changes, because }, nowMs)
}

interface SoFar {
  readonly changes: readonly Change[]
  readonly because: readonly Reason[]
}

/** Others may still accept it. */
function stands(lead: Lead, { changes, because }: SoFar): Decided {
  const { assignment } = lead
  return {
    step: 'offer',
    outcome: 'expired',
    patch: { assignment },
    because,
    changes: [
      ...changes,
      ...offerTimers(lead, assignment!),
      { kind: 'lead.save', state: 'offered', reason: assignment!.why, standingOnly: true },
    ],
  }
}

/** To the next in rank, unless nobody is to have the lead any more. */
function goOn(
  lead: Lead,
  settings: OfferFireSettings,
  known: Known,
  { changes, because }: SoFar,
  nowMs: number,
): Decided {
  const barred = barrier(lead, known)
  if (barred !== undefined) return leave(lead, known, barred, { changes, because })
  const decision = place(lead, settings, known, nowMs)
  return {
    ...decision,
    step: 'offer',
    because: [...because, ...decision.because],
    changes: [...changes, ...journeyAgain(lead, decision.outcome, settings), ...decision.changes],
  }
}

/** Another event has changed what is to become of the lead, and it stands as that left it. */
function leave(lead: Lead, { parkedAs }: Known, why: string, soFar: SoFar): Decided {
  const { offers: _offers, ...rest } = lead.assignment!
  const assignment: Assignment = { ...rest, status: 'unroutable', why }
  const state = isOptedOut(lead)
    ? 'suppressed'
    : parkedAs === undefined || parkedAs === 'offered'
      ? 'unroutable'
      : parkedAs
  return {
    step: 'offer',
    outcome: 'expired',
    patch: { assignment },
    because: [...soFar.because, reason('route.barred', why)],
    changes: [...soFar.changes, { kind: 'lead.save', state, reason: why, standingOnly: true }],
  }
}

/** The section after one of the reps has passed on the lead. */
export function withoutOffer(
  lead: Lead,
  { token, repId }: OfferRecord,
  how: 'declined' | 'expired',
): Assignment {
  const { offers = [], ...rest } = lead.assignment!
  return {
    ...rest,
    offers: offers.filter((one) => one.token !== token),
    passed: [...passedOn(lead), { rep: repId, how }],
  }
}

function reason(rule: string, why: string): Reason {
  return { rule, why, inputs: [] }
}
