/**
 * A store that does not answer for now: the server is away, the disk is full. It passes without
 * anybody changing a setting, so who can wait waits; see patient-store.
 */
import { LeadFault } from '../engine/faults'

/** What became of a transaction whose COMMIT may have arrived: its value, or undefined: nothing. */
export type Settle = () => Promise<{ readonly value: unknown } | undefined>

export class StoreOutage extends LeadFault {
  /** Present when nobody knows yet what became of it. */
  readonly settle?: Settle

  constructor(place: string, why: string, settle?: Settle) {
    super('LEAD_STORE_UNAVAILABLE', place, why)
    if (settle !== undefined) Object.defineProperty(this, 'settle', { value: settle })
  }
}
