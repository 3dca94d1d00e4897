/**
 * What one batch writes to one realm: statements in the order of the decisions, except that a row
 * which several decisions save is written once, as the last of them left it. A batch is one
 * transaction, so nobody could have seen what stood there in between.
 */
import { INDEX, type SqlValue, type StatementName } from './statements'

/** A text that is only made when it is known to be the last one for its row. */
export type LazyText = () => string

export class WriteSet {
  /** Indexes of statements, each followed by its values. */
  readonly #values: (SqlValue | LazyText)[] = []
  /** Where the values of a saved row begin: by statement, by row. */
  readonly #rows: (Map<string, number> | undefined)[] = []
  /** Audit records, flat: see AUDIT_VALUES. */
  readonly audit: SqlValue[] = []

  add(statement: StatementName, ...values: SqlValue[]): void {
    this.#values.push(INDEX[statement], ...values)
  }

  /** The statement writes the whole row that `row` names, whatever stood there. */
  save(statement: StatementName, row: string, ...values: (SqlValue | LazyText)[]): void {
    const index = INDEX[statement]
    this.#rows[index] ??= new Map()
    const rows = this.#rows[index]
    const before = rows.get(row)
    if (before === undefined) {
      rows.set(row, this.#values.push(index))
      this.#values.push(...values)
      return
    }
    for (const [at, value] of values.entries()) this.#values[before + at] = value
  }

  /** The list as the writer reads it. To be asked for once, at the end. */
  flat(): SqlValue[] {
    return this.#values.map((value) => (typeof value === 'function' ? value() : value))
  }
}
