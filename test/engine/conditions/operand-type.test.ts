// Goal: a comparison that no lead can ever meet is told, with what the field is and what to write;
// one that some lead can meet is not. Method: a row per field kind and operator, then a law: a value
// that the intake has kept is always taken.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { operandTypeProblem } from '../../../engine/conditions/operand-type'
import type { OperatorName } from '../../../engine/conditions/operators'
import { type Draft, fillField } from '../../../engine/lead/intake/fields'
import { knownPaths } from '../../../engine/lead/paths'

type Row = readonly [path: string, operator: OperatorName, operand: unknown, says: RegExp]

const NEVER: readonly Row[] = [
  [
    'company.employees',
    '$eq',
    'fifty',
    /^company\.employees is a number, so "fifty" can never match/,
  ],
  ['company.employees', '$eq', '50', /so "50" can never match; write a number .* without quotes/],
  ['company.employees', '$gte', '2026-01-01', /is a number, so "2026-01-01" can never match/],
  ['company.employees', '$in', [10, 'many'], /is a number, so "many" can never match/],
  ['company.employees', '$startsWith', '5', /is a number, and \$startsWith compares texts/],
  ['company.employees', '$contains', 'x', /is a number, so "x" can never match/],
  ['company.employees', '$lt', -1, /a number from 0 up; -1 lies outside/],
  ['company.employees', '$postcode', '10', /\$postcode only looks into a postcode/],
  ['model.score', '$gte', 90, /model\.score is a number from 0 to 1; 90 lies outside/],
  ['fit.points', '$eq', 'high', /fit\.points is a number, so "high" can never match/],
  ['intent.account.people', '$gte', '2026-01-01', /is a number/],
  [
    'consent.optOut',
    '$eq',
    'true',
    /is true or false, so "true" can never match; .* without quotes/,
  ],
  ['consent.optOut', '$in', [true, 1], /is true or false, so 1 can never match/],
  ['crm.openDeal', '$gte', 1, /is true or false, which \$gte cannot compare/],
  ['contact.emailRole', '$startsWith', 't', /which \$startsWith cannot compare/],
  [
    'contact.emailKind',
    '$eq',
    'bussiness',
    /one of business, free, disposable, so "bussiness" can never match; did you mean business\?/,
  ],
  ['contact.emailKind', '$in', ['free', 'xyz'], /so "xyz" can never match; write one of these/],
  ['contact.emailKind', '$gt', 5, /which \$gt cannot compare; use \$in/],
  ['contact.emailKind', '$contains', 'corp', /so "corp" can never match/],
  ['contact.emailKind', '$startsWith', 'usi', /so "usi" can never match/],
  ['contact.emailKind', '$eq', true, /so true can never match/],
  ['consent.email', '$eq', false, /one of granted, denied, unknown, so false can never match/],
  ['identity.match', '$eq', 'bogus', /one of new, known, review, so "bogus" can never match/],
  ['decision.outcome', '$eq', 'sqll', /so "sqll" can never match; did you mean sql\?/],
  ['decision.outcome', '$ne', 'Nurtured', /did you mean nurture\?/],
  ['assignment.status', '$in', ['done'], /one of assigned, offered, waiting/],
  ['sla.status', '$eq', 'late', /one of running, breached/],
  ['routing.cause', '$eq', 'lost', /one of sla-lost/],
  ['company.industry', '$gte', 5, /is a text and no number, so \$gte 5 can never match/],
  ['company.industry', '$gte', '2026-01-01', /is a text and no time, so \$gte 2026-01-01/],
  ['contact.title', '$contains', 5, /is a text, so 5 can never match; write "5"/],
  ['company.postcode', '$eq', 10115, /is a text, so 10115 can never match; write "10115"/],
  ['externalIds.hubspot', '$in', [7], /is a text, so 7 can never match; write "7"/],
  ['contact.name', '$eq', true, /is a text, so true can never match/],
  ['company.country', '$postcode', '10', /\$postcode only looks into a postcode, which company\.c/],
  [
    'company.country',
    '$eq',
    'Germany',
    /an ISO country code, so "Germany" can never .*; write DE$/,
  ],
  ['company.country', '$in', ['AT', 'UK'], /so "UK" can never match; write GB$/],
  ['contact.country', '$nin', ['Deutschland'], /write DE$/],
  ['company.country', '$eq', 'Bavaria', /so "Bavaria" can never match; write a code such as DE/],
  ['company.country', '$startsWith', 'Ger', /so "Ger" can never match/],
  ['company.domain', '$eq', 'https://www.acme.example/x', /; write acme\.example$/],
  ['contact.domain', '$in', ['not a domain'], /; write a domain such as acme\.example/],
  ['company.industry', '$in', ['Financial Services'], /; write financial-services$/],
  ['source.trigger', '$eq', 'Demo request', /; write demo_request$/],
  ['source.trigger', '$in', ['chat', 'live-demo'], /so "live-demo" .*; write live_demo$/],
  ['consent.at', '$gte', 5, /is a time, so 5 can never match; use \$gte and \$lt with a date/],
  ['consent.at', '$eq', '2026-01-31', /is a moment, so "2026-01-31" can never match; use \$gte/],
  ['signals', '$contains', 'demo', /holds records, which cannot be compared/],
  ['identity.matchedBy', '$eq', 5, /is a text, so 5 can never match/],
]

