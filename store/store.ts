/**
 * What is remembered. One interface, one folder per database, the same file names in each.
 *
 * Everything is asynchronous and transactional, so that an embedded file and a shared server fit
 * alike. A store belongs to one realm; realms never see each other. The store knows no business
 * rule: it applies the changes that a decision lists.
 */
import type { ArtefactKind } from '../engine/artefact'
import type { Asking } from '../engine/asking'
import type { Sought } from '../engine/audit/asked'
import type { PrivateEntry, PublicEntry } from '../engine/audit/entry'
import type { TrailEntry } from '../engine/audit/explain'
import type { AT_REST, Decision, LeadPatch, LeadState, StepName, Timer } from '../engine/decision'
import type { ArtefactRef, Lead, Reason } from '../engine/lead/lead'
import type { Retention } from '../engine/retention'
import type { Reads, StoredLead } from '../engine/step'
import type { Cursor, Page } from './page'

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
  /** Of the lead's standing, to be kept with it (engine/lead/standing). */
  readonly knownBy?: string
  /** Absent: the step guards itself, so the entry needs no key to be found by. */
  readonly key?: string
  readonly actor: string
  readonly artefact?: ArtefactRef
  readonly nowMs: number
}

export interface Transaction extends Reads {
  decided(step: StepName, key: string): Asking<DecidedBefore | undefined>
  /** Applies every change of the decision and appends its audit entry. */
  commit(commit: Commit): Asking<void>
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
  /** Id of the rep who has it, or had it last in this cycle. */
  readonly rep?: string
  /** Ids of the reps to whom it is offered now. */
  readonly offeredTo?: readonly string[]
  readonly pool?: string
  readonly account?: string
  /** When its first-touch clock runs out or ran out, epoch ms; absent when that waits for nothing. */
  readonly dueMs?: number
  /** When a waiting lead is tried again, if not before, epoch ms. */
  readonly retryAtMs?: number
  /** Only when asked for; absent when the lead was erased. */
  readonly person?: {
    readonly name?: string
    readonly email?: string
    readonly phone?: string
    readonly company?: string
  }
}

export interface LeadFilter {
  readonly leadId?: string
  /** Who has an open assignment or an open offer of it. */
  readonly rep?: string
  readonly accountId?: string
  /** Tell whose lead it is. */
  readonly person?: boolean
  /** `sinceMs` and id of the last one of the page before. */
  readonly after?: Cursor<string>
}

export interface Census {
  readonly byState: Readonly<Partial<Record<LeadState, number>>>
  /** Accepted events whose lead is still on its way, dead letters included. */
  readonly underway: number
  /** Of these, the events that were given up after too many attempts. */
  readonly dead: number
  readonly entries: number
}

/**
 * Whose work a node takes: its own, and that of nodes that are gone. `of` says which of theirs: the
 * policies of timers, the source systems of leads.
 */
export interface Scope {
  readonly nodeId: string
  readonly adopted: readonly string[]
  readonly of: readonly string[]
}

export interface TakeUp {
  readonly nowMs: number
  readonly limit: number
  /** An event that was taken up so often becomes a dead letter instead. */
  readonly attemptsMax: number
  /** What this process carries since before this moment (epoch ms) counts as cut off, too. */
  readonly carriedBeforeMs?: number
}

/** A lead on its way that nobody carried any more; from now on this process does. */
export interface TakenUp {
  /** As it came in. */
  readonly lead: Lead
  /** How often it was taken up, this time included. */
  readonly attempt: number
}

export interface CutOff {
  readonly reason: string
  readonly nowMs: number
  /** Before the first further attempt. */
  readonly pauseMs: number
}

export interface DueTimer extends StoredLead {
  readonly timer: Timer
}

