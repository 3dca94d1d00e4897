/** How evenly something was shared out, and how long it took. */

/** Jain's index of fairness (Jain, Chiu & Hawe, DEC-TR-301, 1984): 1 is even, 1/n is all to one. NaN of none. */
export function jain(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0)
  const squares = values.reduce((total, value) => total + value * value, 0)
  return squares === 0 ? Number.NaN : (sum * sum) / (values.length * squares)
}

/** The smallest value that at least `share` of all do not exceed; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

/** A queue of things that happen at their time, the earliest first; of one time in the order of adding. */
export class Agenda<T> {
  readonly #heap: { readonly atMs: number; readonly turn: number; readonly what: T }[] = []
  #turn = 0

  get nextMs(): number {
    return this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY
  }

  add(atMs: number, what: T): void {
    this.#heap.push({ atMs, turn: this.#turn++, what })
    let place = this.#heap.length - 1
    while (place > 0 && this.#isBefore(place, (place - 1) >> 1)) {
      this.#swap(place, (place - 1) >> 1)
      place = (place - 1) >> 1
    }
  }

  /** Requires that there is one. */
  take(): { readonly atMs: number; readonly what: T } {
    const first = this.#heap[0]!
    const last = this.#heap.pop()!
    if (this.#heap.length === 0) return first
    this.#heap[0] = last
    for (let place = 0; ; ) {
      let least = place
      for (const child of [2 * place + 1, 2 * place + 2])
        if (child < this.#heap.length && this.#isBefore(child, least)) least = child
      if (least === place) return first
      this.#swap(place, least)
      place = least
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a]!, this.#heap[b]!]
    return one.atMs < other.atMs || (one.atMs === other.atMs && one.turn < other.turn)
  }

  #swap(a: number, b: number): void {
    const one = this.#heap[a]!
    this.#heap[a] = this.#heap[b]!
    this.#heap[b] = one
  }
}
