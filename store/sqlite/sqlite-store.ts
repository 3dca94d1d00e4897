/** The embedded store: SQLite through `node:sqlite`, one process, nothing to install. */
import type { Change, LeadState, StepName, Timer } from '../../engine/decision'
import type { ArtefactRef, Lead } from '../../engine/lead/lead'
import type { StoredLead } from '../../engine/step'
import type {
  CachedAnswer,
  Census,
  Checkpoint,
  Commit,
  DecidedBefore,
  LeadSummary,
  Store,
  StoreEvent,
  TrailEntry,
  Transaction,
  VerifyReport,
} from '../store'
import { applyChange } from './apply'
import { AuditLog } from './audit-log'
import { Database } from './database'
import { GroupCommit } from './group-commit'
import { SqliteReads } from './reads'

const FREES: ReadonlySet<Change['kind']> = new Set(['assignment.close'])
const TIMERS: ReadonlySet<Change['kind']> = new Set(['timer.set', 'timers.cancel', 'timer.fired'])

class SqliteTransaction extends SqliteReads implements Transaction {
  constructor(
    database: Database,
    realm: string,
    readonly log: AuditLog,
    readonly noted: (kinds: readonly Change['kind'][]) => void,
  ) {
    super(database, realm)
  }

  async decided(step: StepName, key: string): Promise<DecidedBefore | undefined> {
    return this.log.decided(step, key)
  }

  async commit(commit: Commit): Promise<void> {
    const { decision, lead, nowMs } = commit
    const context = {
      database: this.database,
      realm: this.realm,
      lead,
      body: JSON.stringify(lead),
      nowMs,
    }
    for (const change of decision.changes) applyChange(context, change)
    this.log.append(commit)
    this.noted(decision.changes.map(({ kind }) => kind))
  }
}

export class SqliteStore implements Store {
  readonly #database: Database
  readonly #log: AuditLog
  readonly #commits: GroupCommit
  readonly #tx: SqliteTransaction
  readonly #listeners = new Set<(event: StoreEvent) => void>()
  #freed = false
  #timers = false

  /** Opens or creates `file`; throws LEAD_STORE_UNAVAILABLE or LEAD_STORE_NEWER. */
  static open(file: string, realm: string): SqliteStore {
    return new SqliteStore(new Database(file), realm)
  }