/** An event that was given up: its lead stands where it was left, until somebody sends it on again. */
export interface DeadLetter {
  readonly leadId: string
  /** The key of the event. */
  readonly event: string
  readonly nodeId: string
  readonly attempts: number
  readonly reason: string
  /** Given up at, epoch ms. */
  readonly sinceMs: number
}

/**
 * What stands under a node's name (timers of clocks, timers of offers, leads on their way) and can only
 * go on there, or with a node that does the same. Leads that wait stand under their policy alone.
 */
export interface Home {
  readonly kind: 'timers' | 'offers' | 'leads' | 'waiting'
  /** Empty for leads that wait. */
  readonly nodeId: string
  /** The policy, or the source system. */
  readonly of: string
  readonly count: number
}

/** Size and lag, for people and for monitoring: numbers only, nothing personal. */
export interface Figures {
  /** On disk, of the whole store. */
  readonly bytes: number
  readonly leads: number
  readonly entries: number
  readonly underway: number
  /** How long the oldest of them is on its way, ms; so for the others. */
  readonly underwayMs: number
  readonly dead: number
  readonly waiting: number
  readonly waitingMs: number
  /** Pending timers, and how many of them are due. */
  readonly timers: number
  readonly overdue: number
  readonly overdueMs: number
  /** By retention: leads that are tombstones, entries without their private part. */
  readonly erasedLeads: number
  readonly erasedEntries: number
  /** Whose time is over: what retention looks at next. What is under way among it stays. */
  readonly expiredLeads: number
  readonly expiredEntries: number
}

export interface DormantLead {
  readonly lead: Lead
  /** See Reads.dormant. */
  readonly keys: readonly string[]
}

export interface Backup {
  readonly file: string
  readonly bytes: number
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
  /** Leads or timers may have lost who carried them. */
  readonly orphans?: boolean
}

/** Of a version of a contract or policy. */
export interface FirstUse {
  readonly hash: string
  /** Epoch ms. */
  readonly atMs: number
}

export interface CachedAnswer {
  readonly values: Readonly<Record<string, unknown>>
  readonly observedAtMs: number
}

export interface Store {
  readonly realm: string
  /**
   * Carries out `body` with the scopes locked, and resolves when what it committed is durable. `body`
   * may ask the transaction and nothing else. When it throws, nothing of it stays.
   */
  transaction<T>(
    scopes: readonly string[],
    body: (tx: Transaction) => Asking<T>,
    way?: Way<T>,
  ): Promise<T>
  lead(leadId: string): Promise<StoredLead | undefined>

  // Claims. What a process claims is its own until it gives it back, closes, or is silent for
  // longer than its lease; then another may have it. Who accepts an event claims it by that.

  /** Takes up leads on their way that nobody carries, oldest event first; gives up on some. */
  claimUnderway(scope: Scope, how: TakeUp): Promise<readonly TakenUp[]>
  /**
   * A fault cut off the event's way here: it is to be taken up again after a pause, which doubles
   * with each attempt. Says nothing about an event that is done, or that another process carries.
   */
  cutOff(event: string, why: CutOff): Promise<void>
  /**
   * Leads that wait for a rep under one of the policies and that nobody else is trying, oldest first. Trying
   * one in vain does not move it, so that a pass over all of them comes to an end.
   */
  claimWaiting(
    policies: readonly string[],
    limit: number,
    after?: Cursor<string>,
  ): Promise<Page<Lead, string>>
  releaseWaiting(leadIds: readonly string[]): Promise<void>
  /** When the first lead that waits under these policies is worth another try because of time, epoch ms. */
  nextRetryMs(policies: readonly string[]): Promise<number | undefined>
  /** Timers that are due, in the order in which they are, each with its lead as it stands. */
  claimTimers(scope: Scope, nowMs: number, limit: number): Promise<readonly DueTimer[]>
  /** When the first timer is due after `afterMs` that is nobody else's, epoch ms. */
  nextTimerMs(scope: Scope, afterMs: number): Promise<number | undefined>
  /**
   * Timers that have fired and whose message may not have been sent, as the process ended in between:
   * each with its lead as the firing left it. `inHand`: those whose message the caller is sending.
   */
  claimOutbox(
    scope: Scope,
    inHand: ReadonlySet<string>,
    limit: number,
  ): Promise<readonly DueTimer[]>
  /** The messages of these timers have been sent. */
  sent(timerIds: readonly string[]): Promise<void>
  /** Where the pending timers, the leads on their way and those that wait belong. */
  homes(): Promise<readonly Home[]>
  deadLetters(limit: number): Promise<readonly DeadLetter[]>
  /** Lets dead letters be taken up again, one by its lead or all; returns how many. */
  redrive(leadId: string | undefined): Promise<number>
  /** How often at least to look for work that lost who carried it, ms. */
  readonly lookEveryMs: number

