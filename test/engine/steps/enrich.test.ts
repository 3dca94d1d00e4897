// Goal: enrichment fails open; only a contradiction on a critical field stops a lead.
import assert from 'node:assert/strict'
import type { ProviderAnswer } from '../../../engine/enrichment/merge-values'
import { enrichStep } from '../../../engine/steps/enrich'
import { at, lead, NOW } from '../support/leads'
import { change, ends } from './support'

const answer = (
  name: string,
  result: ProviderAnswer['result'],
  values: Record<string, unknown> = {},
): ProviderAnswer => ({ name, result, values, confidence: 0.8, observedAt: at(NOW), ms: 12 })
const go = (answers: readonly ProviderAnswer[], critical: readonly string[] = []) =>
  enrichStep.decide(lead(), { ...ends(), critical: new Set(critical), answers }, undefined, NOW)

describe('enrich', () => {
  for (const [name, answers, critical, outcome] of [
    ['nothing asked', [], [], 'enriched'],
    ['an answer', [answer('p', 'found', { 'company.city': 'Bonn' })], [], 'enriched'],
    ['no answer is an answer', [answer('p', 'nothing')], [], 'enriched'],
    ['a provider that failed', [answer('p', 'failed'), answer('q', 'found')], [], 'degraded'],
    ['a provider that took too long', [answer('p', 'timeout')], [], 'degraded'],
    ['a contradiction', [answer('p', 'found', { 'company.name': 'Other' })], [], 'enriched'],
    [
      'a contradiction on a critical field',
      [answer('p', 'found', { 'company.name': 'Other' })],
      ['company.name'],
      'conflict',
    ],
    [
      'a contradiction beside a failure',
      [answer('p', 'found', { 'company.name': 'Other' }), answer('q', 'failed')],
      ['company.name'],
      'conflict',
    ],
  ] as const) {
    it(`${name}: ${outcome}`, () => assert.equal(go(answers, critical).outcome, outcome))
  }
  it('says what was filled, by whom and how long it took', () => {
    const { patch, because } = go([
      answer('p', 'found', { 'company.city': 'Bonn' }),
      answer('q', 'failed'),
    ])
    assert.equal(patch.company!.city, 'Bonn')
    assert.deepEqual(patch.enrichment, {
      status: 'degraded',
      at: at(NOW),
      filled: ['company.city'],
      conflicts: [],
      providers: [
        { name: 'p', result: 'found', ms: 12 },
        { name: 'q', result: 'failed', ms: 12 },
      ],
    })
    assert.equal(because[0]!.why, 'filled company.city; no answer from q')
    assert.deepEqual(because[0]!.inputs, [
      { path: 'company.city', value: 'Bonn', source: 'p', confidence: 0.8, observedAt: at(NOW) },
    ])
  })
  for (const [name, answers, want] of [
    ['nobody was asked', [], 'nothing to fill'],
    ['nobody had to be asked', [answer('p', 'skipped')], 'nothing to fill'],
    ['all was known', [answer('p', 'found', { 'company.name': 'ACME' })], 'nothing to fill'],
    ['nobody knew', [answer('p', 'nothing'), answer('q', 'skipped')], 'nothing found'],
    ['nobody knew it before', [answer('p', 'cached')], 'nothing found'],
    ['nobody answered', [answer('p', 'failed'), answer('q', 'timeout')], 'no answer from p, q'],
    [
      'one did not answer, the other knew nothing',
      [answer('p', 'failed'), answer('q', 'nothing')],
      'nothing found; no answer from p',
    ],
  ] as const) {
    it(`says why nothing was filled: ${name}`, () =>
      assert.equal(go(answers).because[0]!.why, want))
  }
  it('changes nothing by itself, but a conflict goes to review', () => {
    assert.deepEqual(go([answer('p', 'found', { 'company.city': 'Bonn' })]).changes, [])
    const conflict = go([answer('p', 'found', { 'company.name': 'Other' })], ['company.name'])
    assert.equal(change(conflict, 'lead.save')!.state, 'review')
  })
})
