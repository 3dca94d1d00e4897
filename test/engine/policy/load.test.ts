// Goal: a policy loads, or says what is wrong with it, by line and in words that help.
// Method: the policy of the design; then that text with one thing spoilt, a row per thing.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { elapsed, isOpen } from '../../../engine/calendar'
import { FALSE, TRUE } from '../../../engine/conditions/tri'
import { loadPolicy } from '../../../engine/policy/load'
import type { Rep } from '../../../engine/policy/policy'
import { POLICY, policy } from '../support/artefacts'
import { DAY, HOUR, MINUTE } from '../support/leads'
import {
  ALIAS_BOMB,
  eachSpoilt,
  HOSTILE_TEXTS,
  lineOf,
  shortStackTraces,
} from '../support/problems'
import { inBoundedTime } from '../support/processor'

const GOOD = `
policy: inbound
version: 3.0.1
calendars:
  berlin: { timezone: Europe/Berlin, hours: { mon-fri: ["09:00-12:30", "13:30-18:00"] }, holidays: [2026-12-25] }
reps:
  - { id: ana, name: Ana Ruiz, calendar: berlin, capacity: 12, weight: 2, skills: [de, enterprise], away: [{ from: 2026-12-24, to: 2027-01-04, why: Leave }] }
  - { id: ben, name: Ben Okoro, calendar: berlin, capacity: 6 }
  - { id: kim, name: Kim Lee, calendar: berlin, capacity: 3 }
  - { id: lou, name: Lou Park, calendar: berlin, capacity: 3, paused: true }
pools:
  - { id: dach, members: [ana, { rep: ben, weight: 3 }], overflow: on-call, catchUp: 2h }
  - { id: inbound, members: [ben], overflow: on-call }
  - { id: on-call, members: [kim] }
accounts:
  - { domain: BigCo.example, owner: ana }
routes:
  - { id: route.owner, to: account-owner }
  - { id: route.dach, when: { company.country: { $in: [DE, AT, CH] } }, pool: dach, skills: [de] }
  - { id: route.rest, pool: inbound }
tiers:
  - { id: immediate, when: { source.trigger: { $in: [live_demo, chat] } }, respond: 5m, clock: always, remind: [3m], escalate: [{ after: 5m, to: on-call, action: reassign }] }
  - { id: strong, when: { source.trigger: { $in: [demo_request, trial] } }, respond: 1h, clock: business, from: assigned, units: 2 }
  - { id: routine, respond: 24h, clock: business, calendar: berlin }
`

const load = (text: string) => {
  const { policy: loaded, problems } = loadPolicy(text)
  return { problems, loaded: loaded !== undefined }
}

describe('loadPolicy: the example of the design', () => {
  const { policy: loaded, problems } = loadPolicy(GOOD)
  it('loads without a problem', () => assert.deepEqual(problems, []))

  it('has its reps, with calendar, weight, skills and absences', () => {
    const ana = loaded!.reps.get('ana')!
    assert.deepEqual(
      [ana.capacity, ana.weight, [...ana.skills], ana.paused],
      [12, 2, ['de', 'enterprise'], false],
    )
    assert.deepEqual(ana.away, [
      {
        fromMs: Date.parse('2026-12-24T00:00+01:00'),
        toMs: Date.parse('2027-01-04T00:00+01:00'),
        until: '2027-01-04',
        why: 'Leave',
      },
    ])
    assert.ok(isOpen(ana.calendar!, Date.parse('2026-03-02T08:30:00Z')), 'Monday 09:30 in Berlin')
    assert.ok(!isOpen(ana.calendar!, Date.parse('2026-12-25T08:30:00Z')), 'a holiday')
    assert.deepEqual([loaded!.reps.get('ben')!.weight, loaded!.reps.get('lou')!.paused], [1, true])
  })

  it('has its pools, a member’s weight before the rep’s', () => {
    const dach = loaded!.pools.get('dach')!
    assert.deepEqual(
      dach.members.map(({ rep, weight }) => [rep.id, weight]),
      [
        ['ana', 2],
        ['ben', 3],
      ],
    )
    assert.deepEqual([dach.ladder, dach.catchUpMs], [['dach', 'on-call'], 2 * HOUR])
    assert.equal(loaded!.pools.get('inbound')!.catchUpMs, 4 * HOUR)
  })

  it('has its names, those of before as well', () => {
    const named = (changes: object) => policy({ policy: 'emea', ...changes }).names
    assert.deepEqual(named({}), ['emea'])
    assert.deepEqual(named({ formerly: 'inbound' }), ['emea', 'inbound'])
    assert.deepEqual(named({ formerly: ['inbound', 'dach'] }), ['emea', 'inbound', 'dach'])
  })

  it('has its named accounts by lower-case domain', () => {
    assert.deepEqual([...loaded!.accountOwners], [['bigco.example', 'ana']])
  })

  for (const pasted of ['https://www.a.com/x?y', 'www.a.com', 'A.com', 'shop.a.com.'])
    it(`knows a named account that was pasted as ${pasted}`, () => {
      const { accountOwners } = policy({ accounts: [{ domain: pasted, owner: 'ana' }] })
      assert.deepEqual([...accountOwners], [['a.com', 'ana']])
    })

  it('has its tiers in milliseconds', () => {
    const [immediate, strong, routine] = loaded!.tiers.list
    assert.deepEqual(
      [immediate!.respondMs, immediate!.remindMs, immediate!.escalate, immediate!.business],
      [
        5 * MINUTE,
        [3 * MINUTE],
        [{ afterMs: 5 * MINUTE, to: 'on-call', action: 'reassign' }],
        false,
      ],
    )
    assert.deepEqual([strong!.from, strong!.units, strong!.business], ['assigned', 2, true])
    assert.deepEqual([routine!.from, routine!.units, routine!.respondMs], ['received', 1, DAY])
    assert.ok(routine!.calendar !== undefined && strong!.calendar === undefined)
  })

  it('says that a text is none, or is the other kind', () => {
    const told = (text: string) =>
      loadPolicy(text).problems.map(({ line, message }) => [line, message])
    for (const text of ['', '   \n', '# only a comment'])
      assert.deepEqual(told(text), [[1, 'the policy is empty']])
    assert.deepEqual(told('hello'), [
      [1, 'the policy is "hello"; expected settings, each as "name: value"'],
    ])
    assert.deepEqual(told('# ours\ncontract: b2b\nversion: 1.0.0'), [
      [2, 'this is a contract; its place is a lead-contract node'],
    ])
  })

  it('CRLF and a byte order mark change nothing', () => {
    assert.deepEqual(loadPolicy(`\uFEFF${GOOD.replaceAll('\n', '\r\n')}`).policy!.ref, loaded!.ref)
  })
})

