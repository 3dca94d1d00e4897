/**
 * What steps ask, answered from PostgreSQL, inside the transaction that will commit their decision.
 *
 * What a step will ask next is fetched along where it costs no further round trip. One read locks
 * what it reads beyond the step's scopes: a lead's row, because dedupe merges into a lead that it
 * could not name before. SQLite does not need that: it has one writer.
 */
import type { ArtefactKind } from '../../engine/artefact'
import { type Asking, waitFor } from '../../engine/asking'
import type { LeadState, Timer } from '../../engine/decision'
import type { Lead, Signal } from '../../engine/lead/lead'
import { type Standing, withStanding } from '../../engine/lead/standing'
import type {
  FairnessRecord,
  KnownAccount,
  OfferEnd,
  OfferRecord,
  OpenAssignment,
  PresenceRecord,
  Reads,
  StoredLead,
  TallyKey,
} from '../../engine/step'
import { type AccountRow, accountsQuestion, knownAccount } from './accounts'
import { dormantQuestion, expiredQuestion, suppressionsQuestion } from './retention'
import type { Session } from './session'
import { type Statement, sql, wholeMs } from './sql'

export interface Place {
  readonly schema: string
  readonly realm: string
  /** Who carries what is accepted here. */
  readonly worker: { readonly id: number }
}

interface OpenRow {
  readonly cycle: number
  readonly rep_id: string
  readonly pool_id: string
  readonly units: number
}

/** Loads and fairness of the whole realm: few rows, read once per transaction. */
interface Routing {
  readonly loads: ReadonlyMap<string, number>
  readonly fairness: ReadonlyMap<string, ReadonlyMap<string, FairnessRecord>>
}

export class PostgresReads implements Reads {
  /** By lead. Several leads may be decided in one transaction. */
  readonly #open = new Map<string, readonly OpenRow[]>()
  readonly #states = new Map<string, LeadState>()
  #routing: Promise<Routing> | undefined
  /** Leads that are known to be stored. */
  protected readonly stored = new Set<string>()

  constructor(
    protected readonly session: Session,
    protected readonly place: Place,
  ) {}

  /** What was fetched along no longer holds once something was written. */
  protected forget(): void {
    this.#open.clear()
    this.#states.clear()
    this.#routing = undefined
  }

