// Goal: consent beats everything, suppression comes next, then the first decision that holds; what
// is not known is never taken for no. Method: tables; random contracts and leads for the first law.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Lead } from '../../../engine/lead/lead'
import { decide, isOptedOut, topFactors } from '../../../engine/scoring/decide'
import { evaluateContract } from '../../../engine/scoring/evaluate'
import { contract } from '../support/artefacts'
import { at, lead, NOW, signal } from '../support/leads'

const judge = (changes: Readonly<Record<string, unknown>>, one: Lead = lead()) =>
  evaluateContract(contract(changes), one, NOW)
const DECIDE = (rules: readonly object[]) => ({
  decide: [...rules, { id: 'rest', outcome: 'nurture' }],
})

describe('isOptedOut', () => {
  const EMAIL = { email: 'ana@acme.example' }
  const PHONE = { phone: '+49301' }
  const BOTH = { ...EMAIL, ...PHONE }
  for (const [consent, contact, want] of [
    [{}, BOTH, false],
    [{ optOut: true }, BOTH, true],
    [{ optOut: false }, BOTH, false],
    [{ optOut: true, email: 'granted', phone: 'granted' }, BOTH, true],
    [{ marketing: 'denied' }, EMAIL, false],
    [{ email: 'denied' }, BOTH, false],
    [{ phone: 'denied' }, BOTH, false],
    [{ email: 'denied', phone: 'denied' }, BOTH, true],
    [{ email: 'denied', phone: 'unknown' }, BOTH, false],
    [{ email: 'denied' }, EMAIL, true],
    [{ phone: 'denied' }, EMAIL, false],
    [{ email: 'denied', phone: 'granted' }, EMAIL, true],
    [{ phone: 'denied' }, PHONE, true],
    [{ email: 'denied' }, PHONE, false],
    [{ email: 'denied' }, {}, false],
    [{ phone: 'denied' }, {}, false],
    [{ email: 'denied', phone: 'denied' }, {}, true],
  ] as const) {
    it(`${JSON.stringify(consent)} with ${Object.keys(contact).join(', ') || 'no channel'}: ${want}`, () =>
      assert.equal(isOptedOut(lead({ consent, contact })), want))
  }
})

