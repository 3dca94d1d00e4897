/**
 * A contract as the editor shows it: its name, how much it holds, and its lists with every
 * condition in words. Pure data; the dialogs make tables of it.
 */
import { describeCondition } from '../../engine/conditions/condition'
import type { CompiledIntentRule, Contract } from '../../engine/contract/contract'
import type { DecideRuleSpec, FitRuleSpec, SuppressRuleSpec } from '../../engine/contract/schema'
import { formatDuration } from '../../engine/duration'

export function summariseContract({ ref, spec, fit, intent }: Contract): object {
  return {
    ...ref,
    suppress: spec.suppress?.length ?? 0,
    fit: spec.fit.rules.length,
    intent: spec.intent.rules.length,
    decide: spec.decide.length,
    tests: spec.tests?.length ?? 0,
    limits: { fit: [fit.floor, fit.cap], intent: [intent.floor, intent.cap] },
    account: intent.account && { perPerson: intent.account.perPerson, cap: intent.account.cap },
    lists: {
      suppress: (spec.suppress ?? []).map(suppressLine),
      fit: spec.fit.rules.map(fitLine),
      intent: intent.rules.map(intentLine),
      decide: spec.decide.map(decideLine),
    },
  }
}

function suppressLine({ id, when, outcome = 'suppressed', why, unknown }: SuppressRuleSpec) {
  return { id, when: describeCondition(when), outcome, why, unknown }
}

function fitLine({ id, when, points, why }: FitRuleSpec) {
  return { id, when: describeCondition(when), points, why }
}

/** With the contract's own defaults filled in, as these decide what a signal is worth. */
function intentLine({ spec, halfLifeMs, cooldownMs, max }: CompiledIntentRule) {
  const { id, on, when, points, why } = spec
  return {
    id,
    on: [on].flat(),
    when: when && describeCondition(when),
    points,
    why,
    halfLife: formatDuration(halfLifeMs),
    cooldown: cooldownMs > 0 ? formatDuration(cooldownMs) : undefined,
    max: Number.isFinite(max) ? max : undefined,
  }
}

function decideLine({ id, when, outcome, grade, next, unknown }: DecideRuleSpec) {
  return { id, when: when && describeCondition(when), outcome, grade, next, unknown }
}
