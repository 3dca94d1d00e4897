/**
 * What a schema cannot see: rules that can never fire, thresholds no lead can reach, two rules
 * that contradict each other, a list of decisions without an end.
 */
import { error, type Finding, type Path, warning } from '../artefact'
import { canonicalJson } from '../audit/canonical-json'
import { duplicateIdFindings, shadowFindings } from '../conditions/rules'
import { parseDuration } from '../duration'
import type { Contract } from './contract'
import { gradeFindings } from './lint-grades'
import { thresholdFindings } from './lint-thresholds'
import type { ContractSpec, FitRuleSpec } from './schema'

export function lintContract(contract: Contract): Finding[] {
  const { spec } = contract
  return [
    ...duplicateIdFindings([
      { path: ['suppress'], ids: (spec.suppress ?? []).map(({ id }) => id) },
      { path: ['fit', 'rules'], ids: spec.fit.rules.map(({ id }) => id) },
      { path: ['intent', 'rules'], ids: spec.intent.rules.map(({ id }) => id) },
      { path: ['decide'], ids: spec.decide.map(({ id }) => id) },
    ]),
    ...rangeFindings(spec),
    ...noTimeFindings(spec),
    ...decideEndFindings(spec),
    ...shadowFindings(spec.decide, ['decide']),
    ...contradictionFindings(spec.fit.rules),
    ...suppressContradictions(spec),
    ...thresholdFindings(contract),
    ...gradeFindings(spec),
    ...emptyTestFindings(spec),
  ]
}

function rangeFindings({ fit, intent }: ContractSpec): Finding[] {
  return [
    { name: 'fit', floor: fit.floor ?? 0, cap: fit.cap ?? 100 },
    { name: 'intent', floor: intent.floor ?? 0, cap: intent.cap ?? 100 },
  ]
    .filter(({ floor, cap }) => floor >= cap)
    .map(({ name, floor, cap }) =>
      error([name, 'cap'], `the cap (${cap}) must be above the floor (${floor})`),
    )
}

/** Over a half-life of 0 points are no number, and no signal is in a window of 0. */
function noTimeFindings({ intent }: ContractSpec): Finding[] {
  const places: (readonly [Path, Readonly<Record<string, unknown>>])[] = [
    [['intent'], intent],
    [['intent', 'account'], intent.account ?? {}],
    ...intent.rules.map((rule, index) => [['intent', 'rules', index], rule] as const),
  ]
  return places.flatMap(([path, section]) =>
    ['halfLife', 'window'].flatMap((key) => {
      const text = section[key]
      if (typeof text !== 'string' || parseDuration(text) !== 0) return []
      return [error([...path, key], `\`${key}\` is ${text}; leave it out or give more than 0`)]
    }),
  )
}

/** First match wins, so exactly the last decision has no `when`. */
function decideEndFindings({ decide }: ContractSpec): Finding[] {
  const last = decide.length - 1
  const findings = decide.flatMap((rule, index) =>
    rule.when === undefined && index < last
      ? [
          error(
            ['decide', index],
            `"${rule.id}" has no \`when\`; only the last decision may go without`,
          ),
        ]
      : [],
  )
  if (decide[last]!.when !== undefined) {
    findings.push(
      error(
        ['decide', last, 'when'],
        `"${decide[last]!.id}" is the last decision and must have no \`when\`, so that every lead gets one`,
      ),
    )
  }
  return findings
}

/** The same condition with points of opposite sign contradicts; with the same sign it counts twice. */
function contradictionFindings(rules: readonly FitRuleSpec[]): Finding[] {
  const seen = new Map<string, FitRuleSpec>()
  return rules.flatMap((rule, index) => {
    const key = conditionKey(rule.when)
    const other = key === undefined ? undefined : seen.get(key)
    if (key !== undefined && other === undefined) seen.set(key, rule)
    if (other === undefined) return []
    const place = ['fit', 'rules', index, 'when']
    return Math.sign(other.points) === Math.sign(rule.points)
      ? [warning(place, `"${rule.id}" has the same condition as "${other.id}", so it counts twice`)]
      : [
          error(
            place,
            `"${rule.id}" contradicts "${other.id}": the same condition gives ${rule.points} and ${other.points} points`,
          ),
        ]
  })
}

function suppressContradictions({ suppress = [] }: ContractSpec): Finding[] {
  const seen = new Map<string, (typeof suppress)[number]>()
  return suppress.flatMap((rule, index) => {
    const key = conditionKey(rule.when)
    const other = key === undefined ? undefined : seen.get(key)
    if (key !== undefined && other === undefined) seen.set(key, rule)
    if (other === undefined) return []
    return [
      error(
        ['suppress', index, 'when'],
        `"${rule.id}" has the same condition as "${other.id}", which comes first and always wins`,
      ),
    ]
  })
}

function conditionKey(when: Record<string, unknown>): string | undefined {
  try {
    return canonicalJson(when).toLowerCase()
  } catch {
    return undefined
  }
}

function emptyTestFindings({ tests = [] }: ContractSpec): Finding[] {
  return tests.flatMap(({ name, expect }, index) => {
    if (Object.keys(expect).length > 0) return []
    const message = `test "${name}" expects nothing, so it proves nothing; give outcome, grade, fit or intent`
    return [error(['tests', index, 'expect'], message)]
  })
}
