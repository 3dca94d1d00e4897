/** The shared store: PostgreSQL through `pg`, any number of Node-RED containers on one database. */
import type { LeadState, Timer } from '../../engine/decision'
import type { ArtefactRef, Lead } from '../../engine/lead/lead'
import type { StoredLead } from '../../engine/step'
import {
  type CachedAnswer,
  type Census,
  type Checkpoint,
  type LeadSummary,
  type Store,
  type StoreEvent,
  TALLIES_KEPT_MS,
  type TrailEntry,
  type Transaction,
  type VerifyReport,
} from '../store'
import { AuditLog } from './audit-log'
import { Database } from './database'
import { channelOf, News } from './news'
import type { PostgresOptions } from './options'
import { type LeadRow, type Place, storedLead } from './reads'
import { Sequencer } from './sequencer'
import { sql, wholeMs } from './sql'
import { PostgresTransaction } from './transaction'

export class PostgresStore implements Store {
  readonly #database: Database
  readonly #place: Place
  readonly #sequencer: Sequencer
  readonly #log: AuditLog
  readonly #news: News

  /** Connects and brings the tables up to date; throws LEAD_STORE_UNAVAILABLE or LEAD_STORE_NEWER. */
  static async open(options: PostgresOptions, realm: string): Promise<PostgresStore> {
    const database = await Database.open(options, realm)
    const store = new PostgresStore(database, realm)
    try {
      await store.#news.open()
    } catch (raw) {
      await store.close()
      throw database.target.unavailable(raw)
    }
    return store
  }

  private constructor(
    database: Database,
    readonly realm: string,
  ) {
    const { schema } = database.target
    const channel = channelOf(schema, realm)
    this.#database = database
    this.#place = { schema, realm }
    this.#sequencer = new Sequencer(database, realm, channel)
    this.#log = new AuditLog(database, realm, this.#sequencer)
    this.#news = new News(database.target, channel)
  }