const FINE: readonly (readonly [path: string, operator: OperatorName, operand: unknown])[] = [
  ['company.employees', '$gte', 50],
  ['company.employees', '$in', [1, 2]],
  ['company.employees', '$gt', 0],
  ['model.score', '$gte', 0.9],
  ['model.score', '$lte', 1],
  ['fit.points', '$gte', -40],
  ['consent.optOut', '$eq', true],
  ['contact.emailKind', '$eq', 'Business'],
  ['contact.emailKind', '$nin', ['free', 'disposable']],
  ['contact.emailKind', '$startsWith', 'bus'],
  ['decision.outcome', '$eq', 'sql'],
  ['routing.cause', '$eq', 'sla-lost'],
  ['company.country', '$eq', 'de'],
  ['company.country', '$in', ['DE', 'XK']],
  ['company.country', '$startsWith', 'D'],
  ['company.postcode', '$postcode', ['80-87']],
  ['company.postcode', '$eq', '01067'],
  ['company.domain', '$in', ['ACME.example', 'shop.myshopify.com']],
  ['company.domain', '$endsWith', '.example'],
  ['company.industry', '$eq', 'Software'],
  ['contact.title', '$contains', 'Head of'],
  ['source.trigger', '$in', ['demo_request', 'Chat']],
  ['consent.at', '$gte', '2026-01-31'],
  ['consent.at', '$startsWith', '2026-01'],
  ['consent.at', '$eq', '2026-01-31T09:00:00Z'],
  ['event.receivedAt', '$lt', '2026-01-31T09:00:00Z'],
  ['enrichment.at', '$lt', '2026-01-31'],
  ['identity.matchedBy', '$contains', 'email'],
  ['assignment.had', '$eq', 'ana'],
  ['externalIds.hubspot', '$eq', '7'],
  ['externalIds.at', '$eq', '7'],
  ['externalIds.country', '$startsWith', 'Germany'],
  ['attributes.size', '$gte', 5],
  ['attributes.country', '$eq', 'Germany'],
  ['attributes.plz', '$postcode', '10'],
]

const told = (path: string, operator: OperatorName, operand: unknown) =>
  `${path} ${operator} ${JSON.stringify(operand)}`

describe('operandTypeProblem', () => {
  for (const [path, operator, operand, says] of NEVER) {
    it(`${told(path, operator, operand)} can never match`, () =>
      assert.match(operandTypeProblem(path, operator, operand) ?? 'no problem', says))
  }
  for (const [path, operator, operand] of FINE) {
    it(`${told(path, operator, operand)} may match`, () =>
      assert.equal(operandTypeProblem(path, operator, operand), undefined))
  }

  it('stays short for names and values of any length', () => {
    const long = 'x'.repeat(10_000)
    for (const operand of [5, [5]])
      assert.ok(operandTypeProblem(`externalIds.${long}`, '$in', operand)!.length < 300)
    assert.ok(operandTypeProblem('company.employees', '$eq', long)!.length < 300)
    assert.ok(operandTypeProblem('company.country', '$eq', long)!.length < 300)
  })

  it('has an answer for every field', () => {
    for (const path of knownPaths())
      for (const operand of ['x', 5, true]) {
        const problem = operandTypeProblem(path, '$eq', operand)
        if (problem !== undefined) assert.ok(problem.startsWith(path), problem)
      }
  })

  it('takes whatever the intake has kept', () => {
    const spelt = [
      'company.country',
      'company.domain',
      'company.industry',
      'source.trigger',
    ] as const
    const typed = fc.oneof(
      fc.string(),
      fc.webUrl(),
      fc.constantFrom('Österreich', 'U.A.E.', 'Financial Services', 'Live-Demo', 'İ x', 'ß'),
    )
    fc.assert(
      fc.property(fc.constantFrom(...spelt), typed, (path, text) => {
        const [section, key] = path.split('.') as ['company' | 'source', string]
        const draft = blank()
        fillField(draft, path, text)
        const kept = (draft[section] as Record<string, unknown>)[key]
        if (kept === undefined) return
        assert.equal(operandTypeProblem(path, '$eq', kept), undefined)
        assert.equal(operandTypeProblem(path, '$in', [kept]), undefined)
      }),
    )
  })
})

function blank(): Draft {
  return { contact: {}, company: {}, source: {}, consent: {}, attributes: {}, provenance: {} }
}
