/**
 * From a contract's text to a Contract, or to everything that is wrong with it.
 *
 * Three readings, each only when the one before found no error: the YAML, the schema, the meaning
 * (engine/contract/lint). Last, the contract's own tests run, and one that fails refuses it.
 */
import {
  type ArtefactProblem,
  artefactRef,
  compileSchema,
  type Finding,
  type Path,
  parseArtefact,
  schemaFindings,
} from '../artefact'
import type { OperandProblem } from '../conditions/condition'
import { FieldTable } from '../conditions/fields'
import { emptyTextProblem, operandTypeProblem } from '../conditions/operand-type'
import { type CompiledRule, compileRules, type RuleSpec } from '../conditions/rules'
import { durationMs } from '../duration'
import { slugOf } from '../lead/normalise'
import { isStepSection, pathProblem } from '../lead/paths'
import { readsModel, scoresToTry } from '../scoring/model-doubt'
import type { CompiledIntentRule, Contract } from './contract'
import { lintContract } from './lint'
import { ContractSchema, type ContractSpec, type IntentRuleSpec } from './schema'
import { contractTestFindings } from './tests'

const validate = compileSchema(ContractSchema)
const DEFAULT_MIN_CONFIDENCE = 0.5
const DEFAULT_HALF_LIFE = '30d'
const DEFAULT_WINDOW = '90d'

export interface LoadedContract {
  readonly contract?: Contract
  /** Errors refuse the contract; warnings do not. */
  readonly problems: readonly ArtefactProblem[]
}

/** Loads a contract from YAML or JSON text. Never throws. */
export function loadContract(text: string): LoadedContract {
  const { value, problems, locate } = parseArtefact(text)
  if (problems.length > 0) return { problems }
  const shape = schemaFindings(validate, value, 'contract')
  if (shape.length > 0) return { problems: shape.map(locate) }
  const { contract, findings } = compileContract(value as ContractSpec)
  const refused = findings.some(({ level }) => level === 'error')
  if (refused) return { problems: findings.map(locate) }
  const failed = contractTestFindings(contract)
  const located = [...findings, ...failed].map(locate)
  return failed.length > 0 ? { problems: located } : { contract, problems: located }
}

function compileContract(spec: ContractSpec): { contract: Contract; findings: Finding[] } {
  const findings: Finding[] = []
  const minConfidence = spec.minConfidence ?? DEFAULT_MIN_CONFIDENCE
  const section = <Spec extends RuleSpec>(
    specs: readonly Spec[],
    path: Path,
    pathProblem: (field: string) => string | undefined,
    operandProblem: OperandProblem = operandTypeProblem,
  ) => {
    const fields = new FieldTable()
    const options = { fields, minConfidence, pathProblem, operandProblem }
    const compiled = compileRules(specs, path, options)
    findings.push(...compiled.findings)
    return { fields, rules: compiled.rules }
  }
  const fit = section(spec.fit.rules, ['fit', 'rules'], leadFieldProblem)
  // Details of a signal are whatever its source sends, so nothing is known of their types.
  const signals = section(
    spec.intent.rules,
    ['intent', 'rules'],
    signalFieldProblem,
    emptyTextProblem,
  )
  const intentRules = signals.rules.map((rule) => intentRule(rule, spec))
  const suppress = section(spec.suppress ?? [], ['suppress'], decideFieldProblem)
  const decide = section(spec.decide, ['decide'], decideFieldProblem)
  const contract: Contract = {
    ref: artefactRef(spec.contract, spec.version, spec),
    spec,
    suppress,
    fit: { ...fit, floor: spec.fit.floor ?? 0, cap: spec.fit.cap ?? 100 },
    intent: {
      fields: signals.fields,
      rules: intentRules,
      byType: byType(intentRules),
      floor: spec.intent.floor ?? 0,
      cap: spec.intent.cap ?? 100,
      horizonMs: Math.max(0, ...intentRules.map(({ windowMs }) => windowMs)),
      ...accountSection(spec),
    },
    model: {
      isRead: readsModel([suppress.fields, fit.fields, decide.fields]),
      scores: scoresToTry(spec),
    },
    decide,
  }
  findings.push(...lintContract(contract))
  return { contract, findings }
}

function accountSection({ intent }: ContractSpec): Pick<Contract['intent'], 'account'> {
  if (intent.account === undefined) return {}
  const { perPerson, cap, window } = intent.account
  return {
    account: {
      perPerson: perPerson ?? 60,
      cap: cap ?? 100,
      windowMs: durationMs(window ?? intent.window ?? DEFAULT_WINDOW),
    },
  }
}

function intentRule(
  rule: CompiledRule<IntentRuleSpec>,
  { intent }: ContractSpec,
): CompiledIntentRule {
  const { spec } = rule
  return {
    ...rule,
    why: spec.why,
    halfLifeMs: durationMs(spec.halfLife ?? intent.halfLife ?? DEFAULT_HALF_LIFE),
    windowMs: durationMs(spec.window ?? intent.window ?? DEFAULT_WINDOW),
    cooldownMs: durationMs(spec.cooldown ?? intent.cooldown ?? '0s'),
    max: spec.max ?? Number.POSITIVE_INFINITY,
  }
}

/** Under each type as it is written, and as intake writes it: a rule on `Page View` is meant for both. */
function byType(rules: readonly CompiledIntentRule[]): Map<string, CompiledIntentRule[]> {
  const map = new Map<string, CompiledIntentRule[]>()
  for (const rule of rules) {
    const types = new Set([rule.spec.on].flat().flatMap((type) => [type, slugOf(type)]))
    for (const type of types) map.set(type, [...(map.get(type) ?? []), rule])
  }
  return map
}

function leadFieldProblem(path: string): string | undefined {
  if (isStepSection(path))
    return `"${path}" is not known yet when this rule runs; use a field of the lead`
  return pathProblem(path)
}

/** `decide` and `suppress` may also read what the earlier steps found. */
function decideFieldProblem(path: string): string | undefined {
  if (/^(decision|assignment|sla)\./.test(path))
    return `"${path}" is only known after qualification`
  return pathProblem(path)
}

/** Details of a signal are free, so only the form of the name is checked. */
function signalFieldProblem(path: string): string | undefined {
  if (
    /^[A-Za-z][\w-]*(\.[A-Za-z][\w-]*){0,2}$/.test(path) &&
    !/(^|\.)(constructor|prototype)(\.|$)/.test(path)
  )
    return undefined
  return `"${path}" is not the name of a detail of a signal`
}
