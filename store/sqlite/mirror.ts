/**
 * Loads and presence of reps and fairness of pools, kept in memory: every routing reads all of them. The tables
 * are the truth; they are read when this is empty, that is at the start and after a failed batch.
 */
import type { FairnessRecord, PresenceRecord } from '../../engine/step'
import type { Database } from './database'
import { Suppressions } from './suppressions'

export class Mirror {
  readonly #database: Database
  readonly #realm: string
  #loads: Map<string, number> | undefined
  #offers: Map<string, number> | undefined
  #presences: Map<string, PresenceRecord> | undefined
  readonly #fairness = new Map<string, Map<string, FairnessRecord>>()
  readonly suppressions: Suppressions

  constructor(database: Database, realm: string) {
    this.#database = database
    this.#realm = realm
    this.suppressions = new Suppressions(database, realm)
  }

  /** Of every rep who has ever had a lead. */
  loads(): ReadonlyMap<string, number> {
    return this.#allLoads()
  }

  load(repId: string): number {
    return this.#allLoads().get(repId) ?? 0
  }

  addLoad(repId: string, units: number): void {
    this.#allLoads().set(repId, this.load(repId) + units)
  }

  /** How many offers to the rep stand open. */
  offers(repId: string): number {
    return this.#allOffers().get(repId) ?? 0
  }

  addOffer(repId: string, count: 1 | -1): void {
    this.#allOffers().set(repId, this.offers(repId) + count)
  }

  presences(): Map<string, PresenceRecord> {
    this.#presences ??= new Map(
      this.#database
        .all<{ rep_id: string; misses: number; offline_since: number | null }>(
          'SELECT rep_id, misses, offline_since FROM presences WHERE realm = ?',
          this.#realm,
        )
        .map(({ rep_id, misses, offline_since }) => [
          rep_id,
          { misses, ...(offline_since === null ? {} : { offlineSinceMs: offline_since }) },
        ]),
    )
    return this.#presences
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
    this.#offers = undefined
    this.#presences = undefined
    this.#fairness.clear()
    this.suppressions.clear()
  }

  #allOffers(): Map<string, number> {
    this.#offers ??= new Map(
      this.#database
        .all<{ rep_id: string; n: number }>(
          'SELECT rep_id, COUNT(*) AS n FROM offers WHERE realm = ? AND ended IS NULL GROUP BY rep_id',
          this.#realm,
        )
        .map(({ rep_id, n }) => [rep_id, n]),
    )
    return this.#offers
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
