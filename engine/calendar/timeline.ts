/**
 * The open intervals of a calendar as sorted arrays with prefix sums, grown in chunks as questions need.
 *
 * What is covered is always one stretch [fromMs, toMs); asking outside it builds the chunks between.
 * Growing only caches: every answer is the same on a fresh timeline as on one that has seen many
 * questions, because callers bound their search by the question and never by what is covered.
 */
import { DAY_MS, YEAR_MAX, YEAR_MIN } from './local-date'
import type { OpenInterval } from './open-interval'

/** About a year: builds in well under 1 ms, and a due date rarely lies further away. */
const CHUNK_MS = 364 * DAY_MS
const WORLD_FROM_MS = Date.UTC(YEAR_MIN, 0, 1)
const WORLD_TO_MS = Date.UTC(YEAR_MAX + 1, 0, 1)

/** The open intervals within [fromMs, toMs), in order and clipped to it. Must be a pure function. */
export type OpenBetween = (fromMs: number, toMs: number) => readonly OpenInterval[]

export class Timeline {
  /** Interval i is [starts[i], ends[i]); openThrough[i] is the open ms of intervals 0 to i. */
  readonly starts: number[] = []
  readonly ends: number[] = []
  readonly openThrough: number[] = []
  fromMs = Number.POSITIVE_INFINITY
  toMs = Number.NEGATIVE_INFINITY
  readonly #openBetween: OpenBetween
  /** Where the last question was answered: the next one is mostly about the same time. */
  #lastFound = 0

  constructor(openBetween: OpenBetween) {
    this.#openBetween = openBetween
  }

  /** Covers an instant (or the edge of the known world next to it). Throws when it is not a number. */
  cover(atMs: number): void {
    if (atMs >= this.fromMs && atMs < this.toMs) return
    if (Number.isNaN(atMs)) throw new RangeError('an instant must be a number of ms, got NaN')
    const insideMs = Math.min(Math.max(atMs, WORLD_FROM_MS), WORLD_TO_MS - 1)
    const chunkMs = Math.floor(insideMs / CHUNK_MS) * CHUNK_MS
    if (this.fromMs > this.toMs) {
      this.fromMs = chunkMs
      this.toMs = chunkMs
    }
    if (chunkMs < this.fromMs) this.#prepend(chunkMs)
    if (chunkMs >= this.toMs) this.#append(chunkMs + CHUNK_MS)
  }

  /** Covers one more chunk towards limitMs; false when limitMs or the end of the world is covered. */
  growForward(limitMs: number): boolean {
    if (this.toMs > limitMs || this.toMs >= WORLD_TO_MS) return false
    this.#append(this.toMs + CHUNK_MS)
    return true
  }

  /** The mirror image of growForward. Interval indexes change. */
  growBackward(limitMs: number): boolean {
    if (this.fromMs < limitMs || this.fromMs <= WORLD_FROM_MS) return false
    this.#prepend(this.fromMs - CHUNK_MS)
    return true
  }

  /** Index of the first covered interval that ends after an instant; their count when none does. */
  firstEndingAfter(atMs: number): number {
    const { ends } = this
    const last = this.#lastFound
    if (last < ends.length && ends[last]! > atMs && (last === 0 || ends[last - 1]! <= atMs))
      return last
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (ends[middle]! > atMs) high = middle
      else low = middle + 1
    }
    this.#lastFound = low
    return low
  }

  /** Index of the first interval, from `low` on, through which at least `openMs` was open. */
  firstOpenThrough(openMs: number, low = 0): number {
    const { openThrough } = this
    let high = openThrough.length
    // Most budgets end in this interval or one of the next few: doubling steps find them first.
    for (let step = 1; low + step < high; step <<= 1) {
      if (openThrough[low + step - 1]! >= openMs) {
        high = low + step
        break
      }
      low += step
    }
    while (low < high) {
      const middle = (low + high) >>> 1
      if (openThrough[middle]! >= openMs) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Open ms between the start of what is covered and an instant. Requires the instant covered. */
  openBefore(atMs: number): number {
    const i = this.firstEndingAfter(atMs)
    const wholeMs = i === 0 ? 0 : this.openThrough[i - 1]!
    if (i === this.ends.length || this.starts[i]! >= atMs) return wholeMs
    return wholeMs + atMs - this.starts[i]!
  }

  #append(toMs: number): void {
    const added = this.#clipped(this.toMs, toMs)
    this.toMs = toMs
    for (const interval of added) this.#push(interval)
  }

  #prepend(fromMs: number): void {
    const added = this.#clipped(fromMs, this.fromMs)
    const known = this.starts.map((startMs, i) => ({ startMs, endMs: this.ends[i]! }))
    this.fromMs = fromMs
    this.starts.length = this.ends.length = this.openThrough.length = 0
    for (const interval of added) this.#push(interval)
    for (const interval of known) this.#push(interval)
  }

  #clipped(fromMs: number, toMs: number): readonly OpenInterval[] {
    const startMs = Math.max(fromMs, WORLD_FROM_MS)
    const endMs = Math.min(toMs, WORLD_TO_MS)
    return startMs < endMs ? this.#openBetween(startMs, endMs) : []
  }

  /** Adds an interval after the last one, joining the two when they touch at a chunk's edge. */
  #push({ startMs, endMs }: OpenInterval): void {
    const last = this.ends.length - 1
    if (last >= 0 && this.ends[last] === startMs) {
      this.ends[last] = endMs
      this.openThrough[last]! += endMs - startMs
      return
    }
    this.starts.push(startMs)
    this.ends.push(endMs)
    this.openThrough.push((last >= 0 ? this.openThrough[last]! : 0) + endMs - startMs)
  }
}
