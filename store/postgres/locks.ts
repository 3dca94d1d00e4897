/**
 * Advisory locks: 64-bit keys that stand for scopes. Two scopes that share a key by chance wait for
 * each other without need, and no more.
 */
import { createHash } from 'node:crypto'

/** A 64-bit key for an advisory lock; locks are per database, so schema and realm are part of it. */
export function lockKey(schema: string, ...parts: readonly string[]): bigint {
  const text = JSON.stringify([schema, ...parts])
  return createHash('sha256').update(text).digest().readBigInt64BE()
}

/** Keys of the scopes, in the one order in which everybody takes them. */
export function scopeKeys(schema: string, realm: string, scopes: readonly string[]): string[] {
  const keys = new Set(scopes.map((scope) => lockKey(schema, realm, 'scope', scope)))
  return [...keys].sort((a, b) => (a < b ? -1 : 1)).map(String)
}
