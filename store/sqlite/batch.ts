/**
 * What is sent to the writer: the commits of one group, as flat data with the JSON made already.
 * Everything in a batch is written in one database transaction, or nothing of it.
 */
import type { SqlValue, Statement } from './statements'

export interface AuditRecord {
  /** PublicFacts as JSON: flat texts are cheap to send to another thread, nested objects are not. */
  readonly facts: string
  /** The private part of the audit entry. */
  readonly payload: string
  readonly key: string | null
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
  readonly audit: readonly AuditRecord[]
  readonly statements: readonly Statement[]
  readonly writes: readonly PlainWrite[]
}

export interface Acknowledgement {
  readonly id: number
  /** Entries in the log of each realm that the batch wrote to. */
  readonly sizes: Readonly<Record<string, number>>
  /** Why the batch was not written. */
  readonly error?: { readonly message: string; readonly code?: string }
}
