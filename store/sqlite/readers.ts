/**
 * Who answers questions about a whole realm. A long log is read in a thread, so that the flows go on
 * meanwhile; a verification, which may take minutes, in one of its own, so that nobody waits for it.
 */
import type { Worker } from 'node:worker_threads'
import { LeadFault } from '../../engine/faults'
import { AuditLog } from './audit-log'
import type { Database } from './database'
import { type Answer, type Asked, answer, type Details, type Question } from './questions'
import { startThread } from './thread'

/** A log of so many entries is verified in ten milliseconds, and needs no thread for that … */
const VERIFIED_ON_THE_SPOT_MAX = 500
/** … and everything else is counted through in less. */
const COUNTED_ON_THE_SPOT_MAX = 5_000

/** What a thread says to the question with this id. */
export type Told = { readonly id: number } & (
  | { readonly answer: unknown }
  | { readonly error: string }
)

export class Readers {
  readonly #database: Database
  readonly #threads = new Set<Thread>()
  /** For everything but verifications. */
  #counter: Thread | undefined
  #closed = false

  constructor(database: Database) {
    this.#database = database
  }

  async ask<Q extends Question>(
    question: Q,
    realm: string,
    ...details: Details<Q>
  ): Promise<Answer<Q>> {
    if (this.#closed) throw new LeadFault('LEAD_STORE_CLOSED')
    const { file } = this.#database
    const asked: Asked<Q> = { question, realm, details }
    if (file === ':memory:' || this.#isQuick(asked)) return answer(this.#database, asked)
    if (question !== 'verify') {
      if (this.#counter === undefined || this.#counter.isGone) this.#counter = this.#start(file)
      return this.#counter.ask(asked)
    }
    const own = this.#start(file)
    try {
      return await own.ask(asked)
    } finally {
      await this.#end(own)
    }
  }

  /** Whoever still waits for an answer is told that the store is closed. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#threads].map((thread) => this.#end(thread)))
  }

  #isQuick({ question, realm }: Asked): boolean {
    const { size } = new AuditLog(this.#database, realm)
    return size <= (question === 'verify' ? VERIFIED_ON_THE_SPOT_MAX : COUNTED_ON_THE_SPOT_MAX)
  }

  #start(file: string): Thread {
    const thread = new Thread(file)
    this.#threads.add(thread)
    return thread
  }

  async #end(thread: Thread): Promise<void> {
    await thread.end()
    this.#threads.delete(thread)
  }
}

interface Waiting {
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
}

class Thread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #nextId = 1
  isGone = false

  constructor(file: string) {
    this.#worker = startThread('reader-thread', file)
    this.#worker.on('message', (told: Told) => {
      const one = this.#waiting.get(told.id)
      this.#waiting.delete(told.id)
      if ('error' in told) one?.reject(new Error(told.error))
      else one?.resolve(told.answer as never)
      this.#letGo()
    })
    this.#worker.on('error', (error) => this.#refuse(error))
    this.#worker.on('exit', () => this.#refuse(new LeadFault('LEAD_STORE_CLOSED')))
    this.#letGo()
  }

  ask<Q extends Question>(asked: Asked<Q>): Promise<Answer<Q>> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject })
      this.#worker.ref()
      this.#worker.postMessage({ id, asked })
    })
  }

  async end(): Promise<void> {
    this.#refuse(new LeadFault('LEAD_STORE_CLOSED'))
    await this.#worker.terminate()
  }

  #refuse(error: Error): void {
    this.isGone = true
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }

  /** A thread that nobody waits for keeps no process from ending. */
  #letGo(): void {
    if (this.#waiting.size === 0) this.#worker.unref()
  }
}