  *identities(keys: readonly string[]): Asking<ReadonlyMap<string, string>> {
    if (keys.length === 0) return new Map()
    const [rows] = yield* this.#ask<[{ at: number; lead_id: string }[]]>(
      sql(
        // LIMIT makes it one look per key. Joined, a table that was never analysed is read whole.
        `SELECT wanted.at, found.lead_id
         FROM unnest($2::text[]) WITH ORDINALITY AS wanted (key, at)
         CROSS JOIN LATERAL (
           SELECT lead_id FROM identity WHERE realm = $1 AND identity.key = wanted.key LIMIT 1
         ) AS found
         ORDER BY wanted.at`,
        this.place.realm,
        keys,
      ),
    )
    return new Map(rows.map(({ at, lead_id }) => [keys[at - 1]!, lead_id]))
  }

  *lead(leadId: string): Asking<StoredLead | undefined> {
    const [[standing], [known]] = yield* this.#ask<[StandingRow[], { body: string }[]]>(
      this.#standingQuestion(leadId),
      // A statement of its own: it begins when the row is ours, and so sees what its last owner left.
      sql('SELECT body FROM leads WHERE realm = $1 AND id = $2', this.place.realm, leadId),
    )
    return standing && known && storedLead({ ...standing, ...known })
  }

  *state(leadId: string): Asking<LeadState | undefined> {
    const known = this.#states.get(leadId)
    if (known !== undefined) return known
    const [[row]] = yield* this.#ask<[StandingRow[]]>(this.#standingQuestion(leadId))
    return row?.state
  }

  *standing({ id: leadId }: Lead): Asking<Standing | undefined> {
    const [[row], rows] = yield* this.#ask<[StandingRow[], OpenRow[]]>(
      this.#standingQuestion(leadId),
      openQuestion(this.place, leadId),
    )
    this.#open.set(leadId, rows)
    if (row === undefined) return undefined
    this.#states.set(leadId, row.state)
    this.stored.add(leadId)
    return JSON.parse(row.standing) as Standing
  }

  #standingQuestion(leadId: string): Statement {
    return sql(
      'SELECT state, standing FROM standings WHERE realm = $1 AND id = $2 FOR NO KEY UPDATE',
      this.place.realm,
      leadId,
    )
  }

  *intake(key: string, nowMs: number): Asking<{ leadId: string; done: boolean } | undefined> {
    const [[row]] = yield* this.#ask<[{ lead_id: string; done: boolean }[]]>(
      sql(
        `SELECT lead_id, body IS NULL AS done FROM intake
         WHERE realm = $1 AND key = $2 AND (expires_at > $3 OR body IS NOT NULL)`,
        this.place.realm,
        key,
        wholeMs(nowMs),
      ),
    )
    return row && { leadId: row.lead_id, done: row.done }
  }

  *accounts(
    keys: readonly string[],
    but: string | null = null,
  ): Asking<ReadonlyMap<string, KnownAccount>> {
    const [rows] = yield* this.#ask<[AccountRow[]]>(accountsQuestion(this.place.realm, keys, but))
    return new Map(rows.map((row) => [keys[row.at - 1]!, knownAccount(row, keys)]))
  }

  *accountSignals(
    accountKey: string,
    sinceMs: number,
    limit: number,
  ): Asking<(Signal & { person: string })[]> {
    const [rows] = yield* this.#ask<[{ body: string; lead_id: string }[]]>(
      sql(
        // The latest of each key by its index, and of these the latest.
        `SELECT own.body, own.lead_id
         FROM unnest(keys_of_account($1, account_of($1, $2, NULL), NULL)) AS one (key)
         CROSS JOIN LATERAL (
           SELECT body, lead_id, at FROM signals
           WHERE realm = $1 AND account_id = one.key AND at >= $3 ORDER BY at DESC LIMIT $4
         ) AS own
         ORDER BY own.at DESC LIMIT $4`,
        this.place.realm,
        accountKey,
        wholeMs(sinceMs),
        limit,
      ),
    )
    return rows
      .reverse()
      .map(({ body, lead_id }) => ({ ...(JSON.parse(body) as Signal), person: lead_id }))
  }

  *openAssignment(leadId: string, cycle: number): Asking<OpenAssignment | undefined> {
    let rows = this.#open.get(leadId)
    if (rows === undefined) {
      ;[rows] = yield* this.#ask<[OpenRow[]]>(openQuestion(this.place, leadId))
      this.#open.set(leadId, rows)
    }
    const row = rows.find((open) => open.cycle === cycle)
    return row && { repId: row.rep_id, poolId: row.pool_id, units: row.units }
  }

  *offers(leadId: string): Asking<readonly OfferRecord[]> {
    const [rows] = yield* this.#ask<[OfferRow[]]>(
      sql(
        `SELECT token, rep_id, pool_id, units, expires_at, ended FROM offers
         WHERE realm = $1 AND lead_id = $2 ORDER BY token`,
        this.place.realm,
        leadId,
      ),
    )
    return rows.map(({ token, rep_id, pool_id, units, expires_at, ended }) => ({
      token,
      repId: rep_id,
      poolId: pool_id,
      units,
      expiresMs: expires_at,
      ...(ended === null ? {} : { end: ended }),
    }))
  }

  *repOffers(repIds: readonly string[]): Asking<ReadonlyMap<string, number>> {
    // With the loads come the lock on the reps, under which offers are made.
    yield* this.#routingState()
    const [rows] = yield* this.#ask<[{ rep_id: string; n: number }[]]>(
      sql(
        `SELECT rep_id, count(*) AS n FROM offers
         WHERE realm = $1 AND rep_id = ANY($2::text[]) AND ended IS NULL GROUP BY rep_id`,
        this.place.realm,
        repIds,
      ),
    )
    return new Map(rows.map(({ rep_id, n }) => [rep_id, n]))
  }

  *presences(): Asking<ReadonlyMap<string, PresenceRecord>> {
    yield* this.#routingState()
    const [rows] = yield* this.#ask<
      [{ rep_id: string; misses: number; offline_since: number | null }[]]
    >(sql('SELECT rep_id, misses, offline_since FROM presences WHERE realm = $1', this.place.realm))
    return new Map(
      rows.map(({ rep_id, misses, offline_since }) => [
        rep_id,
        { misses, ...(offline_since === null ? {} : { offlineSinceMs: offline_since }) },
      ]),
    )
  }

  *repLoads(): Asking<ReadonlyMap<string, number>> {
    return (yield* this.#routingState()).loads
  }

  *fairness(poolId: string): Asking<ReadonlyMap<string, FairnessRecord>> {
    return (yield* this.#routingState()).fairness.get(poolId) ?? new Map()
  }

  *tallies(of: readonly TallyKey[]): Asking<readonly number[]> {
    const [rows] = yield* this.#ask<[{ leads: number }[]]>(
      sql(
        `SELECT coalesce(tallies.leads, 0) AS leads
         FROM unnest($2::text[], $3::text[], $4::bigint[])
           WITH ORDINALITY AS wanted (rep_id, period, from_at, at)
         LEFT JOIN tallies ON tallies.realm = $1 AND tallies.rep_id = wanted.rep_id
           AND tallies.period = wanted.period AND tallies.from_at = wanted.from_at
         ORDER BY wanted.at`,
        this.place.realm,
        of.map(({ repId }) => repId),
        of.map(({ period }) => period),
        of.map(({ fromMs }) => wholeMs(fromMs)),
      ),
    )
    return rows.map(({ leads }) => leads)
  }

  *suppressions(keys: readonly string[]): Asking<readonly Lead['consent'][]> {
    if (keys.length === 0) return []
    const [rows] = yield* this.#ask<[{ consent: string }[]]>(
      suppressionsQuestion(this.place.realm, keys),
    )
    return rows.map(({ consent }) => JSON.parse(consent) as Lead['consent'])
  }

  *dormant(leadId: string, beforeMs: number): Asking<readonly string[] | undefined> {
    const [[row]] = yield* this.#ask<[{ keys: string[] }[]]>(
      dormantQuestion(this.place.realm, leadId, beforeMs),
    )
    return row?.keys
  }

  *expired(seqs: readonly number[], beforeMs: number): Asking<readonly number[]> {
    const [rows] = yield* this.#ask<[{ seq: number }[]]>(
      expiredQuestion(this.place.realm, seqs, beforeMs),
    )
    return rows.map(({ seq }) => seq)
  }

  *artefact(kind: ArtefactKind, hash: string): Asking<string | undefined> {
    const [rows] = yield* this.#ask<[{ body: string }[]]>(
      sql('SELECT body FROM artefacts WHERE kind = $1 AND hash = $2', kind, hash),
    )
    return rows[0]?.body
  }

  *timers(leadId: string, cycle: number): Asking<Timer[]> {
    const [rows] = yield* this.#ask<[{ body: string }[]]>(
      sql(
        `SELECT body FROM timers WHERE realm = $1 AND lead_id = $2 AND cycle = $3
         ORDER BY due_at, id`,
        this.place.realm,
        leadId,
        cycle,
      ),
    )
    return rows.map(({ body }) => JSON.parse(body) as Timer)
  }

  #ask<Answers extends readonly unknown[][]>(...questions: readonly Statement[]): Asking<Answers> {
    return waitFor(this.session.ask<Answers>(...questions))
  }

  #routingState(): Asking<Routing> {
    this.#routing ??= this.#loadRouting()
    return waitFor(this.#routing)
  }

  async #loadRouting(): Promise<Routing> {
    const { realm } = this.place
    const [loads, records] = await this.session.ask<
      [{ rep_id: string; units: number }[], FairnessRow[]]
    >(
      sql('SELECT rep_id, units FROM rep_load WHERE realm = $1', realm),
      sql('SELECT pool_id, rep_id, virtual_time, away_since FROM fairness WHERE realm = $1', realm),
    )
    return {
      loads: new Map(loads.map(({ rep_id, units }) => [rep_id, units])),
      fairness: byPool(records),
    }
  }
}

