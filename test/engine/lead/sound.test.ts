// Goal: what a flow's own nodes write into a lead costs a field or a section, never the lead, and
// never makes consent less strict or a value more certain.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Lead } from '../../../engine/lead/lead'
import { soundLead } from '../../../engine/lead/sound'
import { isOptedOut } from '../../../engine/scoring/decide'
import { anyLead, junkLead } from '../support/arbitraries'
import { at, deepFreeze, lead, NOW, signal } from '../support/leads'

const sound = (changes: object) => soundLead(deepFreeze({ ...lead(), ...changes } as Lead))

describe('soundLead', () => {
  it('gives a sound lead back as it is', () => {
    const one = lead()
    assert.equal(soundLead(one), one)
    fc.assert(fc.property(anyLead, (any) => assert.equal(soundLead(any), any)))
  })
  for (const section of [
    'sla',
    'assignment',
    'routing',
    'fit',
    'intent',
    'crm',
    'model',
    'externalIds',
  ]) {
    for (const junk of [null, 5, 'text', [], { because: [null] }, { points: 1, because: {} }]) {
      it(`${section} that is ${JSON.stringify(junk)} counts as absent`, () => {
        assert.equal(section in sound({ [section]: junk }), false)
      })
    }
  }
  for (const [decision, want] of [
    [{ outcome: 'nurture' }, 'nurture'],
    [{ outcome: 'suppressed', at: 'soon' }, 'suppressed'],
    [{ outcome: 'hot' }, 'review'],
    [null, 'review'],
    ['sql', 'review'],
  ] as const) {
    it(`a decision that is ${JSON.stringify(decision)} counts as ${want}, never as none`, () => {
      assert.equal(sound({ decision }).decision!.outcome, want)
    })
  }
  for (const unscored of ['ebook', 5, {}, [null]])
    it(`an intent whose unscored is ${JSON.stringify(unscored)} counts as absent`, () => {
      const intent = { points: 1, because: [] }
      assert.equal('intent' in sound({ intent: { ...intent, unscored } }), false)
      assert.equal('intent' in sound({ intent: { ...intent, unscored: ['ebook'] } }), true)
    })
  it('times that no clock shows cost their section', () => {
    const sla = {
      tier: 't',
      status: 'running',
      startedAt: 'yesterday',
      dueAt: at(NOW),
      clock: 'always',
      cycle: 1,
    }
    assert.equal('sla' in sound({ sla }), false)
    assert.equal('sla' in sound({ sla: { ...sla, startedAt: '2016-12-31T23:59:60Z' } }), false)
    assert.equal('sla' in sound({ sla: { ...sla, startedAt: at(NOW) } }), true)
  })
  it('a bad field costs itself only', () => {
    const { contact, company } = sound({
      contact: { email: 5, name: 'Ana', shoe: 42 },
      company: { name: 'Acme', employees: 'many' },
    })
    assert.deepEqual([contact, company], [{ name: 'Ana' }, { name: 'Acme' }])
  })
  it('a bad signal costs itself only', () => {
    const { signals } = sound({
      signals: [null, signal('a'), { type: 'b' }, 'x', signal('c', 1, { at: 'soon' })],
    })
    assert.deepEqual(signals, [signal('a')])
  })
  for (const [consent, want] of [
    [{ optOut: 'yes' }, { optOut: true }],
    [{ optOut: 0 }, { optOut: true }],
    [
      { email: 'maybe', phone: 'granted' },
      { email: 'denied', phone: 'granted' },
    ],
    [{ at: 'soon', basis: 'form' }, { basis: 'form' }],
    ['granted', { optOut: true, marketing: 'denied', email: 'denied', phone: 'denied' }],
  ] as const) {
    it(`consent ${JSON.stringify(consent)} is read strictly`, () =>
      assert.deepEqual(sound({ consent }).consent, want))
  }
  it('provenance that cannot be read is no certainty', () => {
    const { provenance } = sound({ provenance: { 'company.name': { source: 'x' }, 'a/b~c': 5 } })
    assert.deepEqual(
      [provenance['company.name']!.confidence, provenance['a/b~c']!.confidence],
      [0, 0],
    )
  })
  for (const [name, changes] of [
    ['no id', { id: undefined }],
    ['an empty id', { id: '' }],
    ['an id that could be taken for a key', { id: 'L1#1' }],
    ['an id with a control character', { id: 'L\u00001' }],
    ['an id without end', { id: 'L'.repeat(201) }],
    ['no cycle', { cycle: 0 }],
    ['no event', { event: null }],
    ['an event without an id', { event: { receivedAt: at(NOW) } }],
    ['an event at no time', { event: { id: 'e', receivedAt: 'soon' } }],
  ] as const) {
    it(`${name} is beyond mending`, () => {
      assert.throws(() => sound(changes), { code: 'LEAD_MESSAGE_NOT_A_LEAD' })
    })
  }
  it('every junk lead becomes a sound one, no less strict and with its own id', () => {
    fc.assert(
      fc.property(junkLead, (junk) => {
        const made = soundLead(junk)
        assert.equal(soundLead(made), made)
        assert.deepEqual([made.id, made.cycle, made.event], [junk.id, junk.cycle, junk.event])
        const { consent } = junk
        if (
          typeof consent === 'object' &&
          consent !== null &&
          !Array.isArray(consent) &&
          // With both refused it does not matter which channels of a junk contact can be read.
          isOptedOut({ ...junk, contact: {} })
        )
          assert.ok(isOptedOut(made))
      }),
      { numRuns: 1_000 },
    )
  })
})
