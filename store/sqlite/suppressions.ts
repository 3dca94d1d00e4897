/**
 * The suppression list of one realm: what was refused and no lead bears, under salted hashes of the
 * keys. Additions are found at once, before they are on disk.
 */
import { sha256Hex } from '../../engine/audit/merkle/hash'
import type { Lead } from '../../engine/lead/lead'
import type { Database } from './database'
import { Generations } from './generations'

type Consent = Lead['consent']

const PENDING_MAX = 1_024

export class Suppressions {
  readonly #database: Database
  readonly #realm: string
  readonly #added = new Generations<Consent>(PENDING_MAX)
  #salt: string | undefined
  /** Whether there are any: most lists are empty, and then no lead costs a question. */
  #any: boolean | undefined

  constructor(database: Database, realm: string) {
    this.#database = database
    this.#realm = realm
  }

  find(keys: readonly string[]): Consent[] {
    this.#any ??= this.#hasAny()
    if (!this.#any) return []
    return keys.flatMap((key) => {
      const digest = this.#digest(key)
      const consent = this.#added.get(digest) ?? this.#kept(digest)
      return consent === undefined ? [] : [consent]
    })
  }

  /** `batch` brings it to disk; returns the hash to be written. */
  add(key: string, consent: Consent, batch: number, acknowledged: number): string {
    const digest = this.#digest(key)
    this.#added.set(digest, consent, batch, acknowledged)
    this.#any = true
    return digest
  }

  clear(): void {
    this.#added.clear()
    this.#any = undefined
  }

  #kept(digest: string): Consent | undefined {
    const row = this.#database.get<{ consent: string }>(
      'SELECT consent FROM suppressions WHERE realm = ? AND digest = ?',
      this.#realm,
      digest,
    )
    return row && (JSON.parse(row.consent) as Consent)
  }

  #digest(key: string): string {
    this.#salt ??= this.#database.get<{ salt: string }>('SELECT salt FROM suppression_salt')!.salt
    return sha256Hex(`${this.#salt}\n${key}`)
  }

  #hasAny(): boolean {
    const sql = 'SELECT 1 FROM suppressions WHERE realm = ? LIMIT 1'
    return this.#database.get(sql, this.#realm) !== undefined
  }
}
