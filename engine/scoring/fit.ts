/**
 * Fit: who the lead is. Every rule that holds adds its points; the sum stays within floor and cap.
 *
 * A rule over a missing or doubtful value is unknown: it gives no points and is listed, so that
 * "poor fit" and "we do not know yet" stay two different answers.
 */
import { usedInputs } from '../conditions/rules'
import { TRUE, UNKNOWN } from '../conditions/tri'
import type { Contract } from '../contract/contract'
import type { FitSection, Lead, Reason } from '../lead/lead'
import { withModelCutOff } from './model-cut-off'

/** Points are whole or fractional as the contract writes them; deterministic in lead and contract. */
export function scoreFit(contract: Contract, lead: Lead): FitSection {
  return fitAsRead(contract, lead.model === undefined ? lead : withModelCutOff(contract, lead))
}

/** As scoreFit, of a lead whose model is believed as it stands. */
export function fitAsRead(contract: Contract, lead: Lead): FitSection {
  const { fields, rules, floor, cap } = contract.fit
  const inputs = fields.readLead(lead)
  const because: Reason[] = []
  const unknown: Reason[] = []
  let sum = 0
  let possible = 0
  for (const rule of rules) {
    const result = rule.evaluate(inputs)
    if (result !== TRUE && result !== UNKNOWN) continue
    const { points, id } = rule.spec
    if (result === TRUE) {
      sum += points
      because.push({ rule: id, points, why: rule.why, inputs: usedInputs(rule, inputs) })
    } else {
      if (points > 0) possible += points
      unknown.push({
        rule: id,
        points,
        why: rule.why,
        unknown: true,
        inputs: usedInputs(rule, inputs),
      })
    }
  }
  const points = clamp(sum, floor, cap)
  return {
    points,
    possible: clamp(sum + possible, floor, cap),
    because,
    unknown,
    unknownCount: unknown.length,
    contract: contract.ref,
  }
}

export function clamp(value: number, floor: number, cap: number): number {
  return Math.min(cap, Math.max(floor, value))
}