describe('loadPolicy: one thing spoilt', () => {
  eachSpoilt(
    GOOD,
    [
      {
        name: 'a bracket left open',
        swap: ['members: [kim] }', 'members: [kim }'],
        on: 'members: [kim }',
        says: /^not valid YAML: /,
      },
      {
        name: 'a tab as indentation',
        swap: ['  berlin:', '\tberlin:'],
        on: '\tberlin',
        says: /^not valid YAML: .*[Tt]ab/,
      },
      {
        name: 'a key given twice',
        swap: ['capacity: 6 }', 'capacity: 6, capacity: 7 }'],
        on: 'id: ben',
        says: /^not valid YAML: .*unique.*"capacity"/,
      },
      {
        name: 'an unknown key',
        swap: ['capacity: 6', 'capacity: 6, seats: 2'],
        on: 'seats',
        says: /"seats" is not known here/,
        path: 'reps[1].seats',
      },
      {
        name: 'a rep without capacity',
        swap: [', capacity: 6', ''],
        on: 'id: ben',
        says: /"capacity" is missing/,
      },
      {
        name: 'a negative capacity',
        swap: ['capacity: 6', 'capacity: -1'],
        on: 'capacity: -1',
        says: /is -1; it must be >= 0/,
      },
      {
        name: 'half a capacity',
        swap: ['capacity: 6', 'capacity: 0.5'],
        on: 'capacity: 0.5',
        says: /is 0\.5; expected integer/,
      },
      {
        name: 'a capacity as text',
        swap: ['capacity: 6', 'capacity: six'],
        on: 'capacity: six',
        says: /is "six"; expected integer/,
      },
      {
        name: 'a weight of nothing',
        swap: ['weight: 2', 'weight: 0'],
        on: 'weight: 0',
        says: /is 0; it must be > 0/,
      },
      {
        name: 'a negative weight',
        swap: ['weight: 2', 'weight: -2'],
        on: 'weight: -2',
        says: /is -2; it must be > 0/,
      },
      {
        name: 'a negative weight of a member',
        swap: ['weight: 3', 'weight: -3'],
        on: 'weight: -3',
        says: /is -3; it must be > 0/,
      },
      {
        name: 'an empty pool',
        swap: ['members: [kim]', 'members: []'],
        on: 'members: []',
        says: /is \[\]; it must NOT have fewer than 1 items/,
      },
      {
        name: 'no pools at all',
        swap: [GOOD.slice(GOOD.indexOf('pools:'), GOOD.indexOf('accounts:')), ''],
        on: '\n',
        says: /"pools" is missing/,
      },
      {
        name: 'a route to a pool that is missing',
        swap: ['pool: inbound }', 'pool: inbuond }'],
        on: 'pool: inbuond',
        says: /there is no pool "inbuond"; known: dach, inbound, on-call/,
      },
      {
        name: 'a route to a rep that is missing',
        swap: ['pool: inbound }', 'rep: bob }'],
        on: 'rep: bob',
        says: /there is no rep "bob"; known: ana, ben, kim/,
      },
      {
        name: 'an overflow to a pool that is missing',
        swap: ['members: [ben], overflow: on-call', 'members: [ben], overflow: nobody'],
        on: 'overflow: nobody',
        says: /there is no pool "nobody"/,
      },
      {
        name: 'an escalation to a pool that is missing',
        swap: ['to: on-call, action', 'to: nobody, action'],
        on: 'to: nobody',
        says: /there is no pool "nobody"/,
      },
      {
        name: 'an account of a rep that is missing',
        swap: ['owner: ana', 'owner: anna'],
        on: 'owner: anna',
        says: /there is no rep "anna"/,
      },
      {
        name: 'an unknown member',
        swap: ['members: [kim]', 'members: [tom]'],
        on: 'members: [tom]',
        says: /there is no rep "tom"/,
      },
      {
        name: 'an unknown member with a weight',
        swap: ['{ rep: ben, weight', '{ rep: bob, weight'],
        on: 'rep: bob',
        says: /there is no rep "bob"/,
      },
      {
        name: 'a member listed twice',
        swap: ['members: [kim]', 'members: [kim, { rep: kim, weight: 2 }]'],
        on: '[kim, {',
        says: /"kim" is listed twice in pool "on-call"/,
      },
      {
        name: 'a cap of nothing',
        swap: ['capacity: 6 }', 'capacity: 6, caps: { day: 0 } }'],
        on: 'caps',
        says: /is 0; it must be >= 1/,
        path: 'reps[1].caps.day',
      },
      {
        name: 'a negative cap',
        swap: ['capacity: 6 }', 'capacity: 6, caps: { hour: -1 } }'],
        on: 'caps',
        says: /is -1; it must be >= 1/,
        path: 'reps[1].caps.hour',
      },
      {
        name: 'a cap per month',
        swap: ['capacity: 6 }', 'capacity: 6, caps: { month: 9 } }'],
        on: 'caps',
        says: /"month" is not known here/,
      },
      {
        name: 'a ladder with a pool that is missing',
        swap: ['overflow: on-call, catchUp', 'overflow: [on-call, nowhere], catchUp'],
        on: 'nowhere',
        says: /there is no pool "nowhere"; known: dach, inbound, on-call/,
        path: 'pools[0].overflow[1]',
      },
      {
        name: 'a ladder that comes back',
        swap: ['members: [kim] }', 'members: [kim], overflow: [inbound, dach] }'],
        on: 'members: [kim]',
        says: /overflow runs in a circle: on-call → inbound → on-call/,
      },
      {
        name: 'a pool asked twice',
        swap: ['overflow: on-call, catchUp', 'overflow: [on-call, on-call], catchUp'],
        on: 'overflow: [on-call',
        says: /duplicate items/,
      },
      {
        name: 'an unknown calendar of a pool',
        swap: ['members: [kim] }', 'members: [kim], calendar: night }'],
        on: 'night',
        says: /there is no calendar "night"/,
      },
      {
        name: 'a credit for nothing',
        swap: ['members: [kim] }', 'members: [kim], credit: [lost] }'],
        on: 'lost',
        says: /is "lost"; expected one of declined, disqualified, sla-lost/,
      },
      {
        name: 'a limit to reassigning that leads nowhere',
        swap: ['routes:', 'reassign: { max: 2, to: desk }\nroutes:'],
        on: 'reassign',
        says: /there is no pool "desk"/,
        path: 'reassign.to',
      },
      {
        name: 'a former name that is the present one',
        swap: ['routes:', 'formerly: [old, inbound]\nroutes:'],
        on: 'formerly',
        says: /called inbound now; name what it was called before/,
      },
      {
        name: 'a limit below nothing',
        swap: ['routes:', 'recycle: { max: -1 }\nroutes:'],
        on: 'recycle',
        says: /is -1; it must be >= 0/,
      },
      {
        name: '`within` on a pool',
        swap: ['pool: inbound }', 'pool: inbound, within: 30d }'],
        on: 'within',
        says: /which only a route to the previous-owner can keep to/,
      },
      {
        name: 'a territory of no kind',
        swap: ['pool: dach,', 'territory: {}, pool: dach,'],
        on: 'territory',
        says: /must NOT have fewer than 1 properties/,
      },
      {
        name: 'an unknown country',
        swap: ['pool: dach,', 'territory: { countries: [DE, Bavaria] }, pool: dach,'],
        on: 'Bavaria',
        says: /"Bavaria" is no country; write DE or Germany/,
        path: 'routes[1].territory.countries[1]',
      },
      {
        name: 'postcodes that run backwards',
        swap: [
          'pool: dach,',
          'territory: { countries: [DE], postcodes: [14999-10000] }, pool: dach,',
        ],
        on: '14999',
        says: /"14999-10000" runs backwards/,
        path: 'routes[1].territory.postcodes[0]',
      },
      {
        name: 'a postcode that lost its zero',
        swap: ['pool: dach,', 'territory: { countries: [DE], postcodes: [1067] }, pool: dach,'],
        on: '1067',
        says: /expected a postcode as text such as "10115", got 1067/,
      },
      {
        name: 'postcodes of no country',
        swap: ['pool: dach,', 'territory: { postcodes: ["10"] }, pool: dach,'],
        on: 'postcodes',
        says: /postcodes without `countries` match in every country/,
        level: 'warning',
      },
      {
        name: 'a size that runs backwards',
        swap: ['pool: dach,', 'territory: { employees: { from: 500, to: 50 } }, pool: dach,'],
        on: 'employees',
        says: /runs backwards: from 500 to 50 employees/,
      },
      {
        name: 'a size without ends',
        swap: ['pool: dach,', 'territory: { employees: {} }, pool: dach,'],
        on: 'employees',
        says: /give `from`, `to` or both/,
      },
      {
        name: 'a named account that is no domain',
        swap: ['pool: dach,', 'territory: [{ accounts: [Acme Inc] }], pool: dach,'],
        on: 'Acme',
        says: /"Acme Inc" is no domain such as acme.example/,
        path: 'routes[1].territory[0].accounts[0]',
      },
      {
        name: 'a route that asks for a country by its name',
        swap: ['$in: [DE, AT, CH]', '$in: [DE, Austria]'],
        on: 'route.dach',
        says: /company\.country is kept as an ISO country code, so "Austria" .*; write AT$/,
        path: 'routes[1].when.company.country.$in',
      },
      {
        name: 'a route that asks for an outcome that there is not',
        swap: ['company.country: { $in: [DE, AT, CH] }', 'decision.outcome: sqll'],
        on: 'route.dach',
        says: /decision\.outcome is one of sql, .*, so "sqll" can never match; did you mean sql\?/,
      },
      {
        name: 'a tier that compares a status with a number',
        swap: ['source.trigger: { $in: [demo_request, trial] }', 'identity.match: { $gte: 1 }'],
        on: 'id: strong',
        says: /identity\.match is one of new, known, review, which \$gte cannot compare/,
      },
      {
        name: 'an account by an e-mail address',
        swap: ['domain: BigCo.example', 'domain: x@a.com'],
        on: 'x@a.com',
        says: /"x@a\.com" is an e-mail address and no domain; write a\.com/,
        path: 'accounts[0].domain',
      },
      {
        name: 'an account by its name',
        swap: ['domain: BigCo.example', 'domain: not a domain'],
        on: 'not a domain',
        says: /"not a domain" is no domain such as acme\.example/,
      },
      {
        name: 'an account at a mail provider',
        swap: ['domain: BigCo.example', 'domain: www.Gmail.com'],
        on: 'Gmail',
        says: /"www\.Gmail\.com" is a mail provider, .* no account/,
      },
      {
        name: 'a territory of a mail provider',
        swap: ['pool: dach,', 'territory: { accounts: [a.com, gmail.com] }, pool: dach,'],
        on: 'gmail',
        says: /"gmail\.com" is a mail provider/,
        path: 'routes[1].territory.accounts[1]',
      },
      {
        name: 'an account listed twice',
        swap: ['owner: ana }\n', 'owner: ana }\n  - { domain: www.bigco.example, owner: ana }\n'],
        on: 'www.bigco',
        says: /the account bigco\.example is listed already, in accounts\[0\]/,
        level: 'warning',
      },
      {
        name: 'a route behind a pool’s with the same condition and territory',
        swap: [
          'pool: dach,',
          'territory: { countries: [DE] }, pool: dach }\n  - { id: route.again, when: { company.country: { $in: [de, at, ch] } }, territory: { countries: [de] }, rep: ben,',
        ],
        on: 'route.again',
        says: /"route\.again" can never win: whenever it matches, "route\.dach" before it has matched/,
        path: 'routes[2]',
      },
      {
        name: 'a route that asks for less than a pool’s before it',
        swap: [
          '  - { id: route.rest',
          '  - { id: route.de, when: { company.country: DE }, territory: { postcodes: ["8"], countries: [DE] }, pool: inbound }\n  - { id: route.rest',
        ],
        on: 'route.de,',
        says: /"route\.de" can never win: whenever it matches, "route\.dach"/,
      },
      {
        name: 'a route that does the same as another',
        swap: [
          'to: account-owner }',
          'to: account-owner }\n  - { id: route.own, to: account-owner }',
        ],
        on: 'route.own,',
        says: /"route\.own" never gets a lead: .* the same as "route\.owner" before it/,
      },
      {
        name: 'a skill that nobody in the pool has',
        swap: ['skills: [de] }', 'skills: [de, dee] }'],
        on: 'route.dach',
        says: /nobody in dach → on-call has the skill "dee", so "route\.dach" can give its leads to nobody/,
        level: 'warning',
        path: 'routes[1].skills',
      },
      {
        name: 'a skill whose only rep has lost it',
        swap: [
          GOOD.slice(GOOD.indexOf('skills: [de, ent'), GOOD.indexOf(', away:')),
          'skills: [fr]',
        ],
        on: 'route.dach',
        says: /nobody in dach → on-call has the skill "de"/,
        level: 'warning',
      },
      {
        name: 'a skill that the rep of a route lacks',
        swap: ['pool: inbound }', 'rep: ben, skills: [de] }'],
        on: 'route.rest',
        says: /nobody called ben has the skill "de"/,
        level: 'warning',
      },
      {
        name: 'a skill that no owner has',
        swap: ['to: account-owner }', 'to: account-owner, skills: [pl] }'],
        on: 'route.owner',
        says: /no rep has the skill "pl"/,
        level: 'warning',
      },
      {
        name: 'a pool of reps who are paused or have no capacity',
        swap: ['members: [kim] }', 'members: [lou] }'],
        on: 'members: [lou]',
        says: /nobody in "on-call" can take a lead: .*, so its leads wait$/,
        level: 'warning',
        path: 'pools[2].members',
      },
      {
        name: 'a pool of nobody’s capacity, with an overflow',
        swap: ['capacity: 6 }', 'capacity: 0 }'],
        on: 'members: [ben]',
        says: /nobody in "inbound" can take a lead: .*, so its leads go to its overflow$/,
        level: 'warning',
      },
      {
        name: 'leads larger than anybody’s capacity',
        swap: ['units: 2', 'units: 13'],
        on: 'units: 13',
        says: /a lead of "strong" takes 13 units, and no rep .* more than 12, so it waits/,
        level: 'warning',
        path: 'tiers[1].units',
      },
      {
        name: 'an unknown calendar of a rep',
        swap: ['calendar: berlin, capacity: 6', 'calendar: paris, capacity: 6'],
        on: 'calendar: paris',
        says: /there is no calendar "paris"; known: berlin/,
      },
      {
        name: 'an unknown calendar of a tier',
        swap: ['calendar: berlin }', 'calendar: paris }'],
        on: 'calendar: paris',
        says: /there is no calendar "paris"/,
      },
      {
        name: 'a rep’s id used twice',
        swap: ['id: kim, name', 'id: ben, name'],
        on: 'name: Kim',
        says: /the id "ben" is used twice; every rep needs its own/,
      },
      {
        name: 'a pool’s id used twice',
        swap: ['id: inbound, members', 'id: dach, members'],
        on: 'members: [ben]',
        says: /the id "dach" is used twice; every pool needs its own/,
      },
      {
        name: 'a route with a tier’s id',
        swap: ['id: route.rest', 'id: routine'],
        on: 'clock: business, calendar',
        says: /the id "routine" is used twice; every route and tier needs its own/,
      },
      {
        name: 'overflow in a circle',
        swap: ['members: [kim]', 'members: [kim], overflow: dach'],
        on: 'id: dach',
        says: /overflow runs in a circle: dach → on-call → dach/,
      },
      {
        name: 'overflow into itself',
        swap: ['members: [kim]', 'members: [kim], overflow: on-call'],
        on: 'members: [kim]',
        says: /in a circle: on-call → on-call/,
      },
      {
        name: 'a route without a target',
        swap: ['id: route.rest, pool: inbound', 'id: route.rest'],
        on: 'route.rest',
        says: /"route\.rest" has no target; give one of pool, rep or to/,
      },
      {
        name: 'a route with two targets',
        swap: ['pool: inbound }', 'pool: inbound, rep: ana }'],
        on: 'route.rest',
        says: /"route\.rest" has more than one target/,
      },
      {
        name: 'two routes without `when`',
        swap: ['pool: inbound }', 'pool: inbound }\n  - { id: route.more, pool: dach }'],
        on: 'route.more',
        says: /"route\.more" can never be reached: "route\.rest" before it matches every lead/,
      },
      {
        name: 'a route behind one without `when`',
        swap: [
          'pool: inbound }',
          'pool: inbound }\n  - { id: route.more, when: { company.country: FR }, pool: dach }',
        ],
        on: 'route.more',
        says: /"route\.more" can never be reached/,
      },
      {
        name: 'no route that takes everybody',
        swap: ['id: route.rest, pool', 'id: route.rest, when: { company.country: FR }, pool'],
        on: 'routes:',
        says: /a lead that no route matches will be unroutable/,
        level: 'warning',
      },
      {
        name: 'a misspelt field in a route',
        swap: ['company.country: {', 'company.contry: {'],
        on: 'route.dach',
        says: /did you mean "company\.country"\?/,
      },
      {
        name: 'an unknown operator in a tier',
        swap: ['$in: [live_demo, chat]', '$oneOf: [chat]'],
        on: '$oneOf',
        says: /unknown operator \$oneOf/,
      },
      {
        name: 'a route that contradicts itself',
        swap: [
          '{ company.country: { $in: [DE, AT, CH] } }',
          '{ company.country: { $in: [DE], $ne: de } }',
        ],
        on: 'route.dach',
        says: /contradicts itself on "company\.country"/,
      },
      {
        name: 'an absence that is no date',
        swap: ['from: 2026-12-24', 'from: Christmas'],
        on: 'from: Christmas',
        says: /"Christmas" is not a date such as 2026-12-24/,
      },
      {
        name: 'an absence on a day that does not exist',
        swap: ['from: 2026-12-24', 'from: 2026-02-30'],
        on: '2026-02-30',
        says: /"2026-02-30" is not a date/,
      },
      {
        name: 'an absence in a form with two meanings',
        swap: ['from: 2026-12-24', 'from: 12/11/2026'],
        on: '12/11/2026',
        says: /"12\/11\/2026" is not a date/,
      },
      {
        name: 'an absence with half a date',
        swap: ['from: 2026-12-24', 'from: Dec 24'],
        on: 'Dec 24',
        says: /"Dec 24" is not a date/,
      },
      {
        name: 'an absence whose end is no date',
        swap: ['to: 2027-01-04', 'to: later'],
        on: 'to: later',
        says: /"later" is not a date/,
      },
      {
        name: 'an absence that ends before it starts',
        swap: ['to: 2027-01-04', 'to: 2026-12-24'],
        on: 'id: ana',
        says: /"ana" would be back \(2026-12-24\) before leaving/,
      },
      {
        name: 'no last tier for everybody',
        swap: ['id: routine, respond', 'id: routine, when: { company.country: DE }, respond'],
        on: 'id: routine',
        says: /the last tier must have no `when`/,
      },
      {
        name: 'a tier behind one for everybody',
        swap: [
          'id: strong, when: { source.trigger: { $in: [demo_request, trial] } }',
          'id: strong',
        ],
        on: 'id: routine',
        says: /"routine" can never be reached: "strong"/,
      },
      {
        name: 'a tier in another’s shadow',
        swap: ['$in: [demo_request, trial]', '$in: [chat]'],
        on: 'id: strong',
        says: /"strong" can never win: whenever it matches, "immediate"/,
      },
      {
        name: 'a response in no time',
        swap: ['respond: 24h', 'respond: 0s'],
        on: 'respond: 0s',
        says: /"routine" must allow more than no time/,
      },
      {
        name: 'a response that is no duration',
        swap: ['respond: 24h', 'respond: a day'],
        on: 'respond: a day',
        says: /is "a day"; expected a duration/,
      },
      {
        name: 'a response in too many words',
        swap: ['respond: 24h', `respond: ${'1h'.repeat(25)}`],
        on: 'respond: 1h1h',
        says: /is "1h1h.*; expected a duration/,
      },
      {
        name: 'a response that ends after every instant',
        swap: ['respond: 24h', `respond: ${'9'.repeat(30)}w`],
        on: 'respond: 999',
        says: /expected a duration/,
      },
      {
        name: 'a time to catch up in too many words',
        swap: ['catchUp: 2h', `catchUp: ${'1h'.repeat(25)}`],
        on: 'catchUp: 1h1h',
        says: /expected a duration/,
      },
      {
        name: 'a clock of no kind',
        swap: ['clock: always', 'clock: office'],
        on: 'clock: office',
        says: /is "office"; expected one of always, business/,
      },
      {
        name: 'a reminder after the breach',
        swap: ['remind: [3m]', 'remind: [5m]'],
        on: 'remind: [5m]',
        says: /the reminder after 5m comes no earlier than the breach after 5m/,
        level: 'warning',
      },
      {
        name: 'business time of a rep without a calendar',
        swap: ['calendar: berlin, capacity: 6', 'capacity: 6'],
        on: 'id: strong',
        says: /"strong" counts business time of the rep, but "ben" has no calendar/,
        level: 'warning',
      },
      {
        name: 'overlapping windows',
        swap: ['"13:30-18:00"', '"12:00-18:00"'],
        on: 'berlin',
        says: /12:00-18:00 overlaps 09:00-12:30/,
        path: 'calendars.berlin.hours.mon-fri[1]',
      },
      {
        name: 'an unknown time zone',
        swap: ['Europe/Berlin', 'Europe/Bärlin'],
        on: 'berlin: {',
        says: /unknown time zone "Europe\/Bärlin"/,
        path: 'calendars.berlin.timezone',
      },
      {
        name: 'a holiday that is no date',
        swap: ['2026-12-25', '25.12.2026'],
        on: 'berlin: {',
        says: /"25\.12\.2026" is not a date/,
      },
      {
        name: 'a calendar without hours',
        swap: ['hours: { mon-fri: ["09:00-12:30", "13:30-18:00"] }, ', ''],
        on: 'berlin: {',
        says: /hours must map days to windows/,
      },
      {
        name: 'a calendar that is a text',
        swap: [GOOD.slice(GOOD.indexOf('{ timezone'), GOOD.indexOf('\nreps:')), 'weekdays'],
        on: 'berlin: weekdays',
        says: /a calendar must have a timezone and hours/,
      },
    ],
    load,
  )

  it('names a business clock in a policy without a calendar', () => {
    const tiers = [{ id: 'routine', respond: '1h', clock: 'business' }]
    const { problems } = loadPolicy(JSON.stringify({ ...POLICY, tiers }))
    assert.match(
      problems[0]!.message,
      /"routine" counts business time, but the policy has no calendar/,
    )
  })
})