  async transaction<T>(
    scopes: readonly string[],
    body: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    let wrote = false
    const value = await this.#database.transaction(scopes, async (session) => {
      const tx = new PostgresTransaction(session, this.#place)
      const result = await body(tx)
      wrote = tx.wrote
      return result
    })
    if (wrote) this.#sequencer.soon()
    return value
  }

  async lead(leadId: string): Promise<StoredLead | undefined> {
    const [row] = await this.#database.ask<LeadRow>(
      sql(
        `SELECT state, standing, body FROM standings JOIN leads USING (realm, id)
         WHERE realm = $1 AND id = $2`,
        this.realm,
        leadId,
      ),
    )
    return row && storedLead(row)
  }

  async underway(nodeId: string, acceptedBeforeMs: number, limit: number): Promise<Lead[]> {
    return bodies<Lead>(
      await this.#database.ask(
        sql(
          `SELECT body FROM intake
           WHERE realm = $1 AND node_id = $2 AND accepted_at < $3 AND body IS NOT NULL
           ORDER BY accepted_at, key LIMIT $4`,
          this.realm,
          nodeId,
          wholeMs(acceptedBeforeMs),
          limit,
        ),
      ),
    )
  }

  async waiting(limit: number): Promise<Lead[]> {
    const rows = await this.#database.ask<LeadRow>(
      sql(
        `SELECT state, standing, body FROM standings JOIN leads USING (realm, id)
         WHERE realm = $1 AND state = 'waiting' ORDER BY since, id LIMIT $2`,
        this.realm,
        limit,
      ),
    )
    return rows.map((row) => storedLead(row).lead)
  }

  async nextRetryMs(): Promise<number | undefined> {
    const [row] = await this.#database.ask<{ next: number | null }>(
      sql(
        "SELECT min(retry_at) AS next FROM standings WHERE realm = $1 AND state = 'waiting'",
        this.realm,
      ),
    )
    return row?.next ?? undefined
  }

  /**
   * Several containers may read the same timer. Each fires it in a transaction that locks the lead:
   * the second finds the first's decision by the timer's id, and changes nothing.
   */
  async dueTimers(nodeId: string, nowMs: number, limit: number): Promise<Timer[]> {
    return bodies<Timer>(
      await this.#database.ask(
        sql(
          `SELECT body FROM timers WHERE realm = $1 AND node_id = $2 AND due_at <= $3
           ORDER BY due_at, id LIMIT $4`,
          this.realm,
          nodeId,
          Math.floor(nowMs),
          limit,
        ),
      ),
    )
  }

  async nextTimerMs(nodeId: string): Promise<number | undefined> {
    const [row] = await this.#database.ask<{ next: number | null }>(
      sql(
        'SELECT min(due_at) AS next FROM timers WHERE realm = $1 AND node_id = $2',
        this.realm,
        nodeId,
      ),
    )
    return row?.next ?? undefined
  }

  async cached(provider: string, key: string, nowMs: number): Promise<CachedAnswer | undefined> {
    const [row] = await this.#database.ask<{ body: string; observed_at: number }>(
      sql(
        `SELECT body, observed_at FROM answers
         WHERE realm = $1 AND provider = $2 AND key = $3 AND expires_at > $4`,
        this.realm,
        provider,
        key,
        wholeMs(nowMs),
      ),
    )
    return row && { values: JSON.parse(row.body), observedAtMs: row.observed_at }
  }

  async remember(
    provider: string,
    key: string,
    { values, observedAtMs }: CachedAnswer,
    expiresMs: number,
  ): Promise<void> {
    await this.#database.ask(
      sql(
        `INSERT INTO answers (realm, provider, key, observed_at, expires_at, body)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (realm, provider, key) DO UPDATE SET
           observed_at = excluded.observed_at, expires_at = excluded.expires_at,
           body = excluded.body`,
        this.realm,
        provider,
        key,
        wholeMs(observedAtMs),
        wholeMs(expiresMs),
        JSON.stringify(values),
      ),
    )
  }

  async saveArtefact(
    kind: 'contract' | 'policy',
    { hash, name, version }: ArtefactRef,
    text: string,
    nowMs: number,
  ): Promise<void> {
    await this.#database.ask(
      sql(
        `INSERT INTO artefacts (kind, hash, name, version, first_used, body)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
        kind,
        hash,
        name,
        version,
        wholeMs(nowMs),
        text,
      ),
    )
  }

  trail(leadId: string): Promise<TrailEntry[]> {
    return this.#log.trail(leadId)
  }

  entriesAfter(seq: number, limit: number): Promise<TrailEntry[]> {
    return this.#log.entriesAfter(seq, limit)
  }

  verify(expected?: Checkpoint): Promise<VerifyReport> {
    return this.#log.verify(expected)
  }

  async census(): Promise<Census> {
    const entries = await this.#log.size()
    const [states, [intake]] = await Promise.all([
      this.#database.ask<{ state: LeadState; n: number }>(
        sql(
          'SELECT state, count(*) AS n FROM standings WHERE realm = $1 GROUP BY state',
          this.realm,
        ),
      ),
      this.#database.ask<{ n: number }>(
        sql('SELECT count(*) AS n FROM intake WHERE realm = $1 AND body IS NOT NULL', this.realm),
      ),
    ])
    return {
      byState: Object.fromEntries(states.map(({ state, n }) => [state, n])),
      underway: intake?.n ?? 0,
      entries,
    }
  }

  leads(state: LeadState, limit: number): Promise<LeadSummary[]> {
    return this.#database.ask<LeadSummary>(
      sql(
        `SELECT id, state, reason, since AS "sinceMs" FROM standings
         WHERE realm = $1 AND state = $2 ORDER BY since, id LIMIT $3`,
        this.realm,
        state,
        limit,
      ),
    )
  }

  async forget(nowMs: number): Promise<void> {
    const before = Math.floor(nowMs)
    await this.#database.ask(
      sql(
        'DELETE FROM intake WHERE realm = $1 AND body IS NULL AND expires_at <= $2',
        this.realm,
        before,
      ),
    )
    await this.#database.ask(
      sql('DELETE FROM answers WHERE realm = $1 AND expires_at <= $2', this.realm, before),
    )
    await this.#database.ask(
      sql(
        'DELETE FROM tallies WHERE realm = $1 AND from_at < $2',
        this.realm,
        before - TALLIES_KEPT_MS,
      ),
    )
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    return this.#news.subscribe(listener)
  }

  /** Ends within seconds, whether or not the server still answers. */
  async close(): Promise<void> {
    this.#sequencer.stop()
    this.#news.close()
    await this.#database.close()
  }
}

function bodies<T>(rows: readonly unknown[]): T[] {
  return rows.map((row) => JSON.parse((row as { body: string }).body) as T)
}
