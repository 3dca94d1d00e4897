/**
 * A decision's changes as statements: an index into SQL and flat values. They are made where the
 * steps run and carried out where the file is written; plain lists are cheap to send between.
 *
 * The promises live in the tables' keys. To add a kind of change, add its function here.
 */
import type { Change, Timer } from '../../engine/decision'
import type { RecentAssignment } from './reads'

export type SqlValue = string | number | null

/** Index into STATEMENTS, then the values. */
export type Statement = readonly [statement: number, ...values: SqlValue[]]

export interface StatementContext {
  readonly realm: string
  readonly nowMs: number
  readonly leadId: string
  /** The lead as JSON, made when first asked for. */
  readonly body: () => string
  readonly standing: () => string
  /** Whether the store holds what is known of the lead already. */
  readonly hasBody: boolean
  readonly assignment: (leadId: string, cycle: number) => RecentAssignment | undefined
}

const SQL = {
  acceptIntake: `INSERT OR REPLACE INTO intake (realm, key, lead_id, node_id, accepted_at, expires_at, body)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,
  linkIntake: 'UPDATE intake SET lead_id = ? WHERE realm = ? AND key = ?',
  endIntake: 'UPDATE intake SET body = NULL WHERE realm = ? AND key = ?',
  restartIntake: 'UPDATE intake SET body = ? WHERE realm = ? AND key = ?',
  saveLead: `INSERT INTO leads (realm, id, body) VALUES (?, ?, ?)
    ON CONFLICT (realm, id) DO UPDATE SET body = excluded.body`,
  // `since` is when the lead came to stand as it does; saving it again does not start anew.
  saveStanding: `INSERT INTO standings (realm, id, state, reason, since, pool_id, retry_at, standing)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (realm, id) DO UPDATE SET
      since = CASE WHEN state = excluded.state THEN since ELSE excluded.since END,
      state = excluded.state, reason = excluded.reason, pool_id = excluded.pool_id,
      retry_at = excluded.retry_at, standing = excluded.standing`,
  linkIdentity: 'INSERT OR REPLACE INTO identity (realm, key, lead_id) VALUES (?, ?, ?)',
  addSignal: `INSERT OR IGNORE INTO signals (realm, lead_id, id, account_id, at, body)
    VALUES (?, ?, ?, ?, ?, ?)`,
  saveOwner: 'INSERT OR REPLACE INTO accounts (realm, id, owner) VALUES (?, ?, ?)',
  openAssignment: `INSERT INTO assignments (realm, lead_id, cycle, rep_id, pool_id, units, opened_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,
  closeAssignment: `UPDATE assignments SET closed_at = ?, close_reason = ?
    WHERE realm = ? AND lead_id = ? AND cycle = ? AND closed_at IS NULL`,
  addLoad: `INSERT INTO rep_load (realm, rep_id, units) VALUES (?, ?, ?)
    ON CONFLICT (realm, rep_id) DO UPDATE SET units = units + excluded.units`,
  takeLoad: 'UPDATE rep_load SET units = units - ? WHERE realm = ? AND rep_id = ?',
  saveFairness: `INSERT OR REPLACE INTO fairness (realm, pool_id, rep_id, virtual_time, away_since)
    VALUES (?, ?, ?, ?, ?)`,
  setTimer: `INSERT OR IGNORE INTO timers (realm, id, node_id, due_at, body) VALUES (?, ?, ?, ?, ?)`,
  endTimer: 'DELETE FROM timers WHERE realm = ? AND id = ?',
  endTimers: 'DELETE FROM timers WHERE realm = ? AND id >= ? AND id < ?',
} as const

const NAMES = Object.keys(SQL) as (keyof typeof SQL)[]
export const STATEMENTS: readonly string[] = NAMES.map((name) => SQL[name])
const INDEX = Object.fromEntries(NAMES.map((name, index) => [name, index])) as Record<
  keyof typeof SQL,
  number
>

type Make<K extends Change['kind']> = (
  context: StatementContext,
  change: Extract<Change, { kind: K }>,
) => Statement[]

const MAKE: { readonly [K in Change['kind']]: Make<K> } = {
  'intake.accept': ({ realm, leadId, body, nowMs }, { key, expiresMs, nodeId }) => [
    [INDEX.acceptIntake, realm, key, leadId, nodeId, nowMs, expiresMs, body()],
  ],
  'intake.link': ({ realm }, { key, leadId }) => [[INDEX.linkIntake, leadId, realm, key]],
  'intake.done': ({ realm }, { key }) => [[INDEX.endIntake, realm, key]],
  'intake.again': ({ realm, body }, { key }) => [[INDEX.restartIntake, body(), realm, key]],
  'lead.save': ({ realm, leadId, nowMs, body, standing, hasBody }, change) => {
    const { state, reason, poolId = null, retryAtMs = null, standingOnly } = change
    const stand: Statement = [
      INDEX.saveStanding,
      realm,
      leadId,
      state,
      reason,
      nowMs,
      poolId,
      retryAtMs,
      standing(),
    ]
    return standingOnly && hasBody ? [stand] : [stand, [INDEX.saveLead, realm, leadId, body()]]
  },
  'identity.link': ({ realm }, { key, leadId }) => [[INDEX.linkIdentity, realm, key, leadId]],
  'signals.add': ({ realm }, { leadId, accountId = null, signals }) =>
    signals.map(
      (signal): Statement => [
        INDEX.addSignal,
        realm,
        leadId,
        signal.id,
        accountId,
        Date.parse(signal.at),
        JSON.stringify(signal),
      ],
    ),
  'account.owner': ({ realm }, { accountId, repId }) => [
    [INDEX.saveOwner, realm, accountId, repId],
  ],
  'assignment.open': ({ realm, nowMs }, { leadId, cycle, repId, poolId, units }) => [
    [INDEX.openAssignment, realm, leadId, cycle, repId, poolId, units, nowMs],
    [INDEX.addLoad, realm, repId, units],
  ],
  'assignment.close': ({ realm, nowMs, assignment }, { leadId, cycle, reason }) => {
    const open = assignment(leadId, cycle)
    if (!open?.open) return []
    return [
      [INDEX.closeAssignment, nowMs, reason, realm, leadId, cycle],
      [INDEX.takeLoad, open.units, realm, open.repId],
    ]
  },
  'fairness.save': ({ realm }, { poolId, repId, virtualTime, awaySinceMs = null }) => [
    [INDEX.saveFairness, realm, poolId, repId, virtualTime, awaySinceMs],
  ],
  'timer.set': ({ realm }, { timer }) => [
    [INDEX.setTimer, realm, timer.id, timer.nodeId, timer.dueMs, JSON.stringify(timer)],
  ],
  'timer.fired': ({ realm }, { timerId }) => [[INDEX.endTimer, realm, timerId]],
  'timers.cancel': ({ realm }, { leadId, cycle }) => [
    [INDEX.endTimers, realm, ...timerRange(leadId, cycle)],
  ],
}

/** The timers of one cycle: their ids begin with `<lead>#<cycle>#`, and `$` follows `#`. */
export function timerRange(leadId: string, cycle: number): [from: string, below: string] {
  return [`${leadId}#${cycle}#`, `${leadId}#${cycle}$`]
}

/** The lead and cycle that a timer's id begins with. */
export function timerOwner(timerId: Timer['id']): [leadId: string, cycle: number] {
  const [leadId, cycle] = timerId.split('#')
  return [leadId!, Number(cycle)]
}

export function statementsOf(changes: readonly Change[], context: StatementContext): Statement[] {
  return changes.flatMap((change) =>
    (MAKE[change.kind] as Make<typeof change.kind>)(context, change as never),
  )
}
