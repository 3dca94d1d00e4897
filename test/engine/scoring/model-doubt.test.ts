// Goal: a model below its cut-off decides nothing, and a lead that it could have decided goes to
// review. Method: a table per place where a rule may read it; then every sure model against an unsure one.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { loadContract } from '../../../engine/contract/load'
import type { Lead } from '../../../engine/lead/lead'
import { evaluateContract } from '../../../engine/scoring/evaluate'
import { CONTRACT, contract } from '../support/artefacts'
import { lead, NOW } from '../support/leads'

const judge = (changes: Readonly<Record<string, unknown>>, one: Lead = lead()) =>
  evaluateContract(contract(changes), one, NOW)
const DECIDE = (rules: readonly object[]) => ({
  decide: [...rules, { id: 'rest', outcome: 'nurture' }],
})

describe('decide: a model and its cut-off', () => {
  const MODEL = { model: { cutOff: 0.7 } }
  const MODEL_RULE = 'model.confidence'
  const HOT = { id: 'hot', when: { 'model.score': { $gte: 0.8 } }, outcome: 'sql' }
  const both = {
    id: 'both',
    when: { 'model.score': { $gte: 0.8 }, 'attributes.plan': 'pro' },
    outcome: 'sql',
  }
  const model = (score: number, confidence: number) => ({ model: { score, confidence } })
  const rows: ReadonlyArray<
    readonly [string, Record<string, unknown>, Partial<Lead>, outcome: string, rule: string]
  > = [
    ['a sure model counts', { ...MODEL, ...DECIDE([HOT]) }, model(0.9, 0.8), 'sql', 'hot'],
    ['at the cut-off it counts', { ...MODEL, ...DECIDE([HOT]) }, model(0.9, 0.7), 'sql', 'hot'],
    [
      'below it a person decides',
      { ...MODEL, ...DECIDE([HOT]) },
      model(0.9, 0.69),
      'review',
      'model.confidence',
    ],
    [
      'below it also a low score is in doubt',
      { ...MODEL, ...DECIDE([HOT]) },
      model(0.1, 0.2),
      'review',
      'model.confidence',
    ],
    [
      'no model at all is no doubt about one',
      { ...MODEL, ...DECIDE([HOT]) },
      {},
      'nurture',
      'rest',
    ],
    [
      'a rule may say that the doubt is passed over',
      { ...MODEL, ...DECIDE([{ ...HOT, unknown: 'skip' }]) },
      model(0.9, 0.1),
      'nurture',
      'rest',
    ],
    ['without a cut-off every model counts', DECIDE([HOT]), model(0.9, 0.01), 'sql', 'hot'],
    [
      'a contract that asks for no confidence still has its cut-off',
      { ...MODEL, minConfidence: 0, ...DECIDE([HOT]) },
      model(0.9, 0.1),
      'review',
      'model.confidence',
    ],
    [
      'an earlier decision that needs no model stands',
      {
        ...MODEL,
        ...DECIDE([{ id: 'de', when: { 'company.country': 'DE' }, outcome: 'mql' }, HOT]),
      },
      model(0.9, 0.1),
      'mql',
      'de',
    ],
    [
      'a rule that fails on another field is no doubt',
      { ...MODEL, ...DECIDE([both]) },
      { ...model(0.9, 0.1), attributes: { plan: 'free' } },
      'nurture',
      'rest',
    ],
    [
      'a rule that lacks another field is not in doubt for the model',
      { ...MODEL, ...DECIDE([both]) },
      model(0.9, 0.1),
      'nurture',
      'rest',
    ],
    [
      'a rule that holds but for the model is',
      { ...MODEL, ...DECIDE([both]) },
      { ...model(0.9, 0.1), attributes: { plan: 'pro' } },
      'review',
      'model.confidence',
    ],
  ]
  for (const [name, changes, more, outcome, rule] of rows) {
    it(name, () => {
      const { decision } = judge(changes, lead(more))
      assert.deepEqual([decision.outcome, decision.rule], [outcome, rule])
    })
  }

  const fitRules = (...rules: (readonly [when: object, points: number])[]) => ({
    fit: { rules: rules.map(([when, points], at) => ({ id: `f${at}`, when, points, why: 'w' })) },
  })
  const likes = { 'model.score': { $gte: 0.8 } }
  const german = { 'company.country': 'DE' }
  const fits = (points: object, more: object = {}) =>
    DECIDE([{ id: 'fits', when: { 'fit.points': points }, outcome: 'sql', ...more }])
  const unsureModel = model(0.9, 0.1)
  const fitRows: ReadonlyArray<
    readonly [string, Record<string, unknown>, Partial<Lead>, string, number, string]
  > = [
    ['a surer model counts', fitRules([likes, 60]), model(0.9, 0.7), 'sql', 60, 'fits'],
    ['an unsure one gives no points', fitRules([likes, 60]), unsureModel, 'review', 0, MODEL_RULE],
    ['nor does a low score', fitRules([likes, 60]), model(0.1, 0.1), 'review', 0, MODEL_RULE],
    [
      'points that are enough without it',
      fitRules([likes, 60], [german, 50]),
      unsureModel,
      'sql',
      50,
      'fits',
    ],
    [
      'points that it could not make enough',
      fitRules([likes, 40], [{ 'attributes.x': 1 }, 60]),
      { ...unsureModel, attributes: { x: 2 } },
      'nurture',
      0,
      'rest',
    ],
    [
      'points that it could take away',
      fitRules([{ 'model.score': { $lt: 0.2 } }, -30], [german, 60]),
      unsureModel,
      'review',
      60,
      MODEL_RULE,
    ],
    [
      'two rules of which only one can hold',
      fitRules([likes, 30], [{ 'model.score': { $lt: 0.8 } }, 31]),
      unsureModel,
      'nurture',
      0,
      'rest',
    ],
    [
      'a narrow band of scores',
      fitRules([{ 'model.score': { $gt: 0.41, $lt: 0.42 } }, 60]),
      unsureModel,
      'review',
      0,
      MODEL_RULE,
    ],
    [
      'a rule that lacks another field as well',
      fitRules([{ ...likes, 'attributes.plan': 'pro' }, 60]),
      unsureModel,
      'nurture',
      0,
      'rest',
    ],
    [
      'a rule that the model alone could make hold',
      fitRules([{ $or: [likes, { 'attributes.plan': 'pro' }] }, 60]),
      model(0.1, 0.1),
      'review',
      0,
      MODEL_RULE,
    ],
  ]
  for (const [name, rules, more, outcome, points, rule] of fitRows) {
    it(`in fit: ${name}`, () => {
      const { fit, decision } = judge({ ...MODEL, ...rules, ...fits({ $gte: 50 }) }, lead(more))
      assert.deepEqual([decision.outcome, fit.points, decision.rule], [outcome, points, rule])
    })
  }

  it('in fit: the doubted rule stands among the unknown ones', () => {
    const { fit } = judge(
      { ...MODEL, ...fitRules([likes, 60]), ...fits({ $gte: 50 }) },
      lead(unsureModel),
    )
    assert.deepEqual([fit.possible, fit.unknown.map(({ rule }) => rule)], [60, ['f0']])
  })

  it('in fit: a decision may say that the doubt is passed over', () => {
    const skip = fits({ $gte: 50 }, { unknown: 'skip' })
    const { decision } = judge({ ...MODEL, ...fitRules([likes, 60]), ...skip }, lead(unsureModel))
    assert.equal(decision.rule, 'rest')
  })

  it('in suppression: goes to review unless the rule says otherwise', () => {
    const suppress = (more: object) => [
      {
        id: 'cold',
        when: { 'model.score': { $lt: 0.1 } },
        outcome: 'disqualified',
        why: 'w',
        ...more,
      },
    ]
    const outcome = (more: object, confidence: number) =>
      judge({ ...MODEL, suppress: suppress(more) }, lead(model(0.9, confidence))).decision.rule
    assert.equal(outcome({}, 0.9), 'decide.rest')
    assert.equal(outcome({}, 0.1), MODEL_RULE)
    assert.equal(outcome({ unknown: 'skip' }, 0.1), 'decide.rest')
    assert.equal(outcome({ unknown: 'review' }, 0.1), 'cold')
  })

  it('law: what an unsure model leaves decided, every sure one decides so', () => {
    const score = fc.constantFrom(0, 0.2, 0.5, 0.8, 1)
    const about = fc.oneof(
      fc.record({ 'model.score': fc.record({ $gte: score }) }),
      fc.record({ 'model.score': fc.record({ $lt: score }) }),
      fc.constant(german),
      fc.constant({ 'attributes.x': 1 }),
    )
    const fitRule = fc.tuple(about, fc.integer({ min: -60, max: 60 }))
    const rule = fc.oneof(
      about,
      fc.record({ 'fit.points': fc.record({ $gte: fc.integer({ min: 1, max: 9 }) }) }),
    )
    let decided = 0
    fc.assert(
      fc.property(
        fc.array(fitRule, { minLength: 1, maxLength: 4 }),
        fc.array(rule, { minLength: 1, maxLength: 3 }),
        score,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (fitted, decisions, said, sure) => {
          const rules = decisions.map((when, at) => ({ id: `d${at}`, when, outcome: 'sql' }))
          const text = JSON.stringify({
            ...CONTRACT,
            ...MODEL,
            ...fitRules(...fitted),
            ...DECIDE(rules),
          })
          const { contract: loaded } = loadContract(text)
          if (loaded === undefined) return
          const unsure = evaluateContract(loaded, lead(model(said, 0.1)), NOW).decision
          if (unsure.outcome === 'review') return
          decided += 1
          const surely = evaluateContract(loaded, lead(model(sure, 1)), NOW).decision
          assert.equal(surely.rule, unsure.rule)
        },
      ),
      { numRuns: 1_000 },
    )
    assert.ok(decided > 50, `only ${decided} were decided without the model`)
  })

  it('says how sure it had to be, or in the contract’s own words', () => {
    const unsure = lead(model(0.9, 0.1))
    const says = (cutOff: object) => judge({ model: cutOff, ...DECIDE([HOT]) }, unsure).decision.why
    assert.equal(says({ cutOff: 0.7 }), 'The model is less than 70 % sure; a person decides')
    assert.equal(says({ cutOff: 0.7, why: 'Ask Lee' }), 'Ask Lee')
  })

  it('keeps the lead’s provenance as it was', () => {
    const unsure = lead(model(0.9, 0.1))
    judge({ ...MODEL, ...DECIDE([HOT]) }, unsure)
    assert.deepEqual(unsure.provenance, {})
  })
})
