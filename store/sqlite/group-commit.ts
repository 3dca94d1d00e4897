/**
 * Group commit: many transactions, one fsync. Transactions that wait are run one after the other
 * inside one database transaction, each in a savepoint of its own, and every caller is told only
 * when the whole group is on disk.
 *
 * As the bodies run strictly one after the other, every scope is locked by construction.
 */
import { LeadFault } from '../../engine/faults'
import type { Database } from './database'

/** Larger groups would hold back the first caller for too long. */
const GROUP_MAX = 256

interface Job {
  readonly run: () => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

export interface GroupHooks {
  /** Once per group, inside the database transaction, before the first job. */
  readonly afterBegin: () => void
  /** Before a job: the state to go back to when the job fails. */
  readonly mark: () => unknown
  readonly undo: (mark: unknown) => void
  /** Once per group, inside the database transaction, after the last job. */
  readonly beforeCommit: () => void
  readonly afterCommit: () => void
  /** The group was rolled back as a whole. */
  readonly afterRollback: () => void
}

export class GroupCommit {
  readonly #database: Database
  readonly #hooks: GroupHooks
  #queue: Job[] = []
  #running: Promise<void> | undefined
  #closed = false

  constructor(database: Database, hooks: GroupHooks) {
    this.#database = database
    this.#hooks = hooks
  }

  /** `body` may await only what is already there (reads of this database), never real I/O. */
  run<T>(body: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new LeadFault('LEAD_STORE_CLOSED'))
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ run: body, resolve: resolve as Job['resolve'], reject })
      this.#running ??= this.#drain()
    })
  }

  /** Lets the queue run dry, then refuses further work. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      // Yielding once lets everything that is ready now join the group.
      await new Promise(setImmediate)
      await this.#group(this.#queue.splice(0, GROUP_MAX))
    }
    this.#running = undefined
  }

  async #group(jobs: readonly Job[]): Promise<void> {
    const settled: (() => void)[] = []
    try {
      this.#database.run('BEGIN IMMEDIATE')
      this.#hooks.afterBegin()
      for (const job of jobs) settled.push(await this.#one(job))
      this.#hooks.beforeCommit()
      this.#database.run('COMMIT')
    } catch (raw) {
      this.#rollback()
      for (const job of jobs) job.reject(raw)
      return
    }
    this.#hooks.afterCommit()
    for (const settle of settled) settle()
  }

  async #one({ run, resolve, reject }: Job): Promise<() => void> {
    const mark = this.#hooks.mark()
    this.#database.run('SAVEPOINT job')
    try {
      const value = await run()
      this.#database.run('RELEASE job')
      return () => {
        resolve(value)
      }
    } catch (raw) {
      this.#database.run('ROLLBACK TO job')
      this.#database.run('RELEASE job')
      this.#hooks.undo(mark)
      return () => {
        reject(raw)
      }
    }
  }

  #rollback(): void {
    try {
      this.#database.run('ROLLBACK')
    } catch {
      // BEGIN itself failed, or SQLite has rolled back already: there is nothing left to undo.
    }
    this.#hooks.afterRollback()
  }
}
