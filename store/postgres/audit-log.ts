/**
 * The audit log of one realm: append inside the decision's transaction, read, verify.
 *
 * An entry is appended without a place in the log, so that no container waits for another to
 * append; the sequencer gives the places. Whoever reads the log has that done first, and so sees
 * every entry whose transaction was committed before.
 */
import { randomFillSync } from 'node:crypto'
import { type PrivateEntry, type PublicEntry, sealEntry } from '../../engine/audit/entry'
import type { TrailEntry } from '../../engine/audit/explain'
import { CompactRange } from '../../engine/audit/merkle/compact-range'
import type { Change, StepName } from '../../engine/decision'
import { type AuditRow, arrivalsOf, trailEntry, Verification, wholeTrail } from '../audit-row'
import type { Checkpoint, Commit, DecidedBefore, VerifyReport } from '../store'
import type { Database } from './database'
import type { Sequencer } from './sequencer'
import { type Statement, sql, storableText, UNSTORABLE } from './sql'

const TIMERS: ReadonlySet<Change['kind']> = new Set(['timer.set', 'timers.cancel'])

/** Whether a lead that waits may have a chance by this. */
function frees(change: Change): boolean {
  if (change.kind === 'presence.save') return change.offlineSinceMs === undefined
  return change.kind === 'assignment.close' || change.kind === 'offer.close'
}

const PAGE = 1_000
const COLUMNS = 'seq, lead_id, step, key, at, outcome, body, leaf, salt, payload'

export function trailsQuestion(realm: string, leadIds: readonly string[]): Statement {
  return sql(
    `SELECT ${COLUMNS} FROM audit
     WHERE realm = $1 AND lead_id = ANY($2::text[]) AND seq IS NOT NULL`,
    realm,
    leadIds,
  )
}

/** The statement that appends the entry of a decision, and one that finds it afterwards. */
export function appendEntry(
  realm: string,
  commit: Commit,
): { readonly append: Statement; readonly proof: Statement } {
  const { decision, lead, before, key, actor, artefact, nowMs } = commit
  const sealed = sealEntry({
    realm,
    nowMs,
    lead,
    ...(before === undefined ? {} : { before }),
    decision,
    ...(key === undefined ? {} : { key }),
    actor,
    ...(artefact === undefined ? {} : { artefact }),
    salt: newSalt(),
  })
  const append = sql(
    `INSERT INTO audit (realm, lead_id, step, key, at, outcome, freed, timers, leaf, body, salt, payload)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    realm,
    lead.id,
    decision.step,
    key ?? null,
    Math.trunc(nowMs), // as the entry writes it
    decision.outcome,
    decision.changes.some(frees),
    decision.changes.some(({ kind }) => TIMERS.has(kind)),
    sealed.leaf,
    sealed.body,
    sealed.salt,
    sealed.payload,
  )
  // The salt makes every leaf unlike any other.
  const proof = sql(
    'SELECT 1 FROM audit WHERE realm = $1 AND lead_id = $2 AND leaf = $3',
    realm,
    lead.id,
    sealed.leaf,
  )
  return { append, proof }
}

export interface DecidedRow {
  readonly outcome: string
  readonly payload: string | null
}

export function decidedQuestion(realm: string, step: StepName, key: string): Statement {
  return sql(
    'SELECT outcome, payload FROM audit WHERE realm = $1 AND step = $2 AND key = $3',
    realm,
    step,
    key,
  )
}

/** After an erasure the outcome is all that is left. */
export function decidedBefore({ outcome, payload }: DecidedRow): DecidedBefore {
  if (payload === null) return { outcome, patch: {}, because: [] }
  const { patch, because } = JSON.parse(payload) as PrivateEntry
  return { outcome, patch, because }
}

export class AuditLog {
  readonly #database: Database
  readonly #realm: string
  readonly #sequencer: Sequencer

  constructor(database: Database, realm: string, sequencer: Sequencer) {
    this.#database = database
    this.#realm = realm
    this.#sequencer = sequencer
  }

  async size(): Promise<number> {
    await this.#sequencer.catchUp()
    return (await this.#tree()).size
  }

  async trail(leadId: string): Promise<TrailEntry[]> {
    await this.#sequencer.catchUp()
    const own = await this.#of([leadId])
    const arrivals = arrivalsOf(own)
    const others = arrivals.size === 0 ? [] : await this.#of([...arrivals.keys()])
    return wholeTrail(own, others, arrivals)
  }

  #of(leadIds: readonly string[]): Promise<AuditRow[]> {
    return this.#database.ask<AuditRow>(trailsQuestion(this.#realm, leadIds))
  }

  async entriesAfter(seq: number, limit: number): Promise<TrailEntry[]> {
    await this.#sequencer.catchUp()
    return (await this.#page(seq, limit)).map(trailEntry)
  }

  /** Looks at what the tree covers when it is asked; the log may grow meanwhile. */
  async verify(expected: Checkpoint | undefined): Promise<VerifyReport> {
    await this.#sequencer.catchUp()
    const { tree, size, outside } = await this.#tree()
    const verification = new Verification(expected)
    for await (const row of this.#rowsBelow(size)) {
      verification.take(asNamed(row))
      if (verification.full) break
    }
    return verification.report(tree, outside)
  }

  async *#rowsBelow(size: number): AsyncGenerator<AuditRow> {
    for (
      let page = await this.#page(-1, PAGE);
      page.length > 0;
      page = await this.#page(page.at(-1)!.seq, PAGE)
    ) {
      for (const row of page) {
        if (row.seq >= size) return
        yield row
      }
    }
  }

  #page(afterSeq: number, limit: number): Promise<AuditRow[]> {
    return this.#database.ask<AuditRow>(
      sql(
        `SELECT ${COLUMNS} FROM audit WHERE realm = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
        this.#realm,
        afterSeq,
        limit,
      ),
    )
  }

  /** The tree, and whether there are entries before or behind its places, from one snapshot. */
  async #tree(): Promise<{ tree: CompactRange | undefined; size: number; outside: boolean }> {
    const [row] = await this.#database.ask<{ size: number; hashes: string; outside: boolean }>(
      sql(
        `SELECT size, hashes,
           EXISTS (SELECT FROM audit WHERE realm = $1 AND (seq < 0 OR seq >= audit_tree.size)) AS outside
         FROM audit_tree WHERE realm = $1`,
        this.#realm,
      ),
    )
    if (row === undefined) return { tree: CompactRange.create(), size: 0, outside: false }
    return { tree: readTree(row), size: row.size, outside: row.outside }
  }
}

/** Undefined when somebody damaged it. */
function readTree({ size, hashes }: { size: number; hashes: string }): CompactRange | undefined {
  try {
    return CompactRange.fromState({ size, hashes: JSON.parse(hashes) })
  } catch {
    return undefined
  }
}

/** Lead and key as the entry writes them, where the database could not hold them letter for letter. */
function asNamed(row: AuditRow): AuditRow {
  const { lead_id, key, body, payload } = row
  if (![lead_id, key].some((text) => text?.includes(UNSTORABLE))) return row
  try {
    const { lead } = JSON.parse(body) as PublicEntry
    const hidden = JSON.parse(payload ?? '{}') as Partial<PrivateEntry>
    return {
      ...row,
      lead_id: storableText(lead) === lead_id ? lead : lead_id,
      ...(hidden.key !== undefined && storableText(hidden.key) === key ? { key: hidden.key } : {}),
    }
  } catch {
    return row
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
