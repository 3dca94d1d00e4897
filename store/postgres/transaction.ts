/** What a step sees of the store while it decides: its reads, and one call that writes. */
import { type Asking, known, waitFor } from '../../engine/asking'
import type { StepName } from '../../engine/decision'
import { defined } from '../../engine/defined'
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

  *decided(step: StepName, key: string): Asking<DecidedBefore | undefined> {
    const question = decidedQuestion(this.place.realm, step, key)
    const [[row]] = yield* waitFor(this.session.ask<[DecidedRow[]]>(question))
    return row && decidedBefore(row)
  }

  /** Sent with the next question or with COMMIT; what the database refuses is told then. */
  commit(commit: Commit): Asking<void> {
    const { decision, lead, knownBy, nowMs } = commit
    const { realm, worker } = this.place
    const stored = this.stored.has(lead.id)
    const context = { realm, owner: worker.id, lead, ...defined({ knownBy }), nowMs, stored }
    const { append, proof } = appendEntry(realm, commit)
    this.session.later([...applyChanges(context, decision.changes), append])
    this.session.proof = proof
    this.#wrote = true
    this.forget()
    return known(undefined)
  }
}
