/** Who waits for something to come about, in the order of their tickets, however late they join. */

interface Waiter<T> {
  readonly ticket: number
  readonly resolve: (value: T) => void
  readonly reject: (fault: Error) => void
}

export class WaitingLine<T> {
  readonly #waiters: Waiter<T>[] = []

  get length(): number {
    return this.#waiters.length
  }

  join(ticket: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const at = this.#waiters.findLastIndex((one) => one.ticket < ticket) + 1
      this.#waiters.splice(at, 0, { ticket, resolve, reject })
    })
  }

  letIn(value: T): void {
    for (const { resolve } of this.#waiters.splice(0)) resolve(value)
  }

  turnAway(fault: Error): void {
    for (const { reject } of this.#waiters.splice(0)) reject(fault)
  }
}
