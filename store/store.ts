/**
 * What is remembered. One interface, one folder per database, the same file names in each.
 *
 * Everything is asynchronous and transactional, so that an embedded file and a shared server fit
 * alike. A store belongs to one realm; realms never see each other. The store knows no business
 * rule: it applies the changes that a decision lists.
 */
import type { PrivateEntry, PublicEntry } from '../engine/audit/entry'
import type { TrailEntry } from '../engine/audit/explain'
import type { Decision, LeadPatch, LeadState, StepName, Timer } from '../engine/decision'
import type { ArtefactRef, Lead, Reason } from '../engine/lead/lead'
import type { Reads } from '../engine/step'

/** A decision as it was committed before, without its changes: they were applied then. */
export interface DecidedBefore {
  readonly outcome: string
  readonly patch: LeadPatch
  readonly because: readonly Reason[]
}

export interface Commit {
  readonly decision: Decision
  /** The lead after the decision's patch. */
  readonly lead: Lead
  /** The lead before it, to be kept with the entry for a replay. */
  readonly before?: Lead
  /** Absent: the step guards itself, so the entry needs no key to be found by. */
  readonly key?: string
  readonly actor: string
  readonly artefact?: ArtefactRef
  readonly nowMs: number
}

export interface Transaction extends Reads {
  decided(step: StepName, key: string): Promise<DecidedBefore | undefined>
  /** Applies every change of the decision and appends its audit entry. */
  commit(commit: Commit): Promise<void>
}

/** A message on its way through the steps, whose next station may not have to wait for the disk. */
export interface Way<T> {
  /** The event that the message brings. */
  readonly event: string
  /**
   * Whether the message goes straight on to another step of this store, and to nothing else. Then a
   * store that orders its commits may answer before this one is on disk. Should it not get there, the
   * event's next transaction is refused, until `underway` has given the event out again.
   */
  ahead(value: T): boolean
}

export interface LeadSummary {
  readonly id: string
  readonly state: LeadState
  readonly reason: string
  /** Since when it stands so, epoch ms. */
  readonly sinceMs: number
}

export interface Census {
  readonly byState: Readonly<Partial<Record<LeadState, number>>>
  /** Accepted events whose lead is still on its way. */
  readonly underway: number
  readonly entries: number
}

export interface VerifyReport {
  readonly ok: boolean
  readonly entries: number
  /** Root of the tree over all entries, hex (RFC 6962). */
  readonly root: string
  /** Entries whose personal part was erased. */
  readonly erased: number
  /** What does not hold, at most 20 sentences. */
  readonly faults: readonly string[]
}

/** A size and root that somebody noted earlier, to prove that nothing before it changed. */
export interface Checkpoint {
  readonly entries: number
  readonly root: string
}

/** Periods that began longer ago are over: the longest is a week. */
export const TALLIES_KEPT_MS = 14 * 86_400_000

export interface StoreEvent {
  /** Entries were appended up to this one. */
  readonly lastSeq: number
  /** Capacity was given back. */
  readonly freed: boolean
  /** Timers were set or cancelled. */
  readonly timers: boolean
}

export interface CachedAnswer {
  readonly values: Readonly<Record<string, unknown>>
  readonly observedAtMs: number
}

export interface Store {
  readonly realm: string
  /**
   * Runs `body` with the scopes locked, and resolves when what it committed is durable. `body` may
   * only await the transaction itself. When it throws, nothing of it stays.
   */
  transaction<T>(
    scopes: readonly string[],
    body: (tx: Transaction) => Promise<T>,
    way?: Way<T>,
  ): Promise<T>
  lead(leadId: string): Promise<{ readonly lead: Lead; readonly state: LeadState } | undefined>
  /** Accepted events that are not done, oldest first, with the lead as it came in. */
  underway(nodeId: string, acceptedBeforeMs: number, limit: number): Promise<readonly Lead[]>
  /** Leads that wait for a rep, oldest first. */
  waiting(limit: number): Promise<readonly Lead[]>
  /** When the first waiting lead is worth another try because of time, epoch ms. */
  nextRetryMs(): Promise<number | undefined>
  dueTimers(nodeId: string, nowMs: number, limit: number): Promise<readonly Timer[]>
  nextTimerMs(nodeId: string): Promise<number | undefined>
  cached(provider: string, key: string, nowMs: number): Promise<CachedAnswer | undefined>
  remember(provider: string, key: string, answer: CachedAnswer, expiresMs: number): Promise<void>
  /** Keeps the text of a contract or policy version, so that old decisions stay explainable. */
  saveArtefact(
    kind: 'contract' | 'policy',
    ref: ArtefactRef,
    text: string,
    nowMs: number,
  ): Promise<void>
  /** The trail of a lead, oldest first. */
  trail(leadId: string): Promise<readonly TrailEntry[]>
  entriesAfter(seq: number, limit: number): Promise<readonly TrailEntry[]>
  /** Recomputes every leaf and the root; `expected` proves the log against an earlier checkpoint. */
  verify(expected?: Checkpoint): Promise<VerifyReport>
  census(): Promise<Census>
  leads(state: LeadState, limit: number): Promise<readonly LeadSummary[]>
  /** Forgets the realm's expired intake keys, cached answers and tallies; entries and leads stay. */
  forget(nowMs: number): Promise<void>
  /** Returns a function that ends the subscription. Listeners run after the commit. */
  subscribe(listener: (event: StoreEvent) => void): () => void
  close(): Promise<void>
}

export type { PrivateEntry, PublicEntry, TrailEntry }
