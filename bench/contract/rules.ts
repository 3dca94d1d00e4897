/**
 * The twenty rules that both engines run, written once: two or three comparisons each, additive
 * points. From this table come our contracts and the rules of json-rules-engine.
 */
import type { TopLevelCondition } from 'json-rules-engine'
import { stringify } from 'yaml'

type Operator = '$eq' | '$in' | '$gte' | '$lte'
type Comparison = readonly [
  field: string,
  operator: Operator,
  operand: string | number | readonly string[],
]

interface Rule {
  readonly id: string
  readonly points: number
  readonly all: readonly Comparison[]
}

const CORE = ['DE', 'AT', 'CH', 'NL']
const TECH = ['software', 'fintech', 'telecommunications']

export const RULES: readonly Rule[] = [
  rule('core-tech', 14, ['company.country', '$in', CORE], ['company.industry', '$in', TECH]),
  rule('core-large', 9, ['company.country', '$in', CORE], ['company.employees', '$gte', 500]),
  rule(
    'mid-tech',
    12,
    ['company.industry', '$in', TECH],
    ['company.employees', '$gte', 50],
    ['company.employees', '$lte', 5_000],
  ),
  rule('tiny-free', -15, ['company.employees', '$lte', 5], ['contact.emailKind', '$eq', 'free']),
  rule(
    'disposable',
    -40,
    ['contact.emailKind', '$eq', 'disposable'],
    ['source.type', '$eq', 'form'],
  ),
  rule(
    'leader-it',
    16,
    ['contact.seniority', '$in', ['c-level', 'vp']],
    ['contact.department', '$eq', 'it'],
  ),
  rule(
    'leader-large',
    11,
    ['contact.seniority', '$in', ['c-level', 'vp', 'director']],
    ['company.employees', '$gte', 1_000],
  ),
  rule(
    'manager-mid',
    6,
    ['contact.seniority', '$eq', 'manager'],
    ['company.employees', '$gte', 50],
    ['company.employees', '$lte', 1_000],
  ),
  rule('staff-small', -4, ['contact.seniority', '$eq', 'staff'], ['company.employees', '$lte', 20]),
  rule(
    'finance-buyer',
    8,
    ['contact.department', '$eq', 'finance'],
    ['company.industry', '$eq', 'fintech'],
  ),
  rule(
    'sales-buyer',
    7,
    ['contact.department', '$eq', 'sales'],
    ['company.revenue', '$gte', 1_000_000],
  ),
  rule('rich-core', 10, ['company.revenue', '$gte', 50_000_000], ['company.country', '$in', CORE]),
  rule('poor-large', -6, ['company.revenue', '$lte', 500_000], ['company.employees', '$gte', 200]),
  rule('demo-form', 13, ['source.trigger', '$eq', 'demo_request'], ['source.type', '$eq', 'form']),
  rule('trial-tech', 9, ['source.trigger', '$eq', 'trial'], ['company.industry', '$in', TECH]),
  rule('partner-core', 5, ['source.type', '$eq', 'partner'], ['company.country', '$in', CORE]),
  rule('paid-free', -7, ['source.medium', '$eq', 'cpc'], ['contact.emailKind', '$eq', 'free']),
  rule(
    'enterprise-plan',
    18,
    ['attributes.plan', '$eq', 'enterprise'],
    ['attributes.seats', '$gte', 100],
  ),
  rule(
    'team-plan',
    6,
    ['attributes.plan', '$eq', 'team'],
    ['attributes.seats', '$gte', 10],
    ['attributes.seats', '$lte', 100],
  ),
  rule(
    'hobby',
    -9,
    ['attributes.plan', '$eq', 'hobby'],
    ['attributes.seats', '$lte', 3],
    ['contact.emailKind', '$eq', 'free'],
  ),
]

function rule(id: string, points: number, ...all: Comparison[]): Rule {
  return { id, points, all }
}

const FIT = {
  floor: -1_000,
  cap: 1_000,
  rules: RULES.map(({ id, points, all }) => ({
    id: `fit.${id}`,
    when: {
      $and: all.map(([field, operator, operand]) => ({ [field]: { [operator]: operand } })),
    },
    points,
    why: `${id} fits`,
  })),
}

const REST = { id: 'decide.rest', outcome: 'nurture', grade: 'C3' }

/** The twenty rules and nothing else that a contract can do without. */
export function sameRulesText(): string {
  return stringify({
    contract: 'bench-rules',
    version: '1.0.0',
    fit: FIT,
    intent: { rules: [] },
    decide: [REST],
  })
}

/** What a contract in use has beside its fit rules: suppression, intent with decay, and decisions. */
export function wholeContractText(): string {
  return stringify({
    contract: 'bench',
    version: '1.0.0',
    suppress: [
      { id: 'own-staff', when: { 'contact.domain': 'bench.example' }, why: 'Our own people' },
    ],
    fit: FIT,
    intent: {
      halfLife: '7d',
      rules: [
        { id: 'intent.demo', on: 'demo_request', points: 60, why: 'Asked for a demo' },
        { id: 'intent.pricing', on: 'pricing_view', points: 8, max: 24, why: 'Looked at prices' },
      ],
    },
    decide: [
      {
        id: 'decide.sql',
        when: { 'fit.points': { $gte: 20 }, 'intent.points': { $gte: 30 } },
        outcome: 'sql',
        grade: 'A1',
      },
      { id: 'decide.mql', when: { 'fit.points': { $gte: 10 } }, outcome: 'mql', grade: 'B2' },
      REST,
    ],
  })
}

const NAMES = {
  $eq: 'equal',
  $in: 'in',
  $gte: 'greaterThanInclusive',
  $lte: 'lessThanInclusive',
} as const

/** The same rules for json-rules-engine. The facts are flat, which is its faster way. */
export function rulesEngineRules() {
  return RULES.map(({ id, points, all }) => ({
    name: id,
    conditions: {
      all: all.map(([field, operator, value]) => ({
        fact: field,
        operator: NAMES[operator],
        value,
      })),
    } as TopLevelCondition,
    event: { type: id, params: { points } },
  }))
}
