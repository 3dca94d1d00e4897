/**
 * Questions about a whole realm. With years of leads they take long, so they can be asked from a thread
 * of its own (./readers): of what is on disk, and nothing else.
 */
import type { LeadState } from '../../engine/decision'
import type { Retention } from '../../engine/retention'
import type { Census, Checkpoint, Figures, Home, VerifyReport } from '../store'
import { AuditLog } from './audit-log'
import type { Database } from './database'
import { figuresOf } from './figures'

/** The source system of an accepted event that is on its way. */
export const SYSTEM = `coalesce(json_extract(body, '$.source.system'), '')`

/** The policy by which a lead waits. */
export const WAITS_UNDER = `json_extract(standing, '$.assignment.policy.name')`

export const QUESTIONS = {
  census,
  homes,
  figures: (
    database: Database,
    realm: string,
    nowMs: number,
    retention: Retention | undefined,
  ): Figures => figuresOf(database, realm, nowMs, retention),
  verify: (database: Database, realm: string, expected: Checkpoint | undefined): VerifyReport =>
    new AuditLog(database, realm).verify(expected),
} as const

export type Question = keyof typeof QUESTIONS
type Answering<Q extends Question> = (typeof QUESTIONS)[Q]
export type Answer<Q extends Question> = ReturnType<Answering<Q>>
export type Details<Q extends Question> =
  Parameters<Answering<Q>> extends [Database, string, ...infer More] ? More : never

/** What one question asks, as it goes to a thread. */
export interface Asked<Q extends Question = Question> {
  readonly question: Q
  readonly realm: string
  readonly details: Details<Q>
}

export function answer<Q extends Question>(
  database: Database,
  { question, realm, details }: Asked<Q>,
): Answer<Q> {
  const answering = QUESTIONS[question] as (...values: unknown[]) => Answer<Q>
  return answering(database, realm, ...details)
}

function census(database: Database, realm: string): Census {
  const rows = database.all<{ state: LeadState; n: number }>(
    'SELECT state, COUNT(*) AS n FROM standings WHERE realm = ? GROUP BY state',
    realm,
  )
  const intake = database.get<{ underway: number; dead: number }>(
    `SELECT COUNT(*) AS underway, COUNT(dead_at) AS dead
     FROM intake LEFT JOIN attempts USING (realm, key) WHERE realm = ? AND body IS NOT NULL`,
    realm,
  )
  return {
    byState: Object.fromEntries(rows.map(({ state, n }) => [state, n])),
    underway: intake?.underway ?? 0,
    dead: intake?.dead ?? 0,
    entries: new AuditLog(database, realm).size,
  }
}

function homes(database: Database, realm: string): Home[] {
  return database.all<Home>(
    `SELECT home AS kind, node_id AS nodeId, policy AS "of", COUNT(*) AS count
     FROM (SELECT realm, node_id, policy, home FROM timers
       UNION ALL SELECT realm, node_id, policy, 'timers' FROM outbox)
     WHERE realm = ?1 GROUP BY home, node_id, policy
     UNION ALL
     SELECT 'leads', node_id, ${SYSTEM}, COUNT(*) FROM intake LEFT JOIN attempts USING (realm, key)
     WHERE realm = ?1 AND body IS NOT NULL AND dead_at IS NULL GROUP BY node_id, ${SYSTEM}
     UNION ALL
     SELECT 'waiting', '', coalesce(${WAITS_UNDER}, ''), COUNT(*) FROM standings
     WHERE realm = ?1 AND state = 'waiting' GROUP BY 3`,
    realm,
  )
}
