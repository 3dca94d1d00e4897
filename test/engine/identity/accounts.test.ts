// Goal: which keys are one account follows from who has which, and from nothing else; a decision says what comes of it.
// Method: laws over random people; what dedupe tells, by hand. Against the databases: test/store/contract/accounts.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  accountOf,
  accountPlace,
  DOMAINS_MAX,
  keysOfAccount,
  leadAccount,
} from '../../../engine/identity/accounts'
import type { Lead } from '../../../engine/lead/lead'
import type { KnownAccount } from '../../../engine/step'
import { lead, NOW } from '../support/leads'

type Pair = readonly [crm: string, domain: string]
const tiesOf = (pairs: readonly Pair[]) => (key: string) => [
  ...new Set(
    pairs.flatMap(([crm, domain]) => (key === crm ? [domain] : key === domain ? [crm] : [])),
  ),
]
const pairs = fc.array(
  fc.tuple(
    fc.integer({ min: 1, max: 4 }).map((n) => `crm:${n}`),
    fc.integer({ min: 1, max: 5 }).map((n) => `domain:${n}.example`),
  ),
  { maxLength: 8 },
)

describe('accounts: keys that are one', () => {
  it('each key is in one account, which has all its keys, whoever came first', () => {
    fc.assert(
      fc.property(
        pairs.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          const [ties, others] = [tiesOf(list), tiesOf(shuffled)]
          for (const key of new Set(list.flat())) {
            const account = accountOf(key, ties)
            assert.equal(accountOf(key, others), account)
            const keys = keysOfAccount(account, ties)
            assert.ok(keys.includes(key), `${key} in ${keys}`)
            assert.equal(keys.filter((one) => one.startsWith('crm:')).length <= 1, true)
            for (const one of keys) assert.equal(accountOf(one, ties), account)
          }
        },
      ),
    )
  })

  it('a CRM account of too many domains has none', () => {
    for (const [count, want] of [
      [DOMAINS_MAX, 'crm:1'],
      [DOMAINS_MAX + 1, 'domain:d0.example'],
    ] as const) {
      const ties = tiesOf(
        Array.from({ length: count }, (_, n) => ['crm:1', `domain:d${n}.example`]),
      )
      assert.equal(accountOf('domain:d0.example', ties), want)
      assert.equal(keysOfAccount('crm:1', ties).length, want === 'crm:1' ? count + 1 : 1)
    }
  })
})

const ACME = 'domain:acme.example'
const owner = (repId: string, hours: number) => ({ repId, sinceMs: NOW + hours })
const of = (one: Partial<Lead>, known: Record<string, Partial<KnownAccount>> = {}) =>
  leadAccount(
    lead(one),
    new Map(Object.entries(known).map(([key, more]) => [key, { id: key, crm: [], ...more }])),
  )

describe('accounts: what dedupe says', () => {
  const crm = { accountId: '1' }
  const rows: readonly (readonly [
    string,
    Partial<Lead>,
    Record<string, Partial<KnownAccount>>,
    object,
    readonly string[],
  ])[] = [
    ['a domain alone', {}, {}, { id: ACME, domain: 'acme.example' }, []],
    [
      'a domain of a CRM account',
      {},
      { [ACME]: { id: 'crm:1', crm: ['crm:1'], owner: owner('ana', 1) } },
      { id: 'crm:1', key: ACME, domain: 'acme.example', owner: 'ana' },
      ['dedupe.account-joined'],
    ],
    [
      'a domain of several',
      {},
      { [ACME]: { crm: ['crm:1', 'crm:2'] } },
      { id: ACME, domain: 'acme.example' },
      ['dedupe.account-shared'],
    ],
    [
      'a domain of a collecting place',
      {},
      { [ACME]: { crm: ['crm:1'] } },
      { id: ACME, domain: 'acme.example' },
      ['dedupe.account-shared'],
    ],
    [
      'a CRM account, whose domain others have',
      { crm, company: {} },
      { 'crm:1': { domain: 'acme.example' } },
      { id: 'crm:1', domain: 'acme.example' },
      [],
    ],
    [
      'both, for the first time: the later owner has it',
      { crm },
      { 'crm:1': { owner: owner('ana', 1) }, [ACME]: { owner: owner('ben', 2) } },
      { id: 'crm:1', domain: 'acme.example', owner: 'ben' },
      ['dedupe.account-joined'],
    ],
    [
      'both, as others have',
      { crm },
      { 'crm:1': {}, [ACME]: { id: 'crm:1', crm: ['crm:1'] } },
      { id: 'crm:1', domain: 'acme.example' },
      [],
    ],
    [
      'an owner in the CRM, and a rep who had it last',
      { crm: { ...crm, owner: 'api-user' } },
      {
        'crm:1': { owner: owner('ana', 1) },
        [ACME]: { id: 'crm:1', crm: ['crm:1'], owner: owner('ben', 2) },
      },
      { id: 'crm:1', domain: 'acme.example', owner: 'api-user', lastRep: 'ben' },
      [],
    ],
    [
      'an owner in the CRM who had it last, too',
      { crm: { ...crm, owner: 'ana' } },
      { 'crm:1': { owner: owner('ana', 1) }, [ACME]: { id: 'crm:1', crm: ['crm:1'] } },
      { id: 'crm:1', domain: 'acme.example', owner: 'ana' },
      [],
    ],
    [
      'both, and others have another: its owner is not ours',
      { crm },
      { 'crm:1': {}, [ACME]: { id: 'crm:2', crm: ['crm:2'], owner: owner('ben', 2) } },
      { id: 'crm:1', domain: 'acme.example' },
      ['dedupe.account-shared'],
    ],
    [
      'both, in a collecting place',
      { crm },
      { 'crm:1': {}, [ACME]: { crm: ['crm:1'], owner: owner('ben', 2) } },
      { id: 'crm:1', domain: 'acme.example' },
      ['dedupe.account-shared'],
    ],
  ]
  for (const [name, one, known, section, rules] of rows)
    it(name, () => {
      const account = of(one, known)!
      assert.deepEqual(account.section, section)
      assert.deepEqual(
        account.because.map(({ rule }) => rule),
        rules,
      )
      assert.deepEqual(accountPlace({ ...lead(one), account: account.section }).key, account.key)
    })

  it('nobody’s account is none', () => assert.equal(of({ company: {} }), undefined))
})
