/** How long, and how many at a time, a patient store waits for the real one. */
import type { Retention } from '../engine/retention'
import type { Store } from './store'

export interface PatientOptions {
  readonly realm: string
  /** For people, without secrets. */
  readonly name: string
  /** Opens the real store. `lost` is told when it goes away without having been asked anything. */
  readonly open: (lost: (fault: Error) => void) => Store | Promise<Store>
  /** What figures go by. */
  readonly retention?: Retention
  /** Work beyond this is refused with LEAD_STORE_BUSY while the store is away. */
  readonly waitingMax?: number
  /** Pauses between two tries, ms; they double. */
  readonly pauseMsMin?: number
  readonly pauseMsMax?: number
  /** How long a close waits for a store that is being opened, ms. */
  readonly closeMsMax?: number
}

export const PATIENCE = {
  waitingMax: 1_000,
  pauseMsMin: 200,
  pauseMsMax: 5_000,
  closeMsMax: 3_000,
} as const
