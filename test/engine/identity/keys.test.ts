// Goal: a key names one person or one account, and never two.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { accountKey, personKeys, roleMailboxKey } from '../../../engine/identity/keys'
import { lead } from '../support/leads'

describe('personKeys', () => {
  const rows: ReadonlyArray<readonly [string, object, ReadonlyArray<readonly [string, boolean]>]> =
    [
      ['nothing', { contact: {} }, []],
      [
        'an address by its mailbox',
        { contact: { email: 'a.na+x@gmail.example', emailKey: 'ana@gmail.example' } },
        [['email:ana@gmail.example', true]],
      ],
      [
        'an address without a mailbox key',
        { contact: { email: 'ana@acme.example' } },
        [['email:ana@acme.example', true]],
      ],
      [
        'a role mailbox is no key',
        { contact: { email: 'info@acme.example', emailRole: true } },
        [],
      ],
      [
        'a role mailbox is no key, though nobody has said so yet',
        { contact: { email: 'info@acme.example' } },
        [],
      ],
      ['a phone is weak', { contact: { phone: '+4930123' } }, [['phone:+4930123', false]]],
      [
        'ids are strong',
        { contact: {}, externalIds: { hubspot: '7', sf: '00Q' } },
        [
          ['id:hubspot:7', true],
          ['id:sf:00Q', true],
        ],
      ],
      [
        'all, the most believed first',
        { contact: { email: 'a@b.example', phone: '+1' }, externalIds: { sf: '1' } },
        [
          ['email:a@b.example', true],
          ['id:sf:1', true],
          ['phone:+1', false],
        ],
      ],
    ]
  for (const [name, changes, want] of rows) {
    it(name, () => {
      assert.deepEqual(
        personKeys(lead(changes)),
        want.map(([key, strong]) => ({ key, strong })),
      )
    })
  }

  it('two ids of two systems never share a key, whatever they are called', () => {
    const key = (system: string, id: string) =>
      personKeys(lead({ contact: {}, externalIds: { [system]: id } }))[0]!.key
    const text = fc.string({
      unit: fc.constantFrom('a', ':', '%', '3', 'A'),
      minLength: 2,
      maxLength: 5,
    })
    fc.assert(
      fc.property(text, (whole) => {
        // The same characters, divided into a system and an id in every way.
        const divided = [...whole]
          .slice(1)
          .map((_, cut) => key(whole.slice(0, cut + 1), whole.slice(cut + 1)))
        const joined = [...whole]
          .slice(2)
          .map((_, cut) => key(whole.slice(0, cut + 1), whole.slice(cut + 2)))
        const keys = [...divided, ...joined.filter((_, cut) => whole[cut + 1] === ':')]
        assert.equal(new Set(keys).size, keys.length)
      }),
      { numRuns: 500 },
    )
  })
})

describe('accountKey', () => {
  for (const [name, changes, want] of [
    ['the CRM’s id first', { crm: { accountId: '001' } }, 'crm:001'],
    ['else the company’s domain', {}, 'domain:acme.example'],
    ['else none', { company: { name: 'Acme' } }, undefined],
  ] as const) {
    it(name, () => assert.equal(accountKey(lead(changes)), want))
  }
})

describe('roleMailboxKey', () => {
  const keyOf = (contact: object) => roleMailboxKey({ ...lead(), contact })
  it('is one for one mailbox, whoever wrote the address and however', () => {
    const read = { email: 'info@acme.example', emailKey: 'info@acme.example', emailRole: true }
    assert.equal(keyOf(read), 'email:info@acme.example')
    assert.equal(keyOf({ email: 'Info@ACME.example' }), keyOf(read))
    assert.equal(keyOf({ email: 'Info@ACME.example', emailRole: true }), keyOf(read))
  })
  it('is none of a person’s own, and of nobody', () => {
    assert.equal(keyOf({ email: 'ana@acme.example' }), undefined)
    assert.equal(keyOf({}), undefined)
  })
})
