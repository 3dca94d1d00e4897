/**
 * What steps ask: answered from what was committed lately (./recent), else from SQLite, each
 * question by one indexed statement.
 */
import type { PrivateEntry } from '../../engine/audit/entry'
import type { LeadState, StepName, Timer } from '../../engine/decision'
import type { Lead, Signal } from '../../engine/lead/lead'
import { type Standing, withStanding } from '../../engine/lead/standing'
import type { FairnessRecord, OpenAssignment, Reads, StoredLead, TallyKey } from '../../engine/step'
import type { DecidedBefore } from '../store'
import type { Database } from './database'
import type { Mirror } from './mirror'
import type { Recent } from './recent'
import { timerRange } from './statements'

/** What `recent` holds under each kind. */
export interface RecentIntake {
  readonly leadId: string
  readonly done: boolean
  readonly expiresMs: number
}
export interface RecentBody {
  /** Absent once it is on disk, where it is read from. */
  readonly body?: string
}
export interface RecentStanding {
  readonly standing: string
  readonly state: LeadState
}
export interface RecentAssignment {
  readonly repId: string
  readonly poolId: string
  readonly units: number
  readonly open: boolean
}
export interface RecentDecision {
  /** Both absent once it is on disk, where it is read from. */
  readonly outcome?: string
  readonly payload?: string
}
export type RecentSignal = Signal & { readonly person: string }

/** The name of a tally in `recent`. */
export function tallyName({ repId, period, fromMs }: TallyKey): string {
  return `${repId} ${period} ${fromMs}`
}

export class SqliteReads implements Reads {
  constructor(
    protected readonly database: Database,
    protected readonly realm: string,
    protected readonly recent: Recent,
    protected readonly mirror: Mirror,
  ) {}

  async identities(keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>()
    for (const key of keys) {
      const leadId = this.recent.get<string>('identity', key) ?? this.#identity(key)
      if (leadId !== undefined) found.set(key, leadId)
    }
    return found
  }

