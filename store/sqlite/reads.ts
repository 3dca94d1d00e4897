/** What steps ask, answered from SQLite. Each question is one indexed statement. */

import type { LeadState, Timer } from '../../engine/decision'
import type { Lead, Signal } from '../../engine/lead/lead'
import type { FairnessRecord, Reads, Standing, StoredLead } from '../../engine/step'
import type { Database } from './database'

export class SqliteReads implements Reads {
  constructor(
    protected readonly database: Database,
    protected readonly realm: string,
  ) {}

  async identities(keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>()
    for (const key of keys) {
      const row = this.database.get<{ lead_id: string }>(
        'SELECT lead_id FROM identity WHERE realm = ? AND key = ?',
        this.realm,
        key,
      )
      if (row !== undefined) found.set(key, row.lead_id)
    }
    return found
  }

  async lead(leadId: string): Promise<StoredLead | undefined> {
    const row = this.database.get<{ body: string; state: LeadState }>(
      'SELECT body, state FROM leads WHERE realm = ? AND id = ?',
      this.realm,
      leadId,
    )
    return row && { lead: JSON.parse(row.body) as Lead, state: row.state }
  }

  async standing(leadId: string): Promise<Standing | undefined> {
    const row = this.database.get<{ standing: string }>(
      'SELECT standing FROM leads WHERE realm = ? AND id = ?',
      this.realm,
      leadId,
    )
    return row && (JSON.parse(row.standing) as Standing)
  }

  async intake(key: string, nowMs: number): Promise<{ leadId: string; done: boolean } | undefined> {
    const row = this.database.get<{ lead_id: string; done: number }>(
      `SELECT lead_id, body IS NULL AS done FROM intake
       WHERE realm = ? AND key = ? AND (expires_at > ? OR body IS NOT NULL)`,
      this.realm,
      key,
      nowMs,
    )
    return row && { leadId: row.lead_id, done: row.done === 1 }
  }

  async account(accountId: string): Promise<{ owner?: string } | undefined> {
    const row = this.database.get<{ owner: string | null }>(
      'SELECT owner FROM accounts WHERE realm = ? AND id = ?',
      this.realm,
      accountId,
    )
    return row && (row.owner === null ? {} : { owner: row.owner })
  }

  async accountSignals(
    accountId: string,
    sinceMs: number,
    limit: number,
  ): Promise<(Signal & { person: string })[]> {
    const rows = this.database.all<{ body: string; lead_id: string }>(
      `SELECT body, lead_id FROM signals WHERE realm = ? AND account_id = ? AND at >= ?
       ORDER BY at DESC LIMIT ?`,
      this.realm,
      accountId,
      sinceMs,
      limit,
    )
    return rows
      .reverse()
      .map(({ body, lead_id }) => ({ ...(JSON.parse(body) as Signal), person: lead_id }))
  }

  async openAssignment(
    leadId: string,
    cycle: number,
  ): Promise<{ repId: string; poolId: string } | undefined> {
    const row = this.database.get<{ rep_id: string; pool_id: string }>(
      `SELECT rep_id, pool_id FROM assignments
       WHERE realm = ? AND lead_id = ? AND cycle = ? AND closed_at IS NULL`,
      this.realm,
      leadId,
      cycle,
    )
    return row && { repId: row.rep_id, poolId: row.pool_id }
  }

  async repLoads(repIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = this.database.all<{ rep_id: string; units: number }>(
      'SELECT rep_id, units FROM rep_load WHERE realm = ?',
      this.realm,
    )
    const wanted = new Set(repIds)
    return new Map(
      rows.filter(({ rep_id }) => wanted.has(rep_id)).map(({ rep_id, units }) => [rep_id, units]),
    )
  }

  async fairness(poolId: string): Promise<ReadonlyMap<string, FairnessRecord>> {
    const rows = this.database.all<{
      rep_id: string
      virtual_time: number
      away_since: number | null
    }>(
      'SELECT rep_id, virtual_time, away_since FROM fairness WHERE realm = ? AND pool_id = ?',
      this.realm,
      poolId,
    )
    return new Map(
      rows.map(({ rep_id, virtual_time, away_since }) => [
        rep_id,
        { virtualTime: virtual_time, ...(away_since === null ? {} : { awaySinceMs: away_since }) },
      ]),
    )
  }

  async timers(leadId: string, cycle: number): Promise<Timer[]> {
    const rows = this.database.all<{ body: string }>(
      'SELECT body FROM timers WHERE realm = ? AND lead_id = ? AND cycle = ? ORDER BY due_at',
      this.realm,
      leadId,
      cycle,
    )
    return rows.map(({ body }) => JSON.parse(body) as Timer)
  }
}
