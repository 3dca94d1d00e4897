/**
 * Wakes a node at its next due moment. Nothing is kept but the next tick: what is due is asked from
 * the store each time, so that a restart forgets nothing.
 */
import { guarded, type LeadNode } from './lead-node'

/** A long sleep is cut up: setTimeout ends at 2^31 ms, and a clock may be set. */
const SLEEP_MS_MAX = 60_000

export interface AlarmOptions {
  /** When to wake next, epoch ms; undefined: nothing is due. */
  readonly nextMs: () => Promise<number | undefined>
  /** How often at least to wake: others may have left something behind, ms. */
  readonly everyMs: () => number
  /** Does what is due. Calls never overlap. */
  readonly ring: () => Promise<void>
  readonly now: () => number
}

export class Alarm {
  readonly #self: LeadNode
  readonly #options: AlarmOptions
  #timer: NodeJS.Timeout | undefined
  /** What the timer is set for, epoch ms. */
  #wakesMs = Number.POSITIVE_INFINITY
  /** How often in a row something due was still due after ringing. */
  #overdue = 0
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
      await guarded(this.#self, this.#options.ring)
      await guarded(this.#self, () => this.#arm())
    } while (this.#again && !this.#closed)
  }

  async #arm(): Promise<void> {
    if (this.#closed) return
    clearTimeout(this.#timer)
    this.#wakesMs = Number.POSITIVE_INFINITY
    const { now, nextMs, everyMs } = this.#options
    // While the store was asked, something sooner may have come to be expected.
    this.expect(Math.min((await nextMs()) ?? Number.POSITIVE_INFINITY, now() + everyMs()))
  }

  #set(dueMs: number): void {
    if (this.#closed) return
    clearTimeout(this.#timer)
    const dueInMs = dueMs - this.#options.now()
    // What is due and could not be done just now is tried again less and less often.
    this.#overdue = dueInMs > 0 ? 0 : this.#overdue + 1
    const sleepMs = Math.min(SLEEP_MS_MAX, Math.max(dueInMs, 2 ** this.#overdue))
    this.#wakesMs = dueMs
    this.#timer = setTimeout(() => void this.wake(), sleepMs)
    this.#timer.unref()
  }
}
