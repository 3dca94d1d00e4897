/** How a store is: what the nodes' status, the health endpoints and whoever waits go by. */

/** `away`: work waits. `refused`: work is answered with the fault. */
export type Presence = 'opening' | 'open' | 'away' | 'refused' | 'closed'

export interface Health {
  readonly presence: Presence
  /** Why it is not open. */
  readonly fault: Error | undefined
  /** How much work waits for the store. */
  readonly waiting: number
}
