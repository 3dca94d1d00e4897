/**
 * Looks at what the store keeps with SQL of its own, on a connection of its own: nothing that is
 * being tested has a say in what is found.
 */
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Client, types } from 'pg'
import { CompactRange } from '../../engine/audit/merkle/compact-range'
import type { AuditRow } from '../../store/audit-row'
import type { Kept } from './findings'

const BIGINT = 20
const SCHEMA = 'lead_qualification'

export interface Witness {
  /** The same SQL for every database. Rejects while it is away. */
  ask<Row>(sql: string): Promise<Row[]>
}

export class SqliteWitness implements Witness {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  /** Opened each time, so that nobody is kept from tidying up the file. */
  async ask<Row>(sql: string): Promise<Row[]> {
    if (!existsSync(this.#file)) return []
    const database = new DatabaseSync(this.#file, { readOnly: true })
    try {
      database.exec('PRAGMA busy_timeout = 2000')
      return database.prepare(sql).all() as Row[]
    } finally {
      database.close()
    }
  }
}

export class PostgresWitness implements Witness {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async ask<Row>(sql: string): Promise<Row[]> {
    const client = new Client({
      connectionString: this.#url,
      types: {
        getTypeParser: ((oid: number, format?: 'text') =>
          oid === BIGINT ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
      },
    })
    client.on('error', () => {})
    await client.connect()
    try {
      await client.query(`SET search_path TO ${SCHEMA}`)
      return (await client.query(sql)).rows as Row[]
    } finally {
      await client.end()
    }
  }
}

export interface OpenAssignment {
  readonly lead: string
  readonly cycle: number
  readonly openedMs: number
}

export function openAssignments(witness: Witness): Promise<OpenAssignment[]> {
  return witness.ask(
    `SELECT lead_id AS lead, cycle, opened_at AS "openedMs" FROM assignments
     WHERE closed_at IS NULL`,
  )
}

export interface Unsettled {
  readonly underway: number
  /** Leads that wait for a rep: sales makes room for all of them in the end. */
  readonly waiting: number
  readonly outbox: number
  /** Entries without a place in the log. */
  readonly unplaced: number
  /** Timers that ring before `beforeMs`. */
  readonly timers: number
}

export async function unsettled(witness: Witness, beforeMs: number): Promise<Unsettled> {
  const [row] = await witness.ask<Unsettled>(
    `SELECT (SELECT count(*) FROM intake WHERE body IS NOT NULL) AS underway,
       (SELECT count(*) FROM standings WHERE state = 'waiting') AS waiting,
       (SELECT count(*) FROM outbox) AS outbox,
       (SELECT count(*) FROM audit WHERE seq IS NULL) AS unplaced,
       (SELECT count(*) FROM timers WHERE due_at < ${beforeMs}) AS timers`,
  )
  return row!
}

/** What stands in the tables at the end. */
export async function kept(witness: Witness): Promise<Kept> {
  return {
    intake: await witness.ask(
      `SELECT key, lead_id AS lead, CASE WHEN body IS NULL THEN 1 ELSE 0 END AS done FROM intake`,
    ),
    leads: await witness.ask(
      `SELECT standings.id, body, state, standing FROM standings LEFT JOIN leads USING (realm, id)`,
    ),
    assignments: await witness.ask(
      `SELECT lead_id AS lead, cycle, rep_id AS rep, units,
         CASE WHEN closed_at IS NULL THEN 1 ELSE 0 END AS open FROM assignments`,
    ),
    loads: await witness.ask('SELECT rep_id AS rep, units FROM rep_load'),
    timers: await witness.ask('SELECT id FROM timers'),
  }
}

const PAGE = 2_000

/** The log in its order. */
export async function* entries(witness: Witness): AsyncGenerator<AuditRow> {
  for (let after = -1, full = true; full; ) {
    const page = await witness.ask<AuditRow>(
      `SELECT seq, lead_id, step, key, at, outcome, body, leaf, salt, payload FROM audit
       WHERE seq > ${after} ORDER BY seq LIMIT ${PAGE}`,
    )
    yield* page
    full = page.length === PAGE
    after = page.at(-1)?.seq ?? after
  }
}

/** The log's tree as it is kept, and entries that have no place in it. */
export async function tree(witness: Witness): Promise<{ stored: CompactRange; unplaced: number }> {
  const [row] = await witness.ask<{ size: number; hashes: string }>(
    'SELECT size, hashes FROM audit_tree',
  )
  const [{ n } = { n: 0 }] = await witness.ask<{ n: number }>(
    `SELECT count(*) AS n FROM audit WHERE seq IS NULL OR seq >= ${row?.size ?? 0}`,
  )
  const stored = row
    ? CompactRange.fromState({ size: row.size, hashes: JSON.parse(row.hashes) })
    : CompactRange.create()
  return { stored, unplaced: n }
}
