/** Speed counts for nothing when a lead was lost on the way: what became of those that were sent. */
import type { Census, VerifyReport } from '../../store/store'
import { type Check, holds } from '../lib/check'
import { errorLines, type NodeRed } from '../lib/node-red'
import { whole } from '../lib/table'

const VERIFY_MS_MAX = 600_000

export interface Account {
  readonly check: Check
  readonly figures: {
    readonly sent: number
    readonly assigned: number
    readonly underway: number
    readonly entries: number
  }
}

/** Asks one Node-RED of those that share a store; `sent` is what all of them have sent. */
export async function accountFor(
  nodeReds: readonly [NodeRed, ...NodeRed[]],
  sent: number,
): Promise<Account> {
  const [first] = nodeReds
  const census = (await first.get('/audit/census')).body as Census
  const audit = (await first.get('/audit/verify', { timeoutMs: VERIFY_MS_MAX }))
    .body as VerifyReport
  const assigned = census.byState.assigned ?? 0
  const faults = [...audit.faults, ...nodeReds.flatMap(errorLines)]
  const ok = assigned === sent && census.underway === 0 && audit.ok && faults.length === 0
  const text = `${whole(assigned)} of ${whole(sent)}, ${whole(audit.entries)} entries verified`
  const got = faults.length === 0 ? text : `${text}; ${faults.join('; ')}`
  return {
    check: holds('every lead is assigned and in the log', ok, got, 'all'),
    figures: { sent, assigned, underway: census.underway, entries: audit.entries },
  }
}