describe('loadPolicy: an account with two owners', () => {
  it('is refused at the line of each', () => {
    const other = '  - { domain: https://www.bigco.example/about, owner: ben }\n'
    const text = GOOD.replace('owner: ana }\n', `owner: ana }\n${other}`)
    const { problems, loaded } = load(text)
    assert.ok(!loaded)
    assert.deepEqual(
      problems.map(({ line, path }) => [line, path]),
      [
        [lineOf(text, 'BigCo'), 'accounts[0].domain'],
        [lineOf(text, 'www.bigco'), 'accounts[1].domain'],
      ],
    )
    const says =
      'the account bigco.example has more than one owner: ana (accounts[0]) and ben (accounts[1])'
    for (const { message } of problems) assert.equal(message, says)
  })

  it('a text of any length is told shortly', () => {
    const accounts = [{ domain: 'x'.repeat(10_000), owner: 'ana' }]
    const [problem] = loadPolicy(JSON.stringify({ ...POLICY, accounts })).problems
    assert.ok(problem!.message.length < 200)
  })

  it('many bad accounts are answered in bounded time', () => {
    const accounts = Array.from({ length: 20_000 }, () => ({ domain: 'none', owner: 'ana' }))
    const { problems } = loadPolicy(JSON.stringify({ ...POLICY, accounts }))
    assert.equal(problems.filter(({ level }) => level === 'error').length, 100)
  })
})

