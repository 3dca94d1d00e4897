/**
 * Writes batches: carries out the statements, seals the audit entries, grows the tree, and commits once.
 * One fsync for a whole batch, however many leads it holds.
 */
import { randomFillSync } from 'node:crypto'
import { seal } from '../../engine/audit/entry'
import { CompactRange } from '../../engine/audit/merkle/compact-range'
import {
  type Acknowledgement,
  AUDIT_VALUES,
  type Batch,
  type RealmPart,
  type SqlValue,
} from './batch'
import type { Database } from './database'
import { STATEMENTS } from './statements'

export class Writer {
  readonly #database: Database
  readonly #trees = new Map<string, CompactRange>()
  #epoch = 0

  constructor(database: Database) {
    this.#database = database
  }

  /** Never throws: a failure is in the answer, and nothing of the batch stays. */
  write(batch: Batch): Acknowledgement {
    if (batch.epoch < this.#epoch) return failed(batch, new Error('a batch before this one failed'))
    try {
      this.#database.run('BEGIN IMMEDIATE')
      for (const part of batch.parts) this.#writePart(part)
      for (const { sql, values } of batch.writes) this.#database.run(sql, ...values)
      this.#database.run('COMMIT')
      return {
        id: batch.id,
        sizes: Object.fromEntries(batch.parts.map(({ realm }) => [realm, this.#tree(realm).size])),
      }
    } catch (raw) {
      this.#rollback(batch)
      return failed(batch, raw)
    }
  }

  #writePart({ realm, statements, audit }: RealmPart): void {
    for (let at = 0; at < statements.length; ) {
      const { sql, values } = STATEMENTS[statements[at] as number]!
      const next = at + 1 + values
      this.#database.prepare(sql).run(realm, ...statements.slice(at + 1, next))
      at = next
    }
    if (audit.length === 0) return
    for (let at = 0; at < audit.length; at += AUDIT_VALUES) this.#append(realm, audit, at)
    this.#saveTree(realm)
  }

  #append(realm: string, audit: readonly SqlValue[], at: number): void {
    const tree = this.#tree(realm)
    const [leadId, step, key, timeMs, outcome, head, tail, payload] = audit.slice(
      at,
      at + AUDIT_VALUES,
    ) as [string, string, string | null, number, string, string, string, string]
    const { body, leaf, salt } = seal([head, tail], payload, newSalt())
    this.#database.run(
      `INSERT INTO audit (realm, seq, lead_id, step, key, at, outcome, body, leaf, salt, payload)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      realm,
      tree.size,
      leadId,
      step,
      key,
      timeMs,
      outcome,
      body,
      leaf,
      salt,
      payload,
    )
    tree.append(leaf)
  }

  #tree(realm: string): CompactRange {
    let tree = this.#trees.get(realm)
    if (tree === undefined) {
      tree = loadTree(this.#database, realm)
      this.#trees.set(realm, tree)
    }
    return tree
  }

  #saveTree(realm: string): void {
    const { size, hashes } = this.#tree(realm).toState()
    this.#database.run(
      'INSERT OR REPLACE INTO audit_tree (realm, size, hashes) VALUES (?, ?, ?)',
      realm,
      size,
      JSON.stringify(hashes),
    )
  }

  #rollback({ epoch }: Batch): void {
    this.#epoch = epoch + 1
    this.#trees.clear()
    try {
      this.#database.run('ROLLBACK')
    } catch {
      // BEGIN itself failed, or SQLite has rolled back already: there is nothing left to undo.
    }
  }
}

function failed({ id }: Batch, raw: unknown): Acknowledgement {
  const { message, code } = raw as { message?: string; code?: string }
  return {
    id,
    sizes: {},
    error: { message: message ?? String(raw), ...(code === undefined ? {} : { code }) },
  }
}

/** The tree's growing edge as it stands on disk. */
export function loadTree(database: Database, realm: string): CompactRange {
  const row = database.get<{ size: number; hashes: string }>(
    'SELECT size, hashes FROM audit_tree WHERE realm = ?',
    realm,
  )
  return row
    ? CompactRange.fromState({ size: row.size, hashes: JSON.parse(row.hashes) })
    : CompactRange.create()
}

const SALT_BYTES = 16
const POOLED = 256
const saltPool = Buffer.alloc(SALT_BYTES * POOLED)
let saltsTaken = POOLED

/** Random bytes are drawn many at a time: one system call each would cost more than the rest. */
function newSalt(): string {
  if (saltsTaken === POOLED) {
    randomFillSync(saltPool)
    saltsTaken = 0
  }
  const from = SALT_BYTES * saltsTaken++
  return saltPool.toString('hex', from, from + SALT_BYTES)
}
