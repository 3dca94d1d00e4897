// Goal: a contract loads, or says what is wrong with it, by line and in words that help.
// Method: the contract of the design; then that text with one thing spoilt, a row per thing.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { PROBLEMS_MAX } from '../../../engine/artefact'
import { loadContract } from '../../../engine/contract/load'
import { CONTRACT, contract } from '../support/artefacts'
import {
  ALIAS_BOMB,
  eachSpoilt,
  HOSTILE_TEXTS,
  lineOf,
  shortStackTraces,
} from '../support/problems'
import { inBoundedTime } from '../support/processor'

const GOOD = `
contract: inbound-saas
version: 1.2.0
owners: { fit: marketing-ops, intent: demand-gen }
change: { why: Raise demo weight after Q3 review, by: dana, approvedBy: lee }
suppress:
  - { id: own-staff, when: { contact.domain: { $in: [acme.example] } }, outcome: disqualified, why: Our own people }
fit:
  cap: 100
  rules:
    - { id: fit.industry, when: { company.industry: { $in: [software, fintech] } }, points: 25, why: Industry is in the ICP }
    - { id: fit.size, when: { company.employees: { $gte: 50, $lte: 5000 } }, points: 25, why: Size is in the ICP, minConfidence: 0.6 }
intent:
  halfLife: 7d
  window: 90d
  cap: 100
  rules:
    - { id: intent.demo, on: demo_request, points: 60, halfLife: 14d, cooldown: 10m, why: Asked for a demo }
    - { id: intent.pricing, on: pricing_view, points: 8, max: 24, why: Looked at prices }
    - { id: intent.unsubscribe, on: unsubscribe, points: -50, why: Left the list }
decide:
  - { id: decide.sql, when: { fit.points: { $gte: 50 }, intent.points: { $gte: 50 } }, outcome: sql, grade: A1 }
  - { id: decide.nurture, outcome: nurture, grade: C3 }
tests:
  - name: a demo request from an ICP company is sales-ready
    at: 2026-03-02T10:00:00Z
    lead:
      company.industry: software
      company.employees: 200
      signals: [{ type: demo_request }]
    expect: { outcome: sql, grade: A1, intent: 60 }
`

const load = (text: string) => {
  const { contract: loaded, problems } = loadContract(text)
  return { problems, loaded: loaded !== undefined }
}

describe('loadContract: the example of the design', () => {
  const { contract: loaded, problems } = loadContract(GOOD)
  it('loads without a problem', () => assert.deepEqual(problems, []))
  it('has its name, version and the hash of its content', () => {
    const { name, version, hash } = loaded!.ref
    assert.deepEqual([name, version], ['inbound-saas', '1.2.0'])
    assert.match(hash, /^[0-9a-f]{16}$/)
  })
  it('has its durations in milliseconds, the rule’s own before the section’s', () => {
    const [demo, pricing] = loaded!.intent.rules
    assert.deepEqual(
      [demo!.halfLifeMs, demo!.windowMs, demo!.cooldownMs, demo!.max],
      [14 * 86_400_000, 90 * 86_400_000, 600_000, Number.POSITIVE_INFINITY],
    )
    assert.deepEqual(
      [pricing!.halfLifeMs, pricing!.cooldownMs, pricing!.max],
      [7 * 86_400_000, 0, 24],
    )
    assert.equal(loaded!.intent.horizonMs, 90 * 86_400_000)
  })
  it('finds the rules of a signal by its type, also when a rule names several', () => {
    const { intent } = contract({
      intent: {
        rules: [
          { id: 'a', on: ['x', 'y'], points: 60, why: 'A' },
          { id: 'b', on: 'y', points: 1, why: 'B' },
        ],
      },
    })
    const ids = (type: string) => intent.byType.get(type)?.map(({ spec }) => spec.id)
    assert.deepEqual([ids('x'), ids('y'), ids('z')], [['a'], ['a', 'b'], undefined])
  })
})

describe('loadContract: the hash names the content', () => {
  const hashOf = (text: string) => loadContract(text).contract?.ref.hash
  it('not its comments, order or notation', () => {
    const json = JSON.stringify(Object.fromEntries(Object.entries(CONTRACT).reverse()))
    assert.equal(hashOf(json), hashOf(`# a comment\n${JSON.stringify(CONTRACT, null, 2)}`))
  })
  it('and another content has another hash', () => {
    const other = { ...CONTRACT, version: '1.0.1' }
    assert.notEqual(hashOf(JSON.stringify(other)), hashOf(JSON.stringify(CONTRACT)))
  })
})

