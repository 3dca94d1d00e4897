/**
 * What a schema cannot see: rules that can never fire, thresholds no lead can reach, two rules
 * that contradict each other, a list of decisions without an end.
 */
import { error, type Finding, type Path, warning } from '../artefact'
import { canonicalJson } from '../audit/canonical-json'
import type { Constraint } from '../conditions/constraints'
import { duplicateIdFindings, safeConstraints, shadowFindings } from '../conditions/rules'
import { parseDuration } from '../duration'
import { clamp } from '../scoring/fit'
import type { Contract } from './contract'
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
    ...unreachableThresholds(contract),
    ...gradeFindings(spec),
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

/** The most points that the rules can give; an upper bound, as rules may exclude each other. */
function mostPoints(contract: Contract): Record<string, number> {
  const { fit, intent, spec } = contract
  const positive = (points: readonly number[]) =>
    points.reduce((sum, one) => sum + Math.max(0, one), 0)
  const repeats = spec.intent.rules.some(({ points }) => points > 0)
  return {
    'fit.points': clamp(positive(spec.fit.rules.map(({ points }) => points)), fit.floor, fit.cap),
    // A signal may come many times, so without `max` only the cap bounds a rule.
    'intent.points': clamp(
      repeats
        ? positive(
            spec.intent.rules.map((rule) => (rule.points > 0 ? (rule.max ?? intent.cap) : 0)),
          )
        : 0,
      intent.floor,
      intent.cap,
    ),
    'intent.account.points': intent.account?.cap ?? Number.NEGATIVE_INFINITY,
  }
}

function unreachableThresholds(contract: Contract): Finding[] {
  const most = mostPoints(contract)
  return contract.spec.decide.flatMap((rule, index) => {
    const constraints = rule.when && safeConstraints(rule.when)
    if (!constraints) return []
    return Object.entries(most).flatMap(([path, limit]) => {
      const wanted = constraints.get(path)
      const least = wanted && leastOf(wanted)
      if (least === undefined || least.value < limit) return []
      if (least.value === limit && !least.open) return []
      if (limit === Number.NEGATIVE_INFINITY) {
        return [
          error(
            ['decide', index, 'when', path],
            '`intent.account` is only known when the contract has an `intent.account` section',
          ),
        ]
      }
      return [
        error(
          ['decide', index, 'when', path],
          `asks for ${least.open ? 'more than ' : ''}${least.value}, but the rules give at most ${limit} ${path.replace('.points', '')} points`,
        ),
      ]
    })
  })
}

/** The least number that a condition on points is content with. */
function leastOf({ min, minOpen, oneOf }: Constraint): { value: number; open: boolean } {
  const listed = [...(oneOf ?? [])].filter((value) => typeof value === 'number')
  const value = listed.length > 0 ? Math.max(min, Math.min(...listed)) : min
  return { value, open: value === min && minOpen }
}

function gradeFindings({ grades, decide }: ContractSpec): Finding[] {
  if (grades !== undefined) return []
  const graded = decide.filter(({ grade }) => grade !== undefined).length
  if (graded === 0 || graded === decide.length) return []
  return decide.flatMap(({ id, grade }, index) =>
    grade === undefined &&
    !['suppressed', 'disqualified', 'review'].includes(decide[index]!.outcome)
      ? [warning(['decide', index], `"${id}" has no grade while others have one`)]
      : [],
  )
}
