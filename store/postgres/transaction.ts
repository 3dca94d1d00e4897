/** What a step sees of the store while it decides: its reads, and one call that writes. */
import type { StepName } from '../../engine/decision'
import type { Commit, DecidedBefore, Transaction } from '../store'
import { applyChanges } from './apply'
import { appendEntry, type DecidedRow, decidedBefore, decidedQuestion } from './audit-log'
import { PostgresReads } from './reads'

export class PostgresTransaction extends PostgresReads implements Transaction {
  #wrote = false

  /** True when the log has an entry more, once this is committed. */
  get wrote(): boolean {
    return this.#wrote
  }

  async decided(step: StepName, key: string): Promise<DecidedBefore | undefined> {
    const [[row]] = await this.session.ask<[DecidedRow[]]>(
      decidedQuestion(this.place.realm, step, key),
    )
    return row && decidedBefore(row)
  }

  /** Sent with the next question or with COMMIT; what the database refuses is told then. */
  async commit(commit: Commit): Promise<void> {
    const { decision, lead, nowMs } = commit
    const { realm, worker } = this.place
    const context = { realm, owner: worker.id, lead, nowMs, stored: this.stored.has(lead.id) }
    const { append, proof } = appendEntry(realm, commit)
    this.session.later([...applyChanges(context, decision.changes), append])
    this.session.proof = proof
    this.#wrote = true
    this.forget()
  }
}
