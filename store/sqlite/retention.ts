/**
 * What retention asks the file, and how it erases. All of it is read by index and in small pages, as it
 * runs in the flows' thread; what is erased is written by the writer, like any other change.
 */
import { AT_REST, type ChangeOf } from '../../engine/decision'
import type { Lead } from '../../engine/lead/lead'
import { type Standing, withStanding } from '../../engine/lead/standing'
import { type Cursor, type Page, pageOf } from '../page'
import type { Commit, DormantLead } from '../store'
import { tie } from './accounts'
import type { Target } from './apply'
import type { Database } from './database'
import { ownerOf } from './leads'
import type { RecentStanding } from './recent'

/**
 * Something is under way for the lead. An event counts that was accepted before ?2: a younger one has
 * left an entry in the lead's trail since, and so few rows are looked at however many are on their way.
 */
const isBusy = (lead: string) => `(
  EXISTS (SELECT 1 FROM assignments AS a
    WHERE a.realm = ?1 AND a.lead_id = ${lead} AND a.closed_at IS NULL)
  OR EXISTS (SELECT 1 FROM offers AS o
    WHERE o.realm = ?1 AND o.lead_id = ${lead} AND o.ended IS NULL)
  OR EXISTS (SELECT 1 FROM timers AS t
    WHERE t.realm = ?1 AND t.id >= ${lead} || '#' AND t.id < ${lead} || '$')
  OR EXISTS (SELECT 1 FROM outbox AS b
    WHERE b.realm = ?1 AND b.id >= ${lead} || '#' AND b.id < ${lead} || '$')
  OR ${lead} IN (SELECT lead_id FROM intake
    WHERE realm = ?1 AND body IS NOT NULL AND accepted_at < ?2))`

/** Neither is something under way for the lead, nor did anything happen to it since ?2. */
const isDormant = (lead: string) => `NOT (${isBusy(lead)}
  OR EXISTS (SELECT 1 FROM audit AS e WHERE e.realm = ?1 AND e.lead_id = ${lead} AND e.at >= ?2))`

const keysOf = (lead: string) =>
  `(SELECT json_group_array(key) FROM identity AS i
    WHERE i.realm = ?1 AND i.lead_id = ${lead})`

const STATES_AT_REST = [...AT_REST, 'erased'].map((state) => `'${state}'`).join()

/** A lead that was never saved is at rest too: all there is of it is its event. */
const isAtRest = (lead: string) => `NOT (${isBusy(lead)}
  OR EXISTS (SELECT 1 FROM standings AS s WHERE s.realm = ?1 AND s.id = ${lead}
    AND s.state NOT IN (${STATES_AT_REST})))`

/** Leads of one moment by their rows, as the index has them: by id they would be sorted for each page. */
export const DORMANT_LEADS = `
  SELECT CAST(standings.rowid AS TEXT) AS id, since AS ms, standing, body, ${keysOf('standings.id')} AS keys,
    ${isDormant('standings.id')} AS dormant
  FROM standings JOIN leads USING (realm, id)
  WHERE realm = ?1 AND since < ?2 AND state = ?3 AND (since, standings.rowid) > (?4, ?5)
  ORDER BY since, standings.rowid LIMIT ?6`

export const DORMANT_LEAD = `SELECT ${keysOf('?3')} AS keys WHERE ${isDormant('?3')}`

/** Of an event that came before dedupe knew whose it is, the lead that it turned out to belong to. */
const OWNER = ownerOf('audit.lead_id')

export const EXPIRED_PAGE = `
  SELECT seq AS id, at AS ms, ${isAtRest(OWNER)} AS at_rest FROM audit
  WHERE realm = ?1 AND at < ?2 AND payload IS NOT NULL AND (at, seq) > (?3, ?4)
  ORDER BY at, seq LIMIT ?5`

