/** Rows of the audit log, whatever database holds them: what is told of one, and what must hold. */
import { commit, type PrivateEntry, type PublicEntry } from '../engine/audit/entry'
import type { TrailEntry } from '../engine/audit/explain'
import { CompactRange } from '../engine/audit/merkle/compact-range'
import { leafHash } from '../engine/audit/merkle/hash'
import { LawfulErasure } from './lawful-erasure'
import type { Checkpoint, VerifyReport } from './store'

export interface AuditRow {
  readonly seq: number
  readonly lead_id: string
  readonly body: string
  readonly leaf: Uint8Array
  readonly salt: string | null
  readonly payload: string | null
  /** Copies beside the entry, by which it is found and its decision answered. */
  readonly step?: string
  readonly outcome?: string
  readonly at?: number
  readonly key?: string | null
}

export function trailEntry({ seq, body, payload }: AuditRow): TrailEntry {
  const entry = JSON.parse(body) as PublicEntry
  return payload === null
    ? { seq, entry }
    : { seq, entry, detail: JSON.parse(payload) as PrivateEntry }
}

/**
 * The ids under which events of the lead came before dedupe found whose they are, each with the entry that
 * found it: what stands under the id before that belongs to the lead's trail.
 */
export function arrivalsOf(own: readonly AuditRow[]): ReadonlyMap<string, number> {
  const arrivals = new Map<string, number>()
  for (const { seq, lead_id, step, key } of own) {
    // The key of the decision begins with the lead that it was about.
    const id = step === 'dedupe' ? key?.split('#', 1)[0] : undefined
    if (id !== undefined && id !== lead_id) arrivals.set(id, seq)
  }
  return arrivals
}

/** The lead's own rows and those of its arrivals, in their order. */
export function wholeTrail(
  own: readonly AuditRow[],
  others: readonly AuditRow[],
  arrivals: ReadonlyMap<string, number>,
): TrailEntry[] {
  const before = others.filter(({ seq, lead_id }) => seq < (arrivals.get(lead_id) ?? 0))
  return [...own, ...before].sort((a, b) => a.seq - b.seq).map(trailEntry)
}

const FAULTS_MAX = 20

/** Recomputes a log from its rows, in order, and compares it with its tree and with a checkpoint. */
export class Verification {
  readonly #tree = CompactRange.create()
  readonly #faults: string[] = []
  readonly #expected: Checkpoint | undefined
  readonly #erasure = new LawfulErasure(FAULTS_MAX)
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
    const entry = readJson<PublicEntry>(row.body)
    this.#faults.push(...rowFaults(row, entry))
    if (row.payload === null) this.#erased += 1
    if (entry !== undefined) this.#erasure.take(row.seq, entry, row.payload === null)
    this.#tree.append(leafHash(row.body))
    this.#note()
  }

  /** `stored` is undefined when the tree cannot be read. `outside`: whether there are entries before or behind its places. */
  report(stored: CompactRange | undefined, outside: boolean): VerifyReport {
    const faults = this.#faults
    faults.push(...this.#erasure.faults())
    if (stored === undefined) {
      faults.push('the tree cannot be read')
    } else if (this.#tree.size !== stored.size) {
      faults.push(`the log has ${this.#tree.size} entries, its tree ${stored.size}`)
    } else if (hex(this.#tree) !== hex(stored)) {
      faults.push('the root of the log is not the root of its tree')
    }
    if (outside) faults.push('entries stand before or behind the tree')
    faults.push(...this.#notAsNoted(stored?.size ?? this.#tree.size))
    return {
      ok: faults.length === 0,
      entries: this.#tree.size,
      root: hex(this.#tree),
      erased: this.#erased,
      faults: faults.slice(0, FAULTS_MAX),
    }
  }

  #notAsNoted(size: number): string[] {
    const { entries, root } = this.#expected ?? {}
    if (entries === undefined || this.#noted === root) return []
    if (entries > size)
      return [`the log has only ${size} of the ${entries} entries that were noted`]
    return [`the first ${entries} entries do not give the root that was noted`]
  }

  #note(): void {
    if (this.#tree.size === this.#expected?.entries) this.#noted = hex(this.#tree)
  }
}

function hex(tree: CompactRange): string {
  return tree.root().toString('hex')
}

function rowFaults(row: AuditRow, entry: PublicEntry | undefined): string[] {
  const { seq, body, leaf, salt, payload } = row
  const faults: string[] = []
  // The database may hold anything in place of a hash, even a text.
  const sameHash = leaf instanceof Uint8Array && leafHash(body).equals(leaf)
  if (!sameHash) faults.push(`entry ${seq} was changed: its hash is another`)
  if (entry === undefined) return [...faults, `entry ${seq} cannot be read`]
  for (const what of misplaced(row, entry))
    faults.push(`entry ${seq} stands under another ${what} than it names`)
  // Erased: without its details an entry proves that it was made, no more (see lawful-erasure).
  if (payload === null) {
    if (salt !== null || (row.key ?? null) !== null)
      faults.push(`entry ${seq} has lost its details, but not its salt or key`)
    return faults
  }
  if (salt === null || commit(salt, payload) !== entry.commitment)
    return [...faults, `the details of entry ${seq} were changed`]
  const { key = null } = readJson<PrivateEntry>(payload) ?? {}
  if (row.key !== undefined && row.key !== key)
    faults.push(`entry ${seq} stands under another key than it names`)
  return faults
}

/** The copies beside an entry that are not what the entry says. */
function misplaced({ lead_id, step, outcome, at }: AuditRow, entry: PublicEntry): string[] {
  return [
    ...(lead_id === entry.lead ? [] : ['lead']),
    ...(step === undefined || step === entry.step ? [] : ['step']),
    ...(outcome === undefined || outcome === entry.outcome ? [] : ['outcome']),
    ...(at === undefined || at === Date.parse(entry.at) ? [] : ['time']),
  ]
}

function readJson<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}
