/**
 * The whole contract over one lead in one call: fit, intent, decision, each with its trace.
 *
 * The nodes call the three parts one by one; tests, simulation and benchmarks call this.
 */
import type { Contract } from '../contract/contract'
import type { DecisionSection, FitSection, IntentSection, Lead, Reason } from '../lead/lead'
import { decide } from './decide'
import { scoreFit } from './fit'
import { type PersonSignal, scoreIntent } from './intent'

export interface Evaluation {
  readonly fit: FitSection
  readonly intent: IntentSection
  readonly decision: Omit<DecisionSection, 'at'>
  readonly because: readonly Reason[]
}

/** `others` are the signals of the account's other people; `nowMs` is epoch milliseconds. */
export function evaluateContract(
  contract: Contract,
  lead: Lead,
  nowMs: number,
  others: readonly PersonSignal[] = [],
): Evaluation {
  const fit = scoreFit(contract, lead)
  const intent = scoreIntent(contract, lead, others, nowMs)
  const { section, because } = decide(contract, { ...lead, fit, intent })
  return { fit, intent, decision: section, because }
}
