// Goal: an empty field is filled with where it came from; a stated one is never overwritten; a
// contradiction makes it doubtful. Method: a table; laws over random answers.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  CONFLICT_CONFIDENCE,
  mergeValues,
  type ProviderAnswer,
} from '../../../engine/enrichment/merge-values'
import { personKeys } from '../../../engine/identity/keys'
import { pathReader } from '../../../engine/lead/paths'
import { at, deepFreeze, lead, NOW } from '../support/leads'

const answer = (
  name: string,
  values: Record<string, unknown>,
  confidence = 0.8,
): ProviderAnswer => ({
  name,
  result: 'found',
  values,
  confidence,
  observedAt: at(NOW),
})
const bare = () => lead({ company: { name: 'Acme', employees: 200 } })

describe('mergeValues', () => {
  it('fills what is empty, with its provenance', () => {
    const { lead: merged, filled } = mergeValues(bare(), [
      answer('p', { 'company.city': 'Bonn', 'attributes.tech': ['x'] }),
    ])
    assert.deepEqual([merged.company.city, merged.attributes.tech], ['Bonn', ['x']])
    assert.deepEqual(filled, ['company.city', 'attributes.tech'])
    const entry = { source: 'p', method: 'enriched', confidence: 0.8, observedAt: at(NOW) }
    assert.deepEqual(merged.provenance, { 'company.city': entry, 'attributes.tech': entry })
  })
  it('creates a section that the lead did not have', () => {
    assert.deepEqual(mergeValues(bare(), [answer('p', { 'crm.owner': 'ana' })]).lead.crm, {
      owner: 'ana',
    })
  })
  it('the first provider of the waterfall wins, agreement changes nothing', () => {
    const {
      lead: merged,
      filled,
      conflicts,
    } = mergeValues(bare(), [
      answer('p', { 'company.city': 'Bonn' }),
      answer('q', { 'company.city': 'BONN' }, 1),
    ])
    assert.deepEqual(
      [
        merged.company.city,
        merged.provenance['company.city']!.source,
        filled.length,
        conflicts.length,
      ],
      ['Bonn', 'p', 1, 0],
    )
  })
  for (const value of [undefined, null, '']) {
    it(`${value === '' ? 'an empty text' : value} fills nothing and contradicts nothing`, () => {
      const { filled, conflicts } = mergeValues(bare(), [
        answer('p', { 'company.city': value, 'company.name': value }),
      ])
      assert.deepEqual([filled, conflicts], [[], []])
    })
  }
  for (const [path, value, contradicts] of [
    ['company.name', 'ACME', false],
    ['company.name', 'ACME Inc.', false],
    ['company.name', 'Other', true],
    ['contact.name', 'ANA RUÍZ', false],
    ['contact.name', 'Ruiz', false],
    ['contact.name', 'Ana Lopez', true],
    ['contact.email', 'ana@other.example', true],
    ['company.employees', 200, false],
    ['company.employees', 100, false],
    ['company.employees', 99, true],
    ['company.employees', 400, false],
    ['company.employees', 401, true],
    ['company.employees', 0, true],
    ['company.employees', '200', false],
  ] as const) {
    it(`${path} ${value} ${contradicts ? 'contradicts' : 'agrees'}`, () => {
      const { lead: merged, conflicts } = mergeValues(bare(), [answer('p', { [path]: value })])
      assert.equal(pathReader(path)(merged), pathReader(path)(bare()), 'what was stated stays')
      assert.equal(conflicts.length, contradicts ? 1 : 0)
      const entry = merged.provenance[path]
      if (!contradicts) assert.equal(entry, undefined)
      else {
        assert.deepEqual([entry!.method, entry!.confidence], ['conflict', CONFLICT_CONFIDENCE])
        assert.deepEqual(conflicts[0], {
          path,
          values: [pathReader(path)(bare()), value],
          sources: ['web', 'p'],
        })
      }
    })
  }
  it('a contradiction never makes a doubtful value more certain', () => {
    const entry = { source: 's', method: 'enriched', confidence: 0.1, observedAt: at(NOW) }
    const doubtful = lead({ company: { name: 'A' }, provenance: { 'company.name': entry } })
    const { lead: merged } = mergeValues(doubtful, [answer('p', { 'company.name': 'B' })])
    assert.equal(merged.provenance['company.name']!.confidence, 0.1)
  })

  const phoneOnly = () => lead({ contact: { phone: '+12127365000' }, company: {} })
  it('an address brings its mailbox, its kind, its role and its domain along', () => {
    const { lead: merged, filled } = mergeValues(phoneOnly(), [
      answer('p', { 'contact.email': 'info@acme.example' }),
    ])
    assert.deepEqual(merged.contact, {
      phone: '+12127365000',
      email: 'info@acme.example',
      emailKey: 'info@acme.example',
      emailKind: 'business',
      domain: 'acme.example',
      emailRole: true,
    })
    assert.deepEqual(filled, ['contact.email'], 'what follows is not told as filled')
    assert.equal(merged.provenance['contact.emailKind']!.method, 'enriched')
    assert.deepEqual(
      personKeys(merged).map(({ key }) => key),
      ['phone:+12127365000'],
    )
  })
  it('names bring their key along, whole or in parts, in any order', () => {
    const ana = { name: 'Ana Ruiz', nameKey: 'ana ruiz', firstName: 'Ana', lastName: 'Ruiz' }
    for (const values of [
      { 'contact.name': 'Ana Ruiz' },
      { 'contact.lastName': 'Ruiz', 'contact.firstName': 'Ana' },
      { 'contact.firstName': 'Ana', 'contact.name': 'Ana Ruiz' },
    ])
      assert.deepEqual(mergeValues(phoneOnly(), [answer('p', values)]).lead.contact, {
        phone: '+12127365000',
        ...ana,
      })
    const { lead: merged } = mergeValues(phoneOnly(), [answer('p', { 'company.name': 'Acme AG' })])
    assert.deepEqual(merged.company, { name: 'Acme AG', nameKey: 'acme' })
  })
  it('a stated name keeps its key when a provider adds a part', () => {
    const bareName = lead({ contact: { name: 'Ana', nameKey: 'ana', firstName: 'Ana' } })
    const { lead: merged } = mergeValues(bareName, [answer('p', { 'contact.lastName': 'Ruiz' })])
    assert.deepEqual(merged.contact, {
      name: 'Ana',
      nameKey: 'ana',
      firstName: 'Ana',
      lastName: 'Ruiz',
    })
  })

  for (const [name, before, value, confidence, want] of [
    ['derived, the provider says otherwise', 'derived', 'DE', 0.8, ['DE', 'enriched', 0.8, 0]],
    ['derived with more confidence', 'derived', 'DE', 0.2, ['DE', 'enriched', 0.2, 0]],
    ['derived, the provider agrees', 'derived', 'US', 0.8, ['US', 'enriched', 0.8, 0]],
    ['derived, it agrees and knows less', 'derived', 'US', 0.2, ['US', 'derived', 0.6, 0]],
    ['from the CRM', 'crm', 'DE', 0.8, ['US', 'conflict', 0.3, 1]],
    ['by hand', 'manual', 'DE', 0.8, ['US', 'conflict', 0.3, 1]],
    ['from another provider', 'enriched', 'DE', 0.8, ['US', 'conflict', 0.3, 1]],
  ] as const) {
    it(`a country that is known ${name}`, () => {
      const entry = { source: 's', method: before, confidence: 0.6, observedAt: at(NOW) }
      const { lead: merged, conflicts } = mergeValues(
        lead({ company: { country: 'US' }, provenance: { 'company.country': entry } }),
        [answer('p', { 'company.country': value }, confidence)],
      )
      const { method, confidence: after } = merged.provenance['company.country']!
      assert.deepEqual([merged.company.country, method, after, conflicts.length], want)
    })
  }

  const path = fc.constantFrom(
    'company.city',
    'company.name',
    'company.employees',
    'attributes.a',
    'crm.owner',
    'contact.title',
    'model.version',
  )
  const answers = fc.array(
    fc
      .record({
        name: fc.constantFrom('p', 'q'),
        values: fc.dictionary(
          path,
          fc.oneof(
            fc.constantFrom('x', 'y', ''),
            fc.integer({ min: 0, max: 500 }),
            fc.constant(null),
          ),
        ),
      })
      .map(({ name, values }) => answer(name, values)),
    { maxLength: 4 },
  )
  it('leaves the given lead alone, and keeps every stated value', () => {
    fc.assert(
      fc.property(answers, (all) => {
        const before = deepFreeze(
          lead({ crm: { stage: 'new' }, model: { score: 1, confidence: 1 } }),
        )
        const { lead: merged, filled, conflicts } = mergeValues(before, deepFreeze(all))
        for (const one of [
          'company.name',
          'company.employees',
          'contact.name',
          'crm.stage',
          'model.score',
        ])
          assert.equal(pathReader(one)(merged), pathReader(one)(before))
        for (const one of filled) assert.notEqual(pathReader(one)(merged) ?? null, null)
        for (const one of conflicts)
          assert.ok(merged.provenance[one.path]!.confidence <= CONFLICT_CONFIDENCE)
      }),
    )
  })
})
