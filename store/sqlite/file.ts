/**
 * One database file and its writer, shared by every store of this process that names it, each with
 * a realm of its own. Another process is kept out for as long as this one has the file open.
 */

import { readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { LeadFault } from '../../engine/faults'
import { Database, makeFolder, unavailable } from './database'
import { type Lane, openLane } from './lane'
import { Readers } from './readers'
import { Realm } from './realm'
import { type TransactionHooks, Transactions } from './transactions'

const OPEN = new Map<string, SqliteFile>()
/** Of files whose writer broke: what had gone ahead of it, for the next instance. */
const LOST = new Map<string, Map<string, Error>>()

export class SqliteFile {
  readonly database: Database
  readonly transactions: Transactions
  readonly readers: Readers
  readonly #lock: DatabaseSync | undefined
  readonly #realms = new Map<string, Realm>()
  #users = 0
  #broken = false

  /** The file's one instance in this process; every `open` needs its `release`. */
  static open(file: string): SqliteFile {
    const path = file === ':memory:' ? file : realPath(file)
    let shared = path === ':memory:' ? undefined : OPEN.get(path)
    if (shared === undefined) {
      shared = new SqliteFile(path)
      if (path !== ':memory:') OPEN.set(path, shared)
    }
    shared.#users += 1
    return shared
  }

  private constructor(readonly path: string) {
    // First of all: who opens a file brings its tables up to date, and another version may be at work in it.
    this.#lock = path === ':memory:' ? undefined : lockFile(path)
    try {
      this.database = new Database(path)
    } catch (raw) {
      this.#lock?.close()
      throw raw
    }
    this.readers = new Readers(this.database)
    const lost = LOST.get(path) ?? new Map<string, Error>()
    if (path !== ':memory:') LOST.set(path, lost)
    const hooks: TransactionHooks = {
      durable: ({ targets }, ack) => {
        for (const [realm, target] of targets) realm.durable(target, ack)
      },
      lost: () => {
        for (const realm of this.#realms.values()) realm.forget()
      },
    }
    this.transactions = new Transactions(path, hooks, lost)
    this.transactions.start(this.#startLane())
  }

  realm(name: string): Realm {
    let realm = this.#realms.get(name)
    if (realm === undefined) {
      realm = new Realm(this.database, name)
      this.#realms.set(name, realm)
    }
    return realm
  }

  /** True when its writer is gone: whoever opens the file next gets another instance of it. */
  get broken(): boolean {
    return this.#broken
  }

  #break(error: Error): void {
    if (this.#broken) return
    this.#broken = true
    this.transactions.broken(error)
    if (OPEN.get(this.path) === this) OPEN.delete(this.path)
    void this.readers.close()
    this.database.close()
    this.#lock?.close()
  }

  /** Closes the file with its last user. */
  async release(realm: Realm): Promise<void> {
    if (this.#broken) return
    this.#users -= 1
    if (this.#users > 0) {
      await this.transactions.flushed(realm)
      return
    }
    OPEN.delete(this.path)
    try {
      await this.readers.close()
      await this.transactions.close(realm)
    } finally {
      this.database.close()
      this.#lock?.close()
    }
  }

  #startLane(): Lane {
    return openLane(this.database, {
      acknowledged: (ack) => {
        this.transactions.acknowledged(ack)
      },
      broken: (error) => {
        this.#break(error)
      },
    })
  }
}

/** One file is one store, by whatever links it is reached. What is not there yet is named by its folder. */
export function realPath(file: string): string {
  return followed(resolve(file), LINKS_MAX)
}

const LINKS_MAX = 40

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

function followed(path: string, links: number): string {
  try {
    return realpathSync(path)
  } catch {
    // A link may be there before what it leads to.
    const link = links > 0 ? linkAt(path) : undefined
    if (link !== undefined) return followed(resolve(dirname(path), link), links - 1)
    const folder = dirname(path)
    return folder === path ? path : join(followed(folder, links), basename(path))
  }
}

const SQLITE_BUSY = 5

function openLock(path: string): DatabaseSync {
  try {
    makeFolder(path)
    return new DatabaseSync(`${path}-lock`)
  } catch (raw) {
    throw unavailable(path, raw)
  }
}

/** The lock is the operating system's, on a file beside, so a killed process leaves none behind. */
export function lockFile(path: string): DatabaseSync {
  const lock = openLock(path)
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE')
    lock.exec('PRAGMA journal_mode = MEMORY')
    lock.exec('BEGIN EXCLUSIVE')
    // Of a file that may only be read, SQLite takes a lock that excludes nobody, and does not say so.
    lock.exec('PRAGMA user_version = 1')
    return lock
  } catch (raw) {
    lock.close()
    const { errcode, message } = raw as Error & { errcode?: number }
    const [file, why] =
      errcode === SQLITE_BUSY
        ? [path, 'another process has it open; one store file belongs to one Node-RED process']
        : [`${path}-lock`, message]
    throw new LeadFault('LEAD_STORE_UNAVAILABLE', file, why)
  }
}
