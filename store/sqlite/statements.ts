/**
 * The statements by which a decision's changes are written. The promises live in the tables' keys.
 *
 * Each takes the realm first, then `values` more; a batch carries their indexes and values in one
 * flat list, which is cheap to send to the writer.
 */
import type { Timer } from '../../engine/decision'

export type SqlValue = string | number | null

const SQL = {
  acceptIntake: `INSERT OR REPLACE INTO intake (realm, key, lead_id, node_id, accepted_at, expires_at, body)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,
  linkIntake: 'UPDATE intake SET lead_id = ?3 WHERE realm = ?1 AND key = ?2',
  endIntake: 'UPDATE intake SET body = NULL WHERE realm = ? AND key = ?',
  restartIntake: 'UPDATE intake SET body = ?3 WHERE realm = ?1 AND key = ?2',
  saveLead: `INSERT INTO leads (realm, id, body, account_id, account_domain) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (realm, id) DO UPDATE SET body = excluded.body, account_id = excluded.account_id,
      account_domain = excluded.account_domain`,
  saveStanding: `INSERT INTO standings (realm, id, state, reason, since, pool_id, retry_at, standing)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (realm, id) DO UPDATE SET
      state = excluded.state, reason = excluded.reason, since = excluded.since,
      pool_id = excluded.pool_id, retry_at = excluded.retry_at, standing = excluded.standing`,
  linkIdentity: 'INSERT OR REPLACE INTO identity (realm, key, lead_id) VALUES (?, ?, ?)',
  addSignals: `INSERT OR IGNORE INTO signals (realm, lead_id, id, account_id, at, body)
    VALUES (?, ?, ?, ?, ?, ?)`,
  moveSignals: 'UPDATE signals SET account_id = ?3 WHERE realm = ?1 AND lead_id = ?2',
  saveOwner: 'INSERT OR REPLACE INTO accounts (realm, id, owner, owned_at) VALUES (?, ?, ?, ?)',
  openAssignment: `INSERT INTO assignments (realm, lead_id, cycle, rep_id, pool_id, units, opened_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,
  closeAssignment: `UPDATE assignments SET closed_at = ?4, close_reason = ?5
    WHERE realm = ?1 AND lead_id = ?2 AND cycle = ?3 AND closed_at IS NULL`,
  saveLoad: 'INSERT OR REPLACE INTO rep_load (realm, rep_id, units) VALUES (?, ?, ?)',
  saveFairness: `INSERT OR REPLACE INTO fairness (realm, pool_id, rep_id, virtual_time, away_since)
    VALUES (?, ?, ?, ?, ?)`,
  openOffer: `INSERT INTO offers
      (realm, lead_id, token, rep_id, pool_id, units, opened_at, expires_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  closeOffer: `UPDATE offers SET closed_at = ?4, ended = ?5
    WHERE realm = ?1 AND lead_id = ?2 AND token = ?3`,
  savePresence: `INSERT OR REPLACE INTO presences (realm, rep_id, misses, offline_since)
    VALUES (?, ?, ?, ?)`,
  addTally: `INSERT INTO tallies (realm, rep_id, period, from_at, leads) VALUES (?, ?, ?, ?, 1)
    ON CONFLICT (realm, rep_id, period, from_at) DO UPDATE SET leads = leads + 1`,
  saveTally: `INSERT OR REPLACE INTO tallies (realm, rep_id, period, from_at, leads)
    VALUES (?, ?, ?, ?, ?)`,
  setTimer: `INSERT OR IGNORE INTO timers (realm, id, node_id, due_at, body) VALUES (?, ?, ?, ?, ?)`,
  putOut: `INSERT INTO outbox (realm, id, node_id, due_at, body)
    SELECT realm, id, node_id, due_at, body FROM timers WHERE realm = ? AND id = ?`,
  endTimer: 'DELETE FROM timers WHERE realm = ? AND id = ?',
  eraseLead: 'DELETE FROM leads WHERE realm = ? AND id = ?',
  eraseSignals: 'DELETE FROM signals WHERE realm = ? AND lead_id = ?',
  unlinkIdentity: 'DELETE FROM identity WHERE realm = ? AND key = ? AND lead_id = ?',
  suppress: 'INSERT OR REPLACE INTO suppressions (realm, digest, consent) VALUES (?, ?, ?)',
  eraseDetails: `UPDATE audit SET payload = NULL, salt = NULL, key = NULL
    WHERE realm = ? AND seq IN (SELECT value FROM json_each(?))`,
  endTimers: 'DELETE FROM timers WHERE realm = ? AND id >= ? AND id < ?',
} as const

export type StatementName = keyof typeof SQL

export interface Statement {
  readonly sql: string
  /** How many values it takes beside the realm. */
  readonly values: number
}

const NAMES = Object.keys(SQL) as StatementName[]
export const STATEMENTS: readonly Statement[] = NAMES.map((name) => ({
  sql: SQL[name],
  values: (SQL[name].match(/\?/g)?.length ?? 0) - 1,
}))
export const INDEX = Object.fromEntries(NAMES.map((name, index) => [name, index])) as Record<
  StatementName,
  number
>

/** The timers of one cycle: their ids begin with `<lead>#<cycle>#`, and `$` follows `#`. */
export function timerRange(leadId: string, cycle: number): [from: string, below: string] {
  return [`${leadId}#${cycle}#`, `${leadId}#${cycle}$`]
}

/** The lead and cycle that a timer's id begins with. */
export function timerOwner(timerId: Timer['id']): [leadId: string, cycle: number] {
  const [leadId, cycle] = timerId.split('#')
  return [leadId!, Number(cycle)]
}
