/** The shared store: PostgreSQL through `pg`, any number of Node-RED containers on one database. */
import type { Client } from 'pg'
import type { ArtefactKind } from '../../engine/artefact'
import { type Asking, carryOut } from '../../engine/asking'
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
} from '../store'
import { firstUse, saveArtefact } from './artefacts'
import { AuditLog } from './audit-log'
import { Claims } from './claims'
import { Database } from './database'
import { openingFault } from './failure'
import { figuresOf } from './figures'
import { findLead, leadsQuestion, listLeads } from './leads'
import { versionOf } from './migrations'
import { channelOf, News } from './news'
import type { PostgresOptions } from './options'
import { type LeadRow, type Place, storedLead } from './reads'
import { dormantLeads, expiredEntries } from './retention'
import { LAST_BATCH, Sequencer } from './sequencer'
import { sql, wholeMs } from './sql'
import { PostgresTransaction } from './transaction'
import { Worker } from './worker'

export class PostgresStore implements Store {
  readonly #database: Database
  readonly #place: Place
  readonly #sequencer: Sequencer
  readonly #log: AuditLog
  readonly #news: News
  readonly #worker: Worker
  readonly #claims: Claims
  #outdated = false
  readonly lookEveryMs: number
  #reaping: NodeJS.Timeout | undefined

  /**
   * Connects and brings the tables up to date; throws LEAD_STORE_UNAVAILABLE or LEAD_STORE_NEWER.
   * `lost` is told when the server goes away, though nobody may ask it anything just then.
   */
  static async open(
    options: PostgresOptions,
    realm: string,
    lost: (fault: Error) => void = () => {},
  ): Promise<PostgresStore> {
    const database = await Database.open(options, realm)
    const store = new PostgresStore(database, realm, lost)
    try {
      await store.#news.open()
      await store.#reap()
    } catch (raw) {
      await store.close()
      throw openingFault(raw, database.target)
    }
    store.#reaping = setInterval(() => void store.#reap().catch(() => {}), store.lookEveryMs)
    store.#reaping.unref()
    return store
  }

