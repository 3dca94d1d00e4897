/**
 * A model that is not believed (./model-cut-off) leaves a rule in doubt when a surer one could have
 * decided it otherwise: by its score, or by the points of fit rules that read the score.
 *
 * A comparison of the score changes its answer only at a number that the contract names, so trying
 * those and one between each two tries every model there could be. Fit is scored anew for each.
 */
import type { FieldTable } from '../conditions/fields'
import type { CompiledRule, RuleSpec } from '../conditions/rules'
import { TRUE, type Tri } from '../conditions/tri'
import type { Contract } from '../contract/contract'
import type { ContractSpec } from '../contract/schema'
import type { Input, Lead } from '../lead/lead'
import { fitAsRead } from './fit'
import { isBelowCutOff } from './model-cut-off'

const SCORE = 'model.score'

/** What would be known of the lead with each score that a surer model might have given. */
export class ModelDoubt {
  readonly #leads: readonly Lead[]

  private constructor(leads: readonly Lead[]) {
    this.#leads = leads
  }

  /** Undefined when the model is sure enough, or there is none. */
  static of(contract: Contract, lead: Lead): ModelDoubt | undefined {
    if (!isBelowCutOff(contract, lead)) return undefined
    return new ModelDoubt(contract.model.scores.map((score) => withScore(contract, lead, score)))
  }

  inputs(fields: FieldTable): Input[][] {
    return this.#leads.map((lead) => fields.readLead(lead))
  }
}

function withScore(contract: Contract, lead: Lead, score: number): Lead {
  const { [SCORE]: _, ...provenance } = lead.provenance
  const sure = { ...lead, model: { ...lead.model!, score }, provenance }
  if (lead.fit === undefined) return sure
  return { ...sure, fit: { ...lead.fit, points: fitAsRead(contract, sure).points } }
}

/** Whether the rule holds with one score and not with another, or not as the lead stands. */
export function dependsOnModel(
  rule: CompiledRule<RuleSpec>,
  result: Tri,
  surer: readonly (readonly Input[])[],
): boolean {
  const holding = surer.filter((inputs) => rule.evaluate(inputs) === TRUE).length
  return result === TRUE ? holding < surer.length : holding > 0
}

/** Whether any rule reads the model at all. */
export function readsModel(tables: readonly FieldTable[]): boolean {
  return tables.some((fields) => fields.readPlain({}).some(({ path }) => path.startsWith('model.')))
}

/** 0, 1, every number that a condition compares the score with, and one between each two. */
export function scoresToTry({ suppress = [], fit, decide }: ContractSpec): number[] {
  const named = [...suppress, ...fit.rules, ...decide].flatMap(({ when }) => scoresIn(when, false))
  const ordered = [...new Set([0, 1, ...named])].sort((a, b) => a - b)
  return ordered.flatMap((score, index) =>
    index === 0 ? [score] : [(ordered[index - 1]! + score) / 2, score],
  )
}

/** Deeper than any condition that compiles. */
const DEPTH_MAX = 30

function scoresIn(part: unknown, ofScore: boolean, depth = 0): number[] {
  if (typeof part === 'number') return ofScore ? [part] : []
  if (typeof part !== 'object' || part === null || depth > DEPTH_MAX) return []
  return Object.entries(part).flatMap(([key, inner]) =>
    scoresIn(inner, ofScore || key === SCORE, depth + 1),
  )
}
