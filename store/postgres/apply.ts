/**
 * The statements that a decision's changes come to, in their order. Each kind is its own function;
 * the promises live in the tables' keys and in the function `promise`. Changes of one kind that
 * follow each other become one statement where a decision may have many of them.
 */
import type { Change, ChangeOf, Timer } from '../../engine/decision'
import { accountPlace } from '../../engine/identity/accounts'
import type { Lead } from '../../engine/lead/lead'
import { bodyOf, standingOf } from '../../engine/lead/standing'
import { eraseDetails, eraseLead, suppress } from './retention'
import { type Statement, sql, wholeMs } from './sql'

export interface ApplyContext {
  readonly realm: string
  /** The process that carries what is accepted; see worker. */
  readonly owner: number
  /** The lead after the decision's patch. */
  readonly lead: Lead
  readonly knownBy?: string
  readonly nowMs: number
  /** Whether the store is known to hold the lead already. */
  readonly stored: boolean
}

type Apply<Kind extends Change['kind']> = (
  context: ApplyContext,
  changes: readonly ChangeOf<Kind>[],
) => Statement[]

/** For kinds of which a decision has one, or whose order among themselves matters. */
function each<Kind extends Change['kind']>(
  one: (context: ApplyContext, change: ChangeOf<Kind>) => Statement,
): Apply<Kind> {
  return (context, changes) => changes.map((change) => one(context, change))
}

