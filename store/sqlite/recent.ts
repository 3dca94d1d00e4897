/**
 * What was committed lately, by key: everything that may not be on disk yet, and for a while what
 * is. Steps read it before the database, so that they see each other's changes at once, and so
 * that a lead on its way costs few queries.
 *
 * Two generations: when the young one is full it becomes the old one, and the old one goes, unless
 * it holds something that the writer has not acknowledged. A lead that was `born` here and is
 * still remembered has nothing in the database that is not also here: its absences need no query.
 */
const KINDS = [
  'intake',
  'body',
  'standing',
  'assignment',
  'decided',
  'identity',
  'owner',
  'timers',
  'signals',
  'tally',
  'born',
] as const
export type Kind = (typeof KINDS)[number]

interface Entry {
  value: unknown
  readonly batch: number
}

type Generation = { readonly [K in Kind]: Map<string, Entry> } & { size: number; lastBatch: number }

const GENERATION_MAX = 100_000

function generation(): Generation {
  const maps = Object.fromEntries(KINDS.map((kind) => [kind, new Map<string, Entry>()]))
  return { ...(maps as { [K in Kind]: Map<string, Entry> }), size: 0, lastBatch: 0 }
}

export class Recent {
  #young = generation()
  #old = generation()
  #acknowledged = 0

  get<T>(kind: Kind, key: string): T | undefined {
    const entry = this.#young[kind].get(key) ?? this.#old[kind].get(key)
    return entry?.value as T | undefined
  }

  /** `batch` is the batch that will bring it to disk. */
  set(kind: Kind, key: string, value: unknown, batch: number): void {
    const { [kind]: map } = this.#young
    if (!map.has(key)) this.#young.size += 1
    map.set(key, { value, batch })
    this.#young.lastBatch = batch
    if (this.#young.size > GENERATION_MAX && this.#old.lastBatch <= this.#acknowledged) this.#turn()
  }

  /** Everything up to `batch` is on disk; `drop` are values too large to keep from now on. */
  acknowledge(batch: number, drop: readonly (readonly [Kind, string])[]): void {
    this.#acknowledged = batch
    for (const [kind, key] of drop) {
      for (const { [kind]: map } of [this.#young, this.#old]) {
        const entry = map.get(key)
        if (entry === undefined || entry.batch > batch) continue
        // That there is one must stay known; what it says can be read from the file again.
        if (kind === 'decided' || kind === 'body') entry.value = {}
        else map.delete(key)
      }
    }
  }

  clear(): void {
    this.#young = generation()
    this.#old = generation()
  }

  #turn(): void {
    this.#old = this.#young
    this.#young = generation()
  }
}
