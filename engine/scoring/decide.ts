/**
 * From the two scores to one outcome: suppression first, then the contract's decisions, first match
 * wins. Consent always wins: a person who opted out is suppressed before any rule is read.
 *
 * A rule that is unknown does not match. Where the contract says so, or where the only doubt is a
 * model's confidence below its cut-off (./model-doubt), it sends the lead to review instead.
 */
import { reasonOf } from '../conditions/rules'
import { FALSE, TRUE } from '../conditions/tri'
import type { Contract } from '../contract/contract'
import type { DecideRuleSpec } from '../contract/schema'
import type { DecisionSection, Lead, Outcome, Reason } from '../lead/lead'
import { inputOf } from '../lead/provenance'
import { withModelCutOff } from './model-cut-off'
import { dependsOnModel, ModelDoubt } from './model-doubt'

export interface Verdict {
  readonly section: Omit<DecisionSection, 'at'>
  readonly because: readonly Reason[]
}

/** Requires a lead that carries its fit and intent sections. */
export function decide(contract: Contract, lead: Lead): Verdict {
  const judged = withModelCutOff(contract, lead)
  const unsure = judged === lead ? undefined : ModelDoubt.of(contract, lead)
  // Rules that could not be decided, in the order in which they were read.
  const doubts: Reason[] = []
  return (
    optOut(contract, lead) ??
    suppression(contract, judged, doubts, unsure) ??
    decision(contract, judged, doubts, unsure)
  )
}

/**
 * True when the person may not be contacted, whatever else is known: they said so, or refused every
 * channel that is on file. With no channel on file there are both.
 */
export function isOptedOut({ consent, contact }: Lead): boolean {
  if (consent.optOut === true) return true
  const noMail = consent.email === 'denied'
  const noCalls = consent.phone === 'denied'
  if (!noMail && !noCalls) return false
  const hasEmail = contact.email !== undefined
  if (hasEmail === (contact.phone !== undefined)) return noMail && noCalls
  return hasEmail ? noMail : noCalls
}

const ASKED = 'The person asked not to be contacted'

function optOut(contract: Contract, lead: Lead): Verdict | undefined {
  if (!isOptedOut(lead)) return undefined
  const reason: Reason = {
    rule: 'consent.opt-out',
    why: lead.consent.optOut ? ASKED : 'The person refused every channel that is on file',
    inputs: [
      inputOf(lead, 'consent.optOut', lead.consent.optOut),
      inputOf(lead, 'consent.email', lead.consent.email),
      inputOf(lead, 'consent.phone', lead.consent.phone),
    ],
  }
  return verdict(contract, lead, 'suppressed', reason, undefined, [])
}

function suppression(
  contract: Contract,
  lead: Lead,
  doubts: Reason[],
  unsure: ModelDoubt | undefined,
): Verdict | undefined {
  const { fields, rules } = contract.suppress
  if (rules.length === 0) return undefined
  const inputs = fields.readLead(lead)
  const surer = unsure?.inputs(fields)
  for (const rule of rules) {
    const result = rule.evaluate(inputs)
    const hangs = surer !== undefined && dependsOnModel(rule, result, surer)
    if (result === FALSE && !hangs) continue
    const reason = reasonOf(rule, inputs)
    if (result === TRUE && !hangs)
      return verdict(contract, lead, rule.spec.outcome ?? 'suppressed', reason, undefined, doubts)
    doubts.push({ ...reason, unknown: true })
    if (rule.spec.unknown === 'review')
      return verdict(contract, lead, 'review', doubtful(reason), undefined, doubts)
    if (rule.spec.unknown === undefined && hangs)
      return verdict(contract, lead, 'review', uncertainModel(contract, reason), undefined, doubts)
  }
  return undefined
}

function decision(
  contract: Contract,
  lead: Lead,
  doubts: Reason[],
  unsure: ModelDoubt | undefined,
): Verdict {
  const { fields, rules } = contract.decide
  const inputs = fields.readLead(lead)
  const surer = unsure?.inputs(fields)
  for (const rule of rules) {
    const result = rule.evaluate(inputs)
    const hangs = surer !== undefined && dependsOnModel(rule, result, surer)
    if (result === FALSE && !hangs) continue
    const reason = reasonOf(rule, inputs)
    if (result === TRUE && !hangs)
      return verdict(contract, lead, rule.spec.outcome, reason, rule.spec, doubts)
    doubts.push({ ...reason, unknown: true })
    if (rule.spec.unknown === 'review')
      return verdict(contract, lead, 'review', doubtful(reason), rule.spec, doubts)
    if (rule.spec.unknown === undefined && hangs)
      return verdict(contract, lead, 'review', uncertainModel(contract, reason), rule.spec, doubts)
  }
  // The last decision has no `when` (lint), so the loop always returns.
  throw new RangeError(`contract ${contract.ref.name} has no last decision`)
}

