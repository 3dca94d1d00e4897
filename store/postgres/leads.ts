/** How somebody finds leads in PostgreSQL: one by what names it, or a list, each by index. */
import type { Sought } from '../../engine/audit/asked'
import type { LeadState } from '../../engine/decision'
import { type LeadRow, leadSummary } from '../lead-row'
import type { LeadFilter, LeadSummary } from '../store'
import type { Database } from './database'
import { type SqlValue, type Statement, sql, wholeMs } from './sql'

/**
 * The lead that an id was found to belong to: an event has one of its own until dedupe knows the person.
 * The key of the decision begins with it, and `$` follows `#`. A lead that is stored is itself.
 */
export const ownerOf = (id: string) => `coalesce(
  (SELECT o.id FROM standings AS o WHERE o.realm = $1 AND o.id = ${id}),
  (SELECT d.lead_id FROM audit AS d WHERE d.realm = $1 AND d.step = 'dedupe'
    AND d.key >= ${id} || '#' AND d.key < ${id} || '$' LIMIT 1), ${id})`

/** Each has the realm and a value. */
export const FINDING: Readonly<Record<Sought['by'], string>> = {
  id: `SELECT ${ownerOf('$2::text')} AS id
    WHERE EXISTS (SELECT 1 FROM audit AS e WHERE e.realm = $1 AND e.lead_id = $2::text)`,
  key: 'SELECT lead_id AS id FROM identity WHERE realm = $1 AND key = $2::text',
  event: `SELECT ${ownerOf('i.lead_id')} AS id FROM intake AS i
    WHERE i.realm = $1 AND i.key = $2::text`,
}

export async function findLead(
  database: Database,
  realm: string,
  sought: readonly Sought[],
): Promise<string | undefined> {
  for (const { by, value } of sought) {
    const [row] = await database.ask<{ id: string }>(sql(FINDING[by], realm, value))
    if (row !== undefined) return row.id
  }
  return undefined
}

const ofRep = (rep: string) => `
  SELECT a.lead_id FROM assignments AS a
  WHERE a.realm = $1 AND a.rep_id = ${rep} AND a.closed_at IS NULL
  UNION ALL
  SELECT o.lead_id FROM offers AS o WHERE o.realm = $1 AND o.rep_id = ${rep} AND o.ended IS NULL`
const ofAccount = (account: string) =>
  `SELECT a.id FROM leads AS a WHERE a.realm = $1
    AND a.account_id = ANY (keys_of_account($1, account_of($1, ${account}, NULL), NULL))`

/** The ids are an array first: joined, a table that was never analysed may be read whole. */
export function leadsQuestion(
  realm: string,
  state: LeadState | undefined,
  limit: number,
  { leadId, rep, accountId, person = false, after }: LeadFilter,
): Statement {
  const where = ['s.realm = $1']
  const values: SqlValue[] = [realm]
  const put = (value: SqlValue) => `$${values.push(value)}`
  if (leadId !== undefined) where.push(`s.id = ${put(leadId)}`)
  if (rep !== undefined) where.push(`s.id = ANY (ARRAY(${ofRep(put(rep))}))`)
  if (accountId !== undefined) where.push(`s.id = ANY (ARRAY(${ofAccount(put(accountId))}))`)
  if (state !== undefined) where.push(`s.state = ${put(state)}`)
  if (after !== undefined)
    where.push(`(s.since, s.id) > (${put(wholeMs(after.ms))}, ${put(after.id)})`)
  // The page first: what is asked of each lead beside it is asked of those on the page alone.
  const text = `
    SELECT s.id, s.state, s.reason, s.since, s.standing, s.retry_at, l.account_id, l.body
    FROM (
      SELECT s.id, s.state, s.reason, s.since, s.standing, s.retry_at FROM standings AS s
      WHERE ${where.join(' AND ')} ORDER BY s.since, s.id LIMIT ${put(limit)}
    ) AS s
    LEFT JOIN LATERAL (
      SELECT account_of($1, l.account_id, NULL) AS account_id, ${person ? 'l.body' : 'NULL AS body'} FROM leads AS l
      WHERE l.realm = $1 AND l.id = s.id LIMIT 1
    ) AS l ON true
    ORDER BY s.since, s.id`
  return sql(text, ...values)
}

export async function listLeads(database: Database, question: Statement): Promise<LeadSummary[]> {
  return (await database.ask<LeadRow>(question)).map(leadSummary)
}
