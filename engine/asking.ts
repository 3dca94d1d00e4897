/**
 * Work that asks a store, without saying whether it has to wait for the answers.
 *
 * A store that knows at once (a file of its own, with memory beside it) answers without a promise, so
 * that a decision costs no turn of the event loop; one behind a network yields what has to be waited
 * for. `yield*` takes the place of `await`:
 *
 *     function* gather(reads, lead) { return { state: yield* reads.state(lead.id) } }
 */
export type Asking<T> = Iterable<Promise<unknown>, T, unknown>

/** An answer that is there already. */
export function known<T>(value: T): Asking<T> {
  return new Known(value)
}

class Known<T> implements Iterator<never, T, unknown> {
  readonly done = true

  constructor(readonly value: T) {}

  [Symbol.iterator](): this {
    return this
  }

  // What ends at once is its own last result.
  next(): this & { readonly done: true } {
    return this
  }
}

/** An answer that comes later. */
export function* waitFor<T>(answer: PromiseLike<T>): Asking<T> {
  return (yield Promise.resolve(answer)) as T
}

/** Asks all of them in the same moment, as Promise.all does. */
export function* together<T extends readonly unknown[]>(
  ...all: { readonly [I in keyof T]: Asking<T[I]> }
): Asking<T> {
  const answers = all.map((one) => carryOut(one as Asking<unknown>))
  return (answers.some(isLater) ? yield Promise.all(answers) : answers) as T
}

/** Carries it out; a promise only where something has to be waited for. */
export function carryOut<T>(asking: Asking<T>): T | Promise<T> {
  const work = asking[Symbol.iterator]()
  const first = work.next()
  return first.done ? first.value : goOn(work, first.value)
}

async function goOn<T>(
  work: Iterator<Promise<unknown>, T, unknown>,
  pending: Promise<unknown>,
): Promise<T> {
  for (let waited = pending; ; ) {
    let next: IteratorResult<Promise<unknown>, T>
    try {
      next = work.next(await waited)
    } catch (raw) {
      // Thrown by what was waited for, or by the work itself, which is then over and rethrows it.
      next = work.throw!(raw)
    }
    if (next.done) return next.value
    waited = next.value
  }
}

function isLater(answer: unknown): boolean {
  return answer instanceof Promise
}
