/**
 * Claims of one process on leads under way, waiting leads and due timers. Rows that another process
 * is claiming at the same moment are passed over (SKIP LOCKED); rows that it has claimed bear its
 * number (./worker).
 */
import type { PrivateEntry } from '../../engine/audit/entry'
import { patched } from '../../engine/decision'
import type { Lead } from '../../engine/lead/lead'
import { GIVEN_UP } from '../claims'
import { type Cursor, FROM_THE_START, type Page, pageOf } from '../page'
import type { CutOff, DeadLetter, DueTimer, Home, Scope, TakenUp, TakeUp } from '../store'
import type { Database } from './database'
import { type LeadRow, type Place, storedLead } from './reads'
import type { Session } from './session'
import { sql, wholeMs } from './sql'

export class Claims {
  readonly #database: Database
  readonly #place: Place
  /** Claims of which nobody knows whether they came about: these leads were never sent on. */
  readonly #doubtfulMs = new Set<number>()

  constructor(database: Database, place: Place) {
    this.#database = database
    this.#place = place
  }

  async underway(scope: Scope, how: TakeUp): Promise<TakenUp[]> {
    const { worker } = this.#place
    // Own leads of that moment go first, so the moment has to be this claim's alone.
    const carriedMs = wholeMs(how.nowMs)
    try {
      const rows = await this.#database.transaction([], async (session) => {
        this.#letGo(session, scope, how)
        session.later([giveUp(this.#place.realm, scope, how)])
        const [taken] = await session.ask<[TakenRow[]]>(
          sql(
            `UPDATE intake SET owner = $6, carried_at = $7, attempts = attempts + 1
             WHERE realm = $1 AND key IN (
               SELECT key FROM intake WHERE ${ORPHAN} AND attempts < $8
               ORDER BY accepted_at, key LIMIT $9 FOR UPDATE SKIP LOCKED
             )
             RETURNING key, body, attempts, accepted_at`,
            ...scopeValues(this.#place.realm, scope, how),
            worker.id,
            carriedMs,
            how.attemptsMax,
            how.limit,
          ),
        )
        return taken
      })
      this.#doubtfulMs.clear()
      return rows
        .sort((a, b) => a.accepted_at - b.accepted_at || (a.key < b.key ? -1 : 1))
        .map(({ body, attempts }) => ({ lead: JSON.parse(body) as Lead, attempt: attempts }))
    } catch (raw) {
      this.#doubtfulMs.add(carriedMs)
      throw raw
    }
  }

  /** What this process carries for longer than it can be on its way, or never got to know of. */
  #letGo(session: Session, { nodeId, adopted }: Scope, { carriedBeforeMs }: TakeUp): void {
    const { realm, worker } = this.#place
    session.later([
      sql(
        `UPDATE intake SET owner = 0
         WHERE realm = $1 AND owner = $2 AND node_id = ANY($3::text[]) AND body IS NOT NULL
           AND (carried_at < $4 OR (attempts > 0 AND carried_at = ANY($5::bigint[])))`,
        realm,
        worker.id,
        [nodeId, ...adopted],
        carriedBeforeMs === undefined ? 0 : wholeMs(carriedBeforeMs),
        [...this.#doubtfulMs],
      ),
    ])
  }

  async cutOff(event: string, { reason, nowMs, pauseMs }: CutOff): Promise<void> {
    const { realm, worker } = this.#place
    await this.#database.ask(
      sql(
        `UPDATE intake SET owner = 0, fault = $4,
           retry_at = $5 + $6::bigint * (1::bigint << least(attempts, 20))
         WHERE realm = $1 AND key = $2 AND owner = $3 AND body IS NOT NULL`,
        realm,
        event,
        worker.id,
        reason,
        wholeMs(nowMs),
        wholeMs(pauseMs),
      ),
    )
  }

  async waiting(
    policies: readonly string[],
    limit: number,
    after: Cursor<string> = FROM_THE_START,
  ): Promise<Page<Lead, string>> {
    const { realm, worker } = this.#place
    const rows = await this.#database.ask<LeadRow & Cursor<string>>(
      sql(
        `WITH taken AS (
           UPDATE standings SET owner = $2 WHERE realm = $1 AND id IN (
             ${WAITING}
           )
           RETURNING id, since AS ms, state, standing
         )
         SELECT taken.*, body FROM taken JOIN leads ON leads.realm = $1 AND leads.id = taken.id
         ORDER BY ms, taken.id`,
        realm,
        worker.id,
        policies,
        limit,
        after.ms,
        after.id,
      ),
    )
    return pageOf(rows, limit, (row) => [storedLead(row).lead])
  }

