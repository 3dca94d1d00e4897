/**
 * Whether the entries without their private part may be without it: retention keeps every entry's for
 * a year at least (engine/retention), and each time it erases some it writes an entry that says so. Whoever
 * empties an entry by hand so leaves one that is too young, or no erasure at all.
 */
import type { PublicEntry } from '../engine/audit/entry'
import { monthsBefore, TRAIL_MONTHS_MIN } from '../engine/retention'

/** Clocks of several containers differ, and months do in length. */
const LENIENT_MS = 2 * 86_400_000

interface Emptied {
  readonly seq: number
  readonly atMs: number
}

export class LawfulErasure {
  readonly #namedMax: number
  /** The youngest of those that were erased, youngest first: if any is too young, they are. */
  readonly #youngest: Emptied[] = []
  #lastErasureMs = Number.NEGATIVE_INFINITY

  constructor(namedMax: number) {
    this.#namedMax = namedMax
  }

  take(seq: number, entry: PublicEntry, isErased: boolean): void {
    const atMs = Date.parse(entry.at)
    if (entry.step === 'retention' && entry.changes.includes('details.erase'))
      this.#lastErasureMs = Math.max(this.#lastErasureMs, atMs)
    if (isErased) this.#keep({ seq, atMs })
  }

  #keep(emptied: Emptied): void {
    const youngest = this.#youngest
    const last = youngest.at(-1)
    if (youngest.length === this.#namedMax && emptied.atMs <= last!.atMs) return
    youngest.push(emptied)
    youngest.sort((a, b) => b.atMs - a.atMs || a.seq - b.seq)
    if (youngest.length > this.#namedMax) youngest.pop()
  }

  faults(): string[] {
    const last = this.#lastErasureMs
    const beforeMs = Number.isFinite(last)
      ? monthsBefore(last, TRAIL_MONTHS_MIN) + LENIENT_MS
      : Number.NEGATIVE_INFINITY
    return this.#youngest
      .filter(({ atMs }) => atMs > beforeMs)
      .map(({ seq }) => seq)
      .sort((a, b) => a - b)
      .map((seq) => `the details of entry ${seq} were removed though it was too young to be erased`)
  }
}
