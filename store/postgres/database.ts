/**
 * The connections: a pool that mends itself. A lost server fails what is under way, with
 * LEAD_STORE_UNAVAILABLE after a short while of trying again, and later work connects anew.
 */
import { Pool, type PoolClient } from 'pg'
import { LeadFault } from '../../engine/faults'
import { type FailureKind, failureKind, pauseMs, surfaced } from './failure'
import { migrate } from './migrations'
import { type PostgresOptions, Target } from './options'
import { pipelined, prepareSession, Session } from './session'
import type { Statement } from './sql'
import { Turns } from './turns'

/** What is under way may end by itself for so long when the store closes; then it is cut off. */
const CLOSE_MS_MAX = 3_000

export class Database {
  readonly target: Target
  readonly #pool: Pool
  readonly #clients = new Set<PoolClient>()
  readonly #turns: Turns
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
      throw target.unavailable(raw)
    }
    return new Database(target)
  }

  private constructor(target: Target) {
    this.target = target
    this.#turns = new Turns(target.poolMax)
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
   * Runs `body` in one transaction with the scopes locked. It is run again when others were in the
   * way, and when the server went away before COMMIT was sent; never when COMMIT may have arrived.
   */
  transaction<T>(
    scopes: readonly string[],
    locks: readonly string[],
    body: (session: Session) => Promise<T>,
  ): Promise<T> {
    return this.#tracked(scopes, (askedMs) =>
      this.#trying(askedMs, async (client) => {
        const session = new Session(client, locks)
        try {
          const value = await body(session)
          await session.commit()
          return { value, usable: true }
        } catch (thrown) {
          const usable = await session.rollback()
          const { failure, inDoubt } = session
          return failure === undefined ? { thrown, usable } : { failure, final: inDoubt, usable }
        }
      }),
    )
  }

  /** One statement by itself; safe to be sent twice. */
  ask<Row>(statement: Statement): Promise<Row[]> {
    return this.#tracked([], (askedMs) =>
      this.#trying(askedMs, async (client) => {
        try {
          const [answer] = pipelined(client, [statement])
          return { value: (await answer!).rows as Row[], usable: true }
        } catch (failure) {
          return { failure, final: false, usable: failureKind(failure) !== 'outage' }
        }
      }),
    )
  }

  /** Refuses further work, lets the rest end for a while, and closes. Takes seconds at most. */
  async close(): Promise<void> {
    this.#closed = true
    await within(CLOSE_MS_MAX, Promise.allSettled([...this.#underway]))
    this.#cut = true
    for (const client of this.#clients)
      if (this.#underway.size > 0) client.connection.stream.destroy()
    await within(1_000, this.#pool.end())
    for (const client of this.#clients) client.connection.stream.destroy()
  }

  #tracked<T>(scopes: readonly string[], job: (askedMs: number) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new LeadFault('LEAD_STORE_CLOSED'))
    const askedMs = performance.now()
    const running = this.#turns.run(scopes, () => job(askedMs))
    const over = () => {
      this.#underway.delete(running)
    }
    this.#underway.add(running)
    running.then(over, over)
    return running
  }

  async #trying<T>(
    askedMs: number,
    attempt: (client: PoolClient) => Promise<Attempt<T>>,
  ): Promise<T> {
    // Who waited while the server was found to be away is told at once, or a crowd would try in turn.
    if (this.#away.atMs > askedMs) throw surfaced(this.#away.failure, this.target)
    const tries: Record<FailureKind, number> = { conflict: 0, outage: 0, refused: 0 }
    for (;;) {
      if (this.#cut) throw new LeadFault('LEAD_STORE_CLOSED')
      const result = await this.#connected(attempt)
      if ('value' in result) return result.value
      if ('thrown' in result) throw result.thrown
      const { failure, final } = result
      const kind = failureKind(failure)
      tries[kind] += 1
      const pause = final ? undefined : pauseMs(kind, tries[kind])
      if (pause === undefined) {
        if (kind === 'outage') this.#away = { atMs: performance.now(), failure }
        throw surfaced(failure, this.target)
      }
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }

  async #connected<T>(attempt: (client: PoolClient) => Promise<Attempt<T>>): Promise<Attempt<T>> {
    let client: PoolClient
    try {
      client = await this.#pool.connect()
    } catch (failure) {
      return { failure, final: false, usable: false }
    }
    const result = await attempt(client)
    client.release(!result.usable)
    return result
  }
}

/** How an attempt ended; `usable` says whether its connection can be used again. */
type Attempt<T> = { readonly usable: boolean } & (
  | { readonly value: T }
  /** The caller's own fault, which is passed on as it is. */
  | { readonly thrown: unknown }
  /** The database's; `final` when another try could do it twice. */
  | { readonly failure: unknown; readonly final: boolean }
)

function within(ms: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    const over = () => {
      clearTimeout(timer)
      resolve()
    }
    work.then(over, over)
  })
}

function nothing(): void {}