  async releaseWaiting(leadIds: readonly string[]): Promise<void> {
    const { realm, worker } = this.#place
    await this.#database.ask(
      sql(
        'UPDATE standings SET owner = 0 WHERE realm = $1 AND owner = $2 AND id = ANY($3::text[])',
        realm,
        worker.id,
        leadIds,
      ),
    )
  }

  async nextRetryMs(policies: readonly string[]): Promise<number | undefined> {
    const { realm, worker } = this.#place
    const [row] = await this.#database.ask<{ next: number | null }>(
      sql(
        `SELECT min(retry_at) AS next FROM standings
         WHERE realm = $1 AND state = 'waiting' AND owner IN (0, $2) AND retry_at IS NOT NULL
           AND ${WAITS_UNDER} = ANY($3::text[])`,
        realm,
        worker.id,
        policies,
      ),
    )
    return row?.next ?? undefined
  }

  /** By node, since only so the index gives them in their order. */
  async timers(scope: Scope, nowMs: number, limit: number): Promise<DueTimer[]> {
    const { realm, worker } = this.#place
    const rows = await this.#perNode(scope, (nodeId, policies) =>
      this.#database.ask<TimerRow>(
        sql(
          `WITH ${RELAXED}, taken AS (
             UPDATE timers SET owner = $4 WHERE realm = $1 AND id IN (
               SELECT id FROM timers WHERE ${TIMER_OF} AND due_at <= $5 AND owner IN (0, $4)
               ORDER BY due_at, id LIMIT $6 FOR UPDATE SKIP LOCKED
             )
             RETURNING id, lead_id, due_at, body AS timer
           )
           SELECT taken.id, due_at, timer, state, standing, leads.body FROM relaxed, taken
           JOIN standings ON standings.realm = $1 AND standings.id = lead_id
           JOIN leads ON leads.realm = $1 AND leads.id = lead_id`,
          realm,
          nodeId,
          policies,
          worker.id,
          Math.floor(nowMs),
          limit,
        ),
      ),
    )
    return rows.sort(byTime).map((row) => ({ timer: JSON.parse(row.timer), ...storedLead(row) }))
  }

  /** The lead as the firing left it: a request for another rep stands nowhere but in its entry. */
  async outbox(scope: Scope, inHand: ReadonlySet<string>, limit: number): Promise<DueTimer[]> {
    const { realm, worker } = this.#place
    const rows = await this.#perNode(scope, (nodeId, policies) =>
      this.#database.ask<TimerRow & { fired: string | null }>(
        sql(
          `WITH taken AS (
             UPDATE outbox SET owner = $4 WHERE realm = $1 AND id IN (
               SELECT id FROM outbox
               WHERE ${TIMER_OF} AND owner IN (0, $4) AND id <> ALL($5::text[])
               ORDER BY due_at, id LIMIT $6 FOR UPDATE SKIP LOCKED
             )
             RETURNING id, lead_id, due_at, body AS timer
           )
           SELECT taken.id, due_at, timer, state, standing, leads.body, payload AS fired FROM taken
           JOIN standings ON standings.realm = $1 AND standings.id = taken.lead_id
           JOIN leads ON leads.realm = $1 AND leads.id = taken.lead_id
           LEFT JOIN audit ON audit.realm = $1 AND audit.step = 'sla-fire' AND audit.key = taken.id`,
          realm,
          nodeId,
          policies,
          worker.id,
          [...inHand],
          limit,
        ),
      ),
    )
    return rows.sort(byTime).map(({ fired, ...row }) => {
      const { lead, state } = storedLead(row)
      const patch = fired === null ? {} : (JSON.parse(fired) as PrivateEntry).patch
      return { timer: JSON.parse(row.timer), lead: patched(lead, patch), state }
    })
  }

  async sent(timerIds: readonly string[]): Promise<void> {
    await this.#database.ask(
      sql(
        'DELETE FROM outbox WHERE realm = $1 AND id = ANY($2::text[])',
        this.#place.realm,
        timerIds,
      ),
    )
  }

  async nextTimerMs(scope: Scope, afterMs: number): Promise<number | undefined> {
    const { realm, worker } = this.#place
    const rows = await this.#perNode(scope, (nodeId, policies) =>
      this.#database.ask<{ due_at: number }>(
        sql(
          `SELECT due_at FROM timers WHERE ${TIMER_OF} AND due_at > $5 AND owner IN (0, $4)
           ORDER BY due_at LIMIT 1`,
          realm,
          nodeId,
          policies,
          worker.id,
          Math.floor(afterMs),
        ),
      ),
    )
    return rows.length === 0 ? undefined : Math.min(...rows.map(({ due_at }) => due_at))
  }

  async #perNode<Row>(
    { nodeId, adopted, of }: Scope,
    ask: (nodeId: string, policies: readonly string[] | null) => Promise<Row[]>,
  ): Promise<Row[]> {
    const rows = [ask(nodeId, null), ...adopted.map((gone) => ask(gone, of))]
    return (await Promise.all(rows)).flat()
  }

  async homes(): Promise<Home[]> {
    const { realm } = this.#place
    return this.#database.ask<Home>(
      sql(
        `SELECT home AS kind, node_id AS "nodeId", policy AS "of", count(*) AS count
         FROM (SELECT realm, node_id, policy, home FROM timers
           UNION ALL SELECT realm, node_id, policy, 'timers' FROM outbox) AS timer
         WHERE realm = $1 GROUP BY home, node_id, policy
         UNION ALL
         SELECT 'leads', node_id, ${SYSTEM}, count(*)
         FROM intake WHERE realm = $1 AND body IS NOT NULL AND dead_at IS NULL
         GROUP BY node_id, ${SYSTEM}
         UNION ALL
         SELECT 'waiting', '', coalesce(${WAITS_UNDER}, ''), count(*)
         FROM standings WHERE realm = $1 AND state = 'waiting' GROUP BY 3`,
        realm,
      ),
    )
  }

  async dead(limit: number): Promise<DeadLetter[]> {
    return this.#database.ask<DeadLetter>(
      sql(
        `SELECT lead_id AS "leadId", key AS event, node_id AS "nodeId", attempts,
           coalesce(fault, $3) AS reason, dead_at AS "sinceMs"
         FROM intake WHERE realm = $1 AND body IS NOT NULL AND dead_at IS NOT NULL
         ORDER BY dead_at, key LIMIT $2`,
        this.#place.realm,
        limit,
        GIVEN_UP,
      ),
    )
  }

  async redrive(leadId: string | undefined): Promise<number> {
    const rows = await this.#database.ask(
      sql(
        `UPDATE intake SET dead_at = NULL, attempts = 0, retry_at = 0, fault = NULL, owner = 0
         WHERE realm = $1 AND body IS NOT NULL AND dead_at IS NOT NULL
           AND ($2::text IS NULL OR lead_id = $2) RETURNING key`,
        this.#place.realm,
        leadId ?? null,
      ),
    )
    return rows.length
  }
}