  cached(provider: string, key: string, nowMs: number): Promise<CachedAnswer | undefined>
  remember(provider: string, key: string, answer: CachedAnswer, expiresMs: number): Promise<void>
  /** Keeps the text of a contract or policy version, so that old decisions stay explainable. */
  saveArtefact(kind: ArtefactKind, ref: ArtefactRef, text: string, nowMs: number): Promise<void>
  /** The text that was first used under this name and version, whatever its realm. */
  firstUse(
    kind: ArtefactKind,
    of: Pick<ArtefactRef, 'name' | 'version'>,
  ): Promise<FirstUse | undefined>
  /** The lead that the first of these leads to, if one does. */
  find(sought: readonly Sought[]): Promise<string | undefined>
  /**
   * The trail of a lead, oldest first. What was noted of an event before dedupe found whose it is stands
   * under another id, and is part of it, as long as the details of that decision are kept.
   */
  trail(leadId: string): Promise<readonly TrailEntry[]>
  entriesAfter(seq: number, limit: number): Promise<readonly TrailEntry[]>
  /** Recomputes every leaf and the root; `expected` proves the log against an earlier checkpoint. */
  verify(expected?: Checkpoint): Promise<VerifyReport>
  census(): Promise<Census>
  /** Leads in a state, or in any, which the filter then has to narrow; those that stand so longest first. */
  leads(
    state: LeadState | undefined,
    limit: number,
    filter?: LeadFilter,
  ): Promise<readonly LeadSummary[]>
  /**
   * Forgets the realm's expired intake keys, cached answers and tallies, and keys and answers from before
   * `keptFromMs`, however long they should live: they may name a lead that was erased. For entries and
   * leads see ./retain.
   */
  forget(nowMs: number, keptFromMs?: number): Promise<void>
  /** Leads that stand at rest in `state` and are dormant (see Reads), by how long they stand so. */
  dormantLeads(
    state: (typeof AT_REST)[number],
    beforeMs: number,
    after: Cursor<string> | undefined,
    limit: number,
  ): Promise<Page<DormantLead, string>>
  /** Places of entries from before `beforeMs` that have a private part and whose lead is at rest, oldest first. */
  expiredEntries(
    beforeMs: number,
    after: Cursor<number> | undefined,
    limit: number,
  ): Promise<Page<number, number>>
  /** Returns a function that ends the subscription. Listeners run after the commit. */
  subscribe(listener: (event: StoreEvent) => void): () => void
  /** Without periods nothing expires. */
  figures(nowMs: number, retention?: Retention): Promise<Figures>
  /**
   * Makes a consistent copy while the store goes on; `to` is a file, and has a default. Throws
   * LEAD_BACKUP_FAILED, also for a store that is backed up with tools of its own.
   */
  backup(to: string | undefined, nowMs: number): Promise<Backup>
  /** Resolves when the store can be written to. */
  ping(): Promise<void>
  /** True when this store will not work again, and has to be opened anew. */
  readonly broken: boolean
  close(): Promise<void>
}

export type { PrivateEntry, PublicEntry, TrailEntry }