/** By place: without the cross join and the plus, all that is over its time would be gone through. */
export const EXPIRED = `
  SELECT seq, ${OWNER} AS lead_id FROM json_each(?3) AS wanted CROSS JOIN audit
  WHERE realm = ?1 AND seq = wanted.value AND +at < ?2 AND payload IS NOT NULL
    AND ${isAtRest(OWNER)}`

interface DormantRow extends Cursor<string> {
  readonly standing: string
  readonly body: string
  readonly keys: string
  readonly dormant: number
}

export function dormantLeads(
  database: Database,
  realm: string,
  state: string,
  beforeMs: number,
  after: Cursor<string> | undefined,
  limit: number,
): Page<DormantLead, string> {
  const from = [after?.ms ?? Number.MIN_SAFE_INTEGER, Number(after?.id ?? 0)] as const
  const rows = database.all<DormantRow>(DORMANT_LEADS, realm, beforeMs, state, ...from, limit)
  return pageOf(rows, limit, ({ dormant, standing, body, keys }) =>
    dormant === 0
      ? []
      : [
          {
            lead: withStanding(JSON.parse(body) as Lead, JSON.parse(standing) as Standing),
            keys: (JSON.parse(keys) as string[]).sort(),
          },
        ],
  )
}

/** Undefined when the lead is not dormant. */
export function dormantKeys(
  database: Database,
  realm: string,
  leadId: string,
  beforeMs: number,
): string[] | undefined {
  const row = database.get<{ keys: string }>(DORMANT_LEAD, realm, beforeMs, leadId)
  return row && (JSON.parse(row.keys) as string[]).sort()
}

export function expiredPage(
  database: Database,
  realm: string,
  beforeMs: number,
  after: Cursor<number> | undefined,
  limit: number,
): Page<number, number> {
  const { ms, id } = after ?? { ms: Number.MIN_SAFE_INTEGER, id: -1 }
  const rows = database.all<Cursor<number> & { at_rest: number }>(
    EXPIRED_PAGE,
    realm,
    beforeMs,
    ms,
    id,
    limit,
  )
  return pageOf(rows, limit, ({ id: seq, at_rest }) => (at_rest === 0 ? [] : [seq]))
}

export function expiredEntries(
  database: Database,
  realm: string,
  seqs: readonly number[],
  beforeMs: number,
): { readonly seq: number; readonly lead_id: string }[] {
  return database.all(EXPIRED, realm, beforeMs, JSON.stringify(seqs))
}

/** In memory first, so that nobody finds what is erased in the moment before it is on disk. */
export function eraseLead(
  target: Target,
  { leadId, reason, keys, refused }: ChangeOf<'lead.erase'>,
  commit: Commit,
): void {
  const { recent, reads, out, written, batch } = target
  tie(target, reads.place(leadId), undefined)
  const lead = recent.touch(leadId, batch)
  const standing: Standing = { cycle: commit.lead.cycle, consent: refused?.consent ?? {} }
  const text = JSON.stringify(standing)
  const record: RecentStanding = { standing, text, state: 'erased', sinceMs: commit.nowMs }
  lead.standing = record
  lead.body = undefined
  lead.place = undefined
  lead.signalIds = new Set()
  written.standings.push(record)
  out.save('saveStanding', leadId, leadId, 'erased', reason, commit.nowMs, null, null, text)
  out.add('eraseLead', leadId)
  out.add('eraseSignals', leadId)
  for (const key of keys) {
    recent.setIdentity(key, '', batch)
    out.add('unlinkIdentity', key, leadId)
  }
  for (const key of refused?.keys ?? []) suppress(target, { key, consent: refused!.consent })
}

export function suppress(
  { recent, mirror, out, batch }: Target,
  { key, consent }: Pick<ChangeOf<'consent.suppress'>, 'key' | 'consent'>,
): void {
  const digest = mirror.suppressions.add(key, consent, batch, recent.acknowledged)
  out.add('suppress', digest, JSON.stringify(consent))
}

export function eraseDetails({ out }: Target, { seqs }: ChangeOf<'details.erase'>): void {
  out.add('eraseDetails', JSON.stringify(seqs))
}
