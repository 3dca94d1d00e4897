/**
 * One database transaction on one connection, in as few round trips as it allows.
 *
 * Nothing is sent before the first question; BEGIN and the locks then go ahead of it in the same
 * packet (the driver's pipeline). What is to be written is kept until the next question or until
 * COMMIT. READ COMMITTED, on purpose: each statement sees what was committed before it began, so
 * what is read after a lock was waited for is what its former holder left.
 */
import { type ClientBase, escapeIdentifier, type PoolClient, type QueryResult } from 'pg'
import { failureKind } from './failure'
import { asQuery, type Statement, sql } from './sql'

const BEGIN = sql('BEGIN ISOLATION LEVEL READ COMMITTED')
const COMMIT = sql('COMMIT')
const ROLLBACK = sql('ROLLBACK')

/** How a body ended: with its value, or with a fault of its own. */
export type Ended<T> = { readonly value: T } | { readonly thrown: unknown }

/** Questions of one moment, which go out together. */
interface Asking {
  readonly list: Statement[]
  readonly rows: Promise<unknown[][]>
}

export class Session {
  readonly #client: PoolClient
  #opening: readonly Statement[]
  #later: Statement[] = []
  #begun = false
  #failure: unknown
  #asking: Asking | undefined
  #committing = false
  /** Finds something that this transaction wrote, once it is committed. */
  proof: Statement | undefined
  /** Where in `#later` the part begins that runs now, and whether something of it was sent. */
  #part = { from: 0, sent: false }

  /** `locks`: advisory lock keys, in the order in which everybody takes them. */
  constructor(client: PoolClient, locks: readonly string[]) {
    this.#client = client
    this.#opening =
      locks.length === 0
        ? [BEGIN]
        : [BEGIN, sql('SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key', locks)]
  }

  /** The first thing that went wrong in the database, whatever the caller made of it. */
  get failure(): unknown {
    return this.#failure
  }

  /** True when the connection was lost while COMMIT was on its way: nobody knows what became of it. */
  get inDoubt(): boolean {
    return (
      this.#committing && this.#failure !== undefined && failureKind(this.#failure) === 'outage'
    )
  }

  /**
   * One of several decisions in this transaction. What it meant to write is dropped when it throws;
   * when something of that was sent already, all have to be undone, and it throws.
   */
  async part<T>(body: () => Promise<T>): Promise<Ended<T>> {
    this.#part = { from: this.#later.length, sent: false }
    try {
      return { value: await body() }
    } catch (thrown) {
      if (this.#failure !== undefined || this.#part.sent) throw thrown
      this.#later.length = this.#part.from
      return { thrown }
    }
  }

  /** To be written before the next question, or before COMMIT. */
  later(statements: readonly Statement[]): void {
    this.#later.push(...statements)
  }

  /** One round trip for all that is asked in the same moment; the rows of each question. */
  async ask<Answers extends readonly unknown[][]>(
    ...questions: readonly Statement[]
  ): Promise<Answers> {
    this.#asking ??= this.#askSoon()
    const { list, rows } = this.#asking
    const from = list.push(...questions) - questions.length
    return (await rows).slice(from, from + questions.length) as unknown as Answers
  }

  #askSoon(): Asking {
    const list: Statement[] = []
    const send = async () => {
      this.#asking = undefined
      const results = await this.#send([...this.#due(), ...list])
      return results.slice(-list.length).map(({ rows }) => rows)
    }
    return { list, rows: Promise.resolve().then(send) }
  }

  /** Resolves when what was written is durable. */
  async commit(): Promise<void> {
    if (!this.#begun && this.#later.length === 0) return
    this.#committing = true
    const results = await this.#send([...this.#due(), COMMIT])
    this.#begun = false
    // PostgreSQL answers COMMIT with ROLLBACK when a statement before it failed and nobody said so.
    if (results.at(-1)!.command !== 'COMMIT') throw this.#failure ?? new Error('rolled back')
  }

  /** Gives up what was not committed. Never throws; false when the connection is of no more use. */
  async rollback(): Promise<boolean> {
    if (!this.#begun) return this.#failure === undefined
    if (this.#failure !== undefined && failureKind(this.#failure) === 'outage') return false
    try {
      await this.#send([ROLLBACK])
      return true
    } catch {
      return false
    }
  }

  #due(): Statement[] {
    const due = [...this.#opening, ...this.#later]
    this.#part = { from: 0, sent: this.#part.sent || this.#later.length > this.#part.from }
    this.#opening = []
    this.#later = []
    return due
  }

  async #send(statements: readonly Statement[]): Promise<QueryResult[]> {
    this.#begun = true
    // All answers are waited for: only then is the connection at rest again.
    const answers = await Promise.allSettled(pipelined(this.#client, statements))
    const failed = answers.find((answer) => answer.status === 'rejected')
    if (failed !== undefined) {
      this.#failure ??= failed.reason
      throw failed.reason
    }
    return answers.map((answer) => (answer as PromiseFulfilledResult<QueryResult>).value)
  }
}

/** One packet for all of them; without the cork each would be sent by itself. */
export function pipelined(
  client: PoolClient,
  statements: readonly Statement[],
): Promise<QueryResult>[] {
  const { stream } = client.connection
  stream.cork()
  try {
    return statements.map((statement) => client.query(asQuery(statement)))
  } finally {
    stream.uncork()
  }
}

/**
 * A lock is waited for at most half a minute, and a container that stops in the middle of a
 * transaction loses its locks before that. Limits that a role or database sets for everybody do not
 * hold here: who waits for a lock, and a step of the schema, may take longer. A database set to report
 * commits before they are on disk is told otherwise for us; a stricter setting stays.
 */
export async function prepareSession(client: ClientBase, schema: string): Promise<void> {
  await client.query(`
    SET search_path TO ${escapeIdentifier(schema)};
    SET lock_timeout = '30s';
    SET idle_in_transaction_session_timeout = '20s';
    SELECT set_config(name, '0', false) FROM pg_settings
    WHERE name IN ('statement_timeout', 'transaction_timeout');
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off'`)
}
