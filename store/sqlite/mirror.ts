/**
 * Loads of reps and fairness of pools, kept in memory: every routing reads all of them. The tables
 * are the truth; they are read when this is empty, that is at the start and after a failed batch.
 */
import type { FairnessRecord } from '../../engine/step'
import type { Database } from './database'

export class Mirror {
  readonly #database: Database
  readonly #realm: string
  #loads: Map<string, number> | undefined
  readonly #fairness = new Map<string, Map<string, FairnessRecord>>()

  constructor(database: Database, realm: string) {
    this.#database = database
    this.#realm = realm
  }

  load(repId: string): number {
    return this.#allLoads().get(repId) ?? 0
  }

  addLoad(repId: string, units: number): void {
    this.#allLoads().set(repId, this.load(repId) + units)
  }

  fairness(poolId: string): Map<string, FairnessRecord> {
    let records = this.#fairness.get(poolId)
    if (records === undefined) {
      const rows = this.#database.all<{
        rep_id: string
        virtual_time: number
        away_since: number | null
      }>(
        'SELECT rep_id, virtual_time, away_since FROM fairness WHERE realm = ? AND pool_id = ?',
        this.#realm,
        poolId,
      )
      records = new Map(
        rows.map(({ rep_id, virtual_time, away_since }) => [
          rep_id,
          {
            virtualTime: virtual_time,
            ...(away_since === null ? {} : { awaySinceMs: away_since }),
          },
        ]),
      )
      this.#fairness.set(poolId, records)
    }
    return records
  }

  clear(): void {
    this.#loads = undefined
    this.#fairness.clear()
  }

  #allLoads(): Map<string, number> {
    this.#loads ??= new Map(
      this.#database
        .all<{ rep_id: string; units: number }>(
          'SELECT rep_id, units FROM rep_load WHERE realm = ?',
          this.#realm,
        )
        .map(({ rep_id, units }) => [rep_id, units]),
    )
    return this.#loads
  }
}
