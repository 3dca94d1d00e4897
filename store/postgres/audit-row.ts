/** One row of the audit log: what is told of it, and what must hold for it. Knows no database. */
import { commit, type PrivateEntry, type PublicEntry } from '../../engine/audit/entry'
import type { TrailEntry } from '../../engine/audit/explain'
import { CompactRange } from '../../engine/audit/merkle/compact-range'
import { leafHash } from '../../engine/audit/merkle/hash'
import type { Checkpoint, VerifyReport } from '../store'

export interface AuditRow {
  readonly seq: number
  readonly lead_id: string
  readonly body: string
  readonly leaf: Uint8Array
  readonly salt: string | null
  readonly payload: string | null
}

export function trailEntry({ seq, body, payload }: AuditRow): TrailEntry {
  const entry = JSON.parse(body) as PublicEntry
  return payload === null
    ? { seq, entry }
    : { seq, entry, detail: JSON.parse(payload) as PrivateEntry }
}

const FAULTS_MAX = 20

/** Recomputes a log from its rows, in order, and compares it with its tree and with a checkpoint. */
export class Verification {
  readonly #tree = CompactRange.create()
  readonly #faults: string[] = []
  readonly #expected: Checkpoint | undefined
  #noted: string | undefined
  #erased = 0

  constructor(expected: Checkpoint | undefined) {
    this.#expected = expected
    this.#note()
  }

  /** True when there is no use in reading on. */
  get full(): boolean {
    return this.#faults.length > FAULTS_MAX
  }

  take(row: AuditRow): void {
    if (row.seq !== this.#tree.size) this.#faults.push(`entry ${this.#tree.size} is missing`)
    this.#faults.push(...rowFaults(row))
    if (row.payload === null) this.#erased += 1
    this.#tree.append(leafHash(row.body))
    this.#note()
  }

  /** `behind`: whether the log goes on behind the end of its tree. */
  report(stored: CompactRange, behind: boolean): VerifyReport {
    const faults = this.#faults
    if (this.#tree.size !== stored.size) {
      faults.push(`the log has ${this.#tree.size} entries, its tree ${stored.size}`)
    } else if (hex(this.#tree) !== hex(stored)) {
      faults.push('the root of the log is not the root of its tree')
    }
    if (behind) faults.push('entries stand behind the end of the tree')
    if (this.#expected !== undefined && this.#noted !== this.#expected.root) {
      faults.push(`the first ${this.#expected.entries} entries do not give the root that was noted`)
    }
    return {
      ok: faults.length === 0,
      entries: this.#tree.size,
      root: hex(this.#tree),
      erased: this.#erased,
      faults: faults.slice(0, FAULTS_MAX),
    }
  }

  #note(): void {
    if (this.#tree.size === this.#expected?.entries) this.#noted = hex(this.#tree)
  }
}

function hex(tree: CompactRange): string {
  return tree.root().toString('hex')
}

function rowFaults({ seq, body, leaf, salt, payload, lead_id }: AuditRow): string[] {
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
