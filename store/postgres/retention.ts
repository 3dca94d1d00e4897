/**
 * What retention asks PostgreSQL, and how it erases. Every page is one short statement; who erases holds
 * the scopes of the step (engine/steps/retention), so that several containers do not do it at once.
 *
 * The suppression list has the keys as salted hashes, which the server computes: the salt never leaves it.
 */
import { AT_REST, type ChangeOf } from '../../engine/decision'
import { type Cursor, type Page, pageOf } from '../page'
import type { DormantLead } from '../store'
import type { ApplyContext } from './apply'
import type { Database } from './database'
import { ownerOf } from './leads'
import { type LeadRow, storedLead } from './reads'
import { type Statement, sql, wholeMs } from './sql'

/** Asked for each row by index: an EXISTS may be planned as a hash of the whole table. */
const exists = (rows: string) => `(SELECT true FROM ${rows} LIMIT 1) IS NOT NULL`

/**
 * Something is under way for the lead. An event counts that was accepted before $2: a younger one has
 * left an entry in the lead's trail since, and so few rows are looked at however many are on their way.
 */
const isBusy = (lead: string) => `(
  ${exists(`assignments AS a WHERE a.realm = $1 AND a.lead_id = ${lead} AND a.closed_at IS NULL`)}
  OR ${exists(`offers AS o WHERE o.realm = $1 AND o.lead_id = ${lead} AND o.ended IS NULL`)}
  OR ${exists(`timers AS t WHERE t.realm = $1 AND t.lead_id = ${lead}`)}
  OR ${exists(`outbox AS b WHERE b.realm = $1 AND b.lead_id = ${lead}`)}
  OR ${lead} IN (SELECT n.lead_id FROM intake AS n
    WHERE n.realm = $1 AND n.body IS NOT NULL AND n.accepted_at < $2))`

/** Neither is something under way for the lead, nor did anything happen to it since $2. */
const isDormant = (lead: string) => `NOT (${isBusy(lead)}
  OR ${exists(`audit AS e WHERE e.realm = $1 AND e.lead_id = ${lead} AND e.at >= $2`)})`

const keysOf = (lead: string) =>
  `(SELECT coalesce(array_agg(i.key ORDER BY i.key), '{}') FROM identity AS i
    WHERE i.realm = $1 AND i.lead_id = ${lead})`

const STATES_AT_REST = [...AT_REST, 'erased'].map((state) => `'${state}'`).join()

/** A lead that was never saved is at rest too: all there is of it is its event. */
const isAtRest = (lead: string) => `NOT (${isBusy(lead)}
  OR ${exists(`standings AS s
    WHERE s.realm = $1 AND s.id = ${lead} AND s.state NOT IN (${STATES_AT_REST})`)})`

/** Of an event that came before dedupe knew whose it is, the lead that it turned out to belong to. */
const OWNER_AT_REST = isAtRest(ownerOf('audit.lead_id'))

/** Entries that have no place yet are of just now. */
const EXPIRED = 'realm = $1 AND at < $2 AND payload IS NOT NULL AND seq IS NOT NULL'

const FIRST_MS = Number.MIN_SAFE_INTEGER

interface DormantRow extends LeadRow, Cursor<string> {
  readonly keys: readonly string[]
  readonly dormant: boolean
}

export async function dormantLeads(
  database: Database,
  realm: string,
  state: string,
  beforeMs: number,
  after: Cursor<string> | undefined,
  limit: number,
): Promise<Page<DormantLead, string>> {
  const rows = await database.ask<DormantRow>(
    sql(
      `SELECT standings.id, since AS ms, state, standing, body, ${keysOf('standings.id')} AS keys,
         ${isDormant('standings.id')} AS dormant
       FROM standings JOIN leads ON leads.realm = $1 AND leads.id = standings.id
       WHERE standings.realm = $1 AND since < $2 AND state = $3 AND (since, standings.id) > ($4, $5)
       ORDER BY since, standings.id LIMIT $6`,
      realm,
      wholeMs(beforeMs),
      state,
      after?.ms ?? FIRST_MS,
      after?.id ?? '',
      limit,
    ),
  )
  return pageOf(rows, limit, (row) =>
    row.dormant ? [{ lead: storedLead(row).lead, keys: row.keys }] : [],
  )
}

