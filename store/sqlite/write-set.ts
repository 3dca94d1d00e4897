/**
 * What one batch writes to one realm: statements in the order of the decisions, except that a row
 * which several decisions save is written once, as the last of them left it. A batch is one
 * transaction, so nobody could have seen what stood there in between.
 */
import { INDEX, type SqlValue, type StatementName } from './statements'

/** A text that is only made when it is known to be the last one for its row. */
export type LazyText = () => string

export class WriteSet {
  readonly #values: (SqlValue | LazyText)[][] = []
  readonly #rows = new Map<string, (SqlValue | LazyText)[]>()
  /** Audit records, flat: see AUDIT_VALUES. */
  readonly audit: SqlValue[] = []

  add(statement: StatementName, ...values: SqlValue[]): void {
    this.#values.push([INDEX[statement], ...values])
  }

  /** The statement writes the whole row that `row` names, whatever stood there. */
  save(statement: StatementName, row: string, ...values: (SqlValue | LazyText)[]): void {
    const index = INDEX[statement]
    const key = `${index} ${row}`
    const before = this.#rows.get(key)
    if (before === undefined) {
      const statement = [index, ...values]
      this.#rows.set(key, statement)
      this.#values.push(statement)
      return
    }
    for (let at = 0; at < values.length; at++) before[at + 1] = values[at]!
  }

  /** Indexes of statements, each followed by its values. */
  flat(): SqlValue[] {
    const flat: SqlValue[] = []
    for (const statement of this.#values) {
      for (const value of statement) flat.push(typeof value === 'function' ? value() : value)
    }
    return flat
  }
}