interface OfferRow {
  readonly token: number
  readonly rep_id: string
  readonly pool_id: string
  readonly units: number
  readonly expires_at: number
  readonly ended: OfferEnd | null
}

interface FairnessRow {
  readonly pool_id: string
  readonly rep_id: string
  readonly virtual_time: number
  readonly away_since: number | null
}

function byPool(rows: readonly FairnessRow[]): Map<string, Map<string, FairnessRecord>> {
  const pools = new Map<string, Map<string, FairnessRecord>>()
  for (const { pool_id, rep_id, virtual_time, away_since } of rows) {
    const pool = pools.get(pool_id) ?? new Map<string, FairnessRecord>()
    pools.set(pool_id, pool)
    pool.set(rep_id, {
      virtualTime: virtual_time,
      ...(away_since === null ? {} : { awaySinceMs: away_since }),
    })
  }
  return pools
}

function openQuestion({ realm }: Place, leadId: string): Statement {
  return sql(
    `SELECT cycle, rep_id, pool_id, units FROM assignments
     WHERE realm = $1 AND lead_id = $2 AND closed_at IS NULL`,
    realm,
    leadId,
  )
}

interface StandingRow {
  readonly state: LeadState
  readonly standing: string
}

export interface LeadRow extends StandingRow {
  readonly body: string
}

export function storedLead({ body, standing, state }: LeadRow): StoredLead {
  const lead = withStanding(JSON.parse(body) as Lead, JSON.parse(standing) as Standing)
  return { lead, state }
}
