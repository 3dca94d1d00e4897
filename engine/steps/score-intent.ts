/**
 * Score-intent: adds the intent section, with the account's roll-up where the contract has one.
 * Writes nothing; its reasons are committed by the next step.
 */
import type { Asking } from '../asking'
import type { Contract } from '../contract/contract'
import type { Decision } from '../decision'
import { accountKey } from '../identity/keys'
import type { Lead } from '../lead/lead'
import { type PersonSignal, scoreIntent } from '../scoring/intent'
import type { Reads } from '../step'

/** An account busier than this is judged by its latest signals. */
const ACCOUNT_SIGNALS_MAX = 2_000

/** True when the decision needs the signals of the account's other people. */
export function needsAccount(contract: Contract, lead: Lead): boolean {
  return contract.intent.account !== undefined && accountKey(lead) !== undefined
}

export function* gatherAccount(
  reads: Reads,
  contract: Contract,
  lead: Lead,
  nowMs: number,
): Asking<readonly PersonSignal[]> {
  const account = accountKey(lead)
  if (account === undefined || contract.intent.account === undefined) return []
  const signals = yield* reads.accountSignals(
    account,
    nowMs - contract.intent.account.windowMs,
    ACCOUNT_SIGNALS_MAX,
  )
  return signals.filter(({ person }) => person !== lead.id)
}

export function decideIntent(
  contract: Contract,
  lead: Lead,
  others: readonly PersonSignal[],
  nowMs: number,
): Decision<'scored'> {
  const intent = scoreIntent(contract, lead, others, nowMs)
  return {
    step: 'score-intent',
    outcome: 'scored',
    patch: { intent },
    because: intent.because,
    changes: [],
  }
}
