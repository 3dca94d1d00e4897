/**
 * Opens the file: WAL, every commit on disk before it is reported, schema brought up to date.
 *
 * One connection per file and process, shared by all realms in it, because SQLite has one writer.
 */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { LeadFault } from '../../engine/faults'
import { MIGRATIONS } from './migrations'

/** `file` may be `:memory:`. Throws LEAD_STORE_UNAVAILABLE or LEAD_STORE_NEWER. */
export class Database {
  readonly #connection: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  /** One that is only read is taken as it is. */
  constructor(
    readonly file: string,
    { readOnly = false } = {},
  ) {
    this.#connection = readOnly ? openToRead(file) : open(file)
    if (readOnly) return
    try {
      this.#migrate()
    } catch (raw) {
      this.#connection.close()
      throw raw instanceof LeadFault ? raw : unavailable(file, raw)
    }
  }

  /** A prepared statement, prepared once. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#connection.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  run(sql: string, ...values: SqlValue[]): number {
    return Number(this.prepare(sql).run(...values).changes)
  }

  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    return this.prepare(sql).all(...values) as Row[]
  }

  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.prepare(sql).get(...values) as Row | undefined
  }

  close(): void {
    this.#statements.clear()
    if (this.#connection.isOpen) this.#connection.close()
  }

  /** Forward only, one transaction; refuses a file that a newer version has written. */
  #migrate(): void {
    const connection = this.#connection
    connection.exec('BEGIN IMMEDIATE')
    try {
      const { user_version: version } = connection.prepare('PRAGMA user_version').get() as {
        user_version: number
      }
      if (version > MIGRATIONS.length) {
        throw new LeadFault('LEAD_STORE_NEWER', version, MIGRATIONS.length)
      }
      for (const step of MIGRATIONS.slice(version)) connection.exec(step)
      // Who has nothing to bring up to date writes nothing either.
      if (version < MIGRATIONS.length) connection.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
      connection.exec('COMMIT')
    } catch (raw) {
      if (connection.isTransaction) connection.exec('ROLLBACK')
      throw raw
    }
  }
}

export type SqlValue = string | number | null | Buffer

/** A folder of our own is for nobody else on this machine: what is in it is personal data in the clear. */
export function makeFolder(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
}

function open(file: string): DatabaseSync {
  try {
    if (file !== ':memory:') makeFolder(file)
    const connection = new DatabaseSync(file)
    try {
      // A batch touches many rows that lie together: larger pages are fewer to write (a quarter less
      // time in commits than with 4 KB). Without effect on a file that exists.
      connection.exec('PRAGMA page_size = 16384')
      connection.exec('PRAGMA journal_mode = WAL')
      connection.exec('PRAGMA synchronous = FULL')
      connection.exec('PRAGMA busy_timeout = 2000')
      connection.exec('PRAGMA cache_size = -65536')
      // 32 MB: a page that changes often is then copied back to the file once, not every time.
      connection.exec('PRAGMA wal_autocheckpoint = 2000')
      // A long read (a backup, a verification) lets it grow; afterwards it gives the room back.
      connection.exec('PRAGMA journal_size_limit = 67108864')
    } catch (raw) {
      connection.close()
      throw raw
    }
    return connection
  } catch (raw) {
    throw unavailable(file, raw)
  }
}

function openToRead(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file, { readOnly: true })
  } catch (raw) {
    throw unavailable(file, raw)
  }
}

export function unavailable(file: string, raw: unknown): LeadFault {
  return new LeadFault(
    'LEAD_STORE_UNAVAILABLE',
    file,
    raw instanceof Error ? raw.message : String(raw),
  )
}
