/**
 * Claims of one store on leads under way, waiting leads and due timers. The file belongs to one
 * process, so who carries what is kept in memory and ends with the process; how often a lead was
 * taken up is on disk.
 */
import type { Change, ChangeOf } from '../../engine/decision'
import type { Lead } from '../../engine/lead/lead'
import { withStanding } from '../../engine/lead/standing'
import { GIVEN_UP } from '../claims'
import { type Cursor, FROM_THE_START, type Page, pageOf } from '../page'
import type { CutOff, DeadLetter, DueTimer, Scope, TakenUp, TakeUp } from '../store'
import type { PlainWrite } from './batch'
import { carryingOf } from './carrying'
import type { Database } from './database'
import { SYSTEM, WAITS_UNDER } from './questions'
import type { Realm } from './realm'
import { dueTimers, nextDueMs, unsentTimers, withLead } from './timers'
import type { Draft } from './transactions'

export interface ClaimsPlace {
  readonly realm: Realm
  readonly database: Database
  readonly run: <T>(body: (draft: Draft) => T) => Promise<T>
}

interface UnderwayRow {
  readonly key: string
  readonly accepted_at: number
  readonly attempts: number
}

interface WaitingRow extends Cursor<string> {
  readonly body: string
  readonly standing: string
}

/** So many rows are looked at in one query; those that somebody carries are passed over. */
const PAGE = 500

/** Is in a list that comes as JSON. */
const IN_LIST = 'IN (SELECT value FROM json_each(?))'

export const NEXT_RETRY = `
  SELECT retry_at AS next FROM standings
  WHERE realm = ? AND state = 'waiting' AND retry_at IS NOT NULL AND ${WAITS_UNDER} ${IN_LIST}
  ORDER BY retry_at LIMIT 1`

export const UNDERWAY = `
  SELECT key, accepted_at, coalesce(attempts, 0) AS attempts
  FROM intake LEFT JOIN attempts USING (realm, key)
  WHERE realm = ?1 AND node_id = ?2 AND body IS NOT NULL AND dead_at IS NULL
    AND (accepted_at, key) > (?3, ?4) AND (?5 IS NULL OR ${SYSTEM} IN (SELECT value FROM json_each(?5)))
  ORDER BY accepted_at, key LIMIT ${PAGE}`

export class Claims {
  readonly #place: ClaimsPlace
  readonly #carrying

  constructor(place: ClaimsPlace) {
    this.#place = place
    this.#carrying = carryingOf(place.realm)
  }

