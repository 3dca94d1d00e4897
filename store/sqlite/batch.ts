/**
 * What is sent to the writer: the commits of one group, as flat lists with the JSON made already.
 * Everything in a batch is written in one database transaction, or nothing of it.
 */
import type { SqlValue } from './statements'

export type { SqlValue }

/**
 * Values of one audit record, in order: lead id, step, key, time (epoch ms), outcome, head and tail of
 * the public part (engine/audit/entry), private part.
 */
export const AUDIT_VALUES = 8

/** What a batch writes to one realm. */
export interface RealmPart {
  readonly realm: string
  /** Indexes into STATEMENTS, each followed by its values. */
  readonly statements: readonly SqlValue[]
  readonly audit: readonly SqlValue[]
}

/** A statement outside any decision, e.g. remembering a provider's answer. */
export interface PlainWrite {
  readonly sql: string
  readonly values: readonly SqlValue[]
}

export interface Batch {
  readonly id: number
  /** After a failed batch the epoch goes up; batches of an earlier one built on what was lost. */
  readonly epoch: number
  readonly parts: readonly RealmPart[]
  readonly writes: readonly PlainWrite[]
}

export interface Acknowledgement {
  readonly id: number
  /** Entries in the log of each realm that the batch wrote to. */
  readonly sizes: Readonly<Record<string, number>>
  /** Why the batch was not written. */
  readonly error?: { readonly message: string; readonly code?: string }
}
