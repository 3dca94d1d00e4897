/**
 * The audit log of one realm, for reading: trails, pages, verification. The writer appends.
 */
import type { TrailEntry } from '../../engine/audit/explain'
import type { CompactRange } from '../../engine/audit/merkle/compact-range'
import { type AuditRow, arrivalsOf, trailEntry, Verification, wholeTrail } from '../audit-row'
import type { Checkpoint, VerifyReport } from '../store'
import type { Database } from './database'
import { loadTree } from './writer'

const PAGE = 1_000

/** The cross join makes it one look per lead. */
export const TRAILS = `
  SELECT audit.* FROM json_each(?2) AS wanted CROSS JOIN audit
  WHERE audit.realm = ?1 AND audit.lead_id = wanted.value`

export class AuditLog {
  readonly #database: Database
  readonly #realm: string

  constructor(database: Database, realm: string) {
    this.#database = database
    this.#realm = realm
  }

  /** Entries in the log. */
  get size(): number {
    const row = this.#database.get<{ size: number }>(
      'SELECT size FROM audit_tree WHERE realm = ?',
      this.#realm,
    )
    return row?.size ?? 0
  }

  trail(leadId: string): TrailEntry[] {
    const own = this.#of([leadId])
    const arrivals = arrivalsOf(own)
    return wholeTrail(own, arrivals.size === 0 ? [] : this.#of([...arrivals.keys()]), arrivals)
  }

  #of(leadIds: readonly string[]): AuditRow[] {
    return this.#database.all<AuditRow>(TRAILS, this.#realm, JSON.stringify(leadIds))
  }

  entriesAfter(seq: number, limit: number): TrailEntry[] {
    return this.#page(seq, limit).map(trailEntry)
  }

  /** One snapshot of the file: the writer may go on meanwhile. */
  verify(expected: Checkpoint | undefined): VerifyReport {
    this.#database.run('BEGIN')
    try {
      return this.#verify(expected)
    } finally {
      this.#database.run('COMMIT')
    }
  }

  #verify(expected: Checkpoint | undefined): VerifyReport {
    const { size } = this
    const verification = new Verification(expected)
    for (const row of this.#rowsBelow(size)) {
      verification.take(row)
      if (verification.full) break
    }
    return verification.report(this.#tree(), this.#isOutside(size))
  }

  /** Undefined when somebody damaged it. */
  #tree(): CompactRange | undefined {
    try {
      return loadTree(this.#database, this.#realm)
    } catch {
      return undefined
    }
  }

  #isOutside(size: number): boolean {
    const row = this.#database.get<{ outside: number }>(
      'SELECT EXISTS (SELECT 1 FROM audit WHERE realm = ? AND (seq < 0 OR seq >= ?)) AS outside',
      this.#realm,
      size,
    )
    return row!.outside !== 0
  }

  *#rowsBelow(size: number): Generator<AuditRow> {
    for (
      let page = this.#page(-1, PAGE);
      page.length > 0;
      page = this.#page(page.at(-1)!.seq, PAGE)
    ) {
      for (const row of page) {
        if (row.seq >= size) return
        yield row
      }
    }
  }

  #page(afterSeq: number, limit: number): AuditRow[] {
    return this.#database.all<AuditRow>(
      'SELECT * FROM audit WHERE realm = ? AND seq > ? ORDER BY seq LIMIT ?',
      this.#realm,
      afterSeq,
      limit,
    )
  }
}
