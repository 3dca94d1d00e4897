/**
 * Gives committed entries their place in the log, in batches, and grows the Merkle tree over them.
 *
 * Every container has one; whoever holds the tree's row goes. It takes every committed entry that
 * has no place yet, in order of arrival: one that arrived earlier but is committed later is not
 * skipped but placed later. An entry that was decided after another was committed stands after it,
 * because its arrival was counted after it too. The news go out with the places, in one
 * transaction, so a container that dies between a decision and its news leaves them to the others.
 */
import { CompactRange } from '../../engine/audit/merkle/compact-range'
import type { StoreEvent } from '../store'
import type { Database } from './database'
import type { Session } from './session'
import { sql } from './sql'

const BATCH = 1_000
/** Nobody waits for a place any more, and there is one transaction to give them all. */
export const LAST_BATCH = 50_000
/** Lets entries of one moment share a batch … */
const GATHER_MS = 10
/** … and those of a busy time more of them: a batch of few entries costs as much as a decision. */
const PACE_MS = 50
/** How soon the entries of a container that died are found. */
const LOOK_EVERY_MS = 1_000

interface Arrival {
  readonly id: number
  readonly leaf: Buffer
  readonly freed: boolean
  readonly timers: boolean
}

export class Sequencer {
  readonly #database: Database
  readonly #realm: string
  readonly #channel: string
  readonly #looking: NodeJS.Timeout
  #gathering: NodeJS.Timeout | undefined
  #ranMs = 0
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(database: Database, realm: string, channel: string) {
    this.#database = database
    this.#realm = realm
    this.#channel = channel
    this.#looking = setInterval(() => this.soon(), LOOK_EVERY_MS)
    this.#looking.unref()
  }

  /** Something was committed. Never throws: what cannot be done now is done at the next look. */
  soon(): void {
    const restMs = this.#ranMs + PACE_MS - performance.now()
    this.#gathering ??= setTimeout(
      () => {
        this.#gathering = undefined
        this.catchUp().catch(() => {})
      },
      Math.max(GATHER_MS, restMs),
    ).unref()
  }

  /** Resolves when everything that is committed now has its place. */
  catchUp(): Promise<void> {
    if (this.#running === undefined) return this.#start()
    // The run under way may have looked before; the next one, shared by all who ask now, has not.
    this.#next ??= this.#running.then(ignore, ignore).then(() => {
      this.#next = undefined
      return this.#start()
    })
    return this.#next
  }

  stop(): void {
    clearInterval(this.#looking)
    clearTimeout(this.#gathering)
  }

  #start(): Promise<void> {
    const run = this.#run().finally(() => {
      this.#ranMs = performance.now()
      if (this.#running === run) this.#running = undefined
    })
    this.#running = run
    return run
  }

  async #run(): Promise<void> {
    if (await this.#idle()) return
    let placed: number
    do {
      placed = await this.#database.transaction([], (session) => this.place(session))
    } while (placed === BATCH)
  }

  async #idle(): Promise<boolean> {
    const [row] = await this.#database.ask<{ waiting: boolean }>(
      sql(
        'SELECT EXISTS (SELECT FROM audit WHERE realm = $1 AND seq IS NULL) AS waiting',
        this.#realm,
      ),
    )
    return row?.waiting !== true
  }

  /** Places one batch, in a transaction; resolves with how many entries it had. */
  async place(session: Session, limit = BATCH): Promise<number> {
    const [[tree], arrivals] = await session.ask<[{ size: number; hashes: string }[], Arrival[]]>(
      sql('SELECT size, hashes FROM audit_tree WHERE realm = $1 FOR NO KEY UPDATE', this.#realm),
      sql(
        `SELECT id, leaf, freed, timers FROM audit
         WHERE realm = $1 AND seq IS NULL ORDER BY id LIMIT $2`,
        this.#realm,
        limit,
      ),
    )
    if (arrivals.length === 0) return 0
    const range = CompactRange.fromState({ size: tree!.size, hashes: JSON.parse(tree!.hashes) })
    const first = range.size
    for (const { leaf } of arrivals) range.append(leaf)
    const { size, hashes } = range.toState()
    session.later([
      sql(
        `UPDATE audit SET seq = $2 + place.nth - 1
         FROM unnest($1::bigint[]) WITH ORDINALITY AS place (id, nth) WHERE audit.id = place.id`,
        arrivals.map(({ id }) => id),
        first,
      ),
      sql(
        'UPDATE audit_tree SET size = $2, hashes = $3 WHERE realm = $1',
        this.#realm,
        size,
        JSON.stringify(hashes),
      ),
      sql('SELECT pg_notify($1, $2)', this.#channel, JSON.stringify(news(size - 1, arrivals))),
    ])
    return arrivals.length
  }
}

function news(lastSeq: number, arrivals: readonly Arrival[]): StoreEvent {
  return {
    lastSeq,
    freed: arrivals.some(({ freed }) => freed),
    timers: arrivals.some(({ timers }) => timers),
  }
}

function ignore(): void {}