const APPLY: { readonly [Kind in Change['kind']]: Apply<Kind> } = {
  'intake.accept': each(({ realm, owner, lead, nowMs }, { key, expiresMs, nodeId }) =>
    sql(
      `INSERT INTO intake
         (realm, key, lead_id, node_id, accepted_at, carried_at, expires_at, body, owner)
       VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8)
       ON CONFLICT (realm, key) DO UPDATE SET
         lead_id = excluded.lead_id, node_id = excluded.node_id,
         accepted_at = excluded.accepted_at, carried_at = excluded.carried_at,
         expires_at = excluded.expires_at, body = excluded.body, owner = excluded.owner,
         attempts = 0, retry_at = 0, dead_at = NULL, fault = NULL`,
      realm,
      key,
      lead.id,
      nodeId,
      wholeMs(nowMs),
      wholeMs(expiresMs),
      bodyOf(lead),
      owner,
    ),
  ),
  'intake.link': each(({ realm }, { key, leadId }) =>
    sql('UPDATE intake SET lead_id = $3 WHERE realm = $1 AND key = $2', realm, key, leadId),
  ),
  'intake.done': each(({ realm }, { key }) =>
    sql('UPDATE intake SET body = NULL WHERE realm = $1 AND key = $2', realm, key),
  ),
  'intake.again': each(({ realm, owner, lead, nowMs }, { key }) =>
    sql(
      `UPDATE intake SET body = $3, owner = $4, carried_at = $5,
         attempts = 0, retry_at = 0, dead_at = NULL, fault = NULL
       WHERE realm = $1 AND key = $2`,
      realm,
      key,
      bodyOf(lead),
      owner,
      wholeMs(nowMs),
    ),
  ),
  'lead.save': (context, changes) => changes.flatMap((change) => saveLead(context, change)),
  'identity.link': ({ realm }, changes) => {
    const links = lastPer(changes, ({ key }) => key)
    return [
      sql(
        `INSERT INTO identity (realm, key, lead_id)
         SELECT $1, link.key, link.lead_id FROM unnest($2::text[], $3::text[]) AS link (key, lead_id)
         ON CONFLICT (realm, key) DO UPDATE SET lead_id = excluded.lead_id`,
        realm,
        links.map(({ key }) => key),
        links.map(({ leadId }) => leadId),
      ),
    ]
  },
  'signals.add': each(({ realm }, { leadId, accountId, signals }) =>
    sql(
      `INSERT INTO signals (realm, lead_id, id, account_id, at, body)
       SELECT $1, $2, signal.id, $3, signal.at, signal.body
       FROM unnest($4::text[], $5::bigint[], $6::text[]) AS signal (id, at, body)
       ON CONFLICT DO NOTHING`,
      realm,
      leadId,
      accountId ?? null,
      signals.map(({ id }) => id),
      signals.map(({ at }) => Date.parse(at)),
      signals.map((signal) => JSON.stringify(signal)),
    ),
  ),
  'signals.move': each(({ realm }, { leadId, accountId }) =>
    sql(
      `UPDATE signals SET account_id = $3
       WHERE realm = $1 AND lead_id = $2 AND account_id IS DISTINCT FROM $3`,
      realm,
      leadId,
      accountId,
    ),
  ),
  'account.owner': each(({ realm, nowMs }, { accountId, repId }) =>
    sql(
      `INSERT INTO accounts (realm, id, owner, owned_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (realm, id) DO UPDATE SET owner = excluded.owner, owned_at = excluded.owned_at`,
      realm,
      accountId,
      repId,
      wholeMs(nowMs),
    ),
  ),
  'assignment.open': each(({ realm, nowMs }, { leadId, cycle, repId, poolId, units }) =>
    sql(
      `WITH opened AS (
         INSERT INTO assignments (realm, lead_id, cycle, rep_id, pool_id, units, opened_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING realm, rep_id, units
       ), loaded AS (
         INSERT INTO rep_load (realm, rep_id, units) SELECT realm, rep_id, units FROM opened
         ON CONFLICT (realm, rep_id) DO UPDATE SET units = rep_load.units + excluded.units
       )
       SELECT promise(EXISTS (SELECT FROM opened), 'one assignment per cycle', $8)`,
      realm,
      leadId,
      cycle,
      repId,
      poolId,
      units,
      wholeMs(nowMs),
      `lead ${leadId}, cycle ${cycle}`,
    ),
  ),
  'assignment.close': each(({ realm, nowMs }, { leadId, cycle, reason }) =>
    sql(
      `WITH closed AS (
         UPDATE assignments SET closed_at = $4, close_reason = $5
         WHERE realm = $1 AND lead_id = $2 AND cycle = $3 AND closed_at IS NULL
         RETURNING realm, rep_id, units
       )
       UPDATE rep_load SET units = rep_load.units - closed.units FROM closed
       WHERE rep_load.realm = closed.realm AND rep_load.rep_id = closed.rep_id`,
      realm,
      leadId,
      cycle,
      wholeMs(nowMs),
      reason,
    ),
  ),
  'offer.open': each(({ realm, nowMs }, { leadId, token, repId, poolId, units, expiresMs }) =>
    sql(
      `WITH opened AS (
         INSERT INTO offers (realm, lead_id, token, rep_id, pool_id, units, opened_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
         RETURNING realm, rep_id, units
       ), loaded AS (
         INSERT INTO rep_load (realm, rep_id, units) SELECT realm, rep_id, units FROM opened
         ON CONFLICT (realm, rep_id) DO UPDATE SET units = rep_load.units + excluded.units
       )
       SELECT promise(EXISTS (SELECT FROM opened), 'a token is used once', $9)`,
      realm,
      leadId,
      token,
      repId,
      poolId,
      units,
      wholeMs(nowMs),
      wholeMs(expiresMs),
      `lead ${leadId}, offer ${token}`,
    ),
  ),
  'offer.close': each(({ realm, nowMs }, { leadId, token, end }) =>
    sql(
      `WITH closed AS (
         UPDATE offers SET closed_at = $4, ended = $5
         WHERE realm = $1 AND lead_id = $2 AND token = $3 AND ended IS NULL
         RETURNING realm, rep_id, units
       ), freed AS (
         UPDATE rep_load SET units = rep_load.units - closed.units FROM closed
         WHERE rep_load.realm = closed.realm AND rep_load.rep_id = closed.rep_id
       )
       SELECT promise(EXISTS (SELECT FROM closed), 'an offer ends once', $6)`,
      realm,
      leadId,
      token,
      wholeMs(nowMs),
      end,
      `lead ${leadId}, offer ${token}`,
    ),
  ),
  'presence.save': each(({ realm }, { repId, misses, offlineSinceMs }) =>
    sql(
      `INSERT INTO presences (realm, rep_id, misses, offline_since) VALUES ($1, $2, $3, $4)
       ON CONFLICT (realm, rep_id) DO UPDATE SET
         misses = excluded.misses, offline_since = excluded.offline_since`,
      realm,
      repId,
      misses,
      offlineSinceMs === undefined ? null : wholeMs(offlineSinceMs),
    ),
  ),
  'fairness.save': ({ realm }, changes) => {
    const records = lastPer(changes, ({ poolId, repId }) => JSON.stringify([poolId, repId]))
    return [
      sql(
        `INSERT INTO fairness (realm, pool_id, rep_id, virtual_time, away_since)
         SELECT $1, record.* FROM
           unnest($2::text[], $3::text[], $4::double precision[], $5::bigint[]) AS record
         ON CONFLICT (realm, pool_id, rep_id) DO UPDATE SET
           virtual_time = excluded.virtual_time, away_since = excluded.away_since`,
        realm,
        records.map(({ poolId }) => poolId),
        records.map(({ repId }) => repId),
        records.map(({ virtualTime }) => virtualTime),
        records.map(({ awaySinceMs }) => (awaySinceMs === undefined ? null : wholeMs(awaySinceMs))),
      ),
    ]
  },
  'tally.add': each(({ realm }, { repId, period, fromMs }) =>
    sql(
      `INSERT INTO tallies (realm, rep_id, period, from_at, leads) VALUES ($1, $2, $3, $4, 1)
       ON CONFLICT (realm, rep_id, period, from_at) DO UPDATE SET leads = tallies.leads + 1`,
      realm,
      repId,
      period,
      wholeMs(fromMs),
    ),
  ),
  'timer.set': ({ realm }, changes) => [
    setTimers(
      realm,
      changes.map(({ timer }) => timer),
    ),
  ],
  'timer.fired': each(({ realm, owner }, { timerId, tells = false }) =>
    sql(
      `WITH fired AS (DELETE FROM timers WHERE realm = $1 AND id = $2 RETURNING *),
       told AS (
         INSERT INTO outbox (realm, id, lead_id, node_id, policy, due_at, body, owner)
         SELECT realm, id, lead_id, node_id, policy, due_at, body, $3 FROM fired WHERE $4
       )
       SELECT promise(EXISTS (SELECT FROM fired), 'a timer fires once', $2)`,
      realm,
      timerId,
      owner,
      tells,
    ),
  ),
  'timers.cancel': each(({ realm }, { leadId, cycle }) =>
    sql(
      'DELETE FROM timers WHERE realm = $1 AND lead_id = $2 AND cycle = $3',
      realm,
      leadId,
      cycle,
    ),
  ),
  'consent.suppress': each(({ realm }, { key, consent }) =>
    suppress(realm, { keys: [key], consent }),
  ),
  'lead.erase': (context, changes) => changes.flatMap((change) => eraseLead(context, change)),
  'details.erase': each(eraseDetails),
}

