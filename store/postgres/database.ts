/**
 * The connections: a pool that mends itself. A lost server fails what is under way, with
 * LEAD_STORE_UNAVAILABLE after a short while of trying again, and later work connects anew.
 */
import { Pool, type PoolClient } from 'pg'
import { LeadFault } from '../../engine/faults'
import type { Settle } from '../outage'
import { within } from '../within'
import {
  type FailureKind,
  failureKind,
  isCrowded,
  openingFault,
  pauseMs,
  surfaced,
} from './failure'
import { scopeKeys } from './locks'
import { migrate } from './migrations'
import { type PostgresOptions, Target } from './options'
import { type Ended, pipelined, prepareSession, Session } from './session'
import type { Statement } from './sql'
import { Turns } from './turns'

/** Work for one connection: a statement by itself, or the body of a transaction. */
interface Job {
  readonly scopes: ReadonlySet<string>
  readonly work: Statement | ((session: Session) => Promise<unknown>)
  readonly askedMs: number
  readonly resolve: (value: never) => void
  readonly reject: (reason: unknown) => void
}

const NO_SCOPES: ReadonlySet<string> = new Set()

/** What is under way may end by itself for so long when the store closes; then it is cut off. */
const CLOSE_MS_MAX = 3_000
const LAST_MS_MAX = 1_000

export class Database {
  readonly target: Target
  readonly #pool: Pool
  readonly #clients = new Set<PoolClient>()
  readonly #realm: string
  readonly #turns: Turns<Job>
  readonly #underway = new Set<Promise<unknown>>()
  #closed = false
  #cut = false
  /** When the server was last found to be away, and how. */
  #away = { atMs: Number.NEGATIVE_INFINITY, failure: undefined as unknown }

  /** Throws LEAD_STORE_UNAVAILABLE or LEAD_STORE_NEWER. */
  static async open(options: PostgresOptions, realm: string): Promise<Database> {
    const target = new Target(options)
    try {
      await migrate(target, realm)
    } catch (raw) {
      throw openingFault(raw, target)
    }
    return new Database(target, realm)
  }

