/** Size and lag of one realm, read from what is on disk. */
import { statSync } from 'node:fs'
import { AT_REST } from '../../engine/decision'
import { cutoffs, type Retention } from '../../engine/retention'
import type { Figures } from '../store'
import type { Database } from './database'

export function figuresOf(
  database: Database,
  realm: string,
  nowMs: number,
  retention: Retention = {},
): Figures {
  const one = <Row>(sql: string, ...values: (string | number)[]) =>
    database.get<Row>(sql, realm, ...values)!
  const { leads } = one<{ leads: number }>('SELECT COUNT(*) AS leads FROM leads WHERE realm = ?')
  const { entries } = one<{ entries: number }>(
    'SELECT coalesce(MAX(size), 0) AS entries FROM audit_tree WHERE realm = ?',
  )
  const underway = one<{ count: number; since: number | null; dead: number }>(
    `SELECT COUNT(*) AS count, COUNT(dead_at) AS dead,
       MIN(CASE WHEN dead_at IS NULL THEN accepted_at END) AS since
     FROM intake LEFT JOIN attempts USING (realm, key) WHERE realm = ? AND body IS NOT NULL`,
  )
  const waiting = one<{ count: number; since: number | null }>(
    "SELECT COUNT(*) AS count, MIN(since) AS since FROM standings WHERE realm = ? AND state = 'waiting'",
  )
  const timers = one<{ pending: number; overdue: number; since: number | null }>(
    `SELECT COUNT(*) AS pending, COUNT(CASE WHEN due_at <= ?2 THEN 1 END) AS overdue,
       MIN(due_at) AS since
     FROM timers WHERE realm = ?1`,
    nowMs,
  )
  const { leadsBeforeMs, trailBeforeMs } = cutoffs(retention, nowMs)
  const count = (sql: string, ...values: (string | number)[]) =>
    one<{ n: number }>(sql, ...values).n
  const age = (since: number | null) => (since === null ? 0 : Math.max(0, nowMs - since))
  return {
    bytes: bytesOf(database.file),
    leads,
    entries,
    underway: underway.count - underway.dead,
    underwayMs: age(underway.since),
    dead: underway.dead,
    waiting: waiting.count,
    waitingMs: age(waiting.since),
    timers: timers.pending,
    overdue: timers.overdue,
    overdueMs: timers.overdue === 0 ? 0 : age(timers.since),
    erasedLeads: count("SELECT COUNT(*) AS n FROM standings WHERE realm = ? AND state = 'erased'"),
    erasedEntries:
      entries - count('SELECT COUNT(*) AS n FROM audit WHERE realm = ? AND payload IS NOT NULL'),
    expiredLeads: count(
      `SELECT COUNT(*) AS n FROM standings
       WHERE realm = ? AND state IN (SELECT value FROM json_each(?)) AND since < ?`,
      JSON.stringify(AT_REST),
      leadsBeforeMs,
    ),
    expiredEntries: count(
      'SELECT COUNT(*) AS n FROM audit WHERE realm = ? AND at < ? AND payload IS NOT NULL',
      trailBeforeMs,
    ),
  }
}

/** With what stands beside the file and will come into it. */
function bytesOf(file: string): number {
  if (file === ':memory:') return 0
  return ['', '-wal'].reduce(
    (sum, beside) => sum + (statSync(`${file}${beside}`, { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
}
