// Goal: a finding about rules is always right; silence proves nothing.
// Method: named cases; then random pairs of conditions against every value of a small world.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type ConditionDocument, compileCondition } from '../../../engine/conditions/condition'
import { constraintsOf, contradictoryField, implies } from '../../../engine/conditions/constraints'
import { FieldTable } from '../../../engine/conditions/fields'
import { TRUE } from '../../../engine/conditions/tri'
import type { Input } from '../../../engine/lead/lead'
import { options } from './support'

describe('contradictoryField: conditions that no lead can meet', () => {
  const rows: ReadonlyArray<readonly [ConditionDocument, string | undefined]> = [
    [{ f: { $gte: 50, $lte: 10 } }, 'f'],
    [{ f: { $gt: 50, $lte: 50 } }, 'f'],
    [{ f: { $gte: 50, $lt: 50 } }, 'f'],
    [{ f: { $gte: 50, $lte: 50 } }, undefined],
    [{ f: { $eq: 'a', $ne: 'A' } }, 'f'],
    [{ f: { $in: ['a', 'b'], $nin: ['b', 'A'] } }, 'f'],
    [{ f: { $in: ['a', 'b'], $ne: 'a' } }, undefined],
    [{ $and: [{ f: 'a' }, { f: 'b' }] }, 'f'],
    [{ $and: [{ f: { $in: ['a', 'b'] } }, { f: { $in: ['b', 'c'] } }] }, undefined],
    [{ $and: [{ f: { $in: [1, 2] } }, { f: { $gt: 2 } }] }, 'f'],
    [{ f: { $in: ['a'], $gt: 2 } }, 'f'],
    [{ f: { $exists: false, $eq: 1 } }, 'f'],
    [{ f: { $exists: false, $gt: 1 } }, 'f'],
    [{ f: { $exists: false, $lt: 1 } }, 'f'],
    [{ f: { $exists: false, $contains: 'a' } }, 'f'],
    [{ f: { $exists: false, $ne: 'a' } }, 'f'],
    [{ $and: [{ f: { $exists: false } }, { f: { $exists: true } }] }, 'f'],
    [{ f: { $exists: true, $eq: 1 } }, undefined],
    // A value of another type than the operand's is unknown, so one that meets both is of both types.
    [{ f: { $eq: 7, $ne: '7' } }, 'f'],
    [{ f: { $ne: 'a', $gte: 5 } }, 'f'],
    [{ f: { $nin: ['a', true], $ne: 7 } }, 'f'],
    [{ f: { $nin: ['a', 7], $ne: 8 } }, undefined],
    [{ a: 1, f: { $gt: 5, $lt: 4 } }, 'f'],
    // A list may hold a small and a large element, an "x" and a "y", and so meet both.
    [{ 'attributes.tags': { $gte: 50, $lte: 10 } }, undefined],
    [{ $and: [{ 'attributes.tags': 'a' }, { 'attributes.tags': 'b' }] }, undefined],
    [{ $and: [{ 'identity.matchedBy': 'email' }, { 'identity.matchedBy': 'phone' }] }, undefined],
  ]
  for (const [document, want] of rows) {
    it(`${JSON.stringify(document)}: ${want ?? 'nothing to say'}`, () => {
      assert.equal(contradictoryField(constraintsOf(document)!), want)
    })
  }
})

