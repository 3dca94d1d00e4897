/** A lead as a row of a list, whatever database it is from. */
import type { LeadState } from '../engine/decision'
import type { Lead } from '../engine/lead/lead'
import type { Standing } from '../engine/lead/standing'
import type { LeadSummary } from './store'

type Person = NonNullable<LeadSummary['person']>

export interface LeadRow {
  readonly id: string
  readonly state: LeadState
  readonly reason: string
  readonly since: number
  readonly standing: string
  readonly retry_at: number | null
  readonly account_id: string | null
  /** Null where the person was not asked for, or is erased. */
  readonly body: string | null
}

export function leadSummary(row: LeadRow): LeadSummary {
  const { id, state, reason, since, retry_at, account_id, body } = row
  const { assignment, sla } = JSON.parse(row.standing) as Standing
  const { rep, pool, offers = [] } = assignment ?? {}
  const isOwed = sla?.status === 'running' || sla?.status === 'breached'
  return {
    id,
    state,
    reason,
    sinceMs: since,
    ...(rep === undefined ? {} : { rep: rep.id }),
    ...(offers.length === 0 ? {} : { offeredTo: offers.map((offer) => offer.rep.id) }),
    ...(pool === undefined ? {} : { pool }),
    ...(account_id === null ? {} : { account: account_id }),
    ...(isOwed ? { dueMs: Date.parse(sla.dueAt) } : {}),
    ...(retry_at === null ? {} : { retryAtMs: retry_at }),
    ...(body === null ? {} : { person: personOf(JSON.parse(body) as Lead) }),
  }
}

function personOf({ contact: { name, email, phone }, company }: Lead): Person {
  return {
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    ...(phone === undefined ? {} : { phone }),
    ...(company.name === undefined ? {} : { company: company.name }),
  }
}
