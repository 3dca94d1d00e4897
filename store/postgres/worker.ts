/**
 * This process among those that have the realm open: a number of its own, and a lease that it
 * renews while it lives, by the server's clock. What it carries bears its number; when the lease
 * has run out, what it carried is set free and another process may claim it.
 *
 * Numbers only grow, so they are the fencing token: a process that was silent for too long, and has
 * lost what it carried, comes back under another number and cannot give back or cut off what is
 * somebody else's by then.
 */
import type { ClientBase } from 'pg'
import type { Database } from './database'
import { type Statement, sql } from './sql'

/** What a process that died in the middle of a commit left behind is found this often, ms. */
const THOROUGH_EVERY_MS = 60_000

export class Worker {
  /** 0 before the first beat. */
  id = 0
  readonly #realm: string
  readonly leaseMs: number
  #thoroughMs = Number.NEGATIVE_INFINITY

  constructor(realm: string, leaseMs: number) {
    this.#realm = realm
    this.leaseMs = leaseMs
  }

  /** Renews the lease; takes a new number when somebody has taken this one as dead. */
  async beat(client: ClientBase): Promise<void> {
    const lease = `${this.leaseMs} milliseconds`
    const renewed = await client.query(
      'UPDATE workers SET until = clock_timestamp() + $2::interval WHERE id = $1 RETURNING id',
      [this.id, lease],
    )
    if (renewed.rows.length > 0) return
    const { rows } = await client.query(
      `INSERT INTO workers (realm, until)
       VALUES ($1, clock_timestamp() + $2::interval) RETURNING id`,
      [this.#realm, lease],
    )
    this.id = Number(rows[0].id)
  }

  /** Sets free what dead processes carried; true when there were any. */
  async reap(database: Database): Promise<boolean> {
    const nowMs = performance.now()
    const thorough = nowMs - this.#thoroughMs > THOROUGH_EVERY_MS
    const gone = await database.transaction([], async (session) => {
      const [rows] = await session.ask<[unknown[]]>(
        // After a restart of the server everybody gets the time to come back.
        sql(
          `DELETE FROM workers WHERE id IN (
             SELECT id FROM workers WHERE realm = $1 AND until < clock_timestamp()
               AND pg_postmaster_start_time() < clock_timestamp() - $2::interval
             FOR UPDATE SKIP LOCKED
           ) RETURNING id`,
          this.#realm,
          `${this.leaseMs} milliseconds`,
        ),
      )
      if (rows.length > 0 || thorough) session.later(freeing(this.#realm))
      return rows.length > 0
    })
    if (thorough) this.#thoroughMs = nowMs
    return gone
  }

  /** Gives everything back, so that nobody has to wait for the lease. */
  leaving(): Statement[] {
    return [sql('DELETE FROM workers WHERE id = $1', this.id), ...freeing(this.#realm)]
  }
}

/** What is carried by nobody who lives. */
function freeing(realm: string): Statement[] {
  return [
    ['intake', 'key', 'body IS NOT NULL AND'],
    ['timers', 'id', ''],
    ['standings', 'id', ''],
    ['outbox', 'id', ''],
  ].map(([table, key, carried]) =>
    sql(
      `UPDATE ${table} SET owner = 0 WHERE realm = $1 AND ${key} IN (
         SELECT ${key} FROM ${table} WHERE realm = $1 AND ${carried} owner <> 0
           AND NOT EXISTS (SELECT FROM workers WHERE workers.id = ${table}.owner)
         FOR UPDATE SKIP LOCKED
       )`,
      realm,
    ),
  )
}