describe('loadPolicy: routes that only look alike', () => {
  const DE = { when: { 'company.country': 'DE' } }
  const problemsOf = (...routes: object[]) => {
    const named = routes.map((route, index) => ({ id: `r${index}`, ...route }))
    const { problems } = loadPolicy(
      JSON.stringify({ ...POLICY, routes: [...named, { id: 'rest', pool: 'all' }] }),
    )
    return problems.map(({ message }) => message)
  }
  for (const [name, ...routes] of [
    ['a rep, then another rep', { ...DE, rep: 'ana' }, { ...DE, rep: 'ben' }],
    ['a rep, then the pool', { ...DE, rep: 'ana' }, { ...DE, pool: 'all' }],
    ['an owner, then the owner before', { to: 'account-owner' }, { to: 'previous-owner' }],
    [
      'an owner of late, then of ever',
      { to: 'previous-owner', within: '30d' },
      { to: 'previous-owner' },
    ],
    ['a rep, then waiting for this rep', { ...DE, rep: 'ana' }, { ...DE, rep: 'ana', wait: true }],
    [
      'the same condition in another territory',
      { ...DE, territory: { regions: ['Bavaria'] }, pool: 'all' },
      { ...DE, territory: { regions: ['Hesse'] }, pool: 'all' },
    ],
    [
      'a wider condition behind a narrower one',
      { when: { 'company.country': 'DE', 'company.employees': { $gte: 50 } }, pool: 'all' },
      { ...DE, pool: 'all' },
    ],
  ] as const) {
    it(`${name}: says nothing`, () => assert.deepEqual(problemsOf(...routes), []))
  }

  it('waiting for a rep who passed on the lead is no end, so what stands behind is asked', () =>
    assert.deepEqual(problemsOf({ ...DE, rep: 'ana', wait: true }, { ...DE, pool: 'all' }), []))

  it('an alternative that says the same twice is told', () => {
    const either = { when: { $or: [{ 'company.country': 'DE' }, { 'crm.openDeal': true }] } }
    assert.match(
      problemsOf({ ...either, pool: 'all' }, { ...either, rep: 'ana' }).join(),
      /^"r1" can never win: whenever it matches, "r0" before it has matched already$/,
    )
  })

  it('a territory takes pasted domains as the leads carry them', () => {
    const { routes } = policy({
      routes: [
        { id: 'named', territory: { accounts: ['https://www.ACME.example/x'] }, pool: 'all' },
        { id: 'rest', pool: 'all' },
      ],
    })
    const inputs = (domain: string) => routes.fields.readPlain({ company: { domain } })
    const [named] = routes.rules
    assert.equal(named!.evaluate(inputs('acme.example')), TRUE)
    assert.equal(named!.evaluate(inputs('other.example')), FALSE)
  })
})