  private constructor(
    database: Database,
    readonly realm: string,
  ) {
    this.#database = database
    this.#log = new AuditLog(database, realm)
    this.#tx = new SqliteTransaction(database, realm, this.#log, (kinds) => {
      this.#freed ||= kinds.some((kind) => FREES.has(kind))
      this.#timers ||= kinds.some((kind) => TIMERS.has(kind))
    })
    this.#commits = new GroupCommit(database, {
      afterBegin: () => {
        this.#log.refresh()
      },
      mark: () => this.#log.mark(),
      undo: (mark) => {
        this.#log.undo(mark as number)
      },
      beforeCommit: () => {
        this.#log.grow()
      },
      afterCommit: () => {
        this.#tell()
      },
      afterRollback: () => {
        this.#log.reset()
      },
    })
  }

  /** The scopes need no locks of their own: see GroupCommit. */
  transaction<T>(_scopes: readonly string[], body: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#commits.run(() => body(this.#tx))
  }

  lead(leadId: string): Promise<StoredLead | undefined> {
    return this.#tx.lead(leadId)
  }

  async underway(nodeId: string, acceptedBeforeMs: number, limit: number): Promise<Lead[]> {
    return this.#database
      .all<{ body: string }>(
        `SELECT body FROM intake
         WHERE realm = ? AND node_id = ? AND accepted_at < ? AND body IS NOT NULL
         ORDER BY accepted_at, key LIMIT ?`,
        this.realm,
        nodeId,
        acceptedBeforeMs,
        limit,
      )
      .map(({ body }) => JSON.parse(body) as Lead)
  }

  async waiting(limit: number): Promise<Lead[]> {
    return this.#database
      .all<{ body: string }>(
        "SELECT body FROM leads WHERE realm = ? AND state = 'waiting' ORDER BY since, id LIMIT ?",
        this.realm,
        limit,
      )
      .map(({ body }) => JSON.parse(body) as Lead)
  }

  async nextRetryMs(): Promise<number | undefined> {
    const row = this.#database.get<{ next: number | null }>(
      "SELECT MIN(retry_at) AS next FROM leads WHERE realm = ? AND state = 'waiting'",
      this.realm,
    )
    return row?.next ?? undefined
  }

  async dueTimers(nodeId: string, nowMs: number, limit: number): Promise<Timer[]> {
    return this.#database
      .all<{ body: string }>(
        `SELECT body FROM timers WHERE realm = ? AND node_id = ? AND due_at <= ?
         ORDER BY due_at, id LIMIT ?`,
        this.realm,
        nodeId,
        nowMs,
        limit,
      )
      .map(({ body }) => JSON.parse(body) as Timer)
  }

  async nextTimerMs(nodeId: string): Promise<number | undefined> {
    const row = this.#database.get<{ next: number | null }>(
      'SELECT MIN(due_at) AS next FROM timers WHERE realm = ? AND node_id = ?',
      this.realm,
      nodeId,
    )
    return row?.next ?? undefined
  }

  async cached(provider: string, key: string, nowMs: number): Promise<CachedAnswer | undefined> {
    const row = this.#database.get<{ body: string; observed_at: number }>(
      'SELECT body, observed_at FROM answers WHERE provider = ? AND key = ? AND expires_at > ?',
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
    return this.#commits.run(async () => {
      this.#database.run(
        'INSERT OR REPLACE INTO answers (provider, key, observed_at, expires_at, body) VALUES (?, ?, ?, ?, ?)',
        provider,
        key,
        observedAtMs,
        expiresMs,
        JSON.stringify(values),
      )
    })
  }

  saveArtefact(
    kind: 'contract' | 'policy',
    { hash, name, version }: ArtefactRef,
    text: string,
    nowMs: number,
  ): Promise<void> {
    return this.#commits.run(async () => {
      this.#database.run(
        'INSERT OR IGNORE INTO artefacts (kind, hash, name, version, first_used, body) VALUES (?, ?, ?, ?, ?, ?)',
        kind,
        hash,
        name,
        version,
        nowMs,
        text,
      )
    })
  }

  async trail(leadId: string): Promise<TrailEntry[]> {
    return this.#log.trail(leadId)
  }

  async entriesAfter(seq: number, limit: number): Promise<TrailEntry[]> {
    return this.#log.entriesAfter(seq, limit)
  }

  /** Runs between two groups, so that it sees a log that nobody is growing. */
  verify(expected?: Checkpoint): Promise<VerifyReport> {
    return this.#commits.run(async () => this.#log.verify(expected))
  }

  async census(): Promise<Census> {
    const rows = this.#database.all<{ state: LeadState; n: number }>(
      'SELECT state, COUNT(*) AS n FROM leads WHERE realm = ? GROUP BY state',
      this.realm,
    )
    const underway = this.#database.get<{ n: number }>(
      'SELECT COUNT(*) AS n FROM intake WHERE realm = ? AND body IS NOT NULL',
      this.realm,
    )
    return {
      byState: Object.fromEntries(rows.map(({ state, n }) => [state, n])),
      underway: underway?.n ?? 0,
      entries: this.#log.size,
    }
  }

  async leads(state: LeadState, limit: number): Promise<LeadSummary[]> {
    return this.#database.all<LeadSummary>(
      `SELECT id, state, reason, since AS sinceMs FROM leads
       WHERE realm = ? AND state = ? ORDER BY since, id LIMIT ?`,
      this.realm,
      state,
      limit,
    )
  }

  forget(nowMs: number): Promise<void> {
    return this.#commits.run(async () => {
      this.#database.run('DELETE FROM intake WHERE body IS NULL AND expires_at <= ?', nowMs)
      this.#database.run('DELETE FROM answers WHERE expires_at <= ?', nowMs)
    })
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  async close(): Promise<void> {
    await this.#commits.close()
    this.#listeners.clear()
    this.#database.close()
  }

  #tell(): void {
    const event: StoreEvent = {
      lastSeq: this.#log.size - 1,
      freed: this.#freed,
      timers: this.#timers,
    }
    this.#freed = false
    this.#timers = false
    for (const listener of this.#listeners) {
      // A listener of one node must not keep the others, or the callers, from their news.
      queueMicrotask(() => {
        listener(event)
      })
    }
  }
}
