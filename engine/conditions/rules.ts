/**
 * Ordered rules as contracts and policies write them: `{ id, when?, why? }`.
 *
 * Compiles the conditions of a list, evaluates them with a full trace, and finds rules that can
 * never fire: contradictory in themselves, or always preceded by one that matches as well.
 */
import { error, type Finding, type Path } from '../artefact'
import type { Input, Reason } from '../lead/lead'
import {
  type CompiledCondition,
  type ConditionDocument,
  compileCondition,
  describeCondition,
  type OperandProblem,
} from './condition'
import { type Constraints, constraintsOf, contradictoryField, implies } from './constraints'
import type { FieldTable } from './fields'
import { TRUE, type Tri } from './tri'

export interface RuleSpec {
  readonly id: string
  readonly when?: ConditionDocument
  readonly why?: string
  readonly minConfidence?: number
}

export interface CompiledRule<Spec extends RuleSpec> {
  readonly spec: Spec
  readonly why: string
  readonly evaluate: CompiledCondition['evaluate']
  readonly slots: readonly number[]
}

export interface RuleListOptions {
  readonly fields: FieldTable
  readonly minConfidence: number
  readonly pathProblem: (path: string) => string | undefined
  readonly operandProblem?: OperandProblem | undefined
}

const always: CompiledCondition = { evaluate: () => TRUE, slots: [] }

/** Compiles a list of rules; findings name the place below `path`. */
export function compileRules<Spec extends RuleSpec>(
  specs: readonly Spec[],
  path: Path,
  options: RuleListOptions,
): { rules: CompiledRule<Spec>[]; findings: Finding[] } {
  const findings: Finding[] = []
  const rules: CompiledRule<Spec>[] = []
  specs.forEach((spec, index) => {
    const condition = compileWhen(spec, [...path, index, 'when'], options, findings)
    rules.push({ spec, why: spec.why ?? defaultWhy(spec), ...condition })
  })
  return { rules, findings }
}

function defaultWhy({ when }: RuleSpec): string {
  if (when === undefined) return 'No earlier rule matched'
  try {
    return describeCondition(when)
  } catch {
    return 'The condition cannot be read'
  }
}

function compileWhen(
  spec: RuleSpec,
  path: Path,
  options: RuleListOptions,
  findings: Finding[],
): CompiledCondition {
  if (spec.when === undefined) return always
  const { condition, problems } = compileCondition(spec.when, {
    ...options,
    minConfidence: spec.minConfidence ?? options.minConfidence,
  })
  findings.push(...problems.map(({ at, message }) => error([...path, ...at], message)))
  if (condition === undefined) return always
  const constraints = constraintsOf(spec.when)
  const field = constraints && contradictoryField(constraints)
  if (field !== undefined) {
    findings.push(
      error(
        [...path, field],
        `the condition contradicts itself on "${field}", so the rule can never match`,
      ),
    )
  }
  return condition
}

/** In a first-match list: rules behind a catch-all, and rules that an earlier one always beats. */
export function shadowFindings(specs: readonly RuleSpec[], path: Path): Finding[] {
  const earlier: { id: string; constraints: Constraints | undefined }[] = []
  const findings: Finding[] = []
  let catchAll: string | undefined
  specs.forEach((spec, index) => {
    if (catchAll !== undefined) {
      findings.push(
        error(
          [...path, index],
          `"${spec.id}" can never be reached: "${catchAll}" before it has no condition and matches every lead`,
        ),
      )
      return
    }
    if (spec.when === undefined) {
      catchAll = spec.id
      return
    }
    const constraints = safeConstraints(spec.when)
    const winner =
      constraints &&
      earlier.find((rule) => rule.constraints && implies(constraints, rule.constraints))
    if (winner) {
      findings.push(
        error(
          [...path, index, 'when'],
          `"${spec.id}" can never win: whenever it matches, "${winner.id}" before it has matched already`,
        ),
      )
    }
    earlier.push({ id: spec.id, constraints })
  })
  return findings
}

/** Constraints of a document that may be malformed; malformed ones are reported elsewhere. */
export function safeConstraints(document: ConditionDocument): Constraints | undefined {
  try {
    return constraintsOf(document)
  } catch {
    return undefined
  }
}

/** Two rules with one id could not be told apart in a trail, nor two of whatever `what` says. */
export function duplicateIdFindings(
  lists: readonly { readonly path: Path; readonly ids: readonly string[] }[],
  what = 'rule',
): Finding[] {
  const seen = new Map<string, Path>()
  const findings: Finding[] = []
  for (const { path, ids } of lists) {
    ids.forEach((id, index) => {
      if (seen.has(id))
        findings.push(
          error(
            [...path, index, 'id'],
            `the id "${id}" is used twice; every ${what} needs its own`,
          ),
        )
      else seen.set(id, path)
    })
  }
  return findings
}

/** The fields that a rule used, with their values. */
export function usedInputs(
  rule: { readonly slots: readonly number[] },
  inputs: readonly Input[],
): Input[] {
  const { slots } = rule
  const used = new Array<Input>(slots.length)
  for (let index = 0; index < slots.length; index++) used[index] = inputs[slots[index]!]!
  return used
}

export interface TracedRule {
  readonly rule: string
  readonly result: Tri
  readonly inputs: readonly Input[]
}

/** Why a rule matched or could not be decided, as the decision records it. */
export function reasonOf(rule: CompiledRule<RuleSpec>, inputs: readonly Input[]): Reason {
  return { rule: rule.spec.id, why: rule.why, inputs: usedInputs(rule, inputs) }
}
