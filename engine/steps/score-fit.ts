/** Score-fit: adds the fit section. Writes nothing; its reasons are committed by the next step. */
import type { Contract } from '../contract/contract'
import type { Decision } from '../decision'
import type { Lead } from '../lead/lead'
import { scoreFit } from '../scoring/fit'

export function decideFit(contract: Contract, lead: Lead): Decision<'scored'> {
  const fit = scoreFit(contract, lead)
  return { step: 'score-fit', outcome: 'scored', patch: { fit }, because: fit.because, changes: [] }
}