describe('loadPolicy: findings that would be wrong', () => {
  it('a named rep may be full, so a route behind one can be reached', () => {
    const routes = [
      { id: 'a', rep: 'ana' },
      { id: 'b', pool: 'all' },
    ]
    assert.deepEqual(loadPolicy(JSON.stringify({ ...POLICY, routes })).problems, [])
  })
  it('a named rep who is waited for passes on whom they had before', () => {
    const routes = [
      { id: 'a', rep: 'ana', wait: true },
      { id: 'b', pool: 'all' },
    ]
    assert.deepEqual(loadPolicy(JSON.stringify({ ...POLICY, routes })).problems, [])
  })
  it('a list that only named reps end may leave a lead without a route', () => {
    const [problem] = loadPolicy(
      JSON.stringify({ ...POLICY, routes: [{ id: 'a', rep: 'ana' }] }),
    ).problems
    assert.deepEqual([problem!.level, problem!.path], ['warning', 'routes'])
  })
})

describe('loadPolicy: absences are meant where the rep works, and mean one moment on every machine', () => {
  const hours = { 'mon-fri': ['09:00-17:00'] }
  const calendars = {
    berlin: { timezone: 'Europe/Berlin', hours },
    denver: { timezone: 'America/Denver', hours },
    // Its clocks go forward at midnight, so the day begins at one.
    havana: { timezone: 'America/Havana', hours },
  }
  const awayRep = (from: string, calendar: object, to = '2027-06-01') => {
    const reps = [{ id: 'ana', name: 'A', capacity: 1, ...calendar, away: [{ from, to }] }]
    const pools = [{ id: 'all', members: ['ana'] }]
    return policy({ calendars, reps, pools }).reps.get('ana')!
  }
  for (const [from, calendar, want] of [
    ['2026-12-24', undefined, '2026-12-24T00:00:00Z'],
    ['2026-12-24', 'berlin', '2026-12-23T23:00:00Z'],
    ['2026-07-24', 'berlin', '2026-07-23T22:00:00Z'],
    ['2026-12-24', 'denver', '2026-12-24T07:00:00Z'],
    ['2026-03-08', 'havana', '2026-03-08T05:00:00Z'],
    ['2026-12-24T09:00', undefined, '2026-12-24T09:00:00Z'],
    ['2026-12-24T09:00', 'denver', '2026-12-24T16:00:00Z'],
    ['2026-12-24 09:00:30.500', 'denver', '2026-12-24T16:00:30Z'],
    ['2026-12-24T09:00:00+01:00', 'denver', '2026-12-24T08:00:00Z'],
    ['2026-12-24T09:00:00Z', 'berlin', '2026-12-24T09:00:00Z'],
  ] as const) {
    it(`${from}, ${calendar ?? 'no calendar'}: ${want}`, () =>
      assert.equal(awayRep(from, calendar ? { calendar } : {}).away[0]!.fromMs, Date.parse(want)))
  }
  it('who is away for a day is away for all of the day', () => {
    const rep = awayRep('2026-12-24', { calendar: 'denver' }, '2026-12-25')
    const [{ fromMs, toMs }] = rep.away as [Rep['away'][number]]
    assert.equal(elapsed(rep.calendar!, fromMs, toMs), 8 * HOUR)
    assert.equal(toMs - fromMs, DAY)
  })
  it('a zone that there is not is told, and nothing else', () => {
    const { problems } = loadPolicy(
      JSON.stringify({
        ...POLICY,
        calendars: { x: { timezone: 'Mars/Olympus', hours } },
        reps: [
          {
            id: 'ana',
            name: 'A',
            capacity: 1,
            calendar: 'x',
            away: [{ from: '2026-12-24', to: '2026-12-25' }],
          },
        ],
        pools: [{ id: 'all', members: ['ana'] }],
      }),
    )
    assert.deepEqual(
      problems.map(({ path }) => path).filter((path) => path.includes('away')),
      [],
    )
    assert.ok(problems.some(({ message }) => message.includes('Mars/Olympus')))
  })
})