  private constructor(target: Target, realm: string) {
    this.target = target
    this.#realm = realm
    this.#turns = new Turns(target.poolMax, (chain) => this.#run(chain))
    this.#pool = new Pool({
      ...target.config,
      max: target.poolMax,
      pipeline: true,
      idleTimeoutMillis: 60_000,
      onConnect: (client) => prepareSession(client, target.schema),
    })
    // A connection that breaks while it is idle is replaced; one that breaks in use fails its query.
    this.#pool.on('error', nothing)
    this.#pool.on('connect', (client) => {
      client.on('error', nothing)
      this.#clients.add(client)
    })
    this.#pool.on('remove', (client) => this.#clients.delete(client))
  }

  /**
   * Runs `body` in a transaction with the scopes locked, perhaps together with others that waited
   * for the same scope. It is run again when others were in the way, and when the server went away
   * before COMMIT was sent; never when COMMIT may have arrived.
   */
  transaction<T>(scopes: readonly string[], body: (session: Session) => Promise<T>): Promise<T> {
    return this.#take(new Set(scopes), body)
  }

  /** One statement by itself; safe to be sent twice. */
  ask<Row>(statement: Statement): Promise<Row[]> {
    return this.#take(NO_SCOPES, statement)
  }

  /**
   * Refuses further work, lets the rest end for a while, carries out each of `last` in a transaction
   * of its own when it did, and closes. Takes seconds at most.
   */
  async close(last: readonly ((session: Session) => Promise<unknown>)[]): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await within(CLOSE_MS_MAX, Promise.allSettled([...this.#underway]))
    for (const body of last) {
      if (this.#underway.size > 0) break
      await within(LAST_MS_MAX, this.#enqueue(NO_SCOPES, body))
    }
    this.#cut = true
    for (const client of this.#clients)
      if (this.#underway.size > 0) client.connection.stream.destroy()
    await within(1_000, this.#pool.end())
    for (const client of this.#clients) client.connection.stream.destroy()
  }

  #take<T>(scopes: ReadonlySet<string>, work: Job['work']): Promise<T> {
    if (this.#closed) return Promise.reject(new LeadFault('LEAD_STORE_CLOSED'))
    return this.#enqueue(scopes, work)
  }

  #enqueue<T>(scopes: ReadonlySet<string>, work: Job['work']): Promise<T> {
    const running = new Promise<T>((resolve, reject) => {
      this.#turns.add({ scopes, work, askedMs: performance.now(), resolve, reject })
    })
    const over = () => {
      this.#underway.delete(running)
    }
    this.#underway.add(running)
    running.then(over, over)
    return running
  }

  async #run(chain: readonly Job[]): Promise<void> {
    if (chain.length > 1 && (await this.#together(chain))) return
    for (const job of chain) await this.#alone(job)
  }

  /** False when one of them stood in the others' way: then each has to go by itself. */
  async #together(chain: readonly Job[]): Promise<boolean> {
    if (this.#cut || this.#away.atMs > chain[0]!.askedMs) return false
    const result = await this.#connected((client) => this.#attempt(client, chain))
    if ('value' in result) {
      for (const [index, job] of chain.entries()) settle(job, result.value[index]!)
      return true
    }
    if ('thrown' in result || !result.final) return false
    for (const [index, { reject }] of chain.entries())
      reject(surfaced(result.failure, this.target, result.settle?.(index)))
    return true
  }

  async #alone(job: Job): Promise<void> {
    try {
      settle(job, await this.#tried(job))
    } catch (thrown) {
      job.reject(thrown)
    }
  }

  async #tried(job: Job): Promise<Ended<unknown>> {
    // Who waited while the server was found to be away is told at once, or a crowd would try in turn.
    if (this.#away.atMs > job.askedMs) throw surfaced(this.#away.failure, this.target)
    const tries: Record<FailureKind, number> = { conflict: 0, crowded: 0, outage: 0, refused: 0 }
    for (;;) {
      if (this.#cut) throw new LeadFault('LEAD_STORE_CLOSED')
      const result = await this.#connected((client) => this.#attempt(client, [job]))
      if ('value' in result) return result.value[0]!
      if ('thrown' in result) return result
      const { failure, final } = result
      // Whoever let us in before and does not now is away for us, whatever the reason.
      const kind = result.connecting ? this.#shutOut(failure) : failureKind(failure)
      tries[kind] += 1
      const pause = final ? undefined : pauseMs(kind, tries[kind])
      if (pause === undefined) {
        if (result.connecting || kind === 'outage')
          this.#away = { atMs: performance.now(), failure }
        throw result.connecting
          ? this.target.outage(failure)
          : surfaced(failure, this.target, result.settle?.(0))
      }
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }

  /** With fewer connections than the pool may have it goes on, more slowly. */
  #shutOut(failure: unknown): FailureKind {
    return isCrowded(failure) && this.#clients.size > 0 ? 'crowded' : 'outage'
  }

  async #connected(attempt: (client: PoolClient) => Promise<Attempt>): Promise<Attempt> {
    let client: PoolClient
    try {
      client = await this.#pool.connect()
    } catch (failure) {
      return { failure, final: false, usable: false, connecting: true }
    }
    const result = await attempt(client)
    client.release(!result.usable)
    return result
  }

  async #attempt(client: PoolClient, chain: readonly Job[]): Promise<Attempt> {
    const [{ work }] = chain as [Job]
    return typeof work === 'object' ? askOnce(client, work) : this.#transact(client, chain)
  }

  async #transact(client: PoolClient, chain: readonly Job[]): Promise<Attempt> {
    const scopes = chain.flatMap((job) => [...job.scopes])
    const session = new Session(client, scopeKeys(this.target.schema, this.#realm, scopes))
    const value: Ended<unknown>[] = []
    try {
      for (const { work } of chain) {
        const body = work as (session: Session) => Promise<unknown>
        value.push(await session.part(() => body(session)))
      }
      await session.commit()
      return { value, usable: true }
    } catch (thrown) {
      const usable = await session.rollback()
      const { failure, inDoubt, proof } = session
      if (failure === undefined) return { thrown, usable }
      const settle = (index: number) => this.#settle(scopes, proof, value[index]!)
      return { failure, final: inDoubt, usable, ...(inDoubt ? { settle } : {}) }
    }
  }

  /** Asked under the same locks: what may still be at its end is waited for. */
  #settle(scopes: readonly string[], proof: Statement | undefined, ended: Ended<unknown>): Settle {
    return async () => {
      if (proof === undefined) return undefined
      const found = await this.transaction(scopes, (session) => session.ask<[unknown[]]>(proof))
      if (found[0].length === 0) return undefined
      if ('thrown' in ended) throw ended.thrown
      return { value: ended.value }
    }
  }
}

async function askOnce(client: PoolClient, statement: Statement): Promise<Attempt> {
  try {
    const [answer] = pipelined(client, [statement])
    return { value: [{ value: (await answer!).rows }], usable: true }
  } catch (failure) {
    return { failure, final: false, usable: failureKind(failure) !== 'outage' }
  }
}

function settle({ resolve, reject }: Job, ended: Ended<unknown>): void {
  if ('value' in ended) resolve(ended.value as never)
  else reject(ended.thrown)
}

/** How an attempt ended; `usable` says whether its connection can be used again. */
type Attempt = { readonly usable: boolean } & (
  | { readonly value: readonly Ended<unknown>[] }
  /** The caller's own fault, which is passed on as it is. */
  | { readonly thrown: unknown }
  /** The database's; `final` when another try could do it twice. */
  | {
      readonly failure: unknown
      readonly final: boolean
      /** Not even a connection came about. */
      readonly connecting?: true
      /** Finds out later what became of the job at this place of the chain. */
      readonly settle?: (index: number) => Settle
    }
)

function nothing(): void {}
