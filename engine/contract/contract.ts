/**
 * A contract ready to evaluate: its rules compiled, its durations in milliseconds.
 *
 * `loadContract` is the only way to get one, so whoever holds a Contract may trust it.
 */

import type { FieldTable } from '../conditions/fields'
import type { CompiledRule } from '../conditions/rules'
import type { ArtefactRef } from '../lead/lead'
import type {
  ContractSpec,
  DecideRuleSpec,
  FitRuleSpec,
  IntentRuleSpec,
  SuppressRuleSpec,
} from './schema'

export interface CompiledIntentRule extends CompiledRule<IntentRuleSpec> {
  readonly halfLifeMs: number
  readonly windowMs: number
  readonly cooldownMs: number
  readonly max: number
}

export interface Contract {
  readonly ref: ArtefactRef
  readonly spec: ContractSpec
  readonly suppress: {
    readonly fields: FieldTable
    readonly rules: readonly CompiledRule<SuppressRuleSpec>[]
  }
  readonly fit: {
    readonly fields: FieldTable
    readonly rules: readonly CompiledRule<FitRuleSpec>[]
    readonly floor: number
    readonly cap: number
  }
  readonly intent: {
    /** Fields of a signal, not of the lead. */
    readonly fields: FieldTable
    readonly rules: readonly CompiledIntentRule[]
    readonly byType: ReadonlyMap<string, readonly CompiledIntentRule[]>
    readonly floor: number
    readonly cap: number
    /** How far back any rule looks, ms. */
    readonly horizonMs: number
    readonly account?: {
      readonly perPerson: number
      readonly cap: number
      readonly windowMs: number
    }
  }
  readonly model: {
    /** Whether any rule of the lead reads it. */
    readonly isRead: boolean
    /** Scores that stand for every one there could be (engine/scoring/model-doubt). */
    readonly scores: readonly number[]
  }
  readonly decide: {
    readonly fields: FieldTable
    readonly rules: readonly CompiledRule<DecideRuleSpec>[]
  }
}