describe('loadPolicy: hostile texts', () => {
  shortStackTraces()
  for (const [name, text] of [...HOSTILE_TEXTS, ['an alias bomb', ALIAS_BOMB] as const]) {
    it(`${name}: answers with a problem, in bounded time`, () => {
      const { policy: loaded, problems } = inBoundedTime(5_000, () => loadPolicy(text))
      assert.equal(loaded, undefined)
      assert.ok(problems.length > 0)
    })
  }

  it('is total over any JSON in any place of a policy', () => {
    const spec = loadPolicy(GOOD).policy!.spec as Record<string, unknown>
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(spec)), fc.jsonValue(), (key, value) => {
        const { policy: loaded, problems } = loadPolicy(JSON.stringify({ ...spec, [key]: value }))
        if (loaded === undefined) assert.ok(problems.some(({ level }) => level === 'error'))
      }),
      { numRuns: 150 },
    )
  })

  it('is total over any calendar', () => {
    const calendar = fc.dictionary(
      fc.constantFrom('timezone', 'hours', 'holidays', 'dates', 'ics'),
      fc.oneof(
        fc.jsonValue(),
        fc.dictionary(fc.constantFrom('mon', 'tue-fri', 'x'), fc.jsonValue()),
      ),
    )
    fc.assert(
      fc.property(calendar, (one) => {
        loadPolicy(JSON.stringify({ ...POLICY, calendars: { one } }))
      }),
      { numRuns: 150 },
    )
  })
})
