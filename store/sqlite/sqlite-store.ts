/**
 * The embedded store: SQLite through `node:sqlite`, one process, nothing to install.
 *
 * Steps read from memory and a reading connection; a thread of its own writes (./writer), many
 * commits with one fsync. Questions from outside a step see what is on disk.
 */
import type { ArtefactKind } from '../../engine/artefact'
import { type Asking, carryOut, known } from '../../engine/asking'
import type { Sought } from '../../engine/audit/asked'
import type { LeadState } from '../../engine/decision'
import { LeadFault } from '../../engine/faults'
import type { ArtefactRef, Lead } from '../../engine/lead/lead'
import type { Retention } from '../../engine/retention'
import type { StoredLead } from '../../engine/step'
import type { Cursor, Page } from '../page'
import {
  type Backup,
  type CachedAnswer,
  type Census,
  type Checkpoint,
  type Commit,
  type CutOff,
  type DeadLetter,
  type DormantLead,
  type DueTimer,
  type Figures,
  type FirstUse,
  type Home,
  type LeadFilter,
  type LeadSummary,
  type Scope,
  type Store,
  type StoreEvent,
  TALLIES_KEPT_MS,
  type TakenUp,
  type TakeUp,
  type TrailEntry,
  type Transaction,
  type VerifyReport,
  type Way,
} from '../store'
import { assertAllowed, sealed } from './apply'
import { AuditLog } from './audit-log'
import { backup } from './backup'
import { Claims } from './claims'
import type { Database } from './database'
import { SqliteFile } from './file'
import { findLead, leadsQuestion, listLeads } from './leads'
import type { Answer, Details, Question } from './questions'
import { SqliteReads } from './reads'
import type { Realm } from './realm'
import { dormantLeads, expiredPage } from './retention'
import type { Draft } from './transactions'

class SqliteTransaction extends SqliteReads implements Transaction {
  readonly #draft: Draft

  constructor(database: Database, { name, recent, mirror }: Realm, draft: Draft) {
    super(database, name, recent, mirror)
    this.#draft = draft
  }

  commit(commit: Commit): Asking<void> {
    assertAllowed(this, commit.decision.changes)
    this.#draft.commits.push(sealed(commit))
    return known(undefined)
  }
}

export class SqliteStore implements Store {
  readonly #file: SqliteFile
  readonly #realm: Realm
  readonly #log: AuditLog
  readonly #claims: Claims
  /** One process has the file: only what a fault cut off is to be found. */
  readonly lookEveryMs = 5_000
  #closing: Promise<void> | undefined

  /** Opens or creates `file`; throws LEAD_STORE_UNAVAILABLE or LEAD_STORE_NEWER. */
  static open(file: string, realm: string): SqliteStore {
    return new SqliteStore(SqliteFile.open(file), realm)
  }

