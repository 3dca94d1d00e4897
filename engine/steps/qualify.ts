/**
 * Qualify: from the two scores to one outcome, with the reasons a rep can read.
 *
 * Sales keeps what sales has: a lead with an open assignment is not moved back by a new event.
 * Only suppression takes it away, as consent always wins.
 */
import type { Contract } from '../contract/contract'
import type { Change, Decision, LeadPatch, LeadState } from '../decision'
import { defined } from '../defined'
import type { Lead, Outcome, Reason } from '../lead/lead'
import { decide as decideOutcome } from '../scoring/decide'
import type { Step } from '../step'
import { closedSections, closing } from './closing'
import { iso, type JourneySettings, journeyEnd } from './journey'

export interface QualifySettings extends JourneySettings {
  readonly contract: Contract
}

export const QUALIFY_PORTS = ['sales', 'nurture', 'review', 'closed'] as const
export type QualifyPort = (typeof QUALIFY_PORTS)[number]

/** The output on which a lead with this outcome leaves. */
export function portOf(outcome: Outcome): QualifyPort {
  if (outcome === 'sql' || outcome === 'mql') return 'sales'
  return outcome === 'nurture' || outcome === 'review' ? outcome : 'closed'
}

type Known = { readonly inSales: boolean }

export const qualifyStep: Step<QualifySettings, Known, QualifyPort> = {
  name: 'qualify',
  artefact: ({ contract }) => contract.ref,
  scopes: (lead) => [`lead:${lead.id}`],
  key: (lead) => `${lead.id}#${lead.event.id}`,
  again: journeyEnd,
  *gather(reads, lead) {
    return { inSales: (yield* reads.openAssignment(lead.id, lead.cycle)) !== undefined }
  },
  decide: (lead, settings, { inSales }, nowMs): Decision<QualifyPort> => {
    const { section, because } = decideOutcome(settings.contract, lead)
    const port = portOf(section.outcome)
    const decision = { ...section, at: iso(nowMs) }
    const endsSales = inSales && section.outcome === 'suppressed'
    return {
      step: 'qualify',
      outcome: port,
      patch: endsSales ? { decision, ...closedSections(lead) } : { decision },
      because: withScoreReasons(because, lead),
      changes: [
        ...standing(lead, section.outcome, section.why, inSales),
        ...journeyEnd(lead, port, settings),
      ],
      seen: scores(lead),
    }
  },
}

/** The scores write no entry of their own; their reasons stand in this one's. */
function scores({ fit, intent }: Lead): LeadPatch {
  return defined({
    fit: fit && { ...fit, because: [], unknown: [] },
    intent: intent && { ...intent, because: [] },
  })
}

function withScoreReasons(because: readonly Reason[], { fit, intent }: Lead): readonly Reason[] {
  return because.concat(fit?.because ?? [], fit?.unknown ?? [], intent?.because ?? [])
}

function standing(lead: Lead, outcome: Outcome, why: string, inSales: boolean): Change[] {
  if (!inSales) return [{ kind: 'lead.save', state: stateDecided(outcome), reason: why }]
  if (outcome !== 'suppressed')
    return [{ kind: 'lead.save', state: 'assigned', reason: 'sales is working on it' }]
  return [...closing(lead, 'suppressed'), { kind: 'lead.save', state: 'suppressed', reason: why }]
}

/** Where a lead stands that is decided so and that nobody has. */
export function stateDecided(outcome: Outcome): LeadState {
  return outcome === 'sql' || outcome === 'mql' ? 'qualified' : outcome
}
