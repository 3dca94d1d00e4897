/**
 * Transactions one after the other in memory, and to disk in groups.
 *
 * A body runs alone and sees everything committed before it; its commits go to the writer together
 * with all that came meanwhile, and the caller is told when they are on disk, or, when its message
 * goes ahead to another step, at once. As bodies never overlap, every scope is locked by
 * construction. When a batch fails, it and everything that built on it is refused, and memory is
 * forgotten in favour of what is on disk; messages that had gone ahead are refused at their next step.
 */
import { LeadFault } from '../../engine/faults'
import { StoreOutage } from '../outage'
import type { Way } from '../store'
import { applyCommit, type Sealed } from './apply'
import type { Acknowledgement, PlainWrite } from './batch'
import { type Caller, Group } from './group'
import type { Lane } from './lane'
import type { Realm } from './realm'

/** What one body hands over. */
export interface Draft {
  readonly realm: Realm
  readonly commits: Sealed[]
  readonly writes: PlainWrite[]
}

export interface TransactionHooks {
  readonly durable: (group: Group, ack: Acknowledgement) => void
  /** Something failed: forget everything in memory. */
  readonly lost: () => void
}

/** One batch is being written and one is at the door; what comes meanwhile joins the next. */
const IN_FLIGHT_MAX = 2
/** So many callers are not kept waiting for the batch before to be acknowledged. */
const CALLERS_READY = 128
/** Nobody waits for what went ahead, but it shall not stay in memory for long either. */
const LINGER_MS = 5

/** So many callers hear that they are on disk before the others do. */
const TOLD_AT_ONCE = 96
/** A lead takes a turn of the event loop for each node on its way. */
const TURNS_BETWEEN = 8

export class Transactions {
  readonly #file: string
  readonly #hooks: TransactionHooks
  #lane: Lane | undefined
  #nextId = 1
  #open: Group
  #inFlight: Group[] = []
  /** On disk, and not told yet. */
  readonly #told: Caller[] = []
  #telling = false
  #epoch = 0
  #scheduled = false
  #lingering: NodeJS.Timeout | undefined
  #refusal: Error | undefined
  /** Events whose message had gone ahead of what was lost. */
  readonly #lostEvents: Map<string, Error>

  /** `lostEvents` outlives a writer that is gone: the messages are still there. */
  constructor(file: string, hooks: TransactionHooks, lostEvents = new Map<string, Error>()) {
    this.#file = file
    this.#lostEvents = lostEvents
    this.#hooks = hooks
    this.#open = new Group(this.#nextId++)
  }

  start(lane: Lane): void {
    this.#lane = lane
  }

  /** What `body` throws, and why it did not get to disk, comes as a rejection. */
  run<T>(realm: Realm, body: (draft: Draft) => T, way?: Way<T>): Promise<T> {
    const refusal = this.#refusal ?? (way && this.#lostEvents.get(way.event))
    if (refusal !== undefined) return Promise.reject(refusal)
    const draft: Draft = { realm, commits: [], writes: [] }
    try {
      const value = body(draft)
      const group = this.#take(draft)
      if (group === undefined) return Promise.resolve(value)
      if (way?.ahead(value)) {
        group.ahead.push(way.event)
        if (group === this.#open) this.#linger()
        return Promise.resolve(value)
      }
      return this.#durable(group, value)
    } catch (raw) {
      return Promise.reject(raw)
    }
  }

  /** Resolves when everything that was committed before is on disk. */
  flushed(realm: Realm): Promise<void> {
    return this.run(realm, () => {})
  }

  /** The events start their way anew, from what is on disk. */
  restarted(events: Iterable<string>): void {
    for (const event of events) this.#lostEvents.delete(event)
  }

  async close(realm: Realm): Promise<void> {
    try {
      if (this.#refusal === undefined) await this.flushed(realm)
    } finally {
      this.#refusal ??= new LeadFault('LEAD_STORE_CLOSED')
      clearTimeout(this.#lingering)
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
    this.#told.push(...group.callers)
    if (!this.#telling) this.#tell()
  }

  /**
   * Some callers at a time, and the next when these have gone on: what is told all at once goes through
   * the flow side by side, and comes back as one crowd for which the writer has waited idle. A batch
   * ends between two portions, where no lead is half way, so that it saves each lead once.
   */
  #tell(): void {
    this.#send()
    const portion = this.#told.splice(0, TOLD_AT_ONCE)
    this.#telling = portion.length > 0
    for (const { resolve, value } of portion) resolve(value)
    if (this.#telling)
      afterTurns(TURNS_BETWEEN, () => {
        this.#tell()
      })
  }

  /** The writer is gone for good. */
  broken(error: Error): void {
    this.#refusal = unavailable(this.#file, error.message)
    this.#giveUp(error.message)
  }

  /**
   * Applies what was drafted, and returns the group with which it gets to disk. A body that only read
   * may have read what is not on disk yet, so it waits for that as well.
   */
  #take({ realm, commits, writes }: Draft): Group | undefined {
    const silent = commits.length === 0 && writes.length === 0
    if (silent && this.#open.isEmpty) return this.#inFlight.at(-1)
    const group = this.#open
    if (silent) return group
    for (const commit of commits) applyCommit(group.target(realm), commit)
    group.writes.push(...writes)
    return group
  }

  #durable<T>(group: Group, value: T): Promise<T> {
    return new Promise((resolve, reject) => {
      group.callers.push({ resolve: resolve as (value: unknown) => void, reject, value })
      if (group === this.#open) this.#schedule()
    })
  }

  /** Waiting a turn lets everything that is ready now join the group. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      if (this.#telling) return
      if (this.#inFlight.length === 0 || this.#open.callers.length >= CALLERS_READY) this.#send()
    })
  }

  #linger(): void {
    this.#lingering ??= setTimeout(() => {
      this.#lingering = undefined
      if (!this.#telling) this.#send()
    }, LINGER_MS)
  }

  #send(): void {
    const group = this.#open
    if (group.isEmpty) return
    if (this.#inFlight.length >= IN_FLIGHT_MAX) {
      // The next acknowledgement asks only when somebody waits.
      if (group.callers.length === 0) this.#linger()
      return
    }
    this.#open = new Group(this.#nextId++)
    this.#inFlight.push(group)
    this.#lane!.send(group.batch(this.#epoch))
  }

  #giveUp(message: string): void {
    const fault = unavailable(this.#file, message)
    const lost = [...this.#inFlight, this.#open]
    this.#inFlight = []
    this.#open = new Group(this.#nextId++)
    this.#epoch += 1
    this.#hooks.lost()
    const lostFault = new LeadFault('LEAD_STORE_LOST', this.#file, message)
    for (const { ahead } of lost) for (const event of ahead) this.#lostEvents.set(event, lostFault)
    for (const { callers } of lost) for (const { reject } of callers) reject(fault)
  }
}

function afterTurns(turns: number, work: () => void): void {
  setImmediate(turns === 1 ? work : () => afterTurns(turns - 1, work))
}

/** What SQLite says when it is the disk's or the writer's fault, and another time may go well. */
const PASSES = /full|disk I\/O|readonly|read-only|unable to open|is locked|the writer of/i

function unavailable(file: string, why: string): LeadFault {
  return PASSES.test(why)
    ? new StoreOutage(file, why)
    : new LeadFault('LEAD_STORE_UNAVAILABLE', file, why)
}
