/**
 * Wakes a node at its next due moment. Nothing is kept but the next tick: what is due is asked from
 * the store each time, so that a restart forgets nothing.
 */
import type { OpenStore } from './config-nodes'
import { guarded, type LeadNode } from './lead-node'

/** A long sleep is cut up: setTimeout ends at 2^31 ms, and a clock may be set. */
const SLEEP_MS_MAX = 60_000
/** Before what could not be done is tried again, ms; doubles with each failure in a row. */
const RETRY_MS_MIN = 100

export interface AlarmOptions {
  readonly open: () => OpenStore
  /**
   * When to wake next, epoch ms; undefined: nothing is due. It has just rung at `rangMs`: what was
   * due by then and is answered all the same could not be done.
   */
  readonly nextMs: (rangMs: number) => Promise<number | undefined>
  /** Does what is due. Calls never overlap. What it throws is told, and it is called again later. */
  readonly ring: () => Promise<void>
}

export class Alarm {
  readonly #self: LeadNode
  readonly #options: AlarmOptions
  #timer: NodeJS.Timeout | undefined
  /** What the timer is set for, epoch ms. */
  #wakesMs = Number.POSITIVE_INFINITY
  #rangMs = Number.NEGATIVE_INFINITY
  /** How often in a row it rang and something due could not be done. */
  #failures = 0
  #busy: Promise<void> | undefined
  #again = false
  #closed = false

  constructor(self: LeadNode, options: AlarmOptions) {
    this.#self = self
    this.#options = options
    self.node.on('close', (done: () => void) => {
      this.#closed = true
      clearTimeout(this.#timer)
      void Promise.resolve(this.#busy).finally(done)
    })
  }

  /** Something is due at `dueMs`; the alarm wakes for it, unless it wakes before anyway. */
  expect(dueMs: number): void {
    if (dueMs < this.#wakesMs) this.#set(dueMs)
  }

  /** Rings now, and then sets the next waking. Resolves when that is done. */
  wake(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    if (this.#busy !== undefined) {
      this.#again = true
      return this.#busy
    }
    this.#busy = this.#run().finally(() => {
      this.#busy = undefined
    })
    return this.#busy
  }

  async #run(): Promise<void> {
    do {
      this.#again = false
      const rang = await guarded(this.#self, () => this.#ring())
      await guarded(this.#self, () => this.#arm(rang))
    } while (this.#again && !this.#closed)
  }

  #ring(): Promise<void> {
    this.#rangMs = this.#options.open().now()
    return this.#options.ring()
  }

  async #arm(rang: boolean): Promise<void> {
    if (this.#closed) return
    clearTimeout(this.#timer)
    this.#wakesMs = Number.POSITIVE_INFINITY
    const { open, nextMs } = this.#options
    const { store, now } = open()
    const pauseMs = Math.min(SLEEP_MS_MAX, RETRY_MS_MIN * 2 ** this.#failures++)
    try {
      const dueMs = (await nextMs(this.#rangMs)) ?? Number.POSITIVE_INFINITY
      const isNew = dueMs > this.#rangMs
      if (rang && isNew) this.#failures = 0
      // While the store was asked, something sooner may have come to be expected. Others may leave
      // something behind, so it looks by itself from time to time.
      this.expect(Math.min(isNew ? dueMs : Number.POSITIVE_INFINITY, now() + store.lookEveryMs))
    } finally {
      // A store that is away says itself when it is back.
      if (this.#failures > 0 && store.health.presence === 'open') this.expect(now() + pauseMs)
    }
  }

  #set(dueMs: number): void {
    if (this.#closed) return
    clearTimeout(this.#timer)
    const sleepMs = Math.min(SLEEP_MS_MAX, Math.max(1, dueMs - this.#options.open().now()))
    this.#wakesMs = dueMs
    this.#timer = setTimeout(() => void this.wake(), sleepMs)
    this.#timer.unref()
  }
}