  #identity(key: string): string | undefined {
    return this.database.get<{ lead_id: string }>(
      'SELECT lead_id FROM identity WHERE realm = ? AND key = ?',
      this.realm,
      key,
    )?.lead_id
  }

  async lead(leadId: string): Promise<StoredLead | undefined> {
    const stand = this.#standing(leadId)
    const body = stand && (this.recent.get<RecentBody>('body', leadId)?.body ?? this.#body(leadId))
    if (stand === undefined || body === undefined) return undefined
    const lead = withStanding(JSON.parse(body) as Lead, JSON.parse(stand.standing) as Standing)
    return { lead, state: stand.state }
  }

  /** Whether what is known of the lead is stored, apart from where it stands. */
  hasBody(leadId: string): boolean {
    if (this.recent.get<RecentBody>('body', leadId) !== undefined) return true
    return !this.#born(leadId) && this.#body(leadId) !== undefined
  }

  #body(leadId: string): string | undefined {
    return this.database.get<{ body: string }>(
      'SELECT body FROM leads WHERE realm = ? AND id = ?',
      this.realm,
      leadId,
    )?.body
  }

  async standing(leadId: string): Promise<Standing | undefined> {
    const row = this.#standing(leadId)
    return row && (JSON.parse(row.standing) as Standing)
  }

  #standing(leadId: string): RecentStanding | undefined {
    const known = this.recent.get<RecentStanding>('standing', leadId)
    if (known !== undefined || this.#born(leadId)) return known
    return this.database.get<RecentStanding>(
      'SELECT standing, state FROM standings WHERE realm = ? AND id = ?',
      this.realm,
      leadId,
    )
  }

  async intake(key: string, nowMs: number): Promise<{ leadId: string; done: boolean } | undefined> {
    const event = this.intakeRecord(key)
    if (event === undefined || (event.done && event.expiresMs <= nowMs)) return undefined
    return { leadId: event.leadId, done: event.done }
  }

  intakeRecord(key: string): RecentIntake | undefined {
    const known = this.recent.get<RecentIntake>('intake', key)
    if (known !== undefined) return known
    const row = this.database.get<{ lead_id: string; done: number; expires_at: number }>(
      'SELECT lead_id, body IS NULL AS done, expires_at FROM intake WHERE realm = ? AND key = ?',
      this.realm,
      key,
    )
    return row && { leadId: row.lead_id, done: row.done === 1, expiresMs: row.expires_at }
  }

  async account(accountId: string): Promise<{ owner?: string } | undefined> {
    const owner =
      this.recent.get<string>('owner', accountId) ??
      this.database.get<{ owner: string | null }>(
        'SELECT owner FROM accounts WHERE realm = ? AND id = ?',
        this.realm,
        accountId,
      )?.owner
    return owner === undefined ? undefined : owner === null ? {} : { owner }
  }

  async accountSignals(accountId: string, sinceMs: number, limit: number): Promise<RecentSignal[]> {
    const rows = this.database.all<{ body: string; lead_id: string }>(
      `SELECT body, lead_id FROM signals WHERE realm = ? AND account_id = ? AND at >= ?
       ORDER BY at DESC LIMIT ?`,
      this.realm,
      accountId,
      sinceMs,
      limit,
    )
    const stored = rows.map(({ body, lead_id }) => ({
      ...(JSON.parse(body) as Signal),
      person: lead_id,
    }))
    const fresh = this.recent.get<readonly RecentSignal[]>('signals', accountId) ?? []
    if (fresh.length === 0) return stored.reverse()
    const united = new Map(
      [...stored, ...fresh].map((signal) => [`${signal.person} ${signal.id}`, signal]),
    )
    return [...united.values()]
      .filter(({ at }) => Date.parse(at) >= sinceMs)
      .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
      .slice(-limit)
  }

  async openAssignment(leadId: string, cycle: number): Promise<OpenAssignment | undefined> {
    const assignment = this.assignment(leadId, cycle)
    if (!assignment?.open) return undefined
    const { repId, poolId, units } = assignment
    return { repId, poolId, units }
  }

  /** Open or closed. */
  assignment(leadId: string, cycle: number): RecentAssignment | undefined {
    const known = this.recent.get<RecentAssignment>('assignment', `${leadId}#${cycle}`)
    if (known !== undefined || this.#born(leadId)) return known
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

  async repLoads(repIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return new Map(repIds.map((repId) => [repId, this.mirror.load(repId)]))
  }

  async fairness(poolId: string): Promise<ReadonlyMap<string, FairnessRecord>> {
    return this.mirror.fairness(poolId)
  }

  async tallies(of: readonly TallyKey[]): Promise<readonly number[]> {
    return of.map((key) => this.tally(key))
  }

  tally(key: TallyKey): number {
    const known = this.recent.get<number>('tally', tallyName(key))
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

  async timers(leadId: string, cycle: number): Promise<readonly Pick<Timer, 'id' | 'dueMs'>[]> {
    return this.pendingTimers(leadId, cycle)
  }

  pendingTimers(leadId: string, cycle: number): readonly Pick<Timer, 'id' | 'dueMs'>[] {
    const known = this.recent.get<readonly Pick<Timer, 'id' | 'dueMs'>[]>(
      'timers',
      `${leadId}#${cycle}`,
    )
    if (known !== undefined) return known
    if (this.#born(leadId)) return []
    return this.database.all<{ id: string; dueMs: number }>(
      'SELECT id, due_at AS dueMs FROM timers WHERE realm = ? AND id >= ? AND id < ? ORDER BY due_at',
      this.realm,
      ...timerRange(leadId, cycle),
    )
  }

  async decided(step: StepName, key: string): Promise<DecidedBefore | undefined> {
    const known = this.recent.get<RecentDecision>('decided', `${step} ${key}`)
    if (known === undefined && this.#born(key.slice(0, key.indexOf('#')))) return undefined
    const row =
      known?.payload === undefined || known.outcome === undefined
        ? this.database.get<{ outcome: string; payload: string | null }>(
            'SELECT outcome, payload FROM audit WHERE realm = ? AND step = ? AND key = ?',
            this.realm,
            step,
            key,
          )
        : { outcome: known.outcome, payload: known.payload }
    if (row === undefined) return undefined
    if (row.payload === null) return { outcome: row.outcome, patch: {}, because: [] }
    const { patch, because } = JSON.parse(row.payload) as PrivateEntry
    return { outcome: row.outcome, patch, because }
  }

  #born(leadId: string): boolean {
    return this.recent.get<true>('born', leadId) === true
  }
}
