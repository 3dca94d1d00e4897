// Goal: a value without an entry was stated by the event itself; with one, the entry is what counts.
import assert from 'node:assert/strict'
import { inputOf, provenanceOf } from '../../../engine/lead/provenance'
import { at, lead, NOW } from '../support/leads'

const entry = { source: 'p', method: 'enriched', confidence: 0.4, observedAt: at(NOW) }

describe('provenanceOf', () => {
  it('is the entry where there is one', () => {
    assert.deepEqual(
      provenanceOf(lead({ provenance: { 'company.name': entry } }), 'company.name'),
      entry,
    )
  })
  it('else the event: its source, its time, full confidence', () => {
    const stated = { source: 'web', method: 'stated', confidence: 1, observedAt: at(NOW) }
    assert.deepEqual(provenanceOf(lead(), 'company.name'), stated)
    const event = { id: 'e', receivedAt: at(NOW), occurredAt: at(NOW - 5) }
    assert.equal(provenanceOf(lead({ event }), 'company.name').observedAt, at(NOW - 5))
    assert.equal(provenanceOf(lead({ source: {} }), 'company.name').source, 'intake')
  })
})

describe('inputOf', () => {
  it('is a value with its provenance, and null where there is none', () => {
    const one = lead({ provenance: { 'company.name': entry } })
    const { method: _method, ...shown } = entry
    assert.deepEqual(inputOf(one, 'company.name', 'Acme'), {
      path: 'company.name',
      value: 'Acme',
      ...shown,
    })
    assert.deepEqual(inputOf(one, 'company.city', undefined), { path: 'company.city', value: null })
    assert.deepEqual(inputOf(one, 'x', false), { path: 'x', value: false })
  })
})