export async function expiredEntries(
  database: Database,
  realm: string,
  beforeMs: number,
  after: Cursor<number> | undefined,
  limit: number,
): Promise<Page<number, number>> {
  const rows = await database.ask<Cursor<number> & { at_rest: boolean }>(
    sql(
      `SELECT seq AS id, at AS ms, ${OWNER_AT_REST} AS at_rest FROM audit
       WHERE ${EXPIRED} AND (at, seq) > ($3, $4) ORDER BY at, seq LIMIT $5`,
      realm,
      wholeMs(beforeMs),
      after?.ms ?? FIRST_MS,
      after?.id ?? -1,
      limit,
    ),
  )
  return pageOf(rows, limit, ({ id, at_rest }) => (at_rest ? [id] : []))
}

/** One row with the keys, or none. */
export function dormantQuestion(realm: string, leadId: string, beforeMs: number): Statement {
  return sql(
    `SELECT ${keysOf('$3')} AS keys WHERE ${isDormant('$3')}`,
    realm,
    wholeMs(beforeMs),
    leadId,
  )
}

export function expiredQuestion(
  realm: string,
  seqs: readonly number[],
  beforeMs: number,
): Statement {
  return sql(
    `SELECT seq FROM audit
     WHERE ${EXPIRED} AND seq = ANY($3::bigint[]) AND ${OWNER_AT_REST} ORDER BY seq`,
    realm,
    wholeMs(beforeMs),
    seqs,
  )
}

const digest = (key: string) => `sha256(convert_to(salt || E'\\n' || ${key}, 'UTF8'))`

export function suppressionsQuestion(realm: string, keys: readonly string[]): Statement {
  return sql(
    `SELECT consent FROM suppression_salt, unnest($2::text[]) AS wanted (key), suppressions AS s
     WHERE s.realm = $1 AND s.digest = ${digest('wanted.key')}`,
    realm,
    keys,
  )
}

export function eraseLead(
  { realm, lead, nowMs }: ApplyContext,
  { leadId, reason, keys, refused }: ChangeOf<'lead.erase'>,
): Statement[] {
  const standing = JSON.stringify({ cycle: lead.cycle, consent: refused?.consent ?? {} })
  return [
    sql(
      `UPDATE standings SET state = 'erased', reason = $3, since = $4, pool_id = NULL,
         retry_at = NULL, standing = $5
       WHERE realm = $1 AND id = $2`,
      realm,
      leadId,
      reason,
      wholeMs(nowMs),
      standing,
    ),
    sql('DELETE FROM leads WHERE realm = $1 AND id = $2', realm, leadId),
    sql('DELETE FROM signals WHERE realm = $1 AND lead_id = $2', realm, leadId),
    sql(
      'DELETE FROM identity WHERE realm = $1 AND key = ANY($2::text[]) AND lead_id = $3',
      realm,
      keys,
      leadId,
    ),
    ...(refused === undefined ? [] : [suppress(realm, refused)]),
  ]
}

export function suppress(
  realm: string,
  { keys, consent }: NonNullable<ChangeOf<'lead.erase'>['refused']>,
): Statement {
  return sql(
    `INSERT INTO suppressions (realm, digest, consent)
     SELECT DISTINCT $1, ${digest('refused.key')}, $3
     FROM suppression_salt, unnest($2::text[]) AS refused (key)
     ON CONFLICT (realm, digest) DO UPDATE SET consent = excluded.consent`,
    realm,
    keys,
    JSON.stringify(consent),
  )
}

export function eraseDetails(
  { realm }: ApplyContext,
  { seqs }: ChangeOf<'details.erase'>,
): Statement {
  return sql(
    'UPDATE audit SET payload = NULL, salt = NULL, key = NULL WHERE realm = $1 AND seq = ANY($2::bigint[])',
    realm,
    seqs,
  )
}
