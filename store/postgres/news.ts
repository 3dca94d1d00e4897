/**
 * Hears what any container's decisions brought about: LISTEN on one channel per realm, on a
 * connection of its own. Own decisions come back the same way, so there is one path for all.
 *
 * When the connection was lost, news may have been missed: after it is back, listeners hear that
 * anything may have happened, and look for themselves.
 */
import { Client, escapeIdentifier } from 'pg'
import type { StoreEvent } from '../store'
import { lockKey } from './locks'
import type { Target } from './options'
import { prepareSession } from './session'

type Listener = (event: StoreEvent) => void

const PAUSE_MS_MIN = 100
const PAUSE_MS_MAX = 2_000
const ANSWER_MS_MAX = 10_000

export function channelOf(schema: string, realm: string): string {
  return `lead_news_${BigInt.asUintN(64, lockKey(schema, realm, 'news')).toString(16)}`
}

/** What the connection is used for besides: it has no work of its own that could delay this. */
export interface Beat {
  readonly everyMs: number
  /** Also once when the connection has come about. A connection that died without a word fails it. */
  readonly run: (client: Client) => Promise<void>
  /** The connection was lost. */
  readonly lost: (raw: unknown) => void
}

export class News {
  readonly #target: Target
  readonly #channel: string
  readonly #listeners = new Set<Listener>()
  readonly #beat: Beat
  readonly #beating: NodeJS.Timeout
  #failure: unknown
  #client: Client | undefined
  #retry: NodeJS.Timeout | undefined
  #pauseMs = PAUSE_MS_MIN
  #lastSeq = -1
  #closed = false

  constructor(target: Target, channel: string, beat: Beat) {
    this.#target = target
    this.#channel = channel
    this.#beat = beat
    this.#beating = setInterval(() => void this.#ask(), beat.everyMs)
    this.#beating.unref()
  }

  /** Resolves when news are heard; rejects when the server does not answer. */
  async open(): Promise<void> {
    const client = new Client({ ...this.#target.config, query_timeout: ANSWER_MS_MAX })
    client.on('error', (raw) => {
      this.#failure = raw
    })
    client.on('notification', ({ payload }) => {
      this.#tell(payload ?? '')
    })
    try {
      await client.connect()
      await prepareSession(client, this.#target.schema)
      await client.query(`LISTEN ${escapeIdentifier(this.#channel)}`)
      await this.#beat.run(client)
    } catch (raw) {
      drop(client)
      throw raw
    }
    if (this.#closed) return drop(client)
    this.#client = client
    this.#pauseMs = PAUSE_MS_MIN
    client.once('end', () => {
      this.#lost(client)
    })
  }

  subscribe(listener: Listener): () => void {
    // A function of its own, so that one listener may subscribe twice.
    const mine: Listener = (event) => {
      listener(event)
    }
    this.#listeners.add(mine)
    return () => {
      this.#listeners.delete(mine)
    }
  }

  close(): void {
    this.#closed = true
    this.#listeners.clear()
    clearInterval(this.#beating)
    clearTimeout(this.#retry)
    if (this.#client !== undefined) drop(this.#client)
    this.#client = undefined
  }

  #lost(client: Client): void {
    if (this.#client !== client || this.#closed) return
    this.#client = undefined
    this.#beat.lost(this.#failure ?? new Error('the connection was closed'))
    this.#failure = undefined
    this.#again()
  }

  /** Something may have happened that nobody tells of. */
  suspect(): void {
    this.#deliver({ lastSeq: this.#lastSeq, freed: true, timers: true, orphans: true })
  }

  #again(): void {
    const pauseMs = this.#pauseMs * (0.5 + Math.random())
    this.#pauseMs = Math.min(PAUSE_MS_MAX, this.#pauseMs * 2)
    this.#retry = setTimeout(() => {
      this.open().then(
        () => {
          this.suspect()
        },
        () => {
          if (!this.#closed) this.#again()
        },
      )
    }, pauseMs).unref()
  }

  async #ask(): Promise<void> {
    const client = this.#client
    if (client === undefined) return
    try {
      await this.#beat.run(client)
    } catch (raw) {
      this.#failure = raw
      drop(client)
    }
  }

  #tell(payload: string): void {
    const event = newsIn(payload)
    if (event === undefined) {
      this.suspect()
      return
    }
    this.#lastSeq = Math.max(this.#lastSeq, event.lastSeq)
    this.#deliver(event)
  }

  #deliver(event: StoreEvent): void {
    for (const listener of this.#listeners) {
      // A listener of one node must not keep the others from their news.
      queueMicrotask(() => {
        listener(event)
      })
    }
  }
}

/** Anybody who may log in to the database can say something on the channel. */
function newsIn(payload: string): StoreEvent | undefined {
  try {
    const event = JSON.parse(payload) as StoreEvent | null
    return Number.isSafeInteger(event?.lastSeq) ? event! : undefined
  } catch {
    return undefined
  }
}

/** At once, and whether or not the server still answers. */
function drop(client: Client): void {
  client.end().catch(ignore)
  client.connection.stream.destroy()
}

function ignore(): void {}
