/** Timers as they stand on disk: those that are due, and those that fired and whose message is owed. */

import type { PrivateEntry } from '../../engine/audit/entry'
import type { LeadState } from '../../engine/decision'
import { patched } from '../../engine/decision'
import { withStanding } from '../../engine/lead/standing'
import type { DueTimer, Scope } from '../store'
import type { Database } from './database'

export interface TimerRow {
  readonly id: string
  readonly due_at: number
  readonly timer: string
  readonly state: LeadState
  readonly standing: string
  readonly body: string
  /** The private part of the entry of its firing; null when that was erased. */
  readonly fired?: string | null
}

const LEAD_OF = (table: string) => `
  JOIN standings ON standings.realm = ${table}.realm
    AND standings.id = json_extract(${table}.body, '$.leadId')
  JOIN leads ON leads.realm = ${table}.realm AND leads.id = standings.id`

const POLICY_OF = '(? IS NULL OR policy IN (SELECT value FROM json_each(?)))'

/** In the order in which they are due. */
export function dueTimers(
  database: Database,
  realm: string,
  scope: Scope,
  nowMs: number,
  limit: number,
): TimerRow[] {
  return perNode(scope, limit, (nodeId, policies) =>
    database.all<TimerRow>(
      `SELECT timers.id, due_at, timers.body AS timer, state, standing, leads.body
       FROM timers ${LEAD_OF('timers')}
       WHERE timers.realm = ? AND node_id = ? AND due_at <= ? AND ${POLICY_OF}
       ORDER BY due_at, timers.id LIMIT ?`,
      realm,
      nodeId,
      nowMs,
      policies,
      policies,
      limit,
    ),
  )
}

/** When the first timer of the scope is due after `afterMs`, epoch ms. */
export function nextDueMs(
  database: Database,
  realm: string,
  scope: Scope,
  afterMs: number,
): number | undefined {
  const [next] = perNode(scope, 1, (nodeId, policies) =>
    database.all<{ id: string; due_at: number }>(
      `SELECT id, due_at FROM timers
       WHERE realm = ? AND node_id = ? AND due_at > ? AND ${POLICY_OF}
       ORDER BY due_at LIMIT 1`,
      realm,
      nodeId,
      afterMs,
      policies,
      policies,
    ),
  )
  return next?.due_at
}

/** Fired, and not reported as sent. */
export function unsentTimers(
  database: Database,
  realm: string,
  scope: Scope,
  inHand: ReadonlySet<string>,
  limit: number,
): TimerRow[] {
  return perNode(scope, limit, (nodeId, policies) =>
    database.all<TimerRow>(
      `SELECT outbox.id, due_at, outbox.body AS timer, state, standing, leads.body,
         audit.payload AS fired
       FROM outbox ${LEAD_OF('outbox')}
         LEFT JOIN audit ON audit.realm = outbox.realm AND audit.step = 'sla-fire'
           AND audit.key = outbox.id
       WHERE outbox.realm = ? AND node_id = ? AND ${POLICY_OF}
         AND outbox.id NOT IN (SELECT value FROM json_each(?))
       ORDER BY due_at, outbox.id LIMIT ?`,
      realm,
      nodeId,
      policies,
      policies,
      JSON.stringify([...inHand]),
      limit,
    ),
  )
}

/** The lead as it stands, or as the firing left it: a request for another rep stands nowhere else. */
export function withLead({ timer, state, standing, body, fired }: TimerRow): DueTimer {
  const lead = withStanding(JSON.parse(body), JSON.parse(standing))
  const patch = fired ? (JSON.parse(fired) as PrivateEntry).patch : {}
  return { timer: JSON.parse(timer), lead: patched(lead, patch), state }
}

/** The nodes whose timers a scope takes; of those that are gone only the policies', as JSON. */
function perNode<Row extends { readonly id: string; readonly due_at: number }>(
  { nodeId, adopted, of }: Scope,
  limit: number,
  ask: (nodeId: string, policies: string | null) => Row[],
): Row[] {
  return [ask(nodeId, null), ...adopted.map((gone) => ask(gone, JSON.stringify(of)))]
    .flat()
    .sort((a, b) => a.due_at - b.due_at || (a.id < b.id ? -1 : 1))
    .slice(0, limit)
}