describe('decide: a person who opted out is suppressed, whatever else matches', () => {
  const OUTCOMES = ['sql', 'mql', 'nurture', 'review', 'disqualified', 'suppressed']
  const when = fc.constantFrom<object>(
    { 'company.country': 'DE' },
    { 'attributes.x': 1 },
    { 'company.country': { $exists: true } },
    { 'intent.points': { $gte: 1 } },
    { 'consent.optOut': true },
    { 'consent.optOut': { $not: { $eq: true } } },
  )
  const rules = fc.uniqueArray(
    fc.record({
      when,
      outcome: fc.constantFrom(...OUTCOMES),
      unknown: fc.constantFrom('skip', 'review'),
    }),
    // One per field, as a rule in another's shadow is refused.
    { selector: ({ when: one }) => Object.keys(one)[0], maxLength: 4 },
  )
  const suppress = fc.uniqueArray(
    fc.record({
      when,
      outcome: fc.constantFrom('suppressed', 'disqualified', 'review'),
      why: fc.constant('w'),
    }),
    { selector: ({ when: one }) => JSON.stringify(one), maxLength: 3 },
  )
  const optOut = fc.constantFrom<Lead['consent']>(
    { optOut: true },
    { email: 'denied', phone: 'denied' },
    { optOut: true, marketing: 'granted', email: 'granted', phone: 'granted' },
  )
  it('for any contract and any lead', () => {
    fc.assert(
      fc.property(
        rules,
        suppress,
        optOut,
        fc.boolean(),
        (decisions, suppressions, consent, known) => {
          const loaded = contract({
            ...DECIDE(decisions.map((rule, index) => ({ id: `d${index}`, ...rule }))),
            suppress: suppressions.map((rule, index) => ({ id: `s${index}`, ...rule })),
          })
          const one = lead({
            consent,
            signals: [signal('demo_request')],
            ...(known ? { attributes: { x: 1 } } : {}),
          })
          const { decision, because } = evaluateContract(loaded, one, NOW)
          assert.equal(decision.outcome, 'suppressed')
          assert.equal(decision.rule, 'consent.opt-out')
          assert.equal(because[0]!.inputs.length, 3)
          // The twin that must fail without the rule: the same lead without the opt-out is judged.
          assert.notEqual(
            evaluateContract(loaded, { ...one, consent: {} }, NOW).decision.rule,
            'consent.opt-out',
          )
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('decide: suppression', () => {
  const STAFF = { id: 'staff', when: { 'contact.domain': 'acme.example' }, why: 'Our own people' }
  const DEAL = { id: 'deal', when: { 'crm.openDeal': true }, why: 'In a deal' }
  const rows: ReadonlyArray<readonly [string, readonly object[], Partial<Lead>, string, string]> = [
    [
      'the first that holds decides',
      [STAFF, { ...DEAL, outcome: 'disqualified' }],
      { crm: { openDeal: true } },
      'suppressed',
      'staff',
    ],
    [
      'with the outcome that it names',
      [{ ...STAFF, outcome: 'disqualified' }],
      {},
      'disqualified',
      'staff',
    ],
    ['into review', [{ ...STAFF, outcome: 'review' }], {}, 'review', 'staff'],
    [
      'one that does not hold is passed over',
      [DEAL],
      { crm: { openDeal: false } },
      'nurture',
      'decide.rest',
    ],
    ['an unknown one is passed over', [DEAL], {}, 'nurture', 'decide.rest'],
    [
      'an unknown one goes to review where it says so',
      [{ ...DEAL, unknown: 'review' }],
      {},
      'review',
      'deal',
    ],
    [
      'an unknown one before one that holds',
      [{ ...DEAL, unknown: 'review' }, STAFF],
      {},
      'review',
      'deal',
    ],
    [
      'it may read the scores',
      [
        {
          id: 'low',
          when: { 'fit.points': { $lt: 100 }, 'intent.points': { $lt: 50 } },
          why: 'Low',
        },
      ],
      {},
      'suppressed',
      'low',
    ],
  ]
  for (const [name, suppress, changes, outcome, rule] of rows) {
    it(name, () => {
      const { decision } = judge({ suppress }, lead(changes))
      assert.deepEqual([decision.outcome, decision.rule], [outcome, rule])
    })
  }

  it('comes before every decision', () => {
    const { decision } = judge({ suppress: [STAFF] }, lead({ signals: [signal('demo_request')] }))
    assert.equal(decision.outcome, 'suppressed')
  })

  it('a suppression that could not be decided is listed with the decision', () => {
    const { because } = judge({ suppress: [DEAL] })
    assert.deepEqual(
      because.map(({ rule, unknown }) => [rule, unknown ?? false]),
      [
        ['decide.rest', false],
        ['deal', true],
      ],
    )
  })
})

describe('decide: the first decision that holds', () => {
  const BIG = { id: 'big', when: { 'company.employees': { $gte: 100 } }, outcome: 'sql' }
  const PLAN = { id: 'plan', when: { 'attributes.plan': 'pro' }, outcome: 'mql' }
  const rows: ReadonlyArray<
    readonly [string, readonly object[], string, rule: string, doubts: readonly string[]]
  > = [
    ['the first wins', [BIG, { ...PLAN, when: { 'company.country': 'DE' } }], 'sql', 'big', []],
    ['the last takes the rest', [], 'nurture', 'rest', []],
    ['an unknown one does not match, and is listed', [PLAN, BIG], 'sql', 'big', ['plan']],
    [
      'an unknown one goes to review where it says so',
      [{ ...PLAN, unknown: 'review' }, BIG],
      'review',
      'plan',
      [],
    ],
    [
      'an unknown one behind the match is not read',
      [BIG, { ...PLAN, unknown: 'review' }],
      'sql',
      'big',
      [],
    ],
  ]
  for (const [name, rules, outcome, rule, doubts] of rows) {
    it(name, () => {
      const { decision, because } = judge(DECIDE(rules))
      assert.deepEqual([decision.outcome, decision.rule], [outcome, rule])
      const listed = because.slice(1)
      assert.deepEqual(
        listed.map((one) => one.rule),
        doubts,
      )
      assert.ok(listed.every(({ unknown }) => unknown))
    })
  }

  it('says that it was not certain', () => {
    const { decision } = judge(DECIDE([{ ...PLAN, why: 'On the pro plan', unknown: 'review' }]))
    assert.equal(decision.why, 'Not certain: On the pro plan')
  })

  it('gives the next action of the rule, else of the outcome', () => {
    assert.equal(judge(DECIDE([{ ...BIG, next: 'Call Ana' }])).decision.next, 'Call Ana')
    assert.equal(judge(DECIDE([BIG])).decision.next, 'Contact now')
    assert.equal(judge({}).decision.next, 'Keep in the nurture programme')
  })

  it('a rule that did not match gives neither its next action nor its grade', () => {
    const rules = [
      { ...PLAN, unknown: 'review', next: 'Call', grade: 'A1' },
      { ...BIG, grade: 'B1' },
    ]
    const { decision } = judge({
      decide: [...rules, { id: 'rest', outcome: 'nurture', grade: 'C3' }],
    })
    assert.deepEqual([decision.outcome, decision.next], ['review', 'Ask a person to decide'])
    assert.equal('grade' in decision, false)
  })

  it('names the contract', () => {
    const loaded = contract()
    assert.deepEqual(evaluateContract(loaded, lead(), NOW).decision.contract, loaded.ref)
  })
})

describe('decide: grades', () => {
  const grades = { fit: { A: 80, B: 50, C: 0 }, intent: { 1: 50, 2: 20, 3: 0 } }
  for (const [fit, intent, want] of [
    [100, 100, 'A1'],
    [80, 50, 'A1'],
    [79, 49, 'B2'],
    [50, 20, 'B2'],
    [49, 19, 'C3'],
    [0, 0, 'C3'],
    [-10, -10, 'C3'],
  ] as const) {
    it(`fit ${fit} and intent ${intent} are ${want}`, () => {
      const scored = {
        ...lead(),
        fit: { points: fit, possible: fit, because: [], unknown: [], unknownCount: 0 },
        intent: { points: intent, because: [], signals: 0 },
      } as unknown as Lead
      assert.equal(decide(contract({ grades }), scored).section.grade, want)
    })
  }

  it('the rule’s own grade wins over the grid', () => {
    const changes = { grades, decide: [{ id: 'rest', outcome: 'nurture', grade: 'Z9' }] }
    assert.equal(judge(changes).decision.grade, 'Z9')
  })

  it('without a grid and without the rule’s own there is none', () => {
    assert.equal('grade' in judge({}).decision, false)
  })

  it('a suppressed lead has the grade of its points', () => {
    assert.equal(judge({ grades }, lead({ consent: { optOut: true } })).decision.grade, 'B3')
  })
})

describe('topFactors: what moved the lead most', () => {
  const reason = (rule: string, points: number) => ({
    rule,
    points,
    why: `Why ${rule}`,
    inputs: [],
  })
  const scored = (fit: object[], intent: object[], model?: object) =>
    ({ ...lead(), fit: { because: fit }, intent: { because: intent }, model }) as unknown as Lead

  const plain = contract()

  it('is empty where nothing did', () => {
    assert.deepEqual(topFactors(plain, lead()), [])
    assert.deepEqual(topFactors(plain, scored([reason('a', 0)], [])), [])
  })
  it('takes the three largest of both axes, either way', () => {
    const factors = topFactors(
      plain,
      scored(
        [reason('a', 5), reason('b', -50), reason('e', 1)],
        [reason('c', 40), reason('d', 40)],
      ),
    )
    assert.deepEqual(factors, ['-50 Why b', '+40 Why c', '+40 Why d'])
  })
  it('adds the model’s three largest features', () => {
    const features = ['a', 'b', 'c', 'd'].map((name, weight) => ({ name, weight: -weight }))
    const one = scored([reason('x', 1)], [], { score: 1, confidence: 1, features })
    const want = ['+1 Why x', 'model: d', 'model: c', 'model: b']
    const when = { 'model.score': { $gte: 0.8 } }
    const fit = { rules: [{ id: 'f', when, points: 60, why: 'Model' }] }
    const suppress = [{ id: 's', when, why: 'Model' }]
    for (const reading of [{ fit }, { suppress }, DECIDE([{ id: 'd', when, outcome: 'sql' }])])
      assert.deepEqual(topFactors(contract(reading), one), want)
    assert.deepEqual(
      topFactors(plain, one),
      ['+1 Why x'],
      'a model that no rule reads moves nothing',
    )
  })
  it('leaves the reasons in their order', () => {
    const because = [reason('a', 1), reason('b', 2)]
    topFactors(plain, scored(because, []))
    assert.deepEqual(
      because.map(({ rule }) => rule),
      ['a', 'b'],
    )
  })
})

describe('evaluateContract: the whole contract in one call', () => {
  it('scores first, then decides over the scores', () => {
    const { fit, intent, decision, because } = judge(
      {},
      lead({ signals: [signal('demo_request')] }),
    )
    assert.deepEqual([fit.points, intent.points, decision.outcome], [60, 60, 'sql'])
    assert.deepEqual(because[0], {
      rule: 'decide.sql',
      why: 'fit.points is at least 50 and intent.points is at least 50',
      inputs: [
        { path: 'fit.points', value: 60 },
        { path: 'intent.points', value: 60 },
      ],
    })
    assert.deepEqual(decision.factors, ['+60 Asked for a demo', '+40 Size', '+20 Country'])
  })
  it('hands the account’s other people to the roll-up', () => {
    const loaded = contract({
      intent: {
        rules: [{ id: 'intent.demo', on: 'demo_request', points: 60, why: 'Demo' }],
        account: {},
      },
    })
    const others = [{ id: 'x', type: 'demo_request', at: at(NOW), person: 'L2' }]
    assert.equal(evaluateContract(loaded, lead(), NOW, others).intent.account!.points, 60)
  })
})
