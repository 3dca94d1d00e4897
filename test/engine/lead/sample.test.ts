// Goal: a hand-written sample becomes a whole lead, or says what is wrong; the sample stays as it was.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { sampleLead } from '../../../engine/lead/sample'
import { at, deepFreeze, NOW } from '../support/leads'

const sample = (partial: object) => sampleLead(partial as Record<string, unknown>, at(NOW))

describe('sampleLead', () => {
  it('completes an empty sample', () => {
    const made = sample({})
    assert.ok('lead' in made)
    assert.deepEqual([made.lead.id, made.lead.cycle, made.lead.signals], ['sample', 1, []])
  })
  it('takes dotted fields and nested maps alike, also mixed', () => {
    const made = sample(
      deepFreeze({ company: { name: 'Acme' }, 'company.country': 'DE', 'attributes.x': 1 }),
    )
    assert.ok('lead' in made)
    assert.deepEqual(made.lead.company, { name: 'Acme', country: 'DE' })
    assert.deepEqual(made.lead.attributes, { x: 1 })
  })
  it('gives signals an id and the sample’s time', () => {
    const made = sample({ signals: [{ type: 'a' }, { type: 'b', id: 'own', at: at(NOW - 1) }] })
    assert.ok('lead' in made)
    assert.deepEqual(made.lead.signals, [
      { id: 'sample-0', at: at(NOW), type: 'a' },
      { id: 'own', at: at(NOW - 1), type: 'b' },
    ])
  })
  for (const [name, partial, want] of [
    ['a misspelt field', { 'contact.mail': 'x' }, /did you mean "contact\.email"/],
    ['a field of the prototype', { 'attributes.__proto__': 1 }, /is not a field/],
    [
      'a wrong type',
      { 'company.employees': 'many' },
      /lead\.company\.employees is "many"; expected number/,
    ],
    [
      'an unknown field of a section',
      { contact: { mail: 'x' } },
      /lead\.contact\.mail "mail" is not known here/,
    ],
    ['a section that is no map', { contact: 5 }, /lead\.contact is 5; expected object/],
    ['signals that are no list', { signals: 5 }, /lead\.signals is 5; expected array/],
  ] as const) {
    it(`${name} is a problem`, () => {
      const made = sample(partial)
      assert.ok('problem' in made)
      assert.match(made.problem, want)
    })
  }
  it('is total, and pollutes nothing', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(
            fc.constantFrom(
              '__proto__',
              'contact',
              'contact.email',
              'signals',
              'attributes.a',
              'constructor.x',
            ),
            fc.string(),
          ),
          fc.jsonValue(),
        ),
        (partial) => {
          sample(partial)
          assert.equal(({} as Record<string, unknown>).email, undefined)
        },
      ),
      { numRuns: 300 },
    )
  })
})