  /** To be told of every commit; adds what is to be written with it. */
  note(changes: readonly Change[], nowMs: number, writes: PlainWrite[]): void {
    this.#carrying.note(changes, this, nowMs)
    for (const change of changes) {
      if (!endsAttempts(change)) continue
      // Most events were never taken up again.
      const attempted =
        this.#carrying.attempted.delete(change.key) || change.kind === 'intake.again'
      if (attempted) writes.push(this.#forget(change.key))
    }
  }

  leave(): void {
    this.#carrying.leave(this)
  }

  async underway(scope: Scope, how: TakeUp): Promise<TakenUp[]> {
    const { realm, run } = this.#place
    const taken: TakenUp[] = []
    const take = (draft: Draft) => {
      for (const row of this.#orphans(scope, how)) {
        if (taken.length === how.limit) break
        // What is on disk may be behind.
        if (realm.reads.intakeRecord(row.key)?.done !== false) continue
        this.#carrying.attempted.add(row.key)
        if (row.attempts >= how.attemptsMax) {
          draft.writes.push(this.#giveUp(row.key, how.nowMs))
          continue
        }
        this.#carrying.take(row.key, this, how.nowMs)
        draft.writes.push(this.#countAttempt(row.key))
        taken.push({ lead: this.#accepted(row.key), attempt: row.attempts + 1 })
      }
    }
    try {
      await run(take)
    } catch (raw) {
      // Nobody gets them now, so nobody carries them: they are there for whoever asks next.
      for (const { lead } of taken) this.#carrying.drop(lead.event.id, this)
      throw raw
    }
    return taken
  }

  /** The lead as it came in. */
  #accepted(key: string): Lead {
    const row = this.#place.database.get<{ body: string }>(
      'SELECT body FROM intake WHERE realm = ? AND key = ?',
      this.#place.realm.name,
      key,
    )
    return JSON.parse(row!.body) as Lead
  }

  /** What nobody carries, oldest first; of nodes that are gone only what is of the same system. */
  #orphans(scope: Scope, how: TakeUp): Iterable<UnderwayRow> {
    return oldestFirst([
      this.#orphansOf(scope.nodeId, null, how),
      ...scope.adopted.map((gone) => this.#orphansOf(gone, scope.of, how)),
    ])
  }

  /** By node, since only so the index gives them in their order, and no event that is done is looked at. */
  *#orphansOf(
    nodeId: string,
    systems: readonly string[] | null,
    how: TakeUp,
  ): Generator<UnderwayRow> {
    let last = { accepted_at: Number.MIN_SAFE_INTEGER, key: '' }
    for (;;) {
      const page = this.#place.database.all<UnderwayRow>(
        UNDERWAY,
        this.#place.realm.name,
        nodeId,
        last.accepted_at,
        last.key,
        systems && JSON.stringify(systems),
      )
      for (const row of page) if (this.#carrying.mayTake(row.key, this, how)) yield row
      if (page.length < PAGE) return
      last = page.at(-1)!
    }
  }

  async cutOff(event: string, { reason, nowMs, pauseMs }: CutOff): Promise<void> {
    const { database, realm, run } = this.#place
    await run((draft) => {
      if (!this.#carrying.carries(event, this)) return
      const row = database.get<{ attempts: number }>(
        'SELECT attempts FROM attempts WHERE realm = ? AND key = ?',
        realm.name,
        event,
      )
      this.#carrying.rest(event, nowMs + pauseMs * 2 ** (row?.attempts ?? 0))
      draft.writes.push({
        sql: `INSERT INTO attempts (realm, key, attempts, fault) VALUES (?, ?, 0, ?)
          ON CONFLICT (realm, key) DO UPDATE SET fault = excluded.fault`,
        values: [realm.name, event, reason],
      })
    })
  }

  async waiting(
    policies: readonly string[],
    limit: number,
    after: Cursor<string> = FROM_THE_START,
  ): Promise<Page<Lead, string>> {
    const rows = await this.#all<WaitingRow>(
      `SELECT id, since AS ms, body, standing FROM standings JOIN leads USING (realm, id)
       WHERE realm = ? AND state = 'waiting' AND (since, id) > (?, ?)
         AND ${WAITS_UNDER} ${IN_LIST} ORDER BY since, id LIMIT ?`,
      after.ms,
      after.id,
      JSON.stringify(policies),
      limit,
    )
    const mine = new Set(this.#claimed(this.#carrying.waiting, rows))
    return pageOf(rows, limit, (row) =>
      mine.has(row) ? [withStanding(JSON.parse(row.body), JSON.parse(row.standing))] : [],
    )
  }

  async releaseWaiting(leadIds: readonly string[]): Promise<void> {
    const { waiting } = this.#carrying
    for (const id of leadIds) if (waiting.get(id) === this) waiting.delete(id)
  }

  async nextRetryMs(policies: readonly string[]): Promise<number | undefined> {
    const [row] = await this.#all<{ next: number }>(NEXT_RETRY, JSON.stringify(policies))
    return row?.next
  }

  async timers(scope: Scope, nowMs: number, limit: number): Promise<DueTimer[]> {
    await this.#flushed()
    const { database, realm } = this.#place
    const due = dueTimers(database, realm.name, scope, nowMs, limit)
    return this.#claimed(this.#carrying.timers, due).map(withLead)
  }

  async nextTimerMs(scope: Scope, afterMs: number): Promise<number | undefined> {
    await this.#flushed()
    const { database, realm } = this.#place
    return nextDueMs(database, realm.name, scope, afterMs)
  }

  async outbox(scope: Scope, inHand: ReadonlySet<string>, limit: number): Promise<DueTimer[]> {
    await this.#flushed()
    const { database, realm } = this.#place
    const unsent = unsentTimers(database, realm.name, scope, inHand, limit)
    return this.#claimed(this.#carrying.outbox, unsent).map(withLead)
  }

  async sent(timerIds: readonly string[]): Promise<void> {
    const { realm, run } = this.#place
    await run((draft) => {
      draft.writes.push({
        sql: 'DELETE FROM outbox WHERE realm = ? AND id IN (SELECT value FROM json_each(?))',
        values: [realm.name, JSON.stringify(timerIds)],
      })
    })
    for (const id of timerIds) this.#carrying.outbox.delete(id)
  }

  dead(limit: number): Promise<DeadLetter[]> {
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
    const letters = (await this.dead(Number.MAX_SAFE_INTEGER)).filter(
      (letter) => leadId === undefined || letter.leadId === leadId,
    )
    await this.#place.run((draft) => {
      draft.writes.push(...letters.map(({ event }) => this.#forget(event)))
    })
    return letters.length
  }

  /** What of the rows nobody else has claimed; claims them. */
  #claimed<Row extends { id: string }>(claims: Map<string, object>, rows: readonly Row[]): Row[] {
    const free = rows.filter(({ id }) => (claims.get(id) ?? this) === this)
    for (const { id } of free) claims.set(id, this)
    return free
  }

  #forget(key: string): PlainWrite {
    return {
      sql: 'DELETE FROM attempts WHERE realm = ? AND key = ?',
      values: [this.#place.realm.name, key],
    }
  }

  #giveUp(key: string, nowMs: number): PlainWrite {
    return {
      sql: `UPDATE attempts SET dead_at = ?, fault = coalesce(fault, ?)
        WHERE realm = ? AND key = ?`,
      values: [nowMs, GIVEN_UP, this.#place.realm.name, key],
    }
  }

  #countAttempt(key: string): PlainWrite {
    return {
      sql: `INSERT INTO attempts (realm, key, attempts) VALUES (?, ?, 1)
        ON CONFLICT (realm, key) DO UPDATE SET attempts = attempts + 1`,
      values: [this.#place.realm.name, key],
    }
  }

  #flushed(): Promise<void> {
    return this.#place.run(() => {})
  }

  async #all<Row>(sql: string, ...values: (string | number)[]): Promise<Row[]> {
    await this.#flushed()
    return this.#place.database.all<Row>(sql, this.#place.realm.name, ...values)
  }
}

/** Of several lists that are ordered each, the next of all. */
function* oldestFirst(lists: readonly Iterator<UnderwayRow>[]): Generator<UnderwayRow> {
  let heads = lists.map((list) => ({ list, head: list.next() }))
  for (;;) {
    heads = heads.filter(({ head }) => !head.done)
    if (heads.length === 0) return
    const first = heads.reduce((a, b) => (isBefore(b.head.value, a.head.value) ? b : a))
    yield first.head.value
    first.head = first.list.next()
  }
}

function isBefore(a: UnderwayRow, b: UnderwayRow): boolean {
  return a.accepted_at < b.accepted_at || (a.accepted_at === b.accepted_at && a.key < b.key)
}

/** The event's way has come to its end, or begins anew. */
function endsAttempts(change: Change): change is ChangeOf<'intake.done' | 'intake.again'> {
  return change.kind === 'intake.done' || change.kind === 'intake.again'
}
