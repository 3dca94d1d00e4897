/** Applies one change. Each kind is its own function; the promises live in the tables' keys. */
import type { Change } from '../../engine/decision'
import { LeadFault } from '../../engine/faults'
import type { Database } from './database'

export interface ApplyContext {
  readonly database: Database
  readonly realm: string
  readonly leadId: string
  /** The lead after the decision's patch, as JSON, and the part of it that is read most. */
  readonly body: string
  readonly standing: string
  readonly nowMs: number
}

type Apply<Kind extends Change['kind']> = (
  context: ApplyContext,
  change: Extract<Change, { kind: Kind }>,
) => void

const APPLY: { readonly [Kind in Change['kind']]: Apply<Kind> } = {
  'intake.accept': ({ database, realm, leadId, body, nowMs }, { key, expiresMs, nodeId }) => {
    database.run(
      `INSERT OR REPLACE INTO intake (realm, key, lead_id, node_id, accepted_at, expires_at, body)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      realm,
      key,
      leadId,
      nodeId,
      nowMs,
      expiresMs,
      body,
    )
  },
  'intake.link': ({ database, realm }, { key, leadId }) => {
    database.run('UPDATE intake SET lead_id = ? WHERE realm = ? AND key = ?', leadId, realm, key)
  },
  'intake.done': ({ database, realm }, { key }) => {
    database.run('UPDATE intake SET body = NULL WHERE realm = ? AND key = ?', realm, key)
  },
  // `since` is when the lead came to stand as it does; saving it again does not start anew.
  'lead.save': (
    { database, realm, leadId, body, standing, nowMs },
    { state, reason, poolId, retryAtMs },
  ) => {
    database.run(
      `INSERT INTO leads (realm, id, state, reason, since, pool_id, retry_at, updated_at, standing, body)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (realm, id) DO UPDATE SET
         since = CASE WHEN state = excluded.state THEN since ELSE excluded.since END,
         state = excluded.state, reason = excluded.reason, pool_id = excluded.pool_id,
         retry_at = excluded.retry_at, updated_at = excluded.updated_at,
         standing = excluded.standing, body = excluded.body`,
      realm,
      leadId,
      state,
      reason,
      nowMs,
      poolId ?? null,
      retryAtMs ?? null,
      nowMs,
      standing,
      body,
    )
  },
  'identity.link': ({ database, realm }, { key, leadId }) => {
    database.run(
      'INSERT OR REPLACE INTO identity (realm, key, lead_id) VALUES (?, ?, ?)',
      realm,
      key,
      leadId,
    )
  },
  'signals.add': ({ database, realm }, { leadId, accountId, signals }) => {
    for (const signal of signals) {
      database.run(
        'INSERT OR IGNORE INTO signals (realm, lead_id, id, account_id, at, body) VALUES (?, ?, ?, ?, ?, ?)',
        realm,
        leadId,
        signal.id,
        accountId ?? null,
        Date.parse(signal.at),
        JSON.stringify(signal),
      )
    }
  },
  'account.owner': ({ database, realm }, { accountId, repId }) => {
    database.run(
      'INSERT OR REPLACE INTO accounts (realm, id, owner) VALUES (?, ?, ?)',
      realm,
      accountId,
      repId,
    )
  },
  'assignment.open': ({ database, realm, nowMs }, { leadId, cycle, repId, poolId, units }) => {
    const opened = database.run(
      `INSERT INTO assignments (realm, lead_id, cycle, rep_id, pool_id, units, opened_at)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      realm,
      leadId,
      cycle,
      repId,
      poolId,
      units,
      nowMs,
    )
    if (opened !== 1) {
      throw new LeadFault(
        'LEAD_STORE_INVARIANT',
        'one assignment per cycle',
        `lead ${leadId}, cycle ${cycle}`,
      )
    }
    database.run(
      `INSERT INTO rep_load (realm, rep_id, units) VALUES (?, ?, ?)
       ON CONFLICT (realm, rep_id) DO UPDATE SET units = units + excluded.units`,
      realm,
      repId,
      units,
    )
  },
  'assignment.close': ({ database, realm, nowMs }, { leadId, cycle, reason }) => {
    const closed = database.get<{ rep_id: string; units: number }>(
      `UPDATE assignments SET closed_at = ?, close_reason = ?
       WHERE realm = ? AND lead_id = ? AND cycle = ? AND closed_at IS NULL RETURNING rep_id, units`,
      nowMs,
      reason,
      realm,
      leadId,
      cycle,
    )
    if (closed === undefined) return
    database.run(
      'UPDATE rep_load SET units = units - ? WHERE realm = ? AND rep_id = ?',
      closed.units,
      realm,
      closed.rep_id,
    )
  },
  'fairness.save': ({ database, realm }, { poolId, repId, virtualTime, awaySinceMs }) => {
    database.run(
      'INSERT OR REPLACE INTO fairness (realm, pool_id, rep_id, virtual_time, away_since) VALUES (?, ?, ?, ?, ?)',
      realm,
      poolId,
      repId,
      virtualTime,
      awaySinceMs ?? null,
    )
  },
  'timer.set': ({ database, realm }, { timer }) => {
    database.run(
      `INSERT OR IGNORE INTO timers (realm, id, lead_id, cycle, node_id, due_at, body)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      realm,
      timer.id,
      timer.leadId,
      timer.cycle,
      timer.nodeId,
      timer.dueMs,
      JSON.stringify(timer),
    )
  },
  'timer.fired': ({ database, realm }, { timerId }) => {
    const fired = database.run('DELETE FROM timers WHERE realm = ? AND id = ?', realm, timerId)
    if (fired !== 1) throw new LeadFault('LEAD_STORE_INVARIANT', 'a timer fires once', timerId)
  },
  'timers.cancel': ({ database, realm }, { leadId, cycle }) => {
    database.run(
      'DELETE FROM timers WHERE realm = ? AND lead_id = ? AND cycle = ?',
      realm,
      leadId,
      cycle,
    )
  },
}

export function applyChange(context: ApplyContext, change: Change): void {
  ;(APPLY[change.kind] as Apply<typeof change.kind>)(context, change as never)
}
