// Goal: an offer is read as it is written, and one that cannot be meant is refused with its place and a
// sentence. Method: one policy, with one change each.
import assert from 'node:assert/strict'
import { loadPolicy } from '../../../engine/policy/load'
import { POLICY, policy } from '../support/artefacts'

type Bag = Readonly<Record<string, unknown>>
const tier = (more: Bag) => ({ tiers: [{ id: 'fast', respond: '5m', clock: 'always', ...more }] })
const route = (more: Bag) => ({ routes: [{ id: 'all', pool: 'all', ...more }] })
const problems = (changes: Bag) =>
  loadPolicy(JSON.stringify({ ...POLICY, ...changes })).problems.map(
    ({ level, path, message }) => `${level} ${path}: ${message}`,
  )

describe('a policy that offers', () => {
  it('says for how long and to how many, to one when it does not say', () => {
    const rules = policy(tier({ offer: { within: '90s' } }))
    assert.deepEqual(rules.tiers.list[0]!.offer, { withinMs: 90_000, to: 1 })
    assert.deepEqual([rules.offers, policy().offers], [true, false])
    assert.equal(policy(route({ offer: { within: '1m', to: 3 } })).offers, true)
  })
  it('takes out who misses so many, for a time or until further notice', () => {
    const offer = tier({ offer: { within: '1m' } })
    assert.deepEqual(policy({ ...offer, misses: 3 }).misses, { max: 3 })
    const timed = policy({ ...offer, misses: 3, offlineFor: '30m' })
    assert.deepEqual(timed.misses, { max: 3, offlineMs: 1_800_000 })
    assert.equal(policy(offer).misses, undefined)
  })

  for (const [name, changes, expected] of [
    [
      'assigns outright as well',
      tier({ assign: 'outright', offer: { within: '1m' } }),
      'error tiers[0].assign: "fast" assigns outright and offers as well; give one of `assign` and `offer`',
    ],
    [
      'leaves no time',
      tier({ offer: { within: '0s' } }),
      'error tiers[0].offer.within: "fast" must leave more than no time to accept an offer',
    ],
    [
      'stands open until the response is due',
      tier({ offer: { within: '5m' } }),
      'warning tiers[0].offer.within: an offer of "fast" stands open for 5m, and the response is due after 5m',
    ],
    [
      'offers to several where there is one rep',
      {
        routes: [
          { id: 'kim', to: 'account-owner', offer: { within: '1m', to: 2 } },
          ...route({}).routes,
        ],
      },
      'error routes[0].offer.to: "kim" leads to one rep, so it cannot offer to 2; leave `to` out',
    ],
    [
      'says for how long, and not after how many',
      { ...tier({ offer: { within: '1m' } }), offlineFor: '1h' },
      'error offlineFor: `offlineFor` says how long a rep stays offline after `misses`, which is not given',
    ],
    [
      'takes out for no time',
      { ...tier({ offer: { within: '1m' } }), misses: 2, offlineFor: '0s' },
      'error offlineFor: `offlineFor` must be more than no time',
    ],
    [
      'counts misses and offers nothing',
      { misses: 2 },
      'warning misses: no tier or route has an `offer`, so there is none that could be missed',
    ],
  ] as const) {
    it(`and ${name} is told so`, () => assert.deepEqual(problems(changes), [expected]))
  }

  for (const [field, changes] of [
    ['tiers[0].offer.to', tier({ offer: { within: '1m', to: 0 } })],
    ['tiers[0].offer.to', tier({ offer: { within: '1m', to: 51 } })],
    ['tiers[0].offer', tier({ offer: {} })],
    ['tiers[0].assign', tier({ assign: 'later' })],
    ['misses', { ...tier({ offer: { within: '1m' } }), misses: 0 }],
  ] as const) {
    it(`${field} as ${JSON.stringify(changes)} is refused`, () => {
      const found = problems(changes)
      assert.ok(
        found.some((one) => one.startsWith(`error ${field}`)),
        found.join('\n'),
      )
    })
  }
})