describe('implies: conditions that hold whenever another does', () => {
  const rows: ReadonlyArray<readonly [a: ConditionDocument, b: ConditionDocument, boolean]> = [
    [{ f: { $gte: 80 } }, { f: { $gte: 50 } }, true],
    [{ f: { $gte: 50 } }, { f: { $gte: 80 } }, false],
    [{ f: { $gt: 50 } }, { f: { $gte: 50 } }, true],
    [{ f: { $gte: 50 } }, { f: { $gt: 50 } }, false],
    [{ f: { $lt: 5 } }, { f: { $lte: 5 } }, true],
    [{ f: { $gte: 5, $lte: 6 } }, { f: { $gte: 4, $lte: 7 } }, true],
    [{ f: 'a' }, { f: { $in: ['A', 'b'] } }, true],
    [{ f: { $in: ['a', 'c'] } }, { f: { $in: ['a', 'b'] } }, false],
    [{ f: { $in: [60, 70] } }, { f: { $gt: 50 } }, true],
    [{ f: { $in: [60, 40] } }, { f: { $gt: 50 } }, false],
    [{ f: 'a' }, { f: { $ne: 'b' } }, true],
    [{ f: { $nin: ['a', 'b'] } }, { f: { $ne: 'A' } }, true],
    [{ f: { $ne: 'a' } }, { f: { $nin: ['a', 'b'] } }, false],
    [{ f: 7 }, { f: { $ne: '7' } }, false],
    [{ f: 7 }, { f: { $nin: ['7', 8] } }, true],
    [{ f: { $nin: ['a', 7] } }, { f: { $ne: 'a' } }, false],
    [{ f: { $nin: ['a', 7], $gte: 5 } }, { f: { $ne: 7 } }, true],
    [{ f: { $gte: 8 } }, { f: { $ne: 7 } }, true],
    [{ f: 1, g: 2 }, { f: 1 }, true],
    [{ f: 1 }, { f: 1, g: 2 }, false],
    [{ f: { $contains: 'x', $ne: 'y' } }, { f: { $contains: 'X' } }, true],
    [{ f: { $contains: '5' } }, { f: { $contains: 5 } }, false],
    [{ f: 1 }, { f: { $exists: true } }, true],
    [{ f: { $exists: true } }, { f: { $exists: true } }, true],
    [{ f: { $exists: false } }, { f: { $exists: true } }, false],
    [{ f: { $exists: true } }, { f: { $exists: false } }, false],
    [{ f: { $exists: false } }, { f: { $exists: false } }, true],
    [{ f: { $exists: true } }, { f: { $gte: 0 } }, false],
    [{ g: 1 }, { f: { $exists: true } }, false],
    [{ 'attributes.tags': 'a' }, { 'attributes.tags': { $ne: 'b' } }, false],
    [{ 'attributes.tags': 'a', f: { $gte: 5 } }, { 'attributes.tags': 'A', f: { $gte: 4 } }, true],
  ]
  for (const [a, b, want] of rows) {
    it(`${JSON.stringify(a)} implies ${JSON.stringify(b)}: ${want}`, () => {
      assert.equal(implies(constraintsOf(a)!, constraintsOf(b)!), want)
    })
  }
})

describe('constraintsOf: what is left alone', () => {
  for (const document of [
    { $or: [{ f: 1 }] },
    { $not: { f: 1 } },
    { f: { $not: { $eq: 1 } } },
    { f: { $gt: '2026-01-01' } },
    { $and: [{ f: 1 }, { $or: [{ g: 1 }] }] },
  ]) {
    it(JSON.stringify(document), () => assert.equal(constraintsOf(document), undefined))
  }
})

