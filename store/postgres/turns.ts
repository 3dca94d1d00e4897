/**
 * Who goes first inside this process. Jobs that name the same scope go one after the other, in the
 * order in which they came; between processes the database's locks decide. Jobs that wait for one
 * another here take up no connection, and those that have piled up behind a scope are started
 * together: one transaction then carries them all, and the scope is locked once and not once each.
 */

/** A longer chain would keep other containers from the scope, and its first caller, for too long. */
const CHAIN_MAX = 32

export interface Scoped {
  readonly scopes: ReadonlySet<string>
}

export class Turns<Job extends Scoped> {
  readonly #run: (chain: readonly Job[]) => Promise<void>
  /** Jobs in a scope, those that run first. */
  readonly #queues = new Map<string, Job[]>()
  /** In how many scopes others are ahead; absent when none are. */
  readonly #ahead = new Map<Job, number>()
  readonly #ready: Job[] = []
  #free: number

  /** `run` carries out the jobs in their order, and never rejects; at most `max` runs at once. */
  constructor(max: number, run: (chain: readonly Job[]) => Promise<void>) {
    this.#free = max
    this.#run = run
  }

  add(job: Job): void {
    let ahead = 0
    for (const scope of job.scopes) {
      const queue = this.#queues.get(scope)
      if (queue === undefined) this.#queues.set(scope, [job])
      else ahead = queue.push(job) > 1 ? ahead + 1 : ahead
    }
    if (ahead === 0) this.#ready.push(job)
    else this.#ahead.set(job, ahead)
    this.#start()
  }

  #start(): void {
    while (this.#free > 0 && this.#ready.length > 0) {
      const chain = this.#chain(this.#ready.shift()!)
      this.#free -= 1
      void this.#run(chain).then(() => {
        this.#free += 1
        this.#leave(chain)
        this.#start()
      })
    }
  }

  /** The job, and those behind it that wait for nobody else. */
  #chain(first: Job): Job[] {
    const chain = new Set([first])
    for (const scope of first.scopes) {
      for (const next of this.#queues.get(scope)!) {
        if (chain.has(next)) continue
        if (chain.size === CHAIN_MAX || !this.#waitsOnlyFor(chain, next)) break
        chain.add(next)
        this.#ahead.delete(next)
      }
    }
    return [...chain]
  }

  #waitsOnlyFor(chain: ReadonlySet<Job>, job: Job): boolean {
    for (const scope of job.scopes) {
      for (const other of this.#queues.get(scope)!) {
        if (other === job) break
        if (!chain.has(other)) return false
      }
    }
    return true
  }

  #leave(chain: readonly Job[]): void {
    const gone = new Set(chain)
    for (const scope of new Set(chain.flatMap(({ scopes }) => [...scopes]))) {
      const queue = this.#queues.get(scope)!.filter((job) => !gone.has(job))
      if (queue.length === 0) {
        this.#queues.delete(scope)
        continue
      }
      this.#queues.set(scope, queue)
      this.#advance(queue[0]!)
    }
  }

  #advance(head: Job): void {
    const ahead = this.#ahead.get(head)! - 1
    if (ahead > 0) {
      this.#ahead.set(head, ahead)
      return
    }
    this.#ahead.delete(head)
    this.#ready.push(head)
  }
}