describe('loadContract: forms in which the same text may come', () => {
  const want = loadContract(GOOD).contract!.ref
  for (const [name, text] of [
    ['CRLF line ends', GOOD.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\uFEFF${GOOD}`],
    ['JSON', JSON.stringify(loadContract(GOOD).contract!.spec)],
    ['a document start', `---${GOOD}`],
  ] as const) {
    it(`${name} loads to the same contract`, () => {
      const { contract: loaded, problems } = loadContract(text)
      assert.deepEqual(problems, [])
      assert.deepEqual(loaded!.ref, want)
    })
  }

  it('says that a text is none, or is the other kind', () => {
    const told = (text: string) =>
      loadContract(text).problems.map(({ line, message }) => [line, message])
    for (const text of ['', '   \n', '# only a comment'])
      assert.deepEqual(told(text), [[1, 'the contract is empty']])
    assert.deepEqual(told('hello'), [
      [1, 'the contract is "hello"; expected settings, each as "name: value"'],
    ])
    assert.deepEqual(told('# ours\npolicy: b2b\nversion: 1.0.0'), [
      [2, 'this is a policy; its place is a lead-policy node'],
    ])
  })

  it('CRLF and a byte order mark do not move the lines', () => {
    const spoilt = GOOD.replace('halfLife: 7d', 'halfLife: soon')
    for (const text of [spoilt, spoilt.replaceAll('\n', '\r\n'), `\uFEFF${spoilt}`]) {
      assert.equal(loadContract(text).problems[0]!.line, lineOf(spoilt, 'halfLife: soon'))
    }
  })
})

describe('loadContract: one thing spoilt', () => {
  eachSpoilt(
    GOOD,
    [
      {
        name: 'a bracket left open',
        swap: [
          'owners: { fit: marketing-ops, intent: demand-gen }',
          'owners: { fit: marketing-ops',
        ],
        on: 'change:',
        says: /^not valid YAML: /,
      },
      {
        name: 'a tab as indentation',
        swap: ['  halfLife: 7d', '\thalfLife: 7d'],
        on: '\thalfLife',
        says: /^not valid YAML: .*[Tt]ab/,
      },
      {
        name: 'a key given twice',
        swap: [
          '  cap: 100\n  rules:\n    - { id: fit',
          '  cap: 100\n  cap: 90\n  rules:\n    - { id: fit',
        ],
        on: 'cap: 90',
        says: /^not valid YAML: .*unique/,
      },
      {
        name: 'no section decide',
        swap: [GOOD.slice(GOOD.indexOf('decide:\n'), GOOD.indexOf('tests:')), ''],
        on: '\n',
        says: /"decide" is missing/,
      },
      {
        name: 'an unknown section',
        swap: ['intent:\n', 'intents: {}\nintent:\n'],
        on: 'intents',
        says: /"intents" is not known here/,
        path: 'intents',
      },
      {
        name: 'an unknown key in a rule',
        swap: ['max: 24', 'maximum: 24'],
        on: 'maximum',
        says: /"maximum" is not known here/,
        path: 'intent.rules[1].maximum',
      },
      {
        name: 'a rule without points',
        swap: ['points: 25, why: Industry', 'why: Industry'],
        on: 'fit.industry',
        says: /"points" is missing/,
      },
      {
        name: 'a rule without why',
        swap: [', why: Looked at prices', ''],
        on: 'intent.pricing',
        says: /"why" is missing/,
      },
      {
        name: 'points as text',
        swap: ['points: 8', 'points: eight'],
        on: 'points: eight',
        says: /is "eight"; expected number/,
        path: 'intent.rules[1].points',
      },
      {
        name: 'points beyond bounds',
        swap: ['points: 8', 'points: 8000'],
        on: 'points: 8000',
        says: /is 8000; it must be <= 1000/,
      },
      {
        name: 'points that are not a number',
        swap: ['points: 8', 'points: .nan'],
        on: 'points: .nan',
        says: /cannot be kept: .*not JSON numbers/,
      },
      {
        name: 'a duration that is none',
        swap: ['cooldown: 10m', 'cooldown: ten minutes'],
        on: 'cooldown',
        says: /is "ten minutes"; expected a duration such as 5m/,
      },
      {
        name: 'a duration without a unit',
        swap: ['cooldown: 10m', 'cooldown: 10'],
        on: 'cooldown',
        says: /is 10; expected a duration such as 5m/,
      },
      {
        name: 'a duration in too many words',
        swap: ['halfLife: 7d', `halfLife: ${'1h'.repeat(25)}`],
        on: 'halfLife: 1h1h',
        says: /is "1h1h.*; expected a duration such as 5m/,
      },
      {
        name: 'a duration that ends after every instant',
        swap: ['window: 90d', `window: ${'9'.repeat(30)}w`],
        on: 'window: 999',
        says: /expected a duration such as 5m/,
      },
      {
        name: 'a half-life of nothing',
        swap: ['halfLife: 7d', 'halfLife: 0d'],
        on: 'halfLife: 0d',
        says: /`halfLife` is 0d; leave it out or give more than 0/,
        path: 'intent.halfLife',
      },
      {
        name: 'a rule’s half-life that is less than a millisecond',
        swap: ['halfLife: 14d', 'halfLife: 0.4ms'],
        on: 'halfLife: 0.4ms',
        says: /`halfLife` is 0\.4ms; leave it out/,
        path: 'intent.rules[0].halfLife',
      },
      {
        name: 'a window of nothing',
        swap: ['window: 90d', 'window: 0h'],
        on: 'window: 0h',
        says: /`window` is 0h; leave it out/,
        path: 'intent.window',
      },
      {
        name: 'an account’s window of nothing',
        swap: ['  window: 90d', '  account: { window: 0h }'],
        on: 'account: { window: 0h }',
        says: /`window` is 0h; leave it out/,
        path: 'intent.account.window',
      },
      {
        name: 'a version that is none',
        swap: ['version: 1.2.0', 'version: 1.2'],
        on: 'version',
        says: /is 1\.2; expected a version such as 1\.2\.0/,
      },
      {
        name: 'a version in words',
        swap: ['version: 1.2.0', 'version: latest'],
        on: 'version',
        says: /is "latest"; expected a version such as 1\.2\.0/,
      },
      {
        name: 'an id with spaces',
        swap: ['id: fit.size', 'id: fit size'],
        on: 'fit size',
        says: /is "fit size"; expected letters, digits/,
      },
      {
        name: 'an unknown outcome',
        swap: ['outcome: nurture', 'outcome: hot'],
        on: 'outcome: hot',
        says: /is "hot"; expected one of sql, mql, nurture, review, disqualified, suppressed/,
      },
      {
        name: 'confidence above 1',
        swap: ['minConfidence: 0.6', 'minConfidence: 60'],
        on: 'minConfidence',
        says: /is 60; it must be <= 1/,
      },
      {
        name: 'an empty list of signal types',
        swap: ['on: pricing_view', 'on: []'],
        on: 'on: []',
        says: /is \[\]; it must NOT have fewer than 1 items/,
      },
      {
        name: 'no fit rules',
        swap: [
          GOOD.slice(GOOD.indexOf('  rules:\n    - { id: fit.industry'), GOOD.indexOf('intent:\n')),
          '  rules: []\n',
        ],
        on: 'rules: []',
        says: /must NOT have fewer than 1 items/,
      },
      {
        name: 'a condition that is a text',
        swap: ['when: { contact.domain: { $in: [acme.example] } }', 'when: contact.domain'],
        on: 'own-staff',
        says: /is "contact\.domain"; expected object/,
      },
      {
        name: 'an unknown operator',
        swap: ['$gte: 50, $lte: 5000', '$matches: x'],
        on: '$matches',
        says: /unknown operator \$matches; known: \$eq, /,
        path: 'fit.rules[1].when.company.employees.$matches',
      },
      {
        name: 'a misspelt field',
        swap: ['company.employees: {', 'company.employes: {'],
        on: 'company.employes:',
        says: /did you mean "company\.employees"\?/,
      },
      {
        name: 'a field of the prototype',
        swap: ['company.employees: {', '__proto__: {'],
        on: '__proto__',
        says: /"__proto__" is not a field/,
      },
      {
        name: 'a fit rule that reads a score',
        swap: ['company.employees: {', 'intent.points: {'],
        on: 'fit.size',
        says: /"intent\.points" is not known yet when this rule runs/,
      },
      {
        name: 'a decision that reads the assignment',
        swap: ['when: { fit.points: { $gte: 50 },', 'when: { assignment.rep.id: ana,'],
        on: 'assignment.rep.id',
        says: /is only known after qualification/,
      },
      {
        name: 'a fit rule that compares a number with a text',
        swap: ['$gte: 50, $lte: 5000', '$eq: fifty'],
        on: 'fit.size',
        says: /^company\.employees is a number, so "fifty" can never match/,
        path: 'fit.rules[1].when.company.employees.$eq',
      },
      {
        name: 'a fit rule with a country by its name, inside $not',
        swap: [
          'company.employees: { $gte: 50, $lte: 5000 }',
          '$not: { contact.country: { $in: [Germany] } }',
        ],
        on: 'fit.size',
        says: /contact\.country is kept as an ISO country code, so "Germany" .*; write DE$/,
      },
      {
        name: 'a suppression by a value that its field does not have',
        swap: ['{ contact.domain: { $in: [acme.example] } }', '{ contact.emailKind: bussiness }'],
        on: 'own-staff',
        says: /did you mean business\?/,
        path: 'suppress[0].when.contact.emailKind',
      },
      {
        name: 'a decision by a score beyond its range',
        swap: ['fit.points: { $gte: 50 }', '$or: [{ model.score: { $gte: 90 } }]'],
        on: 'decide.sql',
        says: /model\.score is a number from 0 to 1; 90 lies outside/,
        path: 'decide[0].when.$or[0].model.score.$gte',
      },
      {
        name: 'a detail of a signal that holds whatever it is',
        swap: ['on: pricing_view,', 'on: pricing_view, when: { page: { $contains: "" } },'],
        on: 'intent.pricing',
        says: /\$contains: expected a text that is not empty/,
      },
      {
        name: 'a field of one’s own that holds whatever it is',
        swap: ['company.employees: { $gte: 50, $lte: 5000 }', 'attributes.x: { $contains: "" }'],
        on: 'fit.size',
        says: /\$contains: expected a text that is not empty/,
      },
      {
        name: 'a text that every text contains',
        swap: ['{ $in: [acme.example] }', '{ $contains: "" }'],
        on: 'own-staff',
        says: /\$contains: expected a text that is not empty/,
      },
      {
        name: 'a list without an operator',
        swap: ['{ $in: [acme.example] }', '[acme.example]'],
        on: 'own-staff',
        says: /a list needs an operator/,
      },
      {
        name: 'an empty condition',
        swap: ['{ contact.domain: { $in: [acme.example] } }', '{}'],
        on: 'own-staff',
        says: /an empty condition matches nothing/,
      },
      {
        name: 'a condition that contradicts itself',
        swap: ['$gte: 50, $lte: 5000', '$gte: 5000, $lte: 50'],
        on: 'fit.size',
        says: /contradicts itself on "company\.employees"/,
      },
      {
        name: 'an id used twice in one section',
        swap: ['id: fit.size', 'id: fit.industry'],
        on: 'when: { company.employees',
        says: /the id "fit\.industry" is used twice/,
      },
      {
        name: 'an id used twice across sections',
        swap: ['id: intent.demo', 'id: own-staff'],
        on: 'on: demo_request',
        says: /the id "own-staff" is used twice/,
      },
      {
        name: 'no `when` in the middle of decide',
        swap: [
          'when: { fit.points: { $gte: 50 }, intent.points: { $gte: 50 } }, outcome: sql',
          'outcome: sql',
        ],
        on: 'decide.sql',
        says: /"decide\.sql" has no `when`; only the last decision may go without/,
      },
      {
        name: 'and then the default cannot be reached',
        swap: [
          'when: { fit.points: { $gte: 50 }, intent.points: { $gte: 50 } }, outcome: sql',
          'outcome: sql',
        ],
        on: 'decide.nurture',
        says: /"decide\.nurture" can never be reached: "decide\.sql" before it/,
      },
      {
        name: 'a last decision with `when`',
        swap: [
          'id: decide.nurture, outcome',
          'id: decide.nurture, when: { fit.points: 1 }, outcome',
        ],
        on: 'decide.nurture',
        says: /is the last decision and must have no `when`/,
      },
      {
        name: 'a decision in another’s shadow',
        swap: [
          '  - { id: decide.nurture',
          '  - { id: decide.hot, when: { fit.points: { $gte: 60 }, intent.points: { $gte: 60 } }, outcome: mql }\n  - { id: decide.nurture',
        ],
        on: 'decide.hot',
        says: /"decide\.hot" can never win: whenever it matches, "decide\.sql"/,
      },
      {
        name: 'a fit threshold above all rules together',
        swap: ['fit.points: { $gte: 50 }', 'fit.points: { $gte: 51 }'],
        on: 'decide.sql',
        says: /asks for 51, but the rules give at most 50 fit points/,
      },
      {
        name: 'a fit threshold just above all rules together',
        swap: ['fit.points: { $gte: 50 }', 'fit.points: { $gt: 50 }'],
        on: 'decide.sql',
        says: /asks for more than 50, but the rules give at most 50 fit points/,
      },
      {
        name: 'an intent threshold above the cap',
        swap: ['intent.points: { $gte: 50 } }, outcome', 'intent.points: { $gte: 101 } }, outcome'],
        on: 'decide.sql',
        says: /asks for 101, but the rules give at most 100 intent points/,
      },
      {
        name: 'a threshold that only an exact value meets',
        swap: ['fit.points: { $gte: 50 }', 'fit.points: { $in: [70, 80] }'],
        on: 'decide.sql',
        says: /asks for 70, but the rules give at most 50 fit points/,
      },
      {
        name: 'an account score without an account section',
        swap: [
          'intent.points: { $gte: 50 } }, outcome',
          'intent.account.points: { $gte: 50 } }, outcome',
        ],
        on: 'decide.sql',
        says: /only known when the contract has an `intent\.account` section/,
      },
      {
        name: 'possible fit above all rules together',
        swap: ['fit.points: { $gte: 50 }', 'fit.possible: { $gte: 51 }'],
        on: 'decide.sql',
        says: /asks for 51, but the rules give at most 50 possible fit points/,
        path: 'decide[0].when.fit.possible',
      },
      {
        name: 'points below the floor',
        swap: ['fit.points: { $gte: 50 }', 'fit.points: { $lt: 0 }'],
        on: 'decide.sql',
        says: /asks for less than 0, but no lead has less than 0 fit points/,
      },
      {
        name: 'points below what the rules take, above the floor',
        swap: ['intent.points: { $gte: 50 } }, outcome', 'intent.points: { $in: [-5] } }, outcome'],
        on: 'decide.sql',
        says: /asks for at most -5, but no lead has less than 0 intent points/,
      },
      {
        name: 'a suppression by points that no lead has',
        swap: [
          'when: { contact.domain: { $in: [acme.example] } }',
          'when: { fit.points: { $gt: 50 } }',
        ],
        on: 'own-staff',
        says: /asks for more than 50, but the rules give at most 50 fit points/,
        path: 'suppress[0].when.fit.points',
      },
      {
        name: 'a suppression of every lead',
        swap: [
          'when: { contact.domain: { $in: [acme.example] } }',
          'when: { fit.points: { $gte: 0 } }',
        ],
        on: 'own-staff',
        says: /"own-staff" holds for every lead: fit points always lie between 0 and 50/,
      },
      {
        name: 'a threshold that every lead passes, with decisions behind it',
        swap: [
          '  - { id: decide.sql',
          '  - { id: decide.all, when: { fit.points: { $gte: -100 }, intent.points: { $lte: 100 } }, outcome: mql, grade: B2 }\n  - { id: decide.sql',
        ],
        on: 'decide.all',
        says: /"decide\.all" holds for every lead: fit points always lie between 0 and 50, and "decide\.sql" behind it can never be reached/,
        path: 'decide[0].when.fit.points',
      },
      {
        name: 'a threshold below the floor before the last decision',
        swap: [
          '  - { id: decide.nurture',
          '  - { id: decide.all, when: { fit.points: { $gte: -100 } }, outcome: mql, grade: B2 }\n  - { id: decide.nurture',
        ],
        on: 'decide.all',
        says: /"decide\.all" holds for every lead/,
        level: 'warning',
      },
      {
        name: 'an account score at most, without an account section',
        swap: [
          'intent.points: { $gte: 50 } }, outcome',
          'intent.account.points: { $lt: 50 } }, outcome',
        ],
        on: 'decide.sql',
        says: /only known when the contract has an `intent\.account` section/,
      },
      {
        name: 'grades the wrong way round',
        swap: [
          'decide:\n',
          'grades:\n  fit: { A: -40, B: 40, C: 65 }\n  intent: { 1: 60, 2: 30, 3: 0 }\ndecide:\n',
        ],
        on: 'A: -40',
        says: /the grade A \(from -40\) must ask for more points than B \(from 40\)/,
        path: 'grades.fit.B',
      },
      {
        name: 'two grades from the same points',
        swap: [
          'decide:\n',
          'grades:\n  fit: { A: 40 }\n  intent:\n    1: 60\n    2: 60\ndecide:\n',
        ],
        on: '    2: 60',
        says: /the grade 1 \(from 60\) must ask for more points than 2 \(from 60\)/,
      },
      {
        name: 'fit without grades',
        swap: ['decide:\n', 'grades:\n  fit: {}\n  intent: { 1: 60 }\ndecide:\n'],
        on: 'fit: {}',
        says: /names no grade; write one or more, such as \{ A: 70, B: 40, C: 0 \}/,
        path: 'grades.fit',
      },
      {
        name: 'intent without grades',
        swap: ['decide:\n', 'grades:\n  fit: { A: 40 }\n  intent: {}\ndecide:\n'],
        on: 'intent: {}',
        says: /names no grade/,
      },
      {
        name: 'an own test that expects nothing',
        swap: ['expect: { outcome: sql, grade: A1, intent: 60 }', 'expect: {}'],
        on: 'expect: {}',
        says: /expects nothing, so it proves nothing/,
        path: 'tests[0].expect',
      },
      {
        name: 'two rules that contradict each other',
        swap: [
          'points: 25, why: Size',
          'points: 25, why: Size }\n    - { id: fit.size2, when: { company.employees: { $lte: 5000, $gte: 50 } }, points: -10, why: Size',
        ],
        on: 'fit.size2',
        says: /"fit\.size2" contradicts "fit\.size": the same condition gives -10 and 25 points/,
      },
      {
        name: 'two rules with the same condition',
        swap: [
          'points: 25, why: Size',
          'points: 25, why: Size }\n    - { id: fit.size2, when: { company.employees: { $lte: 5000, $gte: 50 } }, points: 10, why: Size',
        ],
        on: 'fit.size2',
        says: /the same condition as "fit\.size", so it counts twice/,
        level: 'warning',
      },
      {
        name: 'two suppressions with the same condition',
        swap: [
          'why: Our own people }',
          'why: Our own people }\n  - { id: staff2, when: { contact.domain: { $in: [ACME.example] } }, why: Again }',
        ],
        on: 'staff2',
        says: /the same condition as "own-staff", which comes first/,
      },
      {
        name: 'a cap below the floor',
        swap: [
          '  cap: 100\n  rules:\n    - { id: fit',
          '  floor: 100\n  cap: 50\n  rules:\n    - { id: fit',
        ],
        on: 'cap: 50',
        says: /the cap \(50\) must be above the floor \(100\)/,
      },
      {
        name: 'a decision without a grade beside graded ones',
        swap: ['outcome: nurture, grade: C3', 'outcome: nurture'],
        on: 'decide.nurture',
        says: /"decide\.nurture" has no grade/,
        level: 'warning',
      },
      {
        name: 'an own test that fails',
        swap: ['grade: A1, intent: 60', 'grade: A1, fit: 40'],
        on: '- name: a demo',
        says: /test "a demo request from an ICP company is sales-ready" failed: expected fit 40, got 50 \(decide\.sql/,
      },
      {
        name: 'an own test over a misspelt field',
        swap: ['company.industry: software\n', 'company.industri: software\n'],
        on: '- name: a demo',
        says: /failed: "company\.industri" is not a field of the lead; did you mean "company\.industry"/,
      },
      {
        name: 'an own test over a wrong type',
        swap: ['company.employees: 200\n', 'company.employees: many\n'],
        on: '- name: a demo',
        says: /failed: lead\.company\.employees is "many"; expected number/,
      },
      {
        name: 'an own test at no time',
        swap: ['2026-03-02T10:00:00Z', '2026-03-02T99:00:00Z'],
        on: 'at: 2026',
        says: /expected a time such as/,
      },
      {
        name: 'an own test at a leap second, which no clock here shows',
        swap: ['2026-03-02T10:00:00Z', '2026-06-30T23:59:60Z'],
        on: 'at: 2026',
        says: /expected a time such as/,
      },
      {
        name: 'a lone surrogate, which has no canonical form',
        swap: ['Our own people', '"\\uD800"'],
        on: '\\uD800',
        says: /cannot be kept: .*lone surrogate/,
      },
      {
        name: 'an infinite operand',
        swap: ['$gte: 50, $lte: 5000', '$gte: .inf'],
        on: '.inf',
        says: /cannot be kept: .*not JSON numbers/,
      },
    ],
    load,
  )

  it('reports every problem at once', () => {
    const text = GOOD.replace('points: 8', 'points: eight').replace('halfLife: 7d', 'halfLife: x')
    assert.equal(loadContract(text).problems.length, 2)
  })
})

describe('loadContract: findings that would be wrong', () => {
  const withFit = (fit: object, when: object) =>
    loadContract(
      JSON.stringify({
        ...CONTRACT,
        fit: {
          rules: [{ id: 'a', when: { 'contact.country': 'DE' }, points: 5, why: 'A' }],
          ...fit,
        },
        decide: [
          { id: 'd', when, outcome: 'sql' },
          { id: 'e', outcome: 'nurture' },
        ],
      }),
    ).problems

  it('a floor is a score that every lead reaches', () =>
    assert.deepEqual(withFit({ floor: 70, cap: 100 }, { 'fit.points': { $gte: 70 } }), []))

  it('below the floor is no threshold, but that refuses nothing', () =>
    assert.deepEqual(
      withFit({ floor: 70, cap: 100 }, { 'fit.points': { $gte: 60 } }).map(({ level }) => level),
      ['warning'],
    ))

  it('rules that take points reach below 0 when the floor lets them', () => {
    const minus = { id: 'b', when: { 'contact.country': 'FR' }, points: -20, why: 'B' }
    const fit = { floor: -50, rules: [minus] }
    assert.deepEqual(withFit(fit, { 'fit.points': { $lt: 0 } }), [])
    assert.deepEqual(withFit(fit, { 'fit.points': { $gt: -20 } }), [])
    assert.match(withFit(fit, { 'fit.points': { $lt: -20 } })[0]!.message, /no lead has less/)
  })

  it('a signal that takes points may come many times', () => {
    const { problems } = loadContract(
      JSON.stringify({
        ...CONTRACT,
        intent: {
          floor: -100,
          rules: [{ id: 'i', on: 'unsubscribe', points: -1, why: 'Left' }],
        },
        decide: [
          { id: 'd', when: { 'intent.points': { $lte: -90 } }, outcome: 'disqualified' },
          { id: 'e', outcome: 'nurture' },
        ],
      }),
    )
    assert.deepEqual(problems, [])
  })

  it('a threshold beside another field is one', () =>
    assert.deepEqual(withFit({}, { 'fit.points': { $gte: 0 }, 'contact.title': 'CTO' }), []))

  it('grades in any notation and order of writing', () => {
    const { problems } = loadContract(
      JSON.stringify({
        ...CONTRACT,
        grades: { fit: { c: 0, A: 70, b: 40 }, intent: { '10': 0, '9': 5, 'A+': 90, AA: 2 } },
      }),
    )
    assert.deepEqual(problems, [])
  })

  it('the details of a signal and fields of one’s own are of any type', () => {
    const { problems } = loadContract(
      JSON.stringify({
        ...CONTRACT,
        fit: {
          rules: [
            { id: 'own', when: { 'attributes.country': 'Germany' }, points: 90, why: 'Own' },
            { id: 'own2', when: { 'attributes.employees': 'many' }, points: 5, why: 'Own' },
          ],
        },
        intent: {
          rules: [
            {
              id: 'visit',
              on: 'visit',
              when: { 'company.country': 'Germany', 'consent.optOut': 'no' },
              points: 60,
              why: 'Visit',
            },
          ],
        },
      }),
    )
    assert.deepEqual(problems, [])
  })

  it('a lead may have both of two values of a list', () => {
    const { problems } = loadContract(
      JSON.stringify({
        ...CONTRACT,
        decide: [
          { id: 'd', when: { 'attributes.tags': { $ne: 'b' } }, outcome: 'sql' },
          { id: 'e', when: { 'attributes.tags': 'a' }, outcome: 'mql' },
          { id: 'f', outcome: 'nurture' },
        ],
      }),
    )
    assert.deepEqual(problems, [])
  })
})

describe('loadContract: hostile texts', () => {
  shortStackTraces()
  for (const [name, text] of [...HOSTILE_TEXTS, ['an alias bomb', ALIAS_BOMB] as const]) {
    it(`${name}: answers with a problem, in bounded time`, () => {
      const { contract: loaded, problems } = inBoundedTime(5_000, () => loadContract(text))
      assert.equal(loaded, undefined)
      assert.ok(problems.length > 0)
      for (const { message } of problems) assert.ok(message.length < 500, message.slice(0, 600))
    })
  }

  it('a text beyond the bound is refused unread', () => {
    const text = 'a'.repeat(10_000_000)
    const { problems } = inBoundedTime(500, () => loadContract(text))
    assert.match(problems[0]!.message, /has 10000000 characters; at most 2000000 are read/)
  })

  it('an alias bomb inside a good contract is refused', () => {
    assert.match(
      loadContract(`${ALIAS_BOMB}${GOOD}`).problems[0]!.message,
      /not usable YAML: .*alias/,
    )
  })

  it('is total over any JSON in any place of a contract', () => {
    const spec = loadContract(GOOD).contract!.spec as Record<string, unknown>
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(spec)), fc.jsonValue(), (key, value) => {
        const { contract: loaded, problems } = loadContract(
          JSON.stringify({ ...spec, [key]: value }),
        )
        if (loaded === undefined) assert.ok(problems.some(({ level }) => level === 'error'))
        for (const { line } of problems) assert.ok(line! >= 1)
      }),
      { numRuns: 150 },
    )
  })

  it('is total over any run of units in the place of a duration', () => {
    const unit = fc
      .tuple(fc.nat(), fc.constantFrom('ms', 's', 'm', 'h', 'd', 'w'))
      .map((u) => u.join(''))
    const text = fc.array(unit, { minLength: 1, maxLength: 20 }).map((units) => units.join(''))
    fc.assert(
      fc.property(text, fc.constantFrom('halfLife', 'window', 'cooldown'), (duration, key) => {
        const intent = { [key]: duration, rules: [{ id: 'i', on: 'x', points: 60, why: 'w' }] }
        const { contract: loaded, problems } = loadContract(JSON.stringify({ ...CONTRACT, intent }))
        if (loaded === undefined)
          return assert.match(problems[0]!.path, new RegExp(`intent.${key}`))
        const { halfLifeMs, windowMs, cooldownMs } = loaded.intent.rules[0]!
        for (const ms of [halfLifeMs, windowMs]) assert.ok(ms > 0 && Number.isSafeInteger(ms))
        assert.ok(cooldownMs >= 0 && Number.isSafeInteger(cooldownMs))
      }),
      { numRuns: 200 },
    )
  })

  it('a cooldown of nothing is none', () => {
    const text = GOOD.replace('cooldown: 10m', 'cooldown: 0m')
    assert.equal(loadContract(text).contract?.intent.rules[0]?.cooldownMs, 0)
  })

  it('is total over any operand of any operator', () => {
    const when = fc.dictionary(
      fc.constantFrom('company.employees', 'attributes.x', '$and', '$or', '$not', 'fit.points'),
      fc.oneof(
        fc.jsonValue(),
        fc.dictionary(fc.constantFrom('$in', '$gte', '$not', '$exists', '$eq'), fc.jsonValue()),
      ),
    )
    fc.assert(
      fc.property(when, (one) => {
        const decide = [
          { id: 'd', when: one, outcome: 'sql' },
          { id: 'e', outcome: 'nurture' },
        ]
        loadContract(JSON.stringify({ ...CONTRACT, decide }))
      }),
      { numRuns: 200 },
    )
  })
})

describe('a text of nothing but repeated keys', () => {
  it('is refused like any other, however many there are', () => {
    const { contract, problems } = loadContract(`{${'a,'.repeat(150_000)}}`)
    assert.equal(contract, undefined)
    assert.equal(problems.length, PROBLEMS_MAX)
    assert.match(problems[0]!.message, /"a" is repeated/)
  })
})
