// Goal: what a flow's own nodes write into a lead costs a field or a section, never the lead, and
// never makes consent less strict or a value more certain.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Lead } from '../../../engine/lead/lead'
import { soundLead } from '../../../engine/lead/sound'
import { isOptedOut } from '../../../engine/scoring/decide'
import { anyLead, junkLead } from '../support/arbitraries'
import { at, deepFreeze, lead, NOW, signal } from '../support/leads'

const EVENT = { id: 'e', receivedAt: at(NOW) }
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
  for (const [name, changes, says] of [
    ['no id', { id: undefined }, /id is nothing, expected a text of 1 to 200 characters/],
    ['an empty id', { id: '' }, /id is "", expected a text of 1 to 200 characters without #/],
    ['a number for an id', { id: 5 }, /id is 5, expected/],
    ['an id that could be taken for a key', { id: 'L1#1' }, /id is "L1#1", expected/],
    ['an id with a control character', { id: 'L\u00001' }, /id is .*, expected/],
    ['an id without end', { id: 'L'.repeat(201) }, /id is "L+…, expected/],
    ['no cycle', { cycle: 0 }, /cycle is 0, expected a whole number from 1/],
    ['no event', { event: null }, /event is null, expected its id and receivedAt/],
    [
      'an event without an id',
      { event: { receivedAt: at(NOW) } },
      /event\.id is nothing, expected/,
    ],
    [
      'an event with an id without end',
      { event: { ...EVENT, id: 'e'.repeat(999) }, sla: 1 },
      /event\.id is/,
    ],
    ...['soon', '', '2026-13-01T00:00:00Z', '+275760-09-13T00:00:00.000Z', '1970-01-01', 5].map(
      (receivedAt) =>
        [
          `an event at ${JSON.stringify(receivedAt)}`,
          { event: { ...EVENT, receivedAt } },
          /event\.receivedAt is .*, expected a time such as 2026-03-31T09:30:00Z, between 1990/,
        ] as const,
    ),
  ] as const) {
    it(`${name} is beyond mending, and is told by its field`, () => {
      assert.throws(
        () => sound(changes),
        ({ code, message }) => code === 'LEAD_MESSAGE_NOT_A_LEAD' && says.test(message),
      )
    })
  }
  it('a time of receipt that is written otherwise costs nothing, whatever else is wrong', () => {
    const event = { id: 'e', receivedAt: '2026-03-02', seen: true }
    for (const sla of [undefined, 'junk'])
      assert.equal(Date.parse(sound({ event, sla }).event.receivedAt), Date.UTC(2026, 2, 2))
  })
  for (const occurredAt of ['soon', '', 5, null, '+275760-09-13T00:00:00.000Z'])
    it(`${JSON.stringify(occurredAt)} as the time at which it happened costs itself only`, () => {
      assert.deepEqual(sound({ event: { ...EVENT, occurredAt } }).event, EVENT)
    })
  it('times beyond every calendar cost their section', () => {
    const sla = { tier: 't', status: 'running', dueAt: at(NOW), clock: 'always', cycle: 1 }
    const startedAt = '+275760-09-13T00:00:00.000Z'
    assert.equal('sla' in sound({ sla: { ...sla, startedAt } }), false)
  })
  it('every junk lead becomes a sound one, no less strict and with its own id', () => {
    fc.assert(
      fc.property(junkLead, (junk) => {
        const made = soundLead(junk)
        assert.equal(soundLead(made), made)
        assert.deepEqual(
          [made.id, made.cycle, { ...made.event }],
          [junk.id, junk.cycle, { ...junk.event }],
        )
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
