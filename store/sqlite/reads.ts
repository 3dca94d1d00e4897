/**
 * What steps ask: answered from what was committed lately (./recent), else from SQLite, each
 * question by one indexed statement.
 */
import type { ArtefactKind } from '../../engine/artefact'
import { type Asking, known as answered } from '../../engine/asking'
import type { PrivateEntry } from '../../engine/audit/entry'
import type { LeadState, StepName } from '../../engine/decision'
import { defined } from '../../engine/defined'
import type { AccountPlace } from '../../engine/identity/accounts'
import { instantMs } from '../../engine/instant'
import type { Lead, Signal } from '../../engine/lead/lead'
import { bodyOf, type Standing, withStanding } from '../../engine/lead/standing'
import type {
  FairnessRecord,
  KnownAccount,
  OfferEnd,
  OfferRecord,
  OpenAssignment,
  PresenceRecord,
  Reads,
  StoredLead,
  TallyKey,
} from '../../engine/step'
import type { DecidedBefore } from '../store'
import { Accounts } from './accounts'
import type { Database } from './database'
import type { Mirror } from './mirror'
import type {
  PendingTimer,
  Recent,
  RecentAssignment,
  RecentIntake,
  RecentSignal,
  RecentStanding,
} from './recent'
import { dormantKeys, expiredEntries } from './retention'
import { timerRange } from './statements'

interface SignalsRow {
  readonly body: string
  readonly lead_id: string
}

export class SqliteReads implements Reads {
  readonly accountBook: Accounts

  constructor(
    protected readonly database: Database,
    protected readonly realm: string,
    protected readonly recent: Recent,
    protected readonly mirror: Mirror,
  ) {
    this.accountBook = new Accounts(database, realm, recent)
  }

  identities(keys: readonly string[]): Asking<ReadonlyMap<string, string>> {
    const found = new Map<string, string>()
    const unknown: string[] = []
    for (const key of keys) {
      const leadId = this.recent.identity(key)
      if (leadId === undefined) unknown.push(key)
      else if (leadId !== '') found.set(key, leadId)
    }
    if (unknown.length === 0) return answered(found)
    const marks = unknown.map(() => '?').join()
    const rows = this.database.all<{ key: string; lead_id: string }>(
      `SELECT key, lead_id FROM identity WHERE realm = ? AND key IN (${marks})`,
      this.realm,
      ...unknown,
    )
    for (const { key, lead_id } of rows) found.set(key, lead_id)
    return answered(found)
  }

  lead(leadId: string): Asking<StoredLead | undefined> {
    const stand = this.standingRecord(leadId)
    if (stand?.state === 'erased') return answered(undefined)
    const fresh = stand && this.recent.lead(leadId)?.body
    // A copy, as a message may carry it out of our hands.
    const body = fresh === undefined ? stand && this.#body(leadId) : bodyOf(fresh.lead)
    if (stand === undefined || body === undefined) return answered(undefined)
    const standing = stand.standing
      ? structuredClone(stand.standing)
      : (JSON.parse(stand.text!) as Standing)
    const lead = withStanding(JSON.parse(body) as Lead, standing)
    return answered({ lead, state: stand.state })
  }

  state(leadId: string): Asking<LeadState | undefined> {
    return answered(this.standingRecord(leadId)?.state)
  }

  /** Under which account keys the lead is stored; undefined when nothing but its standing is. */
  place(leadId: string): AccountPlace | undefined {
    const lead = this.recent.lead(leadId)
    if (lead?.standing?.state === 'erased') return undefined
    if (lead?.place !== undefined || lead?.born) return lead.place
    const row = this.database.get<{ account_id: string | null; account_domain: string | null }>(
      'SELECT account_id, account_domain FROM leads WHERE realm = ? AND id = ?',
      this.realm,
      leadId,
    )
    return (
      row && defined({ key: row.account_id ?? undefined, domain: row.account_domain ?? undefined })
    )
  }

