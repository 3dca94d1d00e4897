/**
 * What a step decides, as a value: the outcome, what to add to the lead, why, and what to change.
 *
 * A decision runs nothing. The store applies its changes and its audit entry in one transaction.
 */
import type { Lead, Reason, Signal } from './lead/lead'
import type { FairnessRecord, OfferEnd, PresenceRecord, TallyKey } from './step'

export type StepName =
  | 'ingest'
  | 'enrich'
  | 'dedupe'
  | 'score-fit'
  | 'score-intent'
  | 'qualify'
  | 'route'
  | 'offer'
  | 'presence'
  | 'sla-start'
  | 'sla-fire'
  | 'sla-stop'
  | 'outcome'
  | 'retention'

/**
 * Where a lead stands. Every accepted lead stands in exactly one of these:
 * `open` is on its way; `offered`, `waiting`, `review` and `unroutable` wait visibly for something or
 * someone; the others end its way in this cycle. Of one that is `erased` no personal data is left.
 */
export const LEAD_STATES = [
  'open',
  'qualified',
  'assigned',
  'offered',
  'waiting',
  'unroutable',
  'review',
  'nurture',
  'disqualified',
  'suppressed',
  'closed',
  'erased',
] as const
export type LeadState = (typeof LEAD_STATES)[number]

/** Nobody has such a lead or is to do anything about it; retention may erase it. */
export const AT_REST = [
  'qualified',
  'nurture',
  'disqualified',
  'suppressed',
  'closed',
] as const satisfies readonly LeadState[]

/** One change of durable state. The store knows how to apply each kind, and no business rule. */
export type Change =
  /** Remember the intake event, so that a repetition is known, and keep its lead until it is done. */
  | {
      readonly kind: 'intake.accept'
      readonly key: string
      readonly expiresMs: number
      readonly nodeId: string
    }
  /** The event belongs to a lead that we knew already. */
  | { readonly kind: 'intake.link'; readonly key: string; readonly leadId: string }
  /** The lead's way through the flow for this event is over. */
  | { readonly kind: 'intake.done'; readonly key: string }
  /** A node sends the lead on by itself: from here on its event is under way again. */
  | { readonly kind: 'intake.again'; readonly key: string }
  /** Save the lead as it stands after the patch. */
  | {
      readonly kind: 'lead.save'
      readonly state: LeadState
      readonly reason: string
      readonly poolId?: string
      /** When a waiting lead is worth another try, epoch ms; absent: when capacity frees. */
      readonly retryAtMs?: number
      /** Since when it stands so, epoch ms, where that is longer ago than it came to; it keeps its place. */
      readonly sinceMs?: number
      /** Only where the lead stands has changed (engine/lead/standing), not what is known of it. */
      readonly standingOnly?: true
    }
  | { readonly kind: 'identity.link'; readonly key: string; readonly leadId: string }
  | {
      readonly kind: 'signals.add'
      readonly leadId: string
      readonly accountId?: string
      readonly signals: readonly Signal[]
    }
  /** The person stands under another account key now: their signals as well. */
  | { readonly kind: 'signals.move'; readonly leadId: string; readonly accountId: string }
  | { readonly kind: 'account.owner'; readonly accountId: string; readonly repId: string }
  | {
      readonly kind: 'assignment.open'
      readonly leadId: string
      readonly cycle: number
      readonly repId: string
      readonly poolId: string
      readonly units: number
    }
  | {
      readonly kind: 'assignment.close'
      readonly leadId: string
      readonly cycle: number
      readonly reason: string
    }
  /** Keeps the units of the rep for the lead until the offer is closed; a token is used once. */
  | {
      readonly kind: 'offer.open'
      readonly leadId: string
      readonly token: number
      readonly repId: string
      readonly poolId: string
      readonly units: number
      /** Epoch ms. */
      readonly expiresMs: number
    }
  /** Gives the units back. An offer ends once. */
  | {
      readonly kind: 'offer.close'
      readonly leadId: string
      readonly token: number
      readonly end: OfferEnd
    }
  | ({ readonly kind: 'presence.save'; readonly repId: string } & PresenceRecord)
  | ({
      readonly kind: 'fairness.save'
      readonly poolId: string
      readonly repId: string
    } & FairnessRecord)
  /** The rep was given one lead more in this period; kept for reps who have a cap. */
  | ({ readonly kind: 'tally.add' } & TallyKey)
  | { readonly kind: 'timer.set'; readonly timer: Timer }
  /** `tells`: the timer goes to the outbox, until its message is reported as sent. */
  | { readonly kind: 'timer.fired'; readonly timerId: string; readonly tells?: true }
  /** Cancels every pending timer of the lead's cycle. */
  | { readonly kind: 'timers.cancel'; readonly leadId: string; readonly cycle: number }
  /**
   * Nothing personal of the lead stays: not what is known of it, nor its signals, nor its identity keys.
   * Its id, cycle and the way it stood do, in the state `erased`.
   */
  | {
      readonly kind: 'lead.erase'
      readonly leadId: string
      readonly reason: string
      /** The keys to be unlinked. */
      readonly keys: readonly string[]
      /** Goes to the suppression list, under these texts. */
      readonly refused?: { readonly keys: readonly string[]; readonly consent: Lead['consent'] }
    }
  /** What somebody refused goes to the suppression list under this text, in place of what it had there. */
  | { readonly kind: 'consent.suppress'; readonly key: string; readonly consent: Lead['consent'] }
  /** The private parts of these entries; their public parts, and with them the tree, stay. */
  | { readonly kind: 'details.erase'; readonly seqs: readonly number[] }

export type ChangeOf<Kind extends Change['kind']> = Extract<Change, { kind: Kind }>

export interface Timer {
  readonly id: string
  readonly leadId: string
  /** 0 for the timers of an offer, which no change of the lead's clocks takes off. */
  readonly cycle: number
  readonly kind: 'reminder' | 'escalation' | 'breach' | 'offer'
  /** Epoch ms. */
  readonly dueMs: number
  /** The node whose outputs it fires on, while that is deployed. */
  readonly nodeId: string
  /** By which policy it was set: another node that serves it may fire the timer instead. */
  readonly policy?: string
  /** Of a clock: under what it notes that this has rung. */
  readonly mark?: string
  readonly detail: Readonly<Record<string, unknown>>
}

export interface Decision<O extends string = string> {
  readonly step: StepName
  readonly outcome: O
  /** Sections to set on the lead; undefined removes one. */
  readonly patch: LeadPatch
  readonly because: readonly Reason[]
  readonly changes: readonly Change[]
  /** Sections that no entry before this one holds, and that deciding again would need. */
  readonly seen?: LeadPatch
}

export type LeadPatch = { readonly [K in keyof Lead]?: Lead[K] | undefined }

/** The lead after the decision; the input is left alone. */
export function patched(lead: Lead, patch: LeadPatch): Lead {
  const result: Record<string, unknown> = { ...lead }
  for (const section in patch) {
    const value = patch[section as keyof Lead]
    // A patch that was kept as JSON has null where undefined was.
    if (value !== undefined && value !== null) result[section] = value
    else if (section in result) delete result[section]
  }
  return result as Lead
}