function setTimers(realm: string, timers: readonly Timer[]): Statement {
  return sql(
    `INSERT INTO timers (realm, id, lead_id, cycle, node_id, due_at, body, policy, home)
     SELECT $1, timer.* FROM unnest($2::text[], $3::text[], $4::integer[], $5::text[],
       $6::bigint[], $7::text[], $8::text[], $9::text[]) AS timer
     ON CONFLICT DO NOTHING`,
    realm,
    timers.map(({ id }) => id),
    timers.map(({ leadId }) => leadId),
    timers.map(({ cycle }) => cycle),
    timers.map(({ nodeId }) => nodeId),
    timers.map(({ dueMs }) => wholeMs(dueMs)),
    timers.map((timer) => JSON.stringify(timer)),
    timers.map(({ policy }) => policy ?? ''),
    timers.map(({ kind }) => (kind === 'offer' ? 'offers' : 'timers')),
  )
}

function saveLead(
  { realm, lead, knownBy, nowMs, stored }: ApplyContext,
  { state, reason, poolId, retryAtMs, sinceMs, standingOnly }: ChangeOf<'lead.save'>,
): Statement[] {
  // `since` is when the lead came to stand as it does; saving it again does not start anew.
  const stand = sql(
    `INSERT INTO standings (realm, id, state, reason, since, pool_id, retry_at, standing)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (realm, id) DO UPDATE SET
       since = CASE WHEN standings.state = excluded.state
         THEN standings.since ELSE excluded.since END,
       state = excluded.state, reason = excluded.reason, pool_id = excluded.pool_id,
       retry_at = excluded.retry_at, standing = excluded.standing`,
    realm,
    lead.id,
    state,
    reason,
    wholeMs(sinceMs ?? nowMs),
    poolId ?? null,
    retryAtMs === undefined ? null : wholeMs(retryAtMs),
    JSON.stringify(standingOf(lead, knownBy)),
  )
  if (standingOnly && stored) return [stand]
  const { key = null, domain = null } = accountPlace(lead)
  const insert = `INSERT INTO leads (realm, id, body, account_id, account_domain)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (realm, id)`
  const text = standingOnly
    ? `${insert} DO NOTHING`
    : `${insert} DO UPDATE SET body = excluded.body, account_id = excluded.account_id,
        account_domain = excluded.account_domain`
  return [stand, sql(text, realm, lead.id, bodyOf(lead), key, domain)]
}

/** One statement cannot write one row twice; the last change of it is the one that holds. */
function lastPer<T>(changes: readonly T[], keyOf: (change: T) => string): T[] {
  return [...new Map(changes.map((change) => [keyOf(change), change])).values()]
}

/** The statements for all of a decision's changes. */
export function applyChanges(context: ApplyContext, changes: readonly Change[]): Statement[] {
  return runs(changes).flatMap((run) => {
    const apply = APPLY[run[0]!.kind] as Apply<Change['kind']>
    return apply(context, run as never)
  })
}

/** Neighbours of one kind, together. */
function runs(changes: readonly Change[]): Change[][] {
  const result: Change[][] = []
  for (const change of changes) {
    const run = result.at(-1)
    if (run?.[0]?.kind === change.kind) run.push(change)
    else result.push([change])
  }
  return result
}
