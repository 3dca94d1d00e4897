/**
 * By what a lead's clocks run now. A policy that was changed meanwhile is noticed when the lead
 * comes to a step that knows clocks: what was used until then stays used, the rest runs by the new one.
 */
import type { Asking } from '../asking'
import type { Lead, SlaSection } from '../lead/lead'
import { loadPolicy } from '../policy/load'
import type { Policy } from '../policy/policy'
import { carryOver, isOutdated } from '../sla/lifecycle'
import { isCurrent } from '../sla/section'
import { formerTerms, type Terms, termsOf } from '../sla/tier'
import type { Reads } from '../step'

export interface Former {
  /** The policy that the clocks were started by; absent when its text was not kept. */
  readonly former?: Policy
}

/** The last one that was loaded: after a change of policy, many leads ask for the same. */
let lastLoaded: Policy | undefined

export function* gatherFormer(reads: Reads, lead: Lead, policy: Policy): Asking<Former> {
  const hash = isCurrent(lead) ? lead.sla.policy?.hash : undefined
  if (hash === undefined) return {}
  if (hash === policy.ref.hash) return { former: policy }
  if (lastLoaded?.ref.hash !== hash) {
    const text = yield* reads.artefact('policy', hash)
    lastLoaded = text === undefined ? undefined : loadPolicy(text).policy
  }
  // A text that somebody edited in the database is not what was decided by.
  return lastLoaded?.ref.hash === hash ? { former: lastLoaded } : {}
}

export interface Present {
  readonly sla: SlaSection
  readonly terms: Terms
  /** Whether the section was carried over to other terms just now. */
  readonly carried: boolean
}

/** The section as it is under the present terms; undefined when no clock of this cycle was started. */
export function presentSla(
  lead: Lead,
  policy: Policy,
  { former }: Former,
  nowMs: number,
): Present | undefined {
  if (!isCurrent(lead)) return undefined
  const { sla } = lead
  const terms = termsOf(policy, lead)
  if (!isOutdated(lead, sla, terms)) return { sla, terms, carried: false }
  const before = formerTerms(former, sla)
  return { sla: carryOver(lead, sla, before, terms, nowMs), terms, carried: true }
}
