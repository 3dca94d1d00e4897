/** How somebody finds leads in the file: one by what names it, or a list, each by index. */
import type { Sought } from '../../engine/audit/asked'
import type { LeadState } from '../../engine/decision'
import { type LeadRow, leadSummary } from '../lead-row'
import type { LeadFilter, LeadSummary } from '../store'
import type { Database } from './database'

/**
 * The lead that an id was found to belong to: an event has one of its own until dedupe knows the person.
 * The key of the decision begins with it, and `$` follows `#`. A lead that is stored is itself.
 */
export const ownerOf = (id: string) => `coalesce(
  (SELECT o.id FROM standings AS o WHERE o.realm = ?1 AND o.id = ${id}),
  (SELECT d.lead_id FROM audit AS d WHERE d.realm = ?1 AND d.step = 'dedupe'
    AND d.key >= ${id} || '#' AND d.key < ${id} || '$' LIMIT 1), ${id})`

/** Each has the realm and a value. */
export const FINDING: Readonly<Record<Sought['by'], string>> = {
  id: `SELECT ${ownerOf('?2')} AS id
    WHERE EXISTS (SELECT 1 FROM audit AS e WHERE e.realm = ?1 AND e.lead_id = ?2)`,
  key: 'SELECT lead_id AS id FROM identity WHERE realm = ?1 AND key = ?2',
  event: `SELECT ${ownerOf('i.lead_id')} AS id FROM intake AS i WHERE i.realm = ?1 AND i.key = ?2`,
}

export function findLead(
  database: Database,
  realm: string,
  sought: readonly Sought[],
): string | undefined {
  for (const { by, value } of sought) {
    const row = database.get<{ id: string }>(FINDING[by], realm, value)
    if (row !== undefined) return row.id
  }
  return undefined
}

/** Named, as without figures of its own SQLite would rather go through the tables by their keys. */
const OF_REP = `
  SELECT a.lead_id FROM assignments AS a INDEXED BY assignments_open
  WHERE a.realm = ? AND a.rep_id = ? AND a.closed_at IS NULL
  UNION ALL
  SELECT o.lead_id FROM offers AS o INDEXED BY offers_open
  WHERE o.realm = ? AND o.rep_id = ? AND o.ended IS NULL`
const ofAccount = (keys: readonly string[]) =>
  `SELECT a.id FROM leads AS a WHERE a.realm = ? AND a.account_id IN (${keys.map(() => '?').join()})`

export interface Question {
  readonly sql: string
  readonly values: readonly (string | number)[]
}

export function leadsQuestion(
  realm: string,
  state: LeadState | undefined,
  limit: number,
  { leadId, rep, accountId, person = false, after }: LeadFilter,
  keysOf: (accountKey: string) => readonly string[],
): Question {
  const where = ['s.realm = ?']
  const values: (string | number)[] = [realm]
  const also = (condition: string, ...more: (string | number)[]) => {
    where.push(condition)
    values.push(...more)
  }
  if (leadId !== undefined) also('s.id = ?', leadId)
  if (rep !== undefined) also(`s.id IN (${OF_REP})`, realm, rep, realm, rep)
  if (accountId !== undefined) {
    const keys = keysOf(accountId)
    also(`s.id IN (${ofAccount(keys)})`, realm, ...keys)
  }
  // The plus: of a rep's few leads those in the state, and not of all in the state the rep's.
  const few = where.length > 1 ? '+' : ''
  if (state !== undefined) also(`${few}s.state = ?`, state)
  if (after !== undefined) also('(s.since, s.id) > (?, ?)', after.ms, after.id)
  const sql = `
    SELECT s.id, s.state, s.reason, s.since, s.standing, s.retry_at, l.account_id,
      ${person ? 'l.body' : 'NULL'} AS body
    FROM standings AS s LEFT JOIN leads AS l ON l.realm = s.realm AND l.id = s.id
    WHERE ${where.join(' AND ')} ORDER BY s.since, s.id LIMIT ?`
  return { sql, values: [...values, limit] }
}

export function listLeads(
  database: Database,
  { sql, values }: Question,
  accountOf: (accountKey: string) => string,
): LeadSummary[] {
  return database.all<LeadRow>(sql, ...values).map((row) => {
    const { account_id } = row
    return leadSummary(account_id === null ? row : { ...row, account_id: accountOf(account_id) })
  })
}
