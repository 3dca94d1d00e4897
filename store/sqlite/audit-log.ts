/**
 * The audit log of one realm: append inside the decision's transaction, read, verify.
 *
 * The tree (engine/audit/merkle) grows once per group commit. Sequence numbers are given here
 * because SQLite has one writer; a store with several writers gives them when it grows its tree.
 */
import { randomFillSync } from 'node:crypto'
import { commit, type PrivateEntry, type PublicEntry, sealEntry } from '../../engine/audit/entry'
import type { TrailEntry } from '../../engine/audit/explain'
import { CompactRange } from '../../engine/audit/merkle/compact-range'
import { leafHash } from '../../engine/audit/merkle/hash'
import type { StepName } from '../../engine/decision'
import type { Checkpoint, Commit, DecidedBefore, VerifyReport } from '../store'
import type { Database } from './database'

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
  #tree: CompactRange
  #pending: Buffer[] = []

  constructor(database: Database, realm: string) {
    this.#database = database
    this.#realm = realm
    this.#tree = this.#loadTree()
  }

  /** Entries in the tree and in the open group. */
  get size(): number {
    return this.#tree.size + this.#pending.length
  }

  append({ decision, lead, before, key, actor, artefact, nowMs }: Commit): void {
    const sealed = sealEntry({
      realm: this.#realm,
      nowMs,
      lead,
      ...(before === undefined ? {} : { before }),
      decision,
      ...(key === undefined ? {} : { key }),
      actor,
      ...(artefact === undefined ? {} : { artefact }),
      salt: newSalt(),
    })
    this.#database.run(
      `INSERT INTO audit (realm, seq, lead_id, step, key, at, outcome, body, leaf, salt, payload)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      this.#realm,
      this.size,
      lead.id,
      decision.step,
      key ?? null,
      nowMs,
      decision.outcome,
      sealed.body,
      sealed.leaf,
      sealed.salt,
      sealed.payload,
    )
    this.#pending.push(sealed.leaf)
  }

  mark(): number {
    return this.#pending.length
  }

  undo(mark: number): void {
    this.#pending.length = mark
  }

  /** Grows the tree by the group's leaves; called inside the database transaction. */
  grow(): void {
    if (this.#pending.length === 0) return
    for (const leaf of this.#pending) this.#tree.append(leaf)
    this.#pending = []
    const { size, hashes } = this.#tree.toState()
    this.#database.run(
      'INSERT OR REPLACE INTO audit_tree (realm, size, hashes) VALUES (?, ?, ?)',
      this.#realm,
      size,
      JSON.stringify(hashes),
    )
  }

  /** Somebody else may have grown the log through a connection of their own. */
  refresh(): void {
    const row = this.#database.get<{ size: number }>(
      'SELECT size FROM audit_tree WHERE realm = ?',
      this.#realm,
    )
    if ((row?.size ?? 0) !== this.#tree.size) this.reset()
  }

  /** After a rolled back group: what is on disk is what holds. */
  reset(): void {
    this.#pending = []
    this.#tree = this.#loadTree()
  }

  decided(step: StepName, key: string): DecidedBefore | undefined {
    const row = this.#database.get<{ outcome: string; payload: string | null }>(
      'SELECT outcome, payload FROM audit WHERE realm = ? AND step = ? AND key = ?',
      this.#realm,
      step,
      key,
    )
    if (row === undefined) return undefined
    if (row.payload === null) return { outcome: row.outcome, patch: {}, because: [] }
    const { patch, because } = JSON.parse(row.payload) as PrivateEntry
    return { outcome: row.outcome, patch, because }
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

  /** Looks at what the tree covers; entries of a group that is still open are not in it yet. */
  verify(expected: Checkpoint | undefined): VerifyReport {
    const stored = this.#loadTree()
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
    if (this.#page(this.size - 1, 1).length > 0)
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

  #loadTree(): CompactRange {
    const row = this.#database.get<{ size: number; hashes: string }>(
      'SELECT size, hashes FROM audit_tree WHERE realm = ?',
      this.#realm,
    )
    return row
      ? CompactRange.fromState({ size: row.size, hashes: JSON.parse(row.hashes) })
      : CompactRange.create()
  }
}

const SALT_BYTES = 16
const saltPool = Buffer.alloc(SALT_BYTES * 256)
let saltsTaken = 256

/** Random bytes are drawn many at a time: one system call each would cost more than the rest. */
function newSalt(): string {
  if (saltsTaken === 256) {
    randomFillSync(saltPool)
    saltsTaken = 0
  }
  const from = SALT_BYTES * saltsTaken++
  return saltPool.toString('hex', from, from + SALT_BYTES)
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