interface TimerRow extends LeadRow {
  readonly id: string
  readonly due_at: number
  readonly timer: string
}

function byTime(a: TimerRow, b: TimerRow): number {
  return a.due_at - b.due_at || (a.id < b.id ? -1 : 1)
}

interface TakenRow {
  readonly key: string
  readonly body: string
  readonly attempts: number
  readonly accepted_at: number
}

/** The policy by which a lead waits; the index standings_waiting has it in these very words. */
const WAITS_UNDER = `standing::json #>> '{assignment,policy,name}'`

/** Who has waited longest: of each policy a page as the index has it, and the first of these. */
export const WAITING = `
  SELECT line.id FROM unnest($3::text[]) AS policy (name) CROSS JOIN LATERAL (
    SELECT id, since FROM standings WHERE realm = $1 AND state = 'waiting' AND owner IN (0, $2)
      AND ${WAITS_UNDER} = policy.name AND (since, id) > ($5, $6)
    ORDER BY since, id LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED
  ) AS line ORDER BY line.since, line.id LIMIT $4`

const SYSTEM = `coalesce(body::json #>> '{source,system}', '')`

/**
 * A claim need not survive the server: after a crash it is nobody's again, and what was done under it
 * is guarded by itself. So its commit does not wait for the disk.
 */
const RELAXED = `relaxed AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))`

/** Leads of the scope that nobody carries and that may be taken up now. */
const ORPHAN = `realm = $1 AND owner = 0 AND body IS NOT NULL AND dead_at IS NULL AND retry_at <= $5
  AND (node_id = $2 OR (node_id = ANY($3::text[]) AND ${SYSTEM} = ANY($4::text[])))`

function scopeValues(realm: string, { nodeId, adopted, of }: Scope, { nowMs }: TakeUp) {
  return [realm, nodeId, adopted, of, wholeMs(nowMs)] as const
}

function giveUp(realm: string, scope: Scope, how: TakeUp) {
  return sql(
    `UPDATE intake SET dead_at = $5 WHERE ${ORPHAN} AND attempts >= $6`,
    ...scopeValues(realm, scope, how),
    how.attemptsMax,
  )
}

/** Of nodes that are gone only the timers of the policies. */
const TIMER_OF = 'realm = $1 AND node_id = $2 AND ($3::text[] IS NULL OR policy = ANY($3))'
