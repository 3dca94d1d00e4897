/**
 * A model below the contract's cut-off: its score is there and not believed, so that every condition
 * over it is unknown. What follows for the decision is ./model-doubt's affair.
 */
import type { Contract } from '../contract/contract'
import type { Lead } from '../lead/lead'

export function isBelowCutOff({ spec }: Contract, { model }: Lead): boolean {
  return model !== undefined && spec.model !== undefined && model.confidence < spec.model.cutOff
}

/** The lead as rules may read it. */
export function withModelCutOff(contract: Contract, lead: Lead): Lead {
  if (!isBelowCutOff(contract, lead)) return lead
  const doubt = {
    source: lead.model?.version ?? 'model',
    method: 'model',
    confidence: 0,
    observedAt: lead.event.receivedAt,
  }
  return { ...lead, provenance: { ...lead.provenance, 'model.score': doubt } }
}
