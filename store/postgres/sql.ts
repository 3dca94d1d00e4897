/**
 * A statement with its values, as the driver wants it: prepared once per connection under a name
 * that follows from its text, and with values that PostgreSQL can hold.
 */
import { createHash } from 'node:crypto'
import type { QueryConfig } from 'pg'

export type SqlScalar = string | number | boolean | null | Buffer
export type SqlValue = SqlScalar | readonly SqlScalar[]

export interface Statement {
  readonly text: string
  readonly values: readonly SqlValue[]
}

export function sql(text: string, ...values: readonly SqlValue[]): Statement {
  return { text, values }
}

/** A whole number of milliseconds: times are `bigint` columns, and half a millisecond is no time. */
export function wholeMs(ms: number): number {
  return Math.ceil(ms)
}

const names = new Map<string, string>()

export function asQuery({ text, values }: Statement): QueryConfig<unknown[]> {
  let name = names.get(text)
  if (name === undefined) {
    name = `lq_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`
    names.set(text, name)
  }
  return { name, text, values: values.map(storable) }
}

function storable(value: SqlValue): unknown {
  if (typeof value === 'string') return storableText(value)
  return Array.isArray(value) ? value.map(storable) : value
}

/** What stands where a character could not be kept. */
export const UNSTORABLE = '\uFFFD'

/**
 * PostgreSQL's text holds every character but NUL, and UTF-8 has no lone surrogates. Ids and keys
 * come from outside and may have either; they are replaced on the way in, for what is kept and for
 * what is asked alike.
 */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', UNSTORABLE)
}
