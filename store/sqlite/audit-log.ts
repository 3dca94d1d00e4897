/**
 * The audit log of one realm, for reading: trails, pages, verification. The writer appends.
 */
import { commit, type PrivateEntry, type PublicEntry } from '../../engine/audit/entry'
import type { TrailEntry } from '../../engine/audit/explain'
import { CompactRange } from '../../engine/audit/merkle/compact-range'
import { leafHash } from '../../engine/audit/merkle/hash'
import type { Checkpoint, VerifyReport } from '../store'
import type { Database } from './database'
import { loadTree } from './writer'

interface Row {
  readonly seq: number
  readonly body: string
  readonly leaf: Uint8Array
  readonly salt: string | null
  readonly payload: string | null
  readonly lead_id: string
}

const PAGE = 1_000
const FAULTS_MAX = 20

export class AuditLog {
  readonly #database: Database
  readonly #realm: string

  constructor(database: Database, realm: string) {
    this.#database = database
    this.#realm = realm
  }

  /** Entries in the log. */
  get size(): number {
    return loadTree(this.#database, this.#realm).size
  }

  trail(leadId: string): TrailEntry[] {
    return this.#database
      .all<Row>(
        'SELECT * FROM audit WHERE realm = ? AND lead_id = ? ORDER BY seq',
        this.#realm,
        leadId,
      )
      .map(trailEntry)
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
    const stored = loadTree(this.#database, this.#realm)
    const recomputed = CompactRange.create()
    const faults: string[] = []
    let erased = 0
    let noted = expected?.entries === 0 ? hex(recomputed) : undefined
    for (const row of this.#rowsBelow(stored.size)) {
      if (faults.length > FAULTS_MAX) break
      if (row.seq !== recomputed.size) faults.push(`entry ${recomputed.size} is missing`)
      faults.push(...rowFaults(row))
      if (row.payload === null) erased += 1
      recomputed.append(leafHash(row.body))
      if (recomputed.size === expected?.entries) noted = hex(recomputed)
    }
    if (recomputed.size !== stored.size) {
      faults.push(`the log has ${recomputed.size} entries, its tree ${stored.size}`)
    } else if (hex(recomputed) !== hex(stored)) {
      faults.push('the root of the log is not the root of its tree')
    }
    if (this.#page(stored.size - 1, 1).length > 0)
      faults.push('entries stand behind the end of the tree')
    if (expected !== undefined && noted !== expected.root) {
      faults.push(`the first ${expected.entries} entries do not give the root that was noted`)
    }
    return {
      ok: faults.length === 0,
      entries: recomputed.size,
      root: hex(recomputed),
      erased,
      faults: faults.slice(0, FAULTS_MAX),
    }
  }

  *#rowsBelow(size: number): Generator<Row> {
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

  #page(afterSeq: number, limit: number): Row[] {
    return this.#database.all<Row>(
      'SELECT * FROM audit WHERE realm = ? AND seq > ? ORDER BY seq LIMIT ?',
      this.#realm,
      afterSeq,
      limit,
    )
  }
}

function hex(tree: CompactRange): string {
  return tree.root().toString('hex')
}

function trailEntry({ seq, body, payload }: Row): TrailEntry {
  const entry = JSON.parse(body) as PublicEntry
  return payload === null
    ? { seq, entry }
    : { seq, entry, detail: JSON.parse(payload) as PrivateEntry }
}

function rowFaults({ seq, body, leaf, salt, payload, lead_id }: Row): string[] {
  const faults: string[] = []
  if (!leafHash(body).equals(leaf)) faults.push(`entry ${seq} was changed: its hash is another`)
  const entry = readPublic(body)
  if (entry === undefined) return [...faults, `entry ${seq} cannot be read`]
  if (entry.lead !== lead_id) faults.push(`entry ${seq} stands under another lead than it names`)
  if (payload === null || salt === null) return faults
  if (commit(salt, payload) !== entry.commitment)
    faults.push(`the details of entry ${seq} were changed`)
  return faults
}

function readPublic(body: string): PublicEntry | undefined {
  try {
    return JSON.parse(body) as PublicEntry
  } catch {
    return undefined
  }
}