  #body(leadId: string): string | undefined {
    return this.database.get<{ body: string }>(
      'SELECT body FROM leads WHERE realm = ? AND id = ?',
      this.realm,
      leadId,
    )?.body
  }

  standing(lead: Lead): Asking<Standing | undefined> {
    const record = this.standingRecord(lead.id)
    if (record?.standing === undefined)
      return answered(record && (JSON.parse(record.text!) as Standing))
    // What two messages share must not be one object: they part ways later.
    return answered(standsAs(lead, record.standing) ? undefined : structuredClone(record.standing))
  }

  standingRecord(leadId: string): Readonly<RecentStanding> | undefined {
    const lead = this.recent.lead(leadId)
    if (lead?.standing !== undefined || lead?.born) return lead.standing
    const row = this.database.get<{ standing: string; state: LeadState; since: number }>(
      'SELECT standing, state, since FROM standings WHERE realm = ? AND id = ?',
      this.realm,
      leadId,
    )
    return row && { standing: undefined, text: row.standing, state: row.state, sinceMs: row.since }
  }

  intake(key: string, nowMs: number): Asking<{ leadId: string; done: boolean } | undefined> {
    const event = this.intakeRecord(key)
    if (event === undefined || (event.done && event.expiresMs <= nowMs)) return answered(undefined)
    return answered({ leadId: event.leadId, done: event.done })
  }

  intakeRecord(key: string): RecentIntake | undefined {
    const known = this.recent.intake(key)
    if (known !== undefined) return known
    const row = this.database.get<{ lead_id: string; done: number; expires_at: number }>(
      'SELECT lead_id, body IS NULL AS done, expires_at FROM intake WHERE realm = ? AND key = ?',
      this.realm,
      key,
    )
    return row && { leadId: row.lead_id, done: row.done === 1, expiresMs: row.expires_at }
  }

  accounts(keys: readonly string[], but?: string): Asking<ReadonlyMap<string, KnownAccount>> {
    const place = but === undefined ? undefined : this.place(but)
    return answered(new Map(keys.map((key) => [key, this.accountBook.known(key, place)])))
  }

  accountSignals(accountKey: string, sinceMs: number, limit: number): Asking<RecentSignal[]> {
    const all = new Map<string, RecentSignal>()
    for (const key of this.accountBook.keysOf(accountKey)) {
      // In memory until it is on disk: for a moment it may be in both.
      const signals = [...this.#storedSignals(key, sinceMs, limit), ...this.recent.signals(key)]
      for (const signal of signals) all.set(`${signal.person} ${signal.id}`, signal)
    }
    return answered(
      [...all.values()]
        .filter(({ at }) => instantMs(at) >= sinceMs)
        .sort((a, b) => instantMs(a.at) - instantMs(b.at))
        .slice(-limit),
    )
  }

  /** A row stands at the time of its latest signal: the latest few are in as many of the latest rows. */
  #storedSignals(accountKey: string, sinceMs: number, limit: number): RecentSignal[] {
    const rows = this.database.all<SignalsRow>(
      `SELECT body, lead_id FROM signals WHERE realm = ? AND account_id = ? AND at >= ?
       ORDER BY at DESC LIMIT ?`,
      this.realm,
      accountKey,
      sinceMs,
      limit,
    )
    const stays = ({ lead_id }: SignalsRow) =>
      (this.recent.movedTo(lead_id) ?? accountKey) === accountKey
    const moved = this.recent
      .movedInto(accountKey)
      .flatMap((leadId) =>
        this.database.all<SignalsRow>(
          'SELECT body, lead_id FROM signals WHERE realm = ? AND lead_id = ?',
          this.realm,
          leadId,
        ),
      )
    return [...rows.reverse().filter(stays), ...moved].flatMap(({ body, lead_id }) =>
      (JSON.parse(body) as Signal[]).map((signal) => ({ ...signal, person: lead_id })),
    )
  }

  /** Of every signal that is kept of the lead; the caller may add to it what it keeps besides. */
  signalIds(leadId: string): Set<string> {
    const lead = this.recent.lead(leadId)
    if (lead?.signalIds !== undefined) return lead.signalIds
    if (lead?.born) return new Set()
    const rows = this.database.all<{ body: string }>(
      'SELECT body FROM signals WHERE realm = ? AND lead_id = ?',
      this.realm,
      leadId,
    )
    return new Set(rows.flatMap(({ body }) => (JSON.parse(body) as Signal[]).map(({ id }) => id)))
  }

  openAssignment(leadId: string, cycle: number): Asking<OpenAssignment | undefined> {
    const assignment = this.assignment(leadId, cycle)
    if (!assignment?.open) return answered(undefined)
    const { repId, poolId, units } = assignment
    return answered({ repId, poolId, units })
  }

  /** Open or closed. */
  assignment(leadId: string, cycle: number): RecentAssignment | undefined {
    const lead = this.recent.lead(leadId)
    const known = lead?.assignments?.get(cycle)
    if (known !== undefined || lead?.born) return known
    const row = this.database.get<{
      rep_id: string
      pool_id: string
      units: number
      closed_at: number | null
    }>(
      `SELECT rep_id, pool_id, units, closed_at FROM assignments
       WHERE realm = ? AND lead_id = ? AND cycle = ?`,
      this.realm,
      leadId,
      cycle,
    )
    return (
      row && {
        repId: row.rep_id,
        poolId: row.pool_id,
        units: row.units,
        open: row.closed_at === null,
      }
    )
  }

  offers(leadId: string): Asking<readonly OfferRecord[]> {
    return answered(this.offerRecords(leadId))
  }

  offerRecords(leadId: string): readonly OfferRecord[] {
    const lead = this.recent.lead(leadId)
    if (lead?.offers !== undefined) return lead.offers
    if (lead?.born) return []
    return this.database
      .all<OfferRow>(
        `SELECT token, rep_id, pool_id, units, expires_at, ended FROM offers
         WHERE realm = ? AND lead_id = ? ORDER BY token`,
        this.realm,
        leadId,
      )
      .map(({ token, rep_id, pool_id, units, expires_at, ended }) => ({
        token,
        repId: rep_id,
        poolId: pool_id,
        units,
        expiresMs: expires_at,
        ...(ended === null ? {} : { end: ended }),
      }))
  }

  repOffers(repIds: readonly string[]): Asking<ReadonlyMap<string, number>> {
    return answered(new Map(repIds.map((repId) => [repId, this.mirror.offers(repId)])))
  }

  presences(): Asking<ReadonlyMap<string, PresenceRecord>> {
    return answered(this.mirror.presences())
  }

  repLoads(): Asking<ReadonlyMap<string, number>> {
    return answered(this.mirror.loads())
  }

  fairness(poolId: string): Asking<ReadonlyMap<string, FairnessRecord>> {
    return answered(this.mirror.fairness(poolId))
  }

  tallies(of: readonly TallyKey[]): Asking<readonly number[]> {
    return answered(of.map((key) => this.tally(key)))
  }

  tally(key: TallyKey): number {
    const known = this.recent.tally(key)
    if (known !== undefined) return known
    const row = this.database.get<{ leads: number }>(
      'SELECT leads FROM tallies WHERE realm = ? AND rep_id = ? AND period = ? AND from_at = ?',
      this.realm,
      key.repId,
      key.period,
      key.fromMs,
    )
    return row?.leads ?? 0
  }

  suppressions(keys: readonly string[]): Asking<readonly Lead['consent'][]> {
    return answered(this.mirror.suppressions.find(keys))
  }

  dormant(leadId: string, beforeMs: number): Asking<readonly string[] | undefined> {
    // What is not on disk yet has happened just now.
    if (this.recent.isPending(leadId)) return answered(undefined)
    return answered(dormantKeys(this.database, this.realm, leadId, beforeMs))
  }

  expired(seqs: readonly number[], beforeMs: number): Asking<readonly number[]> {
    const rows = expiredEntries(this.database, this.realm, seqs, beforeMs)
    return answered(
      rows.filter(({ lead_id }) => !this.recent.isPending(lead_id)).map(({ seq }) => seq),
    )
  }

  artefact(kind: ArtefactKind, hash: string): Asking<string | undefined> {
    const row = this.database.get<{ body: string }>(
      'SELECT body FROM artefacts WHERE kind = ? AND hash = ?',
      kind,
      hash,
    )
    return answered(row?.body)
  }

  timers(leadId: string, cycle: number): Asking<readonly PendingTimer[]> {
    return answered(this.pendingTimers(leadId, cycle))
  }

  pendingTimers(leadId: string, cycle: number): readonly PendingTimer[] {
    const lead = this.recent.lead(leadId)
    const known = lead?.timers?.get(cycle)
    if (known !== undefined) return known
    if (lead?.born) return []
    return this.database.all<PendingTimer>(
      'SELECT id, due_at AS dueMs FROM timers WHERE realm = ? AND id >= ? AND id < ? ORDER BY due_at',
      this.realm,
      ...timerRange(leadId, cycle),
    )
  }

  decided(step: StepName, key: string): Asking<DecidedBefore | undefined> {
    const known = this.recent.decision(`${step} ${key}`)
    // Every key begins with the id of its lead.
    if (known === undefined && this.recent.lead(key.slice(0, key.indexOf('#')))?.born)
      return answered(undefined)
    const row =
      known?.payload === undefined
        ? this.database.get<{ outcome: string; payload: string | null }>(
            'SELECT outcome, payload FROM audit WHERE realm = ? AND step = ? AND key = ?',
            this.realm,
            step,
            key,
          )
        : { outcome: known.outcome, payload: known.payload }
    return answered(row && decidedBefore(row))
  }
}

/** What was decided; of an erased entry only the outcome is left. */
function decidedBefore(row: { outcome: string; payload: string | null }): DecidedBefore {
  const { outcome, payload } = row
  if (payload === null) return { outcome, patch: {}, because: [] }
  const { patch, because } = JSON.parse(payload) as PrivateEntry
  return { outcome, patch, because }
}

interface OfferRow {
  readonly token: number
  readonly rep_id: string
  readonly pool_id: string
  readonly units: number
  readonly expires_at: number
  readonly ended: OfferEnd | null
}

/** Nothing happened meanwhile: the lead carries the very sections that were saved last. */
function standsAs(lead: Lead, { cycle, consent, assignment, sla, knownBy }: Standing): boolean {
  return (
    lead.event.id === knownBy &&
    lead.cycle === cycle &&
    lead.consent === consent &&
    lead.assignment === assignment &&
    lead.sla === sla
  )
}
