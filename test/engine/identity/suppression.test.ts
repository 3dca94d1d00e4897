// Goal: what was refused is found again by whoever is the same person, and by nobody else.
// Method: laws over pairs of leads with the keys they would be known by, and tables for consent.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { personKeys } from '../../../engine/identity/keys'
import { matchPerson } from '../../../engine/identity/match'
import {
  refusalsOf,
  soughtSuppressions,
  suppressionKeys,
  suppressionsOf,
  withRefusals,
} from '../../../engine/identity/suppression'
import type { Lead } from '../../../engine/lead/lead'
import { at, lead, NOW } from '../support/leads'

const pick = <T>(...values: T[]) => fc.constantFrom(undefined, ...values)
const someone: fc.Arbitrary<Lead> = fc
  .record({
    email: pick('a@x.example', 'b@x.example'),
    phone: pick('+491', '+492'),
    nameKey: pick('ana ruiz', 'ben oz'),
    crm: pick('1', '2'),
  })
  .map(({ email, phone, nameKey, crm }) =>
    lead({
      contact: {
        ...(email && { email, emailKey: email }),
        ...(phone && { phone }),
        ...(nameKey && { nameKey }),
      },
      ...(crm && { externalIds: { crm } }),
    }),
  )

const keysOf = (one: Lead) => personKeys(one).map(({ key }) => key)
function isFound(erased: Lead, comes: Lead): boolean {
  const kept = new Set(suppressionKeys(erased, keysOf(erased)))
  return soughtSuppressions(comes, personKeys(comes)).some((key) => kept.has(key))
}

describe('the suppression list', () => {
  it('finds whoever would have been known by the keys', () => {
    fc.assert(
      fc.property(someone, someone, (erased, comes) => {
        const linked = new Map(keysOf(erased).map((key) => [key, 'L1']))
        const { kind } = matchPerson(comes, personKeys(comes), linked, erased)
        if (kind === 'known') assert.ok(isFound(erased, comes))
      }),
      { numRuns: 500 },
    )
  })
  it('finds nobody who shares no key, and nobody of another name at the same number', () => {
    fc.assert(
      fc.property(someone, someone, (erased, comes) => {
        const shared = keysOf(erased).filter((key) => keysOf(comes).includes(key))
        const [a, b] = [erased.contact.nameKey, comes.contact.nameKey]
        const phoneOnly = shared.every((key) => key.startsWith('phone:'))
        if (shared.length === 0 || (phoneOnly && a !== undefined && b !== undefined && a !== b))
          assert.equal(isFound(erased, comes), false)
      }),
      { numRuns: 500 },
    )
  })

  describe('takes at once', () => {
    const mailbox = { email: 'info@x.example', emailKey: 'info@x.example', emailRole: true }
    const consent = { optOut: true, email: 'denied', phone: 'denied' } as const
    it('what a shared mailbox refuses about mail, and it is found by that mailbox', () => {
      const one = lead({ contact: { ...mailbox, phone: '+491' }, consent })
      const mail = { key: 'email:info@x.example', consent: { optOut: true, email: 'denied' } }
      assert.deepEqual(suppressionsOf(one, false), [mail])
      const comes = lead({ contact: mailbox })
      assert.deepEqual(soughtSuppressions(comes, personKeys(comes)), [mail.key])
      assert.deepEqual(personKeys(comes), [])
    })
    it('nothing of a person, whose lead bears it, nor what was not refused', () => {
      assert.deepEqual(suppressionsOf(lead({ consent }), false), [])
      const granted = lead({ contact: mailbox, consent: { optOut: false, email: 'granted' } })
      assert.deepEqual(suppressionsOf(granted, true), [])
      const calls = lead({ contact: mailbox, consent: { phone: 'denied' } })
      assert.deepEqual(suppressionsOf(calls, false), [])
    })
    it('what is refused with the keys of several people, so that each of them is found', () => {
      fc.assert(
        fc.property(someone, someone, (refuses, comes) => {
          const kept = suppressionsOf({ ...refuses, consent }, true)
          const sought = soughtSuppressions(comes, personKeys(comes))
          const isHeld = kept.some(({ key }) => sought.includes(key))
          assert.equal(isHeld, isFound(refuses, comes))
        }),
      )
    })
  })

  for (const [consent, expected] of [
    [{}, undefined],
    [{ optOut: false, email: 'granted', phone: 'unknown', at: at(NOW) }, undefined],
    [
      { optOut: true, basis: 'form of P Secret', at: at(NOW) },
      { optOut: true, at: at(NOW) },
    ],
    [{ email: 'denied', phone: 'granted' }, { email: 'denied' }],
  ] as const satisfies readonly (readonly [Lead['consent'], Lead['consent'] | undefined])[]) {
    it(`keeps of ${JSON.stringify(consent)}: ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(refusalsOf(consent), expected)
    })
  }

  it('lets no refusal be outweighed', () => {
    const state = fc.constantFrom('granted' as const, 'denied' as const, 'unknown' as const)
    const consent = fc.record(
      { optOut: fc.boolean(), marketing: state, email: state, phone: state },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(consent, fc.array(consent, { maxLength: 3 }), (now, kept) => {
        const refused = kept.flatMap((one) => refusalsOf(one) ?? [])
        const result = withRefusals(now, refused)
        for (const one of [now, ...refused]) {
          if (one.optOut) assert.equal(result.optOut, true)
          for (const kind of ['marketing', 'email', 'phone'] as const)
            if (one[kind] === 'denied') assert.equal(result[kind], 'denied')
        }
      }),
    )
  })
})
