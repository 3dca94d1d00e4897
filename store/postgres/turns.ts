/**
 * Who goes first inside this process. Transactions that name the same scope wait for one another
 * here, in memory, so that a crowd before one scope does not take up every connection; between
 * processes the database's locks decide. Then at most `max` go at once.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>()
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(max: number) {
    this.#free = max
  }

  /** Runs `job` when all earlier jobs in its scopes are over, and a place is free. */
  run<T>(scopes: readonly string[], job: () => Promise<T>): Promise<T> {
    const before = scopes.map((scope) => this.#last.get(scope))
    const mine = Promise.all(before).then(() => this.#placed(job))
    if (scopes.length > 0) this.#queue(scopes, mine)
    return mine
  }

  /** Each job waits only for earlier ones, so no two can wait for each other. */
  #queue(scopes: readonly string[], mine: Promise<unknown>): void {
    const over = mine.then(nothing, nothing)
    for (const scope of scopes) this.#last.set(scope, over)
    void over.then(() => {
      for (const scope of scopes) if (this.#last.get(scope) === over) this.#last.delete(scope)
    })
  }

  async #placed<T>(job: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await job()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }
}

function nothing(): void {}
