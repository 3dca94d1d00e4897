// Goal: consent is never less strict, whoever spoke first, and its date and basis are those of what holds.
// Method: tables; laws over random consents.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  asHeard,
  CONSENT_KINDS,
  mergeConsent,
  type Regrant,
  regrants,
} from '../../../engine/lead/consent'
import type { Lead } from '../../../engine/lead/lead'
import { isOptedOut } from '../../../engine/scoring/decide'
import { at, deepFreeze, lead, NOW } from '../support/leads'

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

describe('mergeConsent: refusals and what was granted again', () => {
  const grantAt = (ms: number, evidence = 'doi-1'): Regrant => ({
    at: at(ms),
    evidence,
    by: 'Dana',
  })
  const deniedAt = (ms: number): Lead['consent'] => ({
    email: 'denied',
    refusedAt: { email: at(ms) },
  })
  const granted = regrants(['email'], grantAt(NOW))
  for (const [title, refusal, want] of [
    ['an earlier refusal is lifted', deniedAt(NOW - 1), 'granted'],
    ['of the same moment holds', deniedAt(NOW), 'denied'],
    ['a later one holds', deniedAt(NOW + 1), 'denied'],
    ['one from before times were kept is lifted', { email: 'denied' }, 'granted'],
    ['another kind is not touched', { ...deniedAt(NOW - 1), phone: 'denied' }, 'granted'],
  ] as const satisfies readonly (readonly [string, Lead['consent'], string])[]) {
    it(title, () => {
      for (const merged of [mergeConsent(refusal, granted), mergeConsent(granted, refusal)]) {
        assert.equal(merged.email, want)
        assert.equal(merged.phone, (refusal as Lead['consent']).phone)
        assert.equal(merged.regranted === undefined, want === 'denied')
        assert.equal(merged.refusedAt === undefined, want === 'granted')
      }
    })
  }

  it('one that an older version has put beside the grant holds', () => {
    const mixed: Lead['consent'] = { ...granted, email: 'denied' }
    for (const merged of [mergeConsent(mixed, {}), mergeConsent({}, mixed)])
      assert.deepEqual([merged.email, merged.regranted], ['denied', undefined])
  })

  it('date and basis are those of the later word', () => {
    const refusal = { ...deniedAt(NOW - 5), at: at(NOW - 9), basis: 'link' }
    for (const merged of [mergeConsent(refusal, granted), mergeConsent(granted, refusal)])
      assert.deepEqual([merged.at, merged.basis], [at(NOW), 'doi-1'])
    const beside = { ...refusal, optOut: true }
    assert.equal(mergeConsent(beside, granted).basis, 'link')
  })

  const ms = fc.integer({ min: NOW, max: NOW + 3 })
  const times = fc.record({ optOut: ms.map(at), email: ms.map(at) }, { requiredKeys: [] })
  const grants = fc
    .tuple(ms, fc.constantFrom('doi-1', 'doi-2'))
    .map(([time, evidence]) => grantAt(time, evidence))
  const statement = fc
    .record({
      plain: fc.record(
        {
          optOut: fc.boolean(),
          email: fc.constantFrom('granted', 'denied', 'unknown'),
        },
        { requiredKeys: [] },
      ),
      times,
      grants: fc.record({ optOut: grants, email: grants }, { requiredKeys: [] }),
    })
    .map(({ plain, times: refusedAt, grants: given }): Lead['consent'] => {
      // As they come to be: what is refused has a time, and what was granted again is said by itself.
      const heard = asHeard(plain as Lead['consent'], at(NOW))
      const dated =
        heard.refusedAt === undefined
          ? heard
          : { ...heard, refusedAt: { ...heard.refusedAt, ...kept(refusedAt, heard) } }
      return Object.entries(given).reduce<Lead['consent']>(
        (all, [kind, grant]) => mergeConsent(all, regrants([kind as 'email'], grant)),
        dated,
      )
    })
  const kept = (all: Lead['consent']['refusedAt'] & object, { refusedAt = {} }: Lead['consent']) =>
    Object.fromEntries(Object.entries(all).filter(([kind]) => Object.hasOwn(refusedAt, kind)))
  const held = ({ at: _at, basis: _basis, ...consent }: Lead['consent']) =>
    // To no consent at all a `false` adds nothing that anybody would miss.
    ({ ...consent, optOut: consent.optOut === true })

  it('the order does not matter, of any three, nor does hearing it again', () => {
    fc.assert(
      fc.property(statement, statement, statement, (a, b, c) => {
        const merged = mergeConsent(mergeConsent(deepFreeze(a), deepFreeze(b)), deepFreeze(c))
        assert.deepEqual(held(mergeConsent(c, mergeConsent(b, a))), held(merged))
        assert.deepEqual(held(mergeConsent(mergeConsent(a, c), b)), held(merged))
        assert.deepEqual(held(mergeConsent(merged, b)), held(merged))
      }),
      { numRuns: 2_000 },
    )
  })

  it('what is heard from outside never lifts a refusal', () => {
    const anything = fc.oneof(
      statement,
      statement.map((one) => ({ ...one, optOut: true })),
    )
    fc.assert(
      fc.property(statement, anything, (known, said) => {
        const merged = mergeConsent(known, asHeard(deepFreeze(said), at(NOW + 9), known))
        for (const kind of CONSENT_KINDS) {
          const refuses = (one: Lead['consent']) => one[kind] === true || one[kind] === 'denied'
          if (refuses(known)) assert.ok(refuses(merged))
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('asHeard', () => {
  it('dates what is refused, and believes no grant of it', () => {
    const grant = { at: at(NOW), evidence: 'x', by: 'y' }
    assert.deepEqual(
      asHeard({ email: 'denied', phone: 'granted', regranted: { phone: grant } }, at(NOW)),
      { email: 'denied', phone: 'granted', refusedAt: { email: at(NOW) } },
    )
  })
  it('leaves a refusal its time, and one that is known without a time without one', () => {
    const dated: Lead['consent'] = { optOut: true, refusedAt: { optOut: at(NOW - 1) } }
    assert.equal(asHeard(dated, at(NOW)), dated)
    assert.deepEqual(asHeard({ optOut: true }, at(NOW), { optOut: true }), { optOut: true })
    assert.deepEqual(asHeard({ optOut: true }, at(NOW), { optOut: false }), {
      optOut: true,
      refusedAt: { optOut: at(NOW) },
    })
  })
  it('is the same object where there is nothing to add', () => {
    const plain: Lead['consent'] = { email: 'granted' }
    assert.equal(asHeard(plain, at(NOW)), plain)
  })
})
