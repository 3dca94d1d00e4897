/**
 * Claims in the embedded store. Its file belongs to one process, so who carries what is kept in
 * memory and ends with the process; how often a lead was taken up is on disk.
 *
 * A carrier is one store of this process (a lead-store node): what it carried is free once it closes.
 */
import type { Change } from '../../engine/decision'
import type { Lead } from '../../engine/lead/lead'
import { GIVEN_UP } from '../claims'
import type { Scope, TakenUp, TakeUp } from '../store'
import type { PlainWrite } from './batch'
import type { Database } from './database'

interface Carried {
  readonly carrier: object
  readonly sinceMs: number
}

/** What the stores of one realm and file carry between them. */
export class Carrying {
  readonly underway = new Map<string, Carried>()
  readonly timers = new Map<string, object>()
  readonly waiting = new Map<string, object>()
  readonly outbox = new Map<string, object>()
  /** Events of which there is a row in `attempts`, as far as this process knows. */
  readonly attempted = new Set<string>()
  /** Events that a fault cut off, and from when on they may be taken up again, epoch ms. */
  readonly resting = new Map<string, number>()

  /** An event is accepted, sent on again, or done. */
  note(changes: readonly Change[], carrier: object, nowMs: number): void {
    for (const change of changes) {
      if (change.kind === 'intake.accept' || change.kind === 'intake.again')
        this.underway.set(change.key, { carrier, sinceMs: nowMs })
      else if (change.kind === 'intake.done') this.underway.delete(change.key)
      else if (change.kind === 'timer.fired') {
        this.timers.delete(change.timerId)
        if (change.tells) this.outbox.set(change.timerId, carrier)
      } else continue
      if ('key' in change) this.resting.delete(change.key)
    }
  }

  leave(carrier: object): void {
    for (const [key, carried] of this.underway)
      if (carried.carrier === carrier) this.underway.delete(key)
    for (const claims of [this.timers, this.waiting, this.outbox])
      for (const [key, one] of claims) if (one === carrier) claims.delete(key)
  }
}

interface UnderwayRow {
  readonly key: string
  readonly body: string
  readonly accepted_at: number
  readonly attempts: number
}

/** So many rows are looked at in one query; those that somebody carries are passed over. */
const PAGE = 500

export const SYSTEM = `coalesce(json_extract(body, '$.source.system'), '')`

export interface TakeUpPlace {
  readonly database: Database
  readonly realm: string
  readonly carrying: Carrying
  readonly carrier: object
  /** Whether the event is on its way still; what is on disk may be behind. */
  readonly underway: (key: string) => Promise<boolean>
}

/** The leads that are taken up, and what is to be written of that. */
export async function takeUp(
  place: TakeUpPlace,
  scope: Scope,
  how: TakeUp,
): Promise<{ readonly taken: TakenUp[]; readonly writes: PlainWrite[] }> {
  const { realm, carrying, carrier } = place
  const taken: TakenUp[] = []
  const writes: PlainWrite[] = []
  for (const row of orphans(place, scope, how)) {
    if (taken.length === how.limit) break
    if (!(await place.underway(row.key))) continue
    if (row.attempts >= how.attemptsMax) {
      writes.push({
        sql: `UPDATE attempts SET dead_at = ?, fault = coalesce(fault, ?) WHERE realm = ? AND key = ?`,
        values: [how.nowMs, GIVEN_UP, realm, row.key],
      })
      continue
    }
    carrying.underway.set(row.key, { carrier, sinceMs: how.nowMs })
    carrying.resting.delete(row.key)
    carrying.attempted.add(row.key)
    writes.push({
      sql: `INSERT INTO attempts (realm, key, attempts) VALUES (?, ?, 1)
        ON CONFLICT (realm, key) DO UPDATE SET attempts = attempts + 1`,
      values: [realm, row.key],
    })
    taken.push({ lead: JSON.parse(row.body) as Lead, attempt: row.attempts + 1 })
  }
  return { taken, writes }
}

/** What nobody carries, oldest first. */
function* orphans(
  { database, realm, carrying, carrier }: TakeUpPlace,
  { nodeId, adopted, of }: Scope,
  { nowMs, carriedBeforeMs = Number.NEGATIVE_INFINITY }: TakeUp,
): Generator<UnderwayRow> {
  const isCarried = (key: string) => {
    const carried = carrying.underway.get(key)
    if (carried === undefined) return (carrying.resting.get(key) ?? 0) > nowMs
    return carried.carrier !== carrier || carried.sinceMs >= carriedBeforeMs
  }
  let last: Pick<UnderwayRow, 'accepted_at' | 'key'> = {
    accepted_at: Number.MIN_SAFE_INTEGER,
    key: '',
  }
  for (;;) {
    const page = database.all<UnderwayRow>(
      `SELECT key, body, accepted_at, coalesce(attempts, 0) AS attempts
       FROM intake LEFT JOIN attempts USING (realm, key)
       WHERE realm = ? AND body IS NOT NULL AND dead_at IS NULL
         AND (node_id = ? OR (node_id IN (SELECT value FROM json_each(?)) AND ${SYSTEM} = ?))
         AND (accepted_at, key) > (?, ?)
       ORDER BY accepted_at, key LIMIT ${PAGE}`,
      realm,
      nodeId,
      JSON.stringify(adopted),
      of,
      last.accepted_at,
      last.key,
    )
    for (const row of page) if (!isCarried(row.key)) yield row
    if (page.length < PAGE) return
    last = page.at(-1)!
  }
}
