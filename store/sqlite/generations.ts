/**
 * A map that forgets. Two generations: when the young one is full it becomes the old one, and the
 * old one goes, unless it holds something that is not on disk yet.
 */
export class Generations<V> {
  readonly #sizeMax: number
  #young = new Map<string, V>()
  #old = new Map<string, V>()
  /** The last batch that brings something of each generation to disk. */
  #youngBatch = 0
  #oldBatch = 0

  /** Holds at least the latest `sizeMax` entries, at most twice as many that are on disk. */
  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax
  }

  get(key: string): V | undefined {
    return this.#young.get(key) ?? this.#old.get(key)
  }

  /** `batch` will bring it to disk; `acknowledged` is the last one that has arrived there. */
  set(key: string, value: V, batch: number, acknowledged: number): void {
    this.#young.set(key, value)
    if (batch > this.#youngBatch) this.#youngBatch = batch
    if (this.#young.size <= this.#sizeMax || this.#oldBatch > acknowledged) return
    this.#old = this.#young
    this.#oldBatch = this.#youngBatch
    this.#young = new Map()
  }

  delete(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  clear(): void {
    this.#young = new Map()
    this.#old = new Map()
  }
}
