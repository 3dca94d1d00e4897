// Goal: strong keys decide, a shared phone needs the name, a conflict asks a person.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { personKeys } from '../../../engine/identity/keys'
import { matchPerson } from '../../../engine/identity/match'
import type { Lead } from '../../../engine/lead/lead'
import { lead } from '../support/leads'

const person = (email?: string, phone?: string, nameKey?: string, ids?: Record<string, string>) =>
  lead({
    contact: {
      ...(email === undefined ? {} : { email, emailKey: email }),
      ...(phone === undefined ? {} : { phone }),
      ...(nameKey === undefined ? {} : { name: nameKey, nameKey }),
    },
    ...(ids === undefined ? {} : { externalIds: ids }),
  })

describe('matchPerson', () => {
  const E = 'email:ana@acme.example'
  const P = 'phone:+49301'
  const I = 'id:sf:1'
  const ana = person('ana@acme.example', '+49301', 'ana ruiz')
  const withId = person('ana@acme.example', '+49301', 'ana ruiz', { sf: '1' })
  const onlyPhone = (nameKey?: string) => person(undefined, '+49301', nameKey)

  const atWork = (email: string, more: Partial<Lead['contact']> = {}) => {
    const { contact } = person(email, '+49301', 'john smith')
    return lead({ contact: { ...contact, emailKind: 'business', ...more } })
  }

  const rows: ReadonlyArray<
    readonly [string, Lead, Record<string, string>, Lead | undefined, object]
  > = [
    ['no key is known', ana, {}, undefined, { kind: 'new', ignored: [] }],
    ['no key at all', person(), {}, undefined, { kind: 'new', ignored: [] }],
    [
      'the address is known',
      ana,
      { [E]: 'A' },
      undefined,
      { kind: 'known', leadId: 'A', by: [E], ignored: [] },
    ],
    [
      'address and phone agree',
      ana,
      { [E]: 'A', [P]: 'A' },
      ana,
      { kind: 'known', leadId: 'A', by: [E], ignored: [] },
    ],
    [
      'the phone is somebody else’s',
      ana,
      { [E]: 'A', [P]: 'B' },
      person(undefined, '+49301', 'ben'),
      { kind: 'known', leadId: 'A', by: [E], ignored: [P] },
    ],
    [
      'two strong keys agree',
      withId,
      { [E]: 'A', [I]: 'A' },
      undefined,
      { kind: 'known', leadId: 'A', by: [E, I], ignored: [] },
    ],
    [
      'two strong keys disagree',
      withId,
      { [E]: 'B', [I]: 'A' },
      undefined,
      { kind: 'review', candidates: ['A', 'B'], by: [E, I] },
    ],
    [
      'two strong keys disagree, whatever the phone says',
      withId,
      { [E]: 'B', [I]: 'A', [P]: 'A' },
      ana,
      { kind: 'review', candidates: ['A', 'B'], by: [E, I] },
    ],
    [
      'only the phone is known, the name agrees',
      ana,
      { [P]: 'A' },
      onlyPhone('ana ruiz'),
      { kind: 'known', leadId: 'A', by: [P], ignored: [] },
    ],
    [
      'only the phone is known, the name agrees over another address',
      ana,
      { [P]: 'A' },
      person('ana@home.example', '+49301', 'ana ruiz'),
      { kind: 'known', leadId: 'A', by: [P], ignored: [] },
    ],
    [
      'a shared phone, another name',
      ana,
      { [P]: 'B' },
      person('ben@acme.example', '+49301', 'ben okoro'),
      { kind: 'new', ignored: [P] },
    ],
    [
      'a shared phone, two addresses and no name',
      person('ana@acme.example', '+49301'),
      { [P]: 'B' },
      person('ben@acme.example', '+49301', 'ben'),
      { kind: 'new', ignored: [P] },
    ],
    [
      'a shared phone, two addresses and one given name',
      person('john.doe@acme.example', '+49301', 'john'),
      { [P]: 'B' },
      person('john.smith@acme.example', '+49301', 'john'),
      { kind: 'new', ignored: [P] },
    ],
    [
      'a given name, and a full one that begins with it',
      onlyPhone('john'),
      { [P]: 'B' },
      onlyPhone('john smith'),
      { kind: 'new', ignored: [P] },
    ],
    [
      'a given name again, with one address at most: as the phone alone',
      onlyPhone('john'),
      { [P]: 'A' },
      person('john.smith@acme.example', '+49301', 'john'),
      { kind: 'known', leadId: 'A', by: [P], ignored: [] },
    ],
    [
      'one full name, two business addresses of two people',
      atWork('john.smith@acme.example'),
      { [P]: 'B' },
      atWork('j.smith2@acme.example'),
      { kind: 'new', ignored: [P] },
    ],
    [
      'one full name, one address at two employers',
      atWork('john.smith@acme.example'),
      { [P]: 'A' },
      atWork('john.smith+demo@globex.example'),
      { kind: 'known', leadId: 'A', by: [P], ignored: [] },
    ],
    [
      'one full name, a business address and a shared mailbox',
      atWork('john.smith@acme.example'),
      { [P]: 'A' },
      atWork('info@acme.example', { emailRole: true }),
      { kind: 'known', leadId: 'A', by: [P], ignored: [] },
    ],
    [
      'one full name, a business address and a private one',
      atWork('john.smith@acme.example'),
      { [P]: 'A' },
      atWork('jsmith7@gmail.com', { emailKind: 'free' }),
      { kind: 'known', leadId: 'A', by: [P], ignored: [] },
    ],
    [
      'the phone alone, nothing against it',
      onlyPhone(),
      { [P]: 'A' },
      onlyPhone(),
      { kind: 'known', leadId: 'A', by: [P], ignored: [] },
    ],
    [
      'the phone of a lead that is gone',
      ana,
      { [P]: 'A' },
      undefined,
      { kind: 'new', ignored: [P] },
    ],
  ]
  for (const [name, one, linked, weak, want] of rows) {
    it(name, () => {
      assert.deepEqual(
        matchPerson(one, personKeys(one), new Map(Object.entries(linked)), weak),
        want,
      )
    })
  }

  it('never answers with a person whom none of the keys names', () => {
    const id = fc.constantFrom('A', 'B', 'C')
    const links = fc.dictionary(fc.constantFrom(E, P, I), id)
    fc.assert(
      fc.property(
        links,
        fc.constantFrom(ana, onlyPhone(), withId),
        fc.option(fc.constantFrom(ana, onlyPhone('x')), { nil: undefined }),
        (linked, one, weak) => {
          const keys = personKeys(one)
          const match = matchPerson(one, keys, new Map(Object.entries(linked)), weak)
          const named = new Set<string | undefined>(keys.map(({ key }) => linked[key]))
          if (match.kind === 'known') assert.ok(named.has(match.leadId))
          if (match.kind === 'review')
            for (const candidate of match.candidates) assert.ok(named.has(candidate))
        },
      ),
    )
  })
})
