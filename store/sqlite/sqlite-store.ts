/**
 * The embedded store: SQLite through `node:sqlite`, one process, nothing to install.
 *
 * Steps read from memory and a reading connection; a thread of its own writes (./writer), many
 * commits with one fsync. Questions from outside a step see what is on disk.
 */
import type { LeadState, Timer } from '../../engine/decision'
import { LeadFault } from '../../engine/faults'
import type { ArtefactRef, Lead } from '../../engine/lead/lead'
import { withStanding } from '../../engine/lead/standing'
import type { StoredLead } from '../../engine/step'
import {
  type CachedAnswer,
  type Census,
  type Checkpoint,
  type Commit,
  type LeadSummary,
  type Store,
  type StoreEvent,
  TALLIES_KEPT_MS,
  type TrailEntry,
  type Transaction,
  type VerifyReport,
  type Way,
} from '../store'
import { assertAllowed, sealed } from './apply'
import { AuditLog } from './audit-log'
import type { Database } from './database'
import { SqliteFile } from './file'
import { SqliteReads } from './reads'
import type { Realm } from './realm'
import type { Draft } from './transactions'

class SqliteTransaction extends SqliteReads implements Transaction {
  readonly #draft: Draft

  constructor(database: Database, { name, recent, mirror }: Realm, draft: Draft) {
    super(database, name, recent, mirror)
    this.#draft = draft
  }

  async commit(commit: Commit): Promise<void> {
    assertAllowed(this, commit.decision.changes)
    this.#draft.commits.push(sealed(commit))
  }
}

export class SqliteStore implements Store {
  readonly #file: SqliteFile
  readonly #realm: Realm
  readonly #log: AuditLog
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
  }

  /** The scopes need no locks of their own: see Transactions. */
  transaction<T>(
    _scopes: readonly string[],
    body: (tx: Transaction) => Promise<T>,
    way?: Way<T>,
  ): Promise<T> {
    return this.#run(
      (draft) => body(new SqliteTransaction(this.#file.database, this.#realm, draft)),
      way,
    )
  }

  lead(leadId: string): Promise<StoredLead | undefined> {
    return this.transaction([], (tx) => tx.lead(leadId))
  }

  async underway(nodeId: string, acceptedBeforeMs: number, limit: number): Promise<Lead[]> {
    const rows = await this.#all<{ body: string }>(
      `SELECT body FROM intake
       WHERE realm = ? AND node_id = ? AND accepted_at < ? AND body IS NOT NULL
       ORDER BY accepted_at, key LIMIT ?`,
      nodeId,
      acceptedBeforeMs,
      limit,
    )
    const leads = rows.map(({ body }) => JSON.parse(body) as Lead)
    this.#file.transactions.restarted(leads.map(({ event }) => event.id))
    return leads
  }

  async waiting(limit: number): Promise<Lead[]> {
    const rows = await this.#all<{ body: string; standing: string }>(
      `SELECT body, standing FROM standings JOIN leads USING (realm, id)
       WHERE realm = ? AND state = 'waiting' ORDER BY since, id LIMIT ?`,
      limit,
    )
    return rows.map(({ body, standing }) => withStanding(JSON.parse(body), JSON.parse(standing)))
  }

  async nextRetryMs(): Promise<number | undefined> {
    const [row] = await this.#all<{ next: number | null }>(
      "SELECT MIN(retry_at) AS next FROM standings WHERE realm = ? AND state = 'waiting'",
    )
    return row?.next ?? undefined
  }

  async dueTimers(nodeId: string, nowMs: number, limit: number): Promise<Timer[]> {
    const rows = await this.#all<{ body: string }>(
      `SELECT body FROM timers WHERE realm = ? AND node_id = ? AND due_at <= ?
       ORDER BY due_at, id LIMIT ?`,
      nodeId,
      nowMs,
      limit,
    )
    return rows.map(({ body }) => JSON.parse(body) as Timer)
  }

  async nextTimerMs(nodeId: string): Promise<number | undefined> {
    const [row] = await this.#all<{ next: number | null }>(
      'SELECT MIN(due_at) AS next FROM timers WHERE realm = ? AND node_id = ?',
      nodeId,
    )
    return row?.next ?? undefined
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
    kind: 'contract' | 'policy',
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

  async trail(leadId: string): Promise<TrailEntry[]> {
    await this.#flushed()
    return this.#log.trail(leadId)
  }

  async entriesAfter(seq: number, limit: number): Promise<TrailEntry[]> {
    await this.#flushed()
    return this.#log.entriesAfter(seq, limit)
  }

  async verify(expected?: Checkpoint): Promise<VerifyReport> {
    await this.#flushed()
    return this.#log.verify(expected)
  }

  async census(): Promise<Census> {
    const rows = await this.#all<{ state: LeadState; n: number }>(
      'SELECT state, COUNT(*) AS n FROM standings WHERE realm = ? GROUP BY state',
    )
    const [underway] = await this.#all<{ n: number }>(
      'SELECT COUNT(*) AS n FROM intake WHERE realm = ? AND body IS NOT NULL',
    )
    return {
      byState: Object.fromEntries(rows.map(({ state, n }) => [state, n])),
      underway: underway?.n ?? 0,
      entries: this.#log.size,
    }
  }

  leads(state: LeadState, limit: number): Promise<LeadSummary[]> {
    return this.#all<LeadSummary>(
      `SELECT id, state, reason, since AS sinceMs FROM standings
       WHERE realm = ? AND state = ? ORDER BY since, id LIMIT ?`,
      state,
      limit,
    )
  }

  async forget(nowMs: number): Promise<void> {
    await this.#write(
      'DELETE FROM intake WHERE realm = ? AND body IS NULL AND expires_at <= ?',
      this.realm,
      nowMs,
    )
    await this.#write('DELETE FROM answers WHERE realm = ? AND expires_at <= ?', this.realm, nowMs)
    await this.#write(
      'DELETE FROM tallies WHERE realm = ? AND from_at < ?',
      this.realm,
      nowMs - TALLIES_KEPT_MS,
    )
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

  close(): Promise<void> {
    this.#closing ??= this.#file.release(this.#realm)
    return this.#closing
  }

  /** The file may stay open for another store of this process when this one is closed. */
  #run<T>(body: (draft: Draft) => Promise<T>, way?: Way<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(new LeadFault('LEAD_STORE_CLOSED'))
    return this.#file.transactions.run(this.#realm, body, way)
  }

  #flushed(): Promise<void> {
    return this.#run(async () => {})
  }

  /** What is on disk, after everything committed before has got there. The realm is the first value. */
  async #all<Row>(sql: string, ...values: (string | number)[]): Promise<Row[]> {
    await this.#flushed()
    return this.#file.database.all<Row>(sql, this.realm, ...values)
  }

  #write(sql: string, ...values: (string | number | null)[]): Promise<void> {
    return this.#run(async (draft) => {
      draft.writes.push({ sql, values })
    })
  }
}