  private constructor(
    file: SqliteFile,
    readonly realm: string,
  ) {
    this.#file = file
    this.#realm = file.realm(realm)
    this.#log = new AuditLog(file.database, realm)
    this.#claims = new Claims({
      realm: this.#realm,
      database: file.database,
      run: (body) => this.#run(body),
    })
  }

  get broken(): boolean {
    return this.#file.broken
  }

  /** The scopes need no locks of their own: see Transactions. */
  transaction<T>(
    _scopes: readonly string[],
    body: (tx: Transaction) => Asking<T>,
    way?: Way<T>,
  ): Promise<T> {
    return this.#run((draft) => {
      const tx = new SqliteTransaction(this.#file.database, this.#realm, draft)
      const value = atOnce(body(tx))
      for (const { commit } of draft.commits)
        this.#claims.note(commit.decision.changes, commit.nowMs, draft.writes)
      return value
    }, way)
  }

  lead(leadId: string): Promise<StoredLead | undefined> {
    return this.transaction([], (tx) => tx.lead(leadId))
  }

  async claimUnderway(scope: Scope, how: TakeUp): Promise<TakenUp[]> {
    const taken = await this.#claims.underway(scope, how)
    this.#file.transactions.restarted(taken.map(({ lead }) => lead.event.id))
    return taken
  }

  cutOff(event: string, why: CutOff): Promise<void> {
    return this.#claims.cutOff(event, why)
  }

  claimWaiting(
    policies: readonly string[],
    limit: number,
    after?: Cursor<string>,
  ): Promise<Page<Lead, string>> {
    return this.#claims.waiting(policies, limit, after)
  }

  releaseWaiting(leadIds: readonly string[]): Promise<void> {
    return this.#claims.releaseWaiting(leadIds)
  }

  nextRetryMs(policies: readonly string[]): Promise<number | undefined> {
    return this.#claims.nextRetryMs(policies)
  }

  claimTimers(scope: Scope, nowMs: number, limit: number): Promise<DueTimer[]> {
    return this.#claims.timers(scope, nowMs, limit)
  }

  nextTimerMs(scope: Scope, afterMs: number): Promise<number | undefined> {
    return this.#claims.nextTimerMs(scope, afterMs)
  }

  claimOutbox(scope: Scope, inHand: ReadonlySet<string>, limit: number): Promise<DueTimer[]> {
    return this.#claims.outbox(scope, inHand, limit)
  }

  sent(timerIds: readonly string[]): Promise<void> {
    return this.#claims.sent(timerIds)
  }

  homes(): Promise<Home[]> {
    return this.#ask('homes')
  }

  deadLetters(limit: number): Promise<DeadLetter[]> {
    return this.#claims.dead(limit)
  }

  async redrive(leadId: string | undefined): Promise<number> {
    const count = await this.#claims.redrive(leadId)
    if (count > 0) this.#suspect()
    return count
  }

  async cached(provider: string, key: string, nowMs: number): Promise<CachedAnswer | undefined> {
    if (this.#closing !== undefined) throw new LeadFault('LEAD_STORE_CLOSED')
    const row = this.#file.database.get<{ body: string; observed_at: number }>(
      `SELECT body, observed_at FROM answers
       WHERE realm = ? AND provider = ? AND key = ? AND expires_at > ?`,
      this.realm,
      provider,
      key,
      nowMs,
    )
    return row && { values: JSON.parse(row.body), observedAtMs: row.observed_at }
  }

  remember(
    provider: string,
    key: string,
    { values, observedAtMs }: CachedAnswer,
    expiresMs: number,
  ): Promise<void> {
    return this.#write(
      `INSERT OR REPLACE INTO answers (realm, provider, key, observed_at, expires_at, body)
       VALUES (?, ?, ?, ?, ?, ?)`,
      this.realm,
      provider,
      key,
      observedAtMs,
      expiresMs,
      JSON.stringify(values),
    )
  }

  saveArtefact(
    kind: ArtefactKind,
    { hash, name, version }: ArtefactRef,
    text: string,
    nowMs: number,
  ): Promise<void> {
    return this.#write(
      'INSERT OR IGNORE INTO artefacts (kind, hash, name, version, first_used, body) VALUES (?, ?, ?, ?, ?, ?)',
      kind,
      hash,
      name,
      version,
      nowMs,
      text,
    )
  }

  async find(sought: readonly Sought[]): Promise<string | undefined> {
    await this.#flushed()
    return findLead(this.#file.database, this.realm, sought)
  }

  async firstUse(
    kind: ArtefactKind,
    { name, version }: Pick<ArtefactRef, 'name' | 'version'>,
  ): Promise<FirstUse | undefined> {
    await this.#flushed()
    return this.#file.database.get<FirstUse>(
      `SELECT hash, first_used AS atMs FROM artefacts
       WHERE kind = ? AND name = ? AND version = ? ORDER BY first_used, hash LIMIT 1`,
      kind,
      name,
      version,
    )
  }

  async trail(leadId: string): Promise<TrailEntry[]> {
    await this.#flushed()
    return this.#log.trail(leadId)
  }

  async entriesAfter(seq: number, limit: number): Promise<TrailEntry[]> {
    await this.#flushed()
    return this.#log.entriesAfter(seq, limit)
  }

  verify(expected?: Checkpoint): Promise<VerifyReport> {
    return this.#ask('verify', expected)
  }

  census(): Promise<Census> {
    return this.#ask('census')
  }

  async leads(
    state: LeadState | undefined,
    limit: number,
    filter: LeadFilter = {},
  ): Promise<LeadSummary[]> {
    await this.#flushed()
    const { accountBook } = this.#realm.reads
    const question = leadsQuestion(this.realm, state, limit, filter, (key) =>
      accountBook.keysOf(key),
    )
    return listLeads(this.#file.database, question, (key) => accountBook.idOf(key))
  }

  async forget(nowMs: number, keptFromMs = Number.MIN_SAFE_INTEGER): Promise<void> {
    await this.#write(
      `DELETE FROM intake
       WHERE realm = ? AND body IS NULL AND (expires_at <= ? OR accepted_at < ?)`,
      this.realm,
      nowMs,
      keptFromMs,
    )
    await this.#write(
      'DELETE FROM answers WHERE realm = ? AND (expires_at <= ? OR observed_at < ?)',
      this.realm,
      nowMs,
      keptFromMs,
    )
    await this.#write(
      'DELETE FROM tallies WHERE realm = ? AND from_at < ?',
      this.realm,
      nowMs - TALLIES_KEPT_MS,
    )
    await this.#write(
      `DELETE FROM attempts WHERE realm = ?1 AND key NOT IN
         (SELECT key FROM intake WHERE realm = ?1 AND body IS NOT NULL)`,
      this.realm,
    )
  }

  async dormantLeads(
    state: string,
    beforeMs: number,
    after: Cursor<string> | undefined,
    limit: number,
  ): Promise<Page<DormantLead, string>> {
    await this.#flushed()
    return dormantLeads(this.#file.database, this.realm, state, beforeMs, after, limit)
  }

  async expiredEntries(
    beforeMs: number,
    after: Cursor<number> | undefined,
    limit: number,
  ): Promise<Page<number, number>> {
    await this.#flushed()
    return expiredPage(this.#file.database, this.realm, beforeMs, after, limit)
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    const { listeners } = this.#realm
    // A function of its own, so that one listener may subscribe through two stores of one realm.
    const mine = (event: StoreEvent) => {
      listener(event)
    }
    listeners.add(mine)
    return () => {
      listeners.delete(mine)
    }
  }

  figures(nowMs: number, retention?: Retention): Promise<Figures> {
    return this.#ask('figures', nowMs, retention)
  }

  async backup(to: string | undefined, nowMs: number): Promise<Backup> {
    await this.#flushed()
    return backup(this.#file.path, to, nowMs)
  }

  async ping(): Promise<void> {
    await this.#write('UPDATE audit_tree SET size = size WHERE realm = ?', this.realm)
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#claims.leave()
      this.#closing = this.#file.release(this.#realm)
    }
    return this.#closing
  }

  /** The file may stay open for another store of this process when this one is closed. */
  #run<T>(body: (draft: Draft) => T, way?: Way<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(new LeadFault('LEAD_STORE_CLOSED'))
    return this.#file.transactions.run(this.#realm, body, way)
  }

  /** Something may have happened that no commit tells of. */
  #suspect(): void {
    const event: StoreEvent = {
      lastSeq: this.#log.size - 1,
      freed: false,
      timers: false,
      orphans: true,
    }
    for (const listener of this.#realm.listeners)
      queueMicrotask(() => {
        listener(event)
      })
  }

  /** What is asked next is on disk with everything that was committed before. */
  #flushed(): Promise<void> {
    return this.#run(() => {})
  }

  async #ask<Q extends Question>(question: Q, ...details: Details<Q>): Promise<Answer<Q>> {
    await this.#flushed()
    return this.#file.readers.ask(question, this.realm, ...details)
  }

  #write(sql: string, ...values: (string | number | null)[]): Promise<void> {
    return this.#run((draft) => {
      draft.writes.push({ sql, values })
    })
  }
}

/** The work asked nothing but this store, so there is nothing to wait for. */
function atOnce<T>(work: Asking<T>): T {
  const value = carryOut(work)
  if (value instanceof Promise)
    throw new TypeError('a transaction of an embedded store may ask only the transaction')
  return value
}
