/**
 * Transactions one after the other in memory, and to disk in groups.
 *
 * A body runs alone and sees everything committed before it; its commits go to the writer together
 * with all that came meanwhile, and the caller is told when they are on disk. As bodies never
 * overlap, every scope is locked by construction. When a batch fails, it and everything that built
 * on it is refused, and memory is forgotten in favour of what is on disk.
 */

import type { PublicFacts } from '../../engine/audit/entry'
import type { Change } from '../../engine/decision'
import { LeadFault } from '../../engine/faults'
import type { Acknowledgement, AuditRecord, PlainWrite } from './batch'
import type { Lane } from './lane'
import type { Kind } from './recent'
import type { Statement } from './statements'

/** One decision's commit. */
export interface CommitRecord extends Omit<AuditRecord, 'facts'> {
  readonly facts: PublicFacts
  readonly changes: readonly Change[]
  readonly statements: readonly Statement[]
  /** Set when the decision saves what is known of the lead. */
  readonly body?: string
  readonly standing: string
}

/** What one body hands over. */
export interface Draft {
  readonly commits: CommitRecord[]
  readonly writes: PlainWrite[]
}

interface Job {
  readonly body: (draft: Draft) => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

export interface Group extends Draft {
  readonly id: number
  readonly callers: { readonly resolve: () => void; readonly reject: (reason: Error) => void }[]
  /** What is too large to keep in memory once it is on disk. */
  readonly large: [Kind, string][]
}

export interface TransactionHooks {
  /** A body succeeded: what it committed holds from now on. */
  readonly noted: (record: CommitRecord, group: Group) => void
  readonly durable: (group: Group, ack: Acknowledgement) => void
  /** Something failed: forget everything in memory. */
  readonly lost: () => void
}

/** So many batches may be at the writer or at its door; what comes meanwhile joins the next. */
const IN_FLIGHT_MAX = 8
/**
 * A group this large goes at once: the writer works on it while the steps go on, and nobody waits
 * for the whole of a burst. Smaller groups cost a flush to disk each.
 */
const GROUP_COMMITS = 64

export class Transactions {
  readonly #file: string
  readonly #hooks: TransactionHooks
  #lane: Lane | undefined
  #jobs: Job[] = []
  #draining = false
  #nextId = 1
  #open = this.#newGroup()
  #inFlight: Group[] = []
  #epoch = 0
  #scheduled = false
  #refusal: Error | undefined

  constructor(file: string, hooks: TransactionHooks) {
    this.#file = file
    this.#hooks = hooks
  }

  start(lane: Lane): void {
    this.#lane = lane
  }

  /** `body` may await only what is already there (reads of this store), never real I/O. */
  run<T>(body: (draft: Draft) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ body, resolve: resolve as Job['resolve'], reject })
      if (!this.#draining) void this.#drain()
    })
  }

  /** Resolves when everything that was committed before is on disk. */
  flushed(): Promise<void> {
    return this.run(async () => {})
  }

  async close(): Promise<void> {
    try {
      if (this.#refusal === undefined) await this.flushed()
    } finally {
      this.#refusal ??= new LeadFault('LEAD_STORE_CLOSED')
      await this.#lane?.close()
    }
  }

  acknowledged(ack: Acknowledgement): void {
    const [group] = this.#inFlight
    // Answers to batches that were given up on come late and say nothing new.
    if (group === undefined || group.id !== ack.id) return
    if (ack.error !== undefined) {
      this.#giveUp(ack.error.message)
      return
    }
    this.#inFlight.shift()
    this.#hooks.durable(group, ack)
    this.#send()
    for (const { resolve } of group.callers) resolve()
  }

  /** The writer is gone for good. */
  broken(error: Error): void {
    this.#refusal = new LeadFault('LEAD_STORE_UNAVAILABLE', this.#file, error.message)
    this.#giveUp(error.message)
  }

  async #drain(): Promise<void> {
    this.#draining = true
    while (this.#jobs.length > 0) {
      const jobs = this.#jobs
      this.#jobs = []
      for (const job of jobs) await this.#one(job)
    }
    this.#draining = false
  }

  async #one({ body, resolve, reject }: Job): Promise<void> {
    if (this.#refusal !== undefined) {
      reject(this.#refusal)
      return
    }
    const draft: Draft = { commits: [], writes: [] }
    try {
      const value = await body(draft)
      this.#take(
        draft,
        () => {
          resolve(value)
        },
        reject,
      )
    } catch (raw) {
      reject(raw)
    }
  }

  /** A body that only read may have read what is not on disk yet, so it waits for that as well. */
  #take(draft: Draft, resolve: () => void, reject: (reason: Error) => void): void {
    const silent = draft.commits.length === 0 && draft.writes.length === 0
    const group = silent && this.#isEmpty(this.#open) ? this.#inFlight.at(-1) : this.#open
    if (group === undefined) {
      resolve()
      return
    }
    for (const record of draft.commits) {
      group.commits.push(record)
      this.#hooks.noted(record, group)
    }
    group.writes.push(...draft.writes)
    group.callers.push({ resolve, reject })
    if (silent) return
    if (group.commits.length >= GROUP_COMMITS) this.#send()
    else this.#schedule()
  }

  /** Waiting a turn lets everything that is ready now join the group. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#send()
    })
  }

  #send(): void {
    const group = this.#open
    if (this.#inFlight.length >= IN_FLIGHT_MAX || this.#isEmpty(group)) return
    this.#open = this.#newGroup()
    this.#inFlight.push(group)
    this.#lane!.send({
      id: group.id,
      epoch: this.#epoch,
      audit: group.commits.map(({ facts, payload, key }) => ({
        facts: JSON.stringify(facts),
        payload,
        key,
      })),
      statements: group.commits.flatMap(({ statements }) => statements),
      writes: group.writes,
    })
  }

  #giveUp(message: string): void {
    const fault = new LeadFault('LEAD_STORE_UNAVAILABLE', this.#file, message)
    const lost = [...this.#inFlight, this.#open]
    this.#inFlight = []
    this.#open = this.#newGroup()
    this.#epoch += 1
    this.#hooks.lost()
    for (const { callers } of lost) for (const { reject } of callers) reject(fault)
  }

  #isEmpty({ commits, writes }: Group): boolean {
    return commits.length === 0 && writes.length === 0
  }

  #newGroup(): Group {
    return { id: this.#nextId++, commits: [], writes: [], callers: [], large: [] }
  }
}
