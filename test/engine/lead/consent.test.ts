// Goal: consent is never less strict, whoever spoke first, and its date and basis are those of what holds.
// Method: tables; laws over random consents.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { mergeConsent } from '../../../engine/lead/consent'
import type { Lead } from '../../../engine/lead/lead'
import { isOptedOut } from '../../../engine/scoring/decide'
import { deepFreeze, lead } from '../support/leads'

describe('mergeConsent: never less strict', () => {
  for (const [a, b, want] of [
    ['granted', 'denied', 'denied'],
    ['denied', 'granted', 'denied'],
    ['denied', 'unknown', 'denied'],
    ['unknown', 'denied', 'denied'],
    ['granted', undefined, 'granted'],
    [undefined, 'granted', 'granted'],
    ['denied', undefined, 'denied'],
    [undefined, 'denied', 'denied'],
    [undefined, undefined, undefined],
  ] as const) {
    it(`${a} and then ${b} is ${want}`, () => {
      const one = (email: typeof a | typeof b) => (email === undefined ? {} : { email })
      assert.equal(mergeConsent(one(a), one(b)).email, want)
    })
  }

  const state = fc.constantFrom('granted', 'denied', 'unknown', undefined)
  // A key that holds undefined is in JavaScript not the same as no key; both must be safe.
  const consent = fc.record(
    {
      optOut: fc.constantFrom(true, false, undefined),
      marketing: state,
      email: state,
      phone: state,
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Lead['consent']>

  it('what one of both denied stays denied, and an opt-out stays one', () => {
    fc.assert(
      fc.property(consent, consent, (a, b) => {
        const merged = mergeConsent(deepFreeze(a), deepFreeze(b))
        for (const kind of ['marketing', 'email', 'phone'] as const) {
          if (a[kind] === 'denied' || b[kind] === 'denied') assert.equal(merged[kind], 'denied')
        }
        if (a.optOut || b.optOut) assert.equal(merged.optOut, true)
        const one = (c: Lead['consent']) => isOptedOut(lead({ consent: c }))
        if (one(a) || one(b)) assert.ok(one(merged))
      }),
      { numRuns: 500 },
    )
  })

  it('merging again changes nothing, and the order does not matter', () => {
    fc.assert(
      fc.property(consent, consent, (a, b) => {
        const merged = mergeConsent(a, b)
        const strict = ({ optOut, marketing, email, phone }: Lead['consent']) => [
          optOut === true,
          marketing,
          email,
          phone,
        ]
        assert.deepEqual(strict(mergeConsent(merged, b)), strict(merged))
        assert.deepEqual(strict(mergeConsent(b, a)), strict(merged))
      }),
    )
  })
})

describe('mergeConsent: date and basis', () => {
  const denied = {
    email: 'denied',
    at: '2025-01-01T00:00:00.000Z',
    basis: 'unsubscribe link',
  } as const
  const granted = { email: 'granted', at: '2026-02-01T00:00:00.000Z', basis: 'checkbox' } as const
  const optOut = { optOut: true, at: '2026-03-01T00:00:00.000Z', basis: 'phone call' } as const
  const { at: _at, ...undated } = denied
  const { basis: _basis, ...bare } = optOut
  for (const [title, a, b, want] of [
    ['of the refusal, not of the grant it overrides', denied, granted, denied],
    ['of a refusal without any: none', { phone: 'denied' }, granted, {}],
    ['of the earlier of two refusals', denied, optOut, denied],
    ['of two refusals the one with a date', undated, optOut, optOut],
    ['of two refusals with one date the one with a basis', bare, optOut, optOut],
    ['of the later of two grants', granted, { ...granted, at: denied.at, basis: 'fair' }, granted],
    [
      'of the grant beside what is not known',
      granted,
      { email: 'unknown', at: optOut.at },
      granted,
    ],
    ['of who says something at all', {}, granted, granted],
  ] as const satisfies readonly (readonly [string, Lead['consent'], Lead['consent'], object])[]) {
    it(title, () => {
      for (const merged of [mergeConsent(a, b), mergeConsent(b, a)]) {
        const { at, basis } = want as Lead['consent']
        assert.deepEqual([merged.at, merged.basis], [at, basis])
        assert.equal('at' in merged, at !== undefined)
      }
    })
  }

  it('come from one statement, and are the same in any order of three', () => {
    const state = fc.constantFrom('granted', 'denied', 'unknown')
    const some = fc.record(
      {
        optOut: fc.boolean(),
        email: state,
        at: fc.constantFrom('2025', '2026'),
        basis: fc.constantFrom('form', 'link'),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Lead['consent']>
    const refuses = ({ optOut: out, email }: Lead['consent']) => out === true || email === 'denied'
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        const merged = mergeConsent(mergeConsent(a, b), c)
        assert.deepEqual(mergeConsent(c, mergeConsent(b, a)), merged)
        assert.deepEqual(mergeConsent(mergeConsent(a, c), b), merged)
        const said = [a, b, c].filter((one) => refuses(one) === refuses(merged))
        assert.ok(said.some(({ at, basis }) => at === merged.at && basis === merged.basis))
      }),
      { numRuns: 500 },
    )
  })
})
