// Goal: fit is the sum of the rules that hold, within floor and cap; what is not known is said.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { clamp, scoreFit } from '../../../engine/scoring/fit'
import { contract } from '../support/artefacts'
import { at, deepFreeze, lead, NOW } from '../support/leads'

const rule = (id: string, points: number, when: object, more: object = {}) => ({
  id,
  points,
  when,
  why: `Because ${id}`,
  ...more,
})
const fitContract = (rules: readonly object[], more: object = {}) =>
  contract({ fit: { rules, ...more }, decide: [{ id: 'rest', outcome: 'nurture' }] })

const SIZE = rule('size', 40, { 'company.employees': { $gte: 50 } })
const HOME = rule('home', 20, { 'company.country': 'DE' })
const FREE = rule('free', -30, { 'contact.emailKind': 'free' })
const PLAN = rule('plan', 15, { 'attributes.plan': 'pro' })
const LATE = rule('late', -10, { 'attributes.late': true })

describe('scoreFit: points', () => {
  const rows: ReadonlyArray<
    readonly [string, readonly object[], object, points: number, possible: number]
  > = [
    ['every rule holds', [SIZE, HOME], {}, 60, 60],
    ['one rule holds', [SIZE, rule('fr', 20, { 'company.country': 'FR' })], {}, 40, 40],
    ['a negative rule takes', [SIZE, rule('home', -20, { 'company.country': 'DE' })], {}, 20, 20],
    ['the floor is 0 unless told', [rule('home', -20, { 'company.country': 'DE' })], {}, 0, 0],
    ['a floor below 0', [rule('home', -20, { 'company.country': 'DE' })], { floor: -10 }, -10, -10],
    [
      'the cap is 100 unless told',
      [rule('a', 90, { 'company.country': 'DE' }), SIZE],
      {},
      100,
      100,
    ],
    ['a lower cap', [SIZE, HOME], { cap: 50 }, 50, 50],
    ['an unknown rule gives nothing, but might', [SIZE, PLAN], {}, 40, 55],
    ['an unknown negative rule takes nothing from what is possible', [SIZE, LATE], {}, 40, 40],
    ['possible stays below the cap', [SIZE, HOME, PLAN], { cap: 70 }, 60, 70],
    [
      'fractions',
      [rule('a', 0.5, { 'company.country': 'DE' }), rule('b', 0.25, { 'company.employees': 200 })],
      {},
      0.75,
      0.75,
    ],
  ]
  for (const [name, rules, limits, points, possible] of rows) {
    it(name, () => {
      const section = scoreFit(fitContract(rules, limits), lead())
      assert.deepEqual([section.points, section.possible], [points, possible])
    })
  }
})

describe('scoreFit: the trace', () => {
  const loaded = fitContract([SIZE, HOME, FREE, PLAN, LATE])
  const section = scoreFit(loaded, lead())

  it('lists the rules that held, with points, words and values', () => {
    assert.deepEqual(section.because, [
      {
        rule: 'size',
        points: 40,
        why: 'Because size',
        inputs: [{ path: 'company.employees', value: 200 }],
      },
      {
        rule: 'home',
        points: 20,
        why: 'Because home',
        inputs: [{ path: 'company.country', value: 'DE' }],
      },
    ])
  })
  it('lists the rules that could not be decided, marked so', () => {
    assert.deepEqual(
      section.unknown.map(({ rule: id, points, unknown }) => [id, points, unknown]),
      [
        ['plan', 15, true],
        ['late', -10, true],
      ],
    )
    assert.equal(section.unknownCount, 2)
  })
  it('names the contract that judged', () => assert.deepEqual(section.contract, loaded.ref))
  it('a doubtful value is unknown, and the trace shows how doubtful', () => {
    const entry = { source: 'p', method: 'enriched', confidence: 0.4, observedAt: at(NOW) }
    const doubtful = lead({ provenance: { 'company.employees': entry } })
    const { points, unknown } = scoreFit(loaded, doubtful)
    assert.equal(points, 20)
    assert.equal(unknown[0]!.rule, 'size')
    assert.equal(unknown[0]!.inputs[0]!.confidence, 0.4)
  })
  it('a rule asks for the confidence that it names', () => {
    const entry = { source: 'p', method: 'enriched', confidence: 0.7, observedAt: at(NOW) }
    const strict = fitContract([{ ...SIZE, minConfidence: 0.8 }, HOME])
    assert.equal(scoreFit(strict, lead({ provenance: { 'company.employees': entry } })).points, 20)
  })
})

describe('scoreFit: laws', () => {
  const rules = fc.uniqueArray(
    fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      points: fc.integer({ min: -100, max: 100 }),
      when: fc.constantFrom<object>(
        { 'company.country': 'DE' },
        { 'company.country': { $in: ['FR', 'IT'] } },
        { 'attributes.x': 1 },
        { 'company.employees': { $gte: 100 } },
        { 'contact.country': { $exists: false } },
      ),
      why: fc.constant('w'),
    }),
    { selector: ({ id }) => id, minLength: 1 },
  )
  const uniqueConditions = rules.filter(
    (all) => new Set(all.map(({ when }) => JSON.stringify(when))).size === all.length,
  )

  it('points never exceed what is possible, and both stay within floor and cap', () => {
    fc.assert(
      fc.property(
        uniqueConditions,
        fc.integer({ min: -50, max: 0 }),
        fc.integer({ min: 1, max: 200 }),
        (all, floor, cap) => {
          const { points, possible } = scoreFit(fitContract(all, { floor, cap }), lead())
          assert.ok(floor <= points && points <= possible && possible <= cap)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('the order of the rules changes no point, and the lead stays as it was', () => {
    const frozen = deepFreeze(lead())
    fc.assert(
      fc.property(uniqueConditions, (all) => {
        const there = scoreFit(fitContract(all), frozen)
        const back = scoreFit(fitContract([...all].reverse()), frozen)
        assert.deepEqual([there.points, there.possible], [back.points, back.possible])
      }),
      { numRuns: 100 },
    )
  })
})

describe('clamp', () => {
  for (const [value, want] of [
    [-1, 0],
    [0, 0],
    [5, 5],
    [10, 10],
    [11, 10],
  ] as const) {
    it(`${value} within 0 and 10 is ${want}`, () => assert.equal(clamp(value, 0, 10), want))
  }
})
