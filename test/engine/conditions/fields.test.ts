// Goal: each field is read once, with its provenance, and nothing missing is undefined.
import assert from 'node:assert/strict'
import { FieldTable } from '../../../engine/conditions/fields'
import { at, lead, NOW } from '../support/leads'

describe('FieldTable', () => {
  it('gives a path one slot, however often it is asked for', () => {
    const fields = new FieldTable()
    assert.deepEqual(
      ['a', 'b', 'a', 'c', 'b'].map((path) => fields.slot(path)),
      [0, 1, 0, 2, 1],
    )
  })

  it('reads a lead with the provenance of the values that have one', () => {
    const fields = new FieldTable()
    for (const path of ['company.employees', 'company.country', 'attributes.plan', 'crm.openDeal'])
      fields.slot(path)
    const entry = { source: 'p', method: 'enriched', confidence: 0.4, observedAt: at(NOW) }
    const inputs = fields.readLead(
      lead({ attributes: { plan: 'pro' }, provenance: { 'company.employees': entry } }),
    )
    assert.deepEqual(inputs, [
      { path: 'company.employees', value: 200, source: 'p', confidence: 0.4, observedAt: at(NOW) },
      { path: 'company.country', value: 'DE' },
      { path: 'attributes.plan', value: 'pro' },
      { path: 'crm.openDeal', value: null },
    ])
  })

  it('keeps 0, false and the empty text, which are values', () => {
    const fields = new FieldTable()
    for (const path of ['a', 'b', 'c', 'd']) fields.slot(path)
    const inputs = fields.readPlain({ a: 0, b: false, c: '', d: null })
    assert.deepEqual(
      inputs.map(({ value }) => value),
      [0, false, '', null],
    )
  })

  it('reads what is no object as nothing', () => {
    const fields = new FieldTable()
    fields.slot('a.b.c.d.e')
    fields.slot('a.b')
    for (const source of [null, undefined, 5, 'text', { a: null }, { a: 5 }]) {
      assert.deepEqual(
        fields.readPlain(source).map(({ value }) => value),
        [null, null],
      )
    }
  })
})
