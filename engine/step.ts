/**
 * The step: a pure decision, with what it must know and what it locks.
 *
 * gather (reads) → decide (pure, total) → commit (store) → send (node). `decide` sees the lead, the
 * configuration, what was gathered and the time, and nothing else, so the same function runs live,
 * in shadow, in a simulation and in an audit.
 */
import type { ArtefactKind } from './artefact'
import type { Asking } from './asking'
import type { Period } from './calendar'
import type { Change, Decision, LeadState, StepName } from './decision'
import type { ArtefactRef, Lead, Signal } from './lead/lead'
import type { Standing } from './lead/standing'

export type { Standing }

/** What steps may ask the store, inside the transaction that will commit their decision. */
export interface Reads {
  /** The lead id that each identity key is linked to. */
  identities(keys: readonly string[]): Asking<ReadonlyMap<string, string>>
  lead(leadId: string): Asking<StoredLead | undefined>
  /** How the lead stands; undefined when it was never saved. */
  state(leadId: string): Asking<LeadState | undefined>
  /**
   * What may have changed about the lead while a message about it was on its way; undefined when
   * nothing is known, or when the lead carries the very sections that were saved last.
   */
  standing(lead: Lead): Asking<Standing | undefined>
  /** What is known of an intake event that has not been forgotten at `nowMs`. */
  intake(
    key: string,
    nowMs: number,
  ): Asking<{ readonly leadId: string; readonly done: boolean } | undefined>
  /** The account of each key; what the lead `but` ties is left out, as its decision ties it anew. */
  accounts(keys: readonly string[], but?: string): Asking<ReadonlyMap<string, KnownAccount>>
  /** Signals of the people of the key's account since `sinceMs`, newest last, at most `limit`. */
  accountSignals(
    accountKey: string,
    sinceMs: number,
    limit: number,
  ): Asking<readonly (Signal & { person: string })[]>
  openAssignment(leadId: string, cycle: number): Asking<OpenAssignment | undefined>
  /** Every offer of the lead, ended ones too, by token. */
  offers(leadId: string): Asking<readonly OfferRecord[]>
  /** How many offers stand open, per rep. */
  repOffers(repIds: readonly string[]): Asking<ReadonlyMap<string, number>>
  /** Of reps who let an offer expire lately, or are offline for that. */
  presences(): Asking<ReadonlyMap<string, PresenceRecord>>
  /** Units in open assignments and open offers, of every rep who has or had some. */
  repLoads(): Asking<ReadonlyMap<string, number>>
  fairness(poolId: string): Asking<ReadonlyMap<string, FairnessRecord>>
  /** How many leads each rep was given in each period, in the order of the question. */
  tallies(of: readonly TallyKey[]): Asking<readonly number[]>
  /** What was refused and no lead bears, by the texts it is kept under (engine/identity/suppression). */
  suppressions(keys: readonly string[]): Asking<readonly Lead['consent'][]>
  /**
   * The identity keys of a lead that nothing is under way for (an event, a timer or its message, an
   * open assignment or offer) and that nothing happened to since `beforeMs`; otherwise undefined.
   */
  dormant(leadId: string, beforeMs: number): Asking<readonly string[] | undefined>
  /** Those of the entries whose private parts are there, from before `beforeMs`, and whose lead is at rest. */
  expired(seqs: readonly number[], beforeMs: number): Asking<readonly number[]>
  /** The text of a contract or policy version that decided before; undefined when none was kept. */
  artefact(kind: ArtefactKind, hash: string): Asking<string | undefined>
  /** Pending timers of a lead's cycle. */
  timers(
    leadId: string,
    cycle: number,
  ): Asking<readonly { readonly id: string; readonly dueMs: number }[]>
}

export interface StoredLead {
  readonly lead: Lead
  readonly state: LeadState
}

/** What is known of the account that a key belongs to; see engine/identity/accounts. */
export interface KnownAccount {
  /** The key of a CRM account, or the key itself. */
  readonly id: string
  /** Of a domain: the keys of CRM accounts in which its people are, two of them at most. */
  readonly crm: readonly string[]
  /** The domain of the account, when it has exactly one. */
  readonly domain?: string
  /** The rep who had the account last. */
  readonly owner?: { readonly repId: string /** Epoch ms. */; readonly sinceMs: number }
}

export interface OpenAssignment {
  readonly repId: string
  /** Empty when the lead went to a named rep and not through a pool. */
  readonly poolId: string
  readonly units: number
}

/** A period of a rep: an hour, day or week, by its first moment. */
export interface TallyKey {
  readonly repId: string
  readonly period: Period
  /** Epoch ms. */
  readonly fromMs: number
}

export interface FairnessRecord {
  /** Work received per unit of weight; see engine/routing/fair-share. */
  readonly virtualTime: number
  /** Since when the rep could not take a lead, epoch ms; absent while the rep can. */
  readonly awaySinceMs?: number
}

export const OFFER_ENDS = ['accepted', 'declined', 'expired', 'withdrawn'] as const
/** `withdrawn`: somebody else accepted, or the lead needs nobody any more. */
export type OfferEnd = (typeof OFFER_ENDS)[number]

export interface OfferRecord {
  /** Fences the offer: grows with each offer of the lead, so an answer to an earlier one is known. */
  readonly token: number
  readonly repId: string
  readonly poolId: string
  readonly units: number
  /** Epoch ms. */
  readonly expiresMs: number
  /** Absent while it stands open. */
  readonly end?: OfferEnd
}

/** What a rep's answers to offers say about being there; see engine/routing/presence. */
export interface PresenceRecord {
  /** Offers in a row that the rep let expire. */
  readonly misses: number
  /** Since when the rep is offline, epoch ms; absent while the rep is not. */
  readonly offlineSinceMs?: number
}

export interface Step<Settings, Known, Outcome extends string = string> {
  readonly name: StepName
  /** The contract or policy that the decision is made by, for its audit entry. */
  artefact?(settings: Settings): ArtefactRef
  /** Scopes that are locked from gather to commit, e.g. `pool:dach`; no two steps interleave in one. */
  scopes(lead: Lead, settings: Settings): readonly string[]
  /** The same key gives the stored decision again; undefined: the step guards itself. */
  key(lead: Lead, settings: Settings): string | undefined
  /**
   * What holds although the decision was made before: two events may bring the same request, and one
   * event may begin its way anew (an escalation). Each time the way has to end.
   */
  again?(lead: Lead, outcome: Outcome, settings: Settings): readonly Change[]
  gather(reads: Reads, lead: Lead, settings: Settings, nowMs: number): Asking<Known>
  decide(lead: Lead, settings: Settings, known: Known, nowMs: number): Decision<Outcome>
}