describe('constraints: laws, against every value of a small world', () => {
  const PATHS = ['f', 'attributes.t']
  const SCALARS = ['a', 'A', 'ab', 'b', '', '5', 0, 4, 5, 6, true, false]
  const LISTS = [[], ['a'], ['a', 'b'], [4, 6], ['b', null], [5, 'ab']]
  const scalar = fc.constantFrom<unknown>('a', 'B', 'ab', '5', 4, 5, 6, true)
  const bound = fc.constantFrom(4, 5, 6)
  const operatorsOver = (one: fc.Arbitrary<unknown>) =>
    fc
      .record(
        {
          $eq: one,
          $ne: one,
          $in: fc.array(one, { minLength: 1, maxLength: 3 }),
          $nin: fc.array(one, { minLength: 1, maxLength: 3 }),
          $gt: bound,
          $gte: bound,
          $lt: bound,
          $lte: bound,
          $exists: fc.boolean(),
          $contains: one,
          $startsWith: fc.constantFrom('a', 'B'),
        },
        { requiredKeys: [] },
      )
      .map((all) => Object.fromEntries(Object.entries(all).slice(0, 3)))
      .filter((some) => Object.keys(some).length > 0)
  // Operands of several types mostly exclude each other, so most conditions have those of one.
  const operators = fc.oneof(
    operatorsOver(scalar),
    operatorsOver(bound),
    operatorsOver(fc.constantFrom('a', 'B', 'ab', '5')),
  )
  const flat = fc
    .dictionary(fc.constantFrom(...PATHS), fc.oneof(operators, scalar), { minKeys: 1 })
    .filter((document) => Object.keys(document).length > 0)
  const document: fc.Arbitrary<ConditionDocument> = fc.oneof(
    flat,
    fc.tuple(flat, flat).map((parts) => ({ $and: parts })),
  )

  /** Every pair of values; only fields that may hold a list are given one. */
  function* world(): Generator<ReadonlyMap<string, Partial<Input>>> {
    const known = (value: unknown) => ({ value })
    const doubtful = (value: unknown) => ({ value, confidence: 0.1 })
    const scalars = [known(null), ...SCALARS.map(known), doubtful('a'), doubtful(5)]
    for (const f of scalars) {
      for (const t of [...scalars, ...LISTS.map(known)]) {
        yield new Map<string, Partial<Input>>([
          ['f', f],
          ['attributes.t', t],
        ])
      }
    }
  }

  const meets = (one: ConditionDocument) => {
    const fields = new FieldTable()
    const { condition } = compileCondition(one, options(fields))
    const paths = fields.readPlain({}).map(({ path }) => path)
    return (values: ReadonlyMap<string, Partial<Input>>) =>
      condition!.evaluate(paths.map((path) => ({ path, value: null, ...values.get(path) }))) ===
      TRUE
  }

  // Two random documents rarely imply each other, so most pairs share a field or a part.
  const simple = fc
    .tuple(fc.constantFrom(...PATHS), operators)
    .map(([path, some]) => ({ [path]: Object.fromEntries(Object.entries(some).slice(0, 2)) }))
  const pair = fc.oneof(
    fc.tuple(document, document),
    fc.tuple(simple, simple),
    fc.tuple(flat, simple).map(([a, b]) => [{ $and: [a, b] }, b] as const),
    fc.tuple(flat, flat, flat).map(([a, b, c]) => [{ $and: [a, b] }, { $and: [b, c] }] as const),
  )

  it('when implies(a, b), every lead that meets a meets b', () => {
    let implied = 0
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const [narrow, wide] = [constraintsOf(a)!, constraintsOf(b)!]
        if (!implies(narrow, wide)) return
        const [meetsA, meetsB] = [meets(a), meets(b)]
        for (const values of world()) {
          if (!meetsA(values)) continue
          implied += 1
          assert.ok(meetsB(values), JSON.stringify([...values]))
        }
      }),
      { numRuns: 12_000 },
    )
    assert.ok(implied > 500, `only ${implied} leads met an implied pair: the law is untested`)
  })

  it('a condition implies itself, and itself with a part left out', () => {
    fc.assert(
      fc.property(flat, (a) => {
        const constraints = constraintsOf(a)!
        if (contradictoryField(constraints) !== undefined) return
        assert.ok(implies(constraints, constraints))
        const [first] = Object.entries(a)
        assert.ok(implies(constraints, constraintsOf(Object.fromEntries([first!]))!))
      }),
      { numRuns: 1_000 },
    )
  })

  it('a condition with a contradictory field is met by no lead', () => {
    let contradictions = 0
    fc.assert(
      fc.property(document, (a) => {
        if (contradictoryField(constraintsOf(a)!) === undefined) return
        contradictions += 1
        const meetsA = meets(a)
        for (const values of world()) assert.ok(!meetsA(values), JSON.stringify([...values]))
      }),
      { numRuns: 1_200 },
    )
    assert.ok(contradictions > 100, `only ${contradictions} contradictions were tried`)
  })
})
