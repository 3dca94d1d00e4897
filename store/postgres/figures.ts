/** Size and lag of one realm. */
import { AT_REST } from '../../engine/decision'
import { cutoffs, type Retention } from '../../engine/retention'
import type { Figures } from '../store'
import type { Database } from './database'
import { sql, wholeMs } from './sql'

interface Row {
  readonly bytes: number
  readonly leads: number
  readonly entries: number
  readonly underway: number
  readonly underway_since: number | null
  readonly dead: number
  readonly waiting: number
  readonly waiting_since: number | null
  readonly timers: number
  readonly overdue: number
  readonly overdue_since: number | null
  readonly erased_leads: number
  readonly erased_entries: number
  readonly expired_leads: number
  readonly expired_entries: number
}

export async function figuresOf(
  database: Database,
  realm: string,
  nowMs: number,
  retention: Retention = {},
): Promise<Figures> {
  const { leadsBeforeMs, trailBeforeMs } = cutoffs(retention, nowMs)
  const [row] = await database.ask<Row>(
    sql(
      `SELECT
         (SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
          WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace) AS bytes,
         (SELECT count(*) FROM leads WHERE realm = $1) AS leads,
         (SELECT size FROM audit_tree WHERE realm = $1)
           + (SELECT count(*) FROM audit WHERE realm = $1 AND seq IS NULL) AS entries,
         details.expired AS expired_entries,
         (SELECT size FROM audit_tree WHERE realm = $1) - details.count AS erased_entries,
         intake.*, standings.*, timers.*
       FROM
         (SELECT count(*) FILTER (WHERE dead_at IS NULL) AS underway, count(dead_at) AS dead,
            min(accepted_at) FILTER (WHERE dead_at IS NULL) AS underway_since
          FROM intake WHERE realm = $1 AND body IS NOT NULL) AS intake,
         (SELECT count(*) AS count, count(*) FILTER (WHERE at < $3) AS expired
          FROM audit WHERE realm = $1 AND payload IS NOT NULL AND seq IS NOT NULL) AS details,
         (SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
            min(since) FILTER (WHERE state = 'waiting') AS waiting_since,
            count(*) FILTER (WHERE state = 'erased') AS erased_leads,
            count(*) FILTER (WHERE state = ANY($5::text[]) AND since < $4) AS expired_leads
          FROM standings WHERE realm = $1) AS standings,
         (SELECT count(*) AS timers, count(*) FILTER (WHERE due_at <= $2) AS overdue,
            min(due_at) FILTER (WHERE due_at <= $2) AS overdue_since
          FROM timers WHERE realm = $1) AS timers`,
      realm,
      wholeMs(nowMs),
      wholeMs(trailBeforeMs),
      wholeMs(leadsBeforeMs),
      AT_REST,
    ),
  )
  const age = (since: number | null) => (since === null ? 0 : Math.max(0, nowMs - since))
  const { bytes, leads, entries, underway, dead, waiting, timers, overdue } = row!
  return {
    bytes,
    leads,
    entries,
    underway,
    underwayMs: age(row!.underway_since),
    dead,
    waiting,
    waitingMs: age(row!.waiting_since),
    timers,
    overdue,
    overdueMs: age(row!.overdue_since),
    erasedLeads: row!.erased_leads,
    erasedEntries: row!.erased_entries,
    expiredLeads: row!.expired_leads,
    expiredEntries: row!.expired_entries,
  }
}
