/**
 * The embedded store: SQLite through `node:sqlite`, one process, nothing to install.
 *
 * Steps read from memory and a reading connection; a thread of its own writes (./writer), many
 * commits with one fsync. Questions from outside a step see what is on disk.
 */
import type { Change, LeadState } from '../../engine/decision'
import { LeadFault } from '../../engine/faults'
import type { ArtefactRef, Lead } from '../../engine/lead/lead'
import { withStanding } from '../../engine/lead/standing'
import type { StoredLead } from '../../engine/step'
import { StoreOutage } from '../outage'
import {
  type CachedAnswer,
  type Census,
  type Checkpoint,
  type Commit,
  type CutOff,
  type DeadLetter,
  type DueTimer,
  type Home,
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
import { Carrying, SYSTEM, takeUp } from './claims'
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
  readonly #carrying: Carrying
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
    this.#carrying = carryingOf(this.#realm)
  }

  get broken(): boolean {
    return this.#file.broken
  }

  /** The scopes need no locks of their own: see Transactions. */
  transaction<T>(
    _scopes: readonly string[],
    body: (tx: Transaction) => Promise<T>,
    way?: Way<T>,
  ): Promise<T> {
    return this.#run(async (draft) => {
      const value = await body(new SqliteTransaction(this.#file.database, this.#realm, draft))
      for (const { commit } of draft.commits) {
        const { changes } = commit.decision
        this.#carrying.note(changes, this, commit.nowMs)
        for (const change of changes)
          if (this.#endsAttempts(change))
            draft.writes.push({
              sql: 'DELETE FROM attempts WHERE realm = ? AND key = ?',
              values: [this.realm, change.key],
            })
      }
      return value
    }, way)
  }

  /** The event's way has come to its end, or begins anew. Most were never taken up again. */
  #endsAttempts(change: Change): change is Extract<Change, { key: string }> {
    if (change.kind === 'intake.again') return true
    return change.kind === 'intake.done' && this.#carrying.attempted.delete(change.key)
  }

  lead(leadId: string): Promise<StoredLead | undefined> {
    return this.transaction([], (tx) => tx.lead(leadId))
  }

  claimUnderway(scope: Scope, how: TakeUp): Promise<TakenUp[]> {
    return this.#run(async (draft) => {
      const { taken, writes } = await takeUp(
        {
          database: this.#file.database,
          realm: this.realm,
          carrying: this.#carrying,
          carrier: this,
          underway: async (key) => (await this.#realm.reads.intake(key, how.nowMs))?.done === false,
        },
        scope,
        how,
      )
      draft.writes.push(...writes)
      this.#file.transactions.restarted(taken.map(({ lead }) => lead.event.id))
      return taken
    })
  }

  async cutOff(event: string, { reason, nowMs, pauseMs }: CutOff): Promise<void> {
    const { underway, resting, attempted } = this.#carrying
    if (underway.get(event)?.carrier !== this) return
    const [row] = await this.#all<{ attempts: number }>(
      'SELECT attempts FROM attempts WHERE realm = ? AND key = ?',
      event,
    )
    if (!underway.delete(event)) return
    resting.set(event, nowMs + pauseMs * 2 ** (row?.attempts ?? 0))
    attempted.add(event)
    await this.#write(
      `INSERT INTO attempts (realm, key, attempts, fault) VALUES (?, ?, 0, ?)
       ON CONFLICT (realm, key) DO UPDATE SET fault = excluded.fault`,
      this.realm,
      event,
      reason,
    )
  }

  async claimWaiting(policy: string, limit: number): Promise<Lead[]> {
    const rows = await this.#all<{ id: string; body: string; standing: string }>(
      `SELECT id, body, standing FROM standings JOIN leads USING (realm, id)
       WHERE realm = ? AND state = 'waiting'
         AND json_extract(standing, '$.assignment.policy.name') = ? ORDER BY since, id LIMIT ?`,
      policy,
      limit,
    )
    return this.#claimed(this.#carrying.waiting, rows, ({ id }) => id).map(({ body, standing }) =>
      withStanding(JSON.parse(body), JSON.parse(standing)),
    )
  }

  async releaseWaiting(leadIds: readonly string[]): Promise<void> {
    const { waiting } = this.#carrying
    for (const id of leadIds) if (waiting.get(id) === this) waiting.delete(id)
  }

  async nextRetryMs(): Promise<number | undefined> {
    const [row] = await this.#all<{ next: number | null }>(
      "SELECT MIN(retry_at) AS next FROM standings WHERE realm = ? AND state = 'waiting'",
    )
    return row?.next ?? undefined
  }

  async claimTimers(scope: Scope, nowMs: number, limit: number): Promise<DueTimer[]> {
    await this.#flushed()
    const rows = timerNodes(scope).flatMap(([nodeId, policy]) =>
      this.#file.database.all<DueRow>(
        `SELECT timers.id, due_at, timers.body AS timer, state, standing, leads.body
         FROM timers
           JOIN standings ON standings.realm = timers.realm
             AND standings.id = json_extract(timers.body, '$.leadId')
           JOIN leads ON leads.realm = timers.realm AND leads.id = standings.id
         WHERE timers.realm = ? AND node_id = ? AND due_at <= ? AND (policy = ? OR ? IS NULL)
         ORDER BY due_at, timers.id LIMIT ?`,
        this.realm,
        nodeId,
        nowMs,
        policy,
        policy,
        limit,
      ),
    )
    const due = rows.sort(byTime).slice(0, limit)
    return this.#claimed(this.#carrying.timers, due, ({ id }) => id).map(
      ({ timer, state, standing, body }) => ({
        timer: JSON.parse(timer),
        lead: withStanding(JSON.parse(body), JSON.parse(standing)),
        state,
      }),
    )
  }

  async nextTimerMs(scope: Scope): Promise<number | undefined> {
    await this.#flushed()
    const next = timerNodes(scope).flatMap(([nodeId, policy]) =>
      this.#file.database.all<{ due_at: number }>(
        `SELECT due_at FROM timers WHERE realm = ? AND node_id = ? AND (policy = ? OR ? IS NULL)
         ORDER BY due_at LIMIT 1`,
        this.realm,
        nodeId,
        policy,
        policy,
      ),
    )
    return next.length === 0 ? undefined : Math.min(...next.map(({ due_at }) => due_at))
  }

  homes(): Promise<Home[]> {
    return this.#all<Home>(
      `SELECT home AS kind, node_id AS nodeId, policy AS "of", COUNT(*) AS count
       FROM timers WHERE realm = ?1 GROUP BY home, node_id, policy
       UNION ALL
       SELECT 'leads', node_id, ${SYSTEM}, COUNT(*) FROM intake LEFT JOIN attempts USING (realm, key)
       WHERE realm = ?1 AND body IS NOT NULL AND dead_at IS NULL GROUP BY node_id, ${SYSTEM}`,
    )
  }

  deadLetters(limit: number): Promise<DeadLetter[]> {
    return this.#all<DeadLetter>(
      `SELECT lead_id AS leadId, key AS event, node_id AS nodeId, attempts, fault AS reason,
         dead_at AS sinceMs
       FROM attempts JOIN intake USING (realm, key)
       WHERE realm = ? AND dead_at IS NOT NULL AND body IS NOT NULL
       ORDER BY dead_at, key LIMIT ?`,
      limit,
    )
  }

  async redrive(leadId: string | undefined): Promise<number> {
    const letters = (await this.deadLetters(Number.MAX_SAFE_INTEGER)).filter(
      (letter) => leadId === undefined || letter.leadId === leadId,
    )
    await Promise.all(
      letters.map(({ event }) =>
        this.#write('DELETE FROM attempts WHERE realm = ? AND key = ?', this.realm, event),
      ),
    )
    if (letters.length > 0) this.#tell({ orphans: true })
    return letters.length
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
    await this.#flushed()
    const { database } = this.#file
    const rows = database.all<{ state: LeadState; n: number }>(
      'SELECT state, COUNT(*) AS n FROM standings WHERE realm = ? GROUP BY state',
      this.realm,
    )
    const intake = database.get<{ underway: number; dead: number }>(
      `SELECT COUNT(*) AS underway, COUNT(dead_at) AS dead
       FROM intake LEFT JOIN attempts USING (realm, key) WHERE realm = ? AND body IS NOT NULL`,
      this.realm,
    )
    return {
      byState: Object.fromEntries(rows.map(({ state, n }) => [state, n])),
      underway: intake?.underway ?? 0,
      dead: intake?.dead ?? 0,
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
    await this.#write(
      `DELETE FROM attempts WHERE realm = ?1 AND key NOT IN
         (SELECT key FROM intake WHERE realm = ?1 AND body IS NOT NULL)`,
      this.realm,
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

  async ping(): Promise<void> {
    await this.#write('UPDATE audit_tree SET size = size WHERE realm = ?', this.realm)
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      this.#carrying.leave(this)
      this.#closing = this.#file.release(this.#realm)
    }
    return this.#closing
  }

  /** The file may stay open for another store of this process when this one is closed. */
  #run<T>(body: (draft: Draft) => Promise<T>, way?: Way<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(new LeadFault('LEAD_STORE_CLOSED'))
    return this.#file.transactions.run(this.#realm, body, way).catch((raw: unknown) => {
      throw outageOf(this.#file.path, raw)
    })
  }

  /** What of the rows nobody else has claimed; claims them. */
  #claimed<Row>(claims: Map<string, object>, rows: readonly Row[], idOf: (row: Row) => string) {
    const free = rows.filter((row) => (claims.get(idOf(row)) ?? this) === this)
    for (const row of free) claims.set(idOf(row), this)
    return free
  }

  /** News that no commit brings. */
  #tell(what: { readonly orphans: true }): void {
    const event: StoreEvent = { lastSeq: this.#log.size - 1, freed: false, timers: false, ...what }
    for (const listener of this.#realm.listeners)
      queueMicrotask(() => {
        listener(event)
      })
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

interface DueRow {
  readonly id: string
  readonly due_at: number
  readonly timer: string
  readonly state: LeadState
  readonly standing: string
  readonly body: string
}

const carryings = new WeakMap<Realm, Carrying>()

/** The stores of one realm and file share what they carry. */
function carryingOf(realm: Realm): Carrying {
  let carrying = carryings.get(realm)
  if (carrying === undefined) {
    carrying = new Carrying()
    carryings.set(realm, carrying)
  }
  return carrying
}

/** What SQLite says when it is the disk's or the writer's fault, and another time may go well. */
const PASSES = /full|disk I\/O|readonly|read-only|unable to open|is locked|the writer of/i

function outageOf(file: string, raw: unknown): unknown {
  if (!(raw instanceof LeadFault) || raw.code !== 'LEAD_STORE_UNAVAILABLE') return raw
  const why = raw.message.slice(raw.message.indexOf(': ') + 2)
  return PASSES.test(why) ? new StoreOutage(file, why) : raw
}

/** The nodes whose timers a scope takes; of those that are gone only the policy's. */
function timerNodes({ nodeId, adopted, of }: Scope): [nodeId: string, policy: string | null][] {
  return [[nodeId, null], ...adopted.map((gone): [string, string] => [gone, of])]
}

function byTime(a: DueRow, b: DueRow): number {
  return a.due_at - b.due_at || (a.id < b.id ? -1 : 1)
}
