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
  /** Does what is due. Calls never overlap. */
  readonly ring: () => Promise<void>
  readonly now: () => number
}

export class Alarm {
  readonly #self: LeadNode
  readonly #options: AlarmOptions
  #timer: NodeJS.Timeout | undefined
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
    } while (this.#again && !this.#closed)
    await guarded(this.#self, () => this.#arm())
  }

  async #arm(): Promise<void> {
    const nextMs = await this.#options.nextMs()
    clearTimeout(this.#timer)
    if (nextMs === undefined || this.#closed) return
    const sleepMs = Math.min(SLEEP_MS_MAX, Math.max(1, nextMs - this.#options.now()))
    this.#timer = setTimeout(() => void this.wake(), sleepMs)
    this.#timer.unref()
  }
}