  private constructor(
    database: Database,
    readonly realm: string,
    lost: (fault: Error) => void,
  ) {
    const { target } = database
    const { schema, leaseMs } = target
    const channel = channelOf(schema, realm)
    this.lookEveryMs = Math.ceil(leaseMs / 3)
    this.#database = database
    this.#worker = new Worker(realm, leaseMs)
    this.#place = { schema, realm, worker: this.#worker }
    this.#claims = new Claims(database, this.#place)
    this.#sequencer = new Sequencer(database, realm, channel)
    this.#log = new AuditLog(database, realm, this.#sequencer)
    this.#news = new News(target, channel, {
      everyMs: this.lookEveryMs,
      run: (client) => this.#beat(client),
      lost: (raw) => {
        lost(target.outage(raw))
      },
    })
  }

  /** True when a newer version has brought the tables up to date meanwhile: only opening it says so. */
  get broken(): boolean {
    return this.#outdated
  }

  async #beat(client: Client): Promise<void> {
    try {
      await versionOf(client, this.#place.schema)
    } catch (raw) {
      this.#outdated ||= raw instanceof LeadFault
      throw raw
    }
    await this.#worker.beat(client)
  }

  async transaction<T>(
    scopes: readonly string[],
    body: (tx: Transaction) => Asking<T>,
  ): Promise<T> {
    let wrote = false
    const value = await this.#database.transaction(scopes, async (session) => {
      const tx = new PostgresTransaction(session, this.#place)
      const result = await carryOut(body(tx))
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

  claimUnderway(scope: Scope, how: TakeUp): Promise<TakenUp[]> {
    return this.#claims.underway(scope, how)
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
    return this.#claims.homes()
  }

  deadLetters(limit: number): Promise<DeadLetter[]> {
    return this.#claims.dead(limit)
  }

  async redrive(leadId: string | undefined): Promise<number> {
    const count = await this.#claims.redrive(leadId)
    if (count > 0) this.#news.suspect()
    return count
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

  saveArtefact(kind: ArtefactKind, ref: ArtefactRef, text: string, nowMs: number): Promise<void> {
    return saveArtefact(this.#database, kind, ref, text, nowMs)
  }

  find(sought: readonly Sought[]): Promise<string | undefined> {
    return findLead(this.#database, this.realm, sought)
  }

  firstUse(
    kind: ArtefactKind,
    of: Pick<ArtefactRef, 'name' | 'version'>,
  ): Promise<FirstUse | undefined> {
    return firstUse(this.#database, kind, of)
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
      this.#database.ask<{ n: number; dead: number }>(
        sql(
          `SELECT count(*) AS n, count(dead_at) AS dead FROM intake
           WHERE realm = $1 AND body IS NOT NULL`,
          this.realm,
        ),
      ),
    ])
    return {
      byState: Object.fromEntries(states.map(({ state, n }) => [state, n])),
      underway: intake?.n ?? 0,
      dead: intake?.dead ?? 0,
      entries,
    }
  }

  leads(
    state: LeadState | undefined,
    limit: number,
    filter: LeadFilter = {},
  ): Promise<LeadSummary[]> {
    return listLeads(this.#database, leadsQuestion(this.realm, state, limit, filter))
  }

  async forget(nowMs: number, keptFromMs = Number.MIN_SAFE_INTEGER): Promise<void> {
    const before = Math.floor(nowMs)
    const keptFrom = Math.floor(keptFromMs)
    await this.#database.ask(
      sql(
        `DELETE FROM intake
         WHERE realm = $1 AND body IS NULL AND (expires_at <= $2 OR accepted_at < $3)`,
        this.realm,
        before,
        keptFrom,
      ),
    )
    await this.#database.ask(
      sql(
        'DELETE FROM answers WHERE realm = $1 AND (expires_at <= $2 OR observed_at < $3)',
        this.realm,
        before,
        keptFrom,
      ),
    )
    await this.#database.ask(
      sql(
        'DELETE FROM tallies WHERE realm = $1 AND from_at < $2',
        this.realm,
        before - TALLIES_KEPT_MS,
      ),
    )
  }

  dormantLeads(
    state: string,
    beforeMs: number,
    after: Cursor<string> | undefined,
    limit: number,
  ): Promise<Page<DormantLead, string>> {
    return dormantLeads(this.#database, this.realm, state, beforeMs, after, limit)
  }

  async expiredEntries(
    beforeMs: number,
    after: Cursor<number> | undefined,
    limit: number,
  ): Promise<Page<number, number>> {
    await this.#sequencer.catchUp()
    return expiredEntries(this.#database, this.realm, beforeMs, after, limit)
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    return this.#news.subscribe(listener)
  }

  async figures(nowMs: number, retention?: Retention): Promise<Figures> {
    await this.#sequencer.catchUp()
    return figuresOf(this.#database, this.realm, nowMs, retention)
  }

  async backup(to: string | undefined): Promise<Backup> {
    throw new LeadFault(
      'LEAD_BACKUP_FAILED',
      to ?? '',
      `PostgreSQL has tools for that, e.g. pg_dump --schema=${this.#place.schema}`,
    )
  }

  async ping(): Promise<void> {
    // A standby answers, and takes nothing.
    await this.#database.ask(
      sql('UPDATE audit_tree SET size = size WHERE realm = $1 AND size < 0', this.realm),
    )
  }

  /**
   * Gives back what it carries and places the entries that it made: there may be nobody else to do
   * it for a long time. Ends within seconds, whether or not the server still answers.
   */
  async close(): Promise<void> {
    clearInterval(this.#reaping)
    this.#sequencer.stop()
    this.#news.close()
    await this.#database.close([
      async (session) => session.later(this.#worker.leaving()),
      (session) => this.#sequencer.place(session, LAST_BATCH),
    ])
  }

  async #reap(): Promise<void> {
    if (await this.#worker.reap(this.#database)) this.#news.suspect()
  }
}
