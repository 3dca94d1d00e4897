/**
 * What a failed statement means: try again because others were in the way, try again because the
 * server is away, or tell the caller. One table; every retry has a maximum.
 */
import { DatabaseError } from 'pg'
import { LeadFault } from '../../engine/faults'
import type { Settle } from '../outage'
import type { Target } from './options'

export type FailureKind = 'conflict' | 'crowded' | 'outage' | 'refused'

/** Raised by the function `promise`: a change would have broken what the tables promise. */
const BROKEN_PROMISE = 'LQ001'
/** Others held a lock for longer than we wait: somebody hangs, and trying again would hang too. */
const LOCK_TIMEOUT = '55P03'

/** SQLSTATE → what it means for us. What is not here is told to the caller. */
const MEANING: Readonly<Record<string, 'conflict' | 'outage'>> = {
  '40001': 'conflict', // serialization failure: a cluster that orders transactions afterwards
  '40P01': 'conflict', // deadlock: two transactions met rows in opposite order
  '57P01': 'outage', // the server shuts down
  '57P02': 'outage', // the server crashed
  '57P03': 'outage', // the server starts up
  '57P05': 'outage', // the session was idle for too long
  '25P03': 'outage', // the transaction was idle for too long, and its locks went to others
  '25006': 'outage', // a standby took over reading only; the primary is elsewhere or not chosen yet
  '58030': 'outage', // the server cannot read or write its disk
}
/** The server has too little of something: room on its disk, memory, connections. */
const SHORTAGE = '53'
/** What we need is not there or not ours to use: a schema that is being restored, rights taken away. */
const NOT_OURS = new Set(['3F000', '42501', '42703', '42883', '42P01'])

/** Pauses before each further try, ms; doubled at random so that two do not meet again. */
const PAUSES_MS: Readonly<Record<FailureKind, readonly number[]>> = {
  conflict: [0, 5, 10, 20, 50, 100, 200, 400],
  // Others of ours have connections and will be done with them.
  crowded: Array.from({ length: 100 }, () => 50),
  outage: [50, 250],
  refused: [],
}

/** Whether the server lets nobody else in. */
export function isCrowded(raw: unknown): boolean {
  return raw instanceof DatabaseError && raw.code === '53300'
}

export function failureKind(raw: unknown): Exclude<FailureKind, 'crowded'> {
  if (!(raw instanceof DatabaseError)) {
    // Of the driver's own errors only a wrong value has a class; the others say that nobody answers.
    return raw instanceof TypeError || raw instanceof RangeError ? 'refused' : 'outage'
  }
  // Another container has made the same decision a moment ago: the next try finds it.
  if (raw.code === '23505' && raw.constraint === 'audit_key') return 'conflict'
  if (raw.code?.startsWith('08') || raw.code?.startsWith(SHORTAGE)) return 'outage'
  return MEANING[raw.code ?? ''] ?? 'refused'
}

/** Undefined: do not try again. `tries` counts those that have failed with this kind. */
export function pauseMs(kind: FailureKind, tries: number): number | undefined {
  const pause = PAUSES_MS[kind][tries - 1]
  return pause === undefined ? undefined : pause * (1 + Math.random())
}

/** What the caller is told. The server's details are left out: they may quote personal values. */
export function surfaced(raw: unknown, target: Target, settle?: Settle): unknown {
  if (failureKind(raw) === 'outage') return target.outage(raw, settle)
  if (!(raw instanceof DatabaseError)) return raw
  if (raw.code === LOCK_TIMEOUT || NOT_OURS.has(raw.code ?? '')) return target.unavailable(raw)
  if (raw.code === BROKEN_PROMISE) {
    return new LeadFault('LEAD_STORE_INVARIANT', raw.message, raw.detail ?? '')
  }
  if (raw.code === '23514') {
    return new LeadFault('LEAD_STORE_INVARIANT', raw.constraint ?? '', raw.table ?? '')
  }
  return Object.assign(new Error(raw.message), { code: raw.code })
}

/** Words of a connection that will not come about whatever one waits for: wrong certificates. */
const TLS = /\bSSL\b|\bTLS\b|certificate|self[- ]signed/i

/** Why the store could not be opened: an outage, which passes, or something that has to be mended. */
export function openingFault(raw: unknown, target: Target): Error {
  const words =
    raw instanceof Error ? `${raw.message} ${(raw as { code?: string }).code ?? ''}` : ''
  // Whoever was in the way of an upgrade will not be for ever.
  const passes = failureKind(raw) !== 'refused' && !TLS.test(words)
  return passes ? target.outage(raw) : target.unavailable(raw)
}