function doubtful(reason: Reason): Reason {
  return { ...reason, unknown: true, why: `Not certain: ${reason.why}` }
}

function uncertainModel(contract: Contract, reason: Reason): Reason {
  const { cutOff, why } = contract.spec.model!
  return {
    ...reason,
    rule: 'model.confidence',
    unknown: true,
    why: why ?? `The model is less than ${Math.round(cutOff * 100)} % sure; a person decides`,
  }
}

function verdict(
  contract: Contract,
  lead: Lead,
  outcome: Outcome,
  reason: Reason,
  rule: DecideRuleSpec | undefined,
  doubts: readonly Reason[],
): Verdict {
  // A rule that is only in doubt did not give its outcome, and so gives nothing else either.
  const giver = outcome === rule?.outcome ? rule : undefined
  const grade = giver?.grade ?? gridGrade(contract, lead)
  const next = giver?.next ?? NEXT_ACTION[outcome]
  const factors = topFactors(contract, lead)
  const { rule: id, why } = reason
  const { ref } = contract
  return {
    // Two literals, as spreading an optional part into one costs as much as the whole decision.
    section:
      grade === undefined
        ? { outcome, rule: id, why, next, factors, contract: ref }
        : { outcome, grade, rule: id, why, next, factors, contract: ref },
    because:
      doubts.length === 0 ? [reason] : [reason, ...doubts.filter((doubt) => doubt.rule !== id)],
  }
}

const NEXT_ACTION: Readonly<Record<Outcome, string>> = {
  sql: 'Contact now',
  mql: 'Qualify by phone',
  nurture: 'Keep in the nurture programme',
  review: 'Ask a person to decide',
  disqualified: 'No action',
  suppressed: 'Do not contact',
}

/** A letter for fit, a digit for intent: the first threshold that the points reach. */
function gridGrade({ spec }: Contract, { fit, intent }: Lead): string | undefined {
  if (spec.grades === undefined || fit === undefined || intent === undefined) return undefined
  return `${band(spec.grades.fit, fit.points)}${band(spec.grades.intent, intent.points)}`
}

function band(thresholds: Readonly<Record<string, number>>, points: number): string {
  const ordered = Object.entries(thresholds).sort(([, a], [, b]) => b - a)
  return (ordered.find(([, least]) => points >= least) ?? ordered.at(-1))?.[0] ?? ''
}

const TOP = 3

/** The rules and, where one reads it, the model's features that moved the lead most, in a rep's words. */
export function topFactors(contract: Contract, { fit, intent, model }: Lead): string[] {
  const factors = strongest([fit?.because, intent?.because]).map(inWords)
  if (model?.features === undefined || !contract.model.isRead) return factors
  const features = [...model.features].sort(byWeight).slice(0, TOP)
  return [...factors, ...features.map(({ name }) => `model: ${name}`)]
}

/** The TOP reasons with the most points either way, kept in order while going through them once. */
function strongest(lists: readonly (readonly Reason[] | undefined)[]): Reason[] {
  const top: Reason[] = []
  for (const list of lists) {
    for (const reason of list ?? []) {
      if (!reason.points) continue
      let place = top.length
      while (place > 0 && byPoints(reason, top[place - 1]!) < 0) place -= 1
      const last = Math.min(top.length, TOP - 1)
      for (let index = last; index > place; index--) top[index] = top[index - 1]!
      if (place <= last) top[place] = reason
    }
  }
  return top
}

type Feature = NonNullable<NonNullable<Lead['model']>['features']>[number]

function byPoints(a: Reason, b: Reason): number {
  return Math.abs(b.points!) - Math.abs(a.points!) || (a.rule < b.rule ? -1 : 1)
}

function byWeight(a: Feature, b: Feature): number {
  return Math.abs(b.weight) - Math.abs(a.weight) || (a.name < b.name ? -1 : 1)
}

function inWords({ points, why }: Reason): string {
  return `${points! > 0 ? '+' : ''}${points} ${why}`
}
