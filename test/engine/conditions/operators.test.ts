// Goal: every operator answers yes, no or unknown as its row says; nothing is silently false.
// Method: one table per operator over one field; then laws that hold for every operator and value.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compileCondition } from '../../../engine/conditions/condition'
import { FIELD_OPERATORS, OPERATORS } from '../../../engine/conditions/operators'
import { type Answer, answer, options } from './support'

type Row = readonly [operand: unknown, value: unknown, want: Answer]

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  $eq: [
    ['software', 'software', 'yes'],
    ['software', 'SoftWare', 'yes'],
    ['SOFTWARE', 'software', 'yes'],
    ['software', 'retail', 'no'],
    ['software', 'soft', 'no'],
    [50, 50, 'yes'],
    [50, 51, 'no'],
    [0, 0, 'yes'],
    [0, false, 'unknown'],
    [50, '50', 'unknown'],
    ['50', 50, 'unknown'],
    [50, 'many', 'unknown'],
    [true, true, 'yes'],
    [true, false, 'no'],
    [false, false, 'yes'],
    ['true', true, 'unknown'],
    [true, 'true', 'unknown'],
    [true, 1, 'unknown'],
    [7, ['7', 7], 'yes'],
    [7, ['7', 8], 'unknown'],
    [7, [8, 9], 'no'],
    ['a', ['b', 'A'], 'yes'],
    ['a', ['b', 'c'], 'no'],
    ['a', [], 'no'],
    ['a', ['b', null], 'unknown'],
    ['a', [null, 'a'], 'yes'],
    ['a', { a: 1 }, 'unknown'],
    ['a', [{ a: 1 }], 'unknown'],
    ['a', null, 'unknown'],
    ['', '', 'yes'],
    ['É', 'é', 'yes'],
  ],
  $ne: [
    ['software', 'software', 'no'],
    ['software', 'SOFTWARE', 'no'],
    ['software', 'retail', 'yes'],
    [50, 51, 'yes'],
    [7, '7', 'unknown'],
    [7, '8', 'unknown'],
    [false, 'false', 'unknown'],
    ['7', 7, 'unknown'],
    [7, ['7', 7], 'no'],
    [7, ['7', 8], 'unknown'],
    ['a', ['b', 'a'], 'no'],
    ['a', ['b', 'c'], 'yes'],
    ['a', ['b', null], 'unknown'],
    ['a', { a: 1 }, 'unknown'],
    ['a', null, 'unknown'],
  ],
  $in: [
    [['DE', 'AT'], 'DE', 'yes'],
    [['DE', 'AT'], 'de', 'yes'],
    [['DE', 'AT'], 'FR', 'no'],
    [[1, 2], 2, 'yes'],
    [[1, 2], '2', 'unknown'],
    [[1, 2], true, 'unknown'],
    [['1', '2'], 2, 'unknown'],
    [['1', 2], '2', 'no'],
    [['1', 2], 2, 'yes'],
    [['1', 2], true, 'unknown'],
    [[1, 2], ['1', 2], 'yes'],
    [[1, 2], ['1', 3], 'unknown'],
    [['a', true, 3], true, 'yes'],
    [['a'], ['x', 'A'], 'yes'],
    [['a'], ['x', null], 'unknown'],
    [['a'], {}, 'unknown'],
    [['a'], null, 'unknown'],
  ],
  $nin: [
    [['DE', 'AT'], 'DE', 'no'],
    [['DE', 'AT'], 'dE', 'no'],
    [['DE', 'AT'], 'FR', 'yes'],
    [[7, 8], '7', 'unknown'],
    [[7, 8], 9, 'yes'],
    [[7, '8'], '7', 'yes'],
    [['a'], ['x', 7], 'unknown'],
    [['a'], ['x', 'a'], 'no'],
    [['a'], ['x', 'y'], 'yes'],
    [['a'], ['x', null], 'unknown'],
    [['a'], {}, 'unknown'],
    [['a'], null, 'unknown'],
  ],
  $gt: [
    [50, 51, 'yes'],
    [50, 50, 'no'],
    [50, 49.9, 'no'],
    [-1, 0, 'yes'],
    [50, '51', 'unknown'],
    [50, true, 'unknown'],
    [50, [10, 60], 'yes'],
    [50, [10, 20], 'no'],
    [50, [10, 'many'], 'unknown'],
    [50, null, 'unknown'],
    ['2026-01-31', '2026-02-01', 'yes'],
    ['2026-01-31', '2026-01-31', 'no'],
    ['2026-01-31', '2026-01-31T00:00:01Z', 'yes'],
    ['2026-01-31T12:00:00+01:00', '2026-01-31T11:00:00Z', 'no'],
    ['2026-01-31T12:00:00+01:00', '2026-01-31T11:00:00.001Z', 'yes'],
    ['2026-01-31', 'soon', 'unknown'],
    ['2026-01-31', 20_260_201, 'unknown'],
  ],
  $gte: [
    [50, 50, 'yes'],
    [50, 49, 'no'],
    [50, 51, 'yes'],
    [50, 'fifty', 'unknown'],
    [50, null, 'unknown'],
    ['2026-01-31', '2026-01-31T00:00:00Z', 'yes'],
    ['2026-01-31', '2026-01-30', 'no'],
  ],
  $lt: [
    [50, 49, 'yes'],
    [50, 50, 'no'],
    [50, {}, 'unknown'],
    [50, null, 'unknown'],
    ['2026-01-31', '2026-01-30', 'yes'],
    ['2026-01-31', '2026-01-31', 'no'],
  ],
  $lte: [
    [50, 50, 'yes'],
    [50, 51, 'no'],
    [50, [], 'no'],
    [50, null, 'unknown'],
    ['2026-01-31', '2026-01-31', 'yes'],
    ['2026-01-31', '2026-02-01', 'no'],
  ],
  $contains: [
    ['head', 'Head of Sales', 'yes'],
    ['HEAD', 'head of sales', 'yes'],
    ['chief', 'Head of Sales', 'no'],
    ['a', ['a', 'b'], 'yes'],
    ['a', ['A'], 'yes'],
    ['a', ['ab'], 'no'],
    [5, [5, 6], 'yes'],
    [5, [6], 'no'],
    [5, ['5'], 'unknown'],
    [5, '5', 'unknown'],
    [5, 5, 'yes'],
    ['a', 5, 'unknown'],
    ['a', null, 'unknown'],
  ],
  $startsWith: [
    ['vp', 'VP Sales', 'yes'],
    ['vp', 'Deputy VP', 'no'],
    ['vp', ['CTO', 'VP'], 'yes'],
    ['vp', 5, 'unknown'],
    ['vp', null, 'unknown'],
  ],
  $endsWith: [
    ['.EXAMPLE', 'acme.example', 'yes'],
    ['.example', 'acme.example.org', 'no'],
    ['.example', [], 'no'],
    ['.example', true, 'unknown'],
    ['.example', null, 'unknown'],
  ],
  $exists: [
    [true, 'x', 'yes'],
    [true, 0, 'yes'],
    [true, false, 'yes'],
    [true, '', 'yes'],
    [true, null, 'no'],
    [false, null, 'yes'],
    [false, 'x', 'no'],
  ],
  $not: [
    [{ $eq: 'a' }, 'a', 'no'],
    [{ $eq: 'a' }, 'b', 'yes'],
    [{ $gte: 5 }, null, 'unknown'],
    [{ $gte: 5, $lte: 9 }, 7, 'no'],
    [{ $gte: 5, $lte: 9 }, 10, 'yes'],
    [{ $not: { $eq: 'a' } }, 'a', 'yes'],
    ['a', 'a', 'no'],
  ],
  $postcode: [
    [['80'], '80331', 'yes'],
    [['80'], '81369', 'no'],
    [['80331'], '80331', 'yes'],
    [['80331'], '8033', 'no'],
    ['80', '80331', 'yes'],
    [['10000-14999'], '10000', 'yes'],
    [['10000-14999'], '14999', 'yes'],
    [['10000-14999'], '15000', 'no'],
    [['10000-14999'], '9999', 'no'],
    [['80-87'], '87435', 'yes'],
    [['80-87'], '88', 'no'],
    [['01-09'], '01067', 'yes'],
    [['90210 - 90299'], '90210-1234', 'yes'],
    [['sw1'], 'SW1A 1AA', 'yes'],
    [['SW1'], 'SW1 2AB', 'yes'],
    [['SW1'], 'SW19 5AE', 'no'],
    [['SW1'], 'SW195AE', 'no'],
    [['S'], 'S1 2HE', 'yes'],
    [['S'], 'SW1A 1AA', 'no'],
    [['SW1A 1AA'], 'sw1a1aa', 'yes'],
    [['SW1-SW9'], 'SW5 0AA', 'yes'],
    [['SW1-SW9'], 'SW12 8AA', 'no'],
    [['SW1-SW20'], 'SW12 8AA', 'yes'],
    [['K1A'], 'K1A 0B1', 'yes'],
    [['1010'], '1010 AB', 'yes'],
    [['80'], ['10115', '80331'], 'yes'],
    [['80'], 80331, 'unknown'],
    [['80'], null, 'unknown'],
  ],
}

describe('operators: every row of every operator', () => {
  for (const [name, rows] of Object.entries(TABLES)) {
    for (const [operand, value, want] of rows) {
      it(`${JSON.stringify(value)} ${name} ${JSON.stringify(operand)} is ${want}`, () => {
        assert.equal(answer({ f: { [name]: operand } }, { f: value }), want)
      })
    }
  }

  it('the tables above leave no operator out', () => {
    assert.deepEqual(Object.keys(TABLES).sort(), [...FIELD_OPERATORS].sort())
  })

  it('each operator has a row with yes, one with no and one with unknown, but $exists', () => {
    for (const [name, rows] of Object.entries(TABLES)) {
      const answers = [...new Set(rows.map(([, , want]) => want))].sort()
      assert.deepEqual(answers, name === '$exists' ? ['no', 'yes'] : ['no', 'unknown', 'yes'], name)
    }
  })
})

describe('operators: doubtful values', () => {
  for (const [confidence, least, want] of [
    [0.49, 0.5, 'unknown'],
    [0.5, 0.5, 'yes'],
    [1, 0.5, 'yes'],
    [0.7, 0.8, 'unknown'],
    [0.01, 0, 'yes'],
    [0, 0, 'unknown'],
  ] as const) {
    it(`confidence ${confidence} where ${least} is asked for is ${want}`, () => {
      assert.equal(answer({ f: 'a' }, { f: { value: 'a', confidence } }, least), want)
    })
  }

  it('a doubtful value is unknown to every comparison, also where the value says no', () => {
    for (const name of Object.keys(OPERATORS)) {
      const operand =
        name === '$postcode'
          ? ['80']
          : name.endsWith('in')
            ? ['a']
            : /\$[gl]te?$/.test(name)
              ? 5
              : 'a'
      for (const value of ['a', 'b', 5, 4]) {
        const doubtful = { f: { value, confidence: 0.2 } }
        assert.equal(answer({ f: { [name]: operand } }, doubtful), 'unknown', `${name} ${value}`)
      }
    }
  })

  it('$exists asks only whether there is a value, not how certain it is', () => {
    assert.equal(answer({ f: { $exists: true } }, { f: { value: 'a', confidence: 0 } }), 'yes')
  })
})

describe('operators: operands that they refuse', () => {
  const scalar = /a text, a number or true\/false/
  const list = /a list of texts, numbers or true\/false that is not empty/
  const order = /a number or a date such as 2026-01-31/
  const text = /a text that is not empty/
  for (const [name, operand, want] of [
    ['$eq', null, scalar],
    ['$eq', {}, scalar],
    ['$eq', ['a'], scalar],
    ['$ne', undefined, scalar],
    ['$in', 'DE', list],
    ['$in', [], list],
    ['$in', [null], list],
    ['$in', [{}], list],
    ['$nin', 5, list],
    ['$gt', 'many', order],
    ['$gte', true, order],
    ['$lt', [5], order],
    ['$lte', '31.01.2026', order],
    ['$gt', '2026-02-30', order],
    ['$gt', '2026-13-01', order],
    ['$gt', '2026-01-31T12:00:00', order],
    ['$contains', null, scalar],
    ['$startsWith', '', text],
    ['$startsWith', 5, text],
    ['$endsWith', ['a'], text],
    ['$postcode', [], /expected postcodes such as/],
    ['$postcode', 80331, /a postcode as text such as "10115", got 80331/],
    ['$postcode', ['80', '14999-10000'], /"14999-10000" runs backwards/],
    ['$postcode', ['100-2000'], /as many digits at both ends/],
    ['$postcode', ['SW1-SE9'], /the same letters/],
    ['$postcode', ['80*'], /"80\*" is no postcode/],
    ['$postcode', [''], /is no postcode/],
    ['$exists', 'yes', /true or false/],
    ['$exists', 1, /true or false/],
  ] as const) {
    it(`${name} refuses ${JSON.stringify(operand)}`, () => {
      const { problems } = compileCondition({ f: { [name]: operand } }, options())
      assert.equal(problems.length, 1)
      assert.match(problems[0]!.message, want)
      assert.deepEqual(problems[0]!.at, ['f', name])
    })
  }
})

describe('operators: laws', () => {
  const scalar = fc.oneof(
    fc.constantFrom('a', 'A', 'b', '', 'ab'),
    fc.integer({ min: -2, max: 2 }),
    fc.boolean(),
  )
  const value = fc.oneof(
    scalar,
    fc.constant(null),
    fc.array(fc.option(scalar), { maxLength: 3 }),
    fc.anything(),
  )

  it('every pair of an operator and its negation gives opposite answers', () => {
    const opposite = { yes: 'no', no: 'yes', unknown: 'unknown' } as const
    fc.assert(
      fc.property(
        scalar,
        fc.array(scalar, { minLength: 1, maxLength: 3 }),
        value,
        (one, few, v) => {
          const values = { f: { value: v ?? null, confidence: 1 } }
          assert.equal(
            answer({ f: { $ne: one } }, values),
            opposite[answer({ f: { $eq: one } }, values)],
          )
          assert.equal(
            answer({ f: { $nin: few } }, values),
            opposite[answer({ f: { $in: few } }, values)],
          )
          assert.equal(
            answer({ f: { $not: { $in: few } } }, values),
            opposite[answer({ f: { $in: few } }, values)],
          )
        },
      ),
    )
  })

  const ofOneType = fc.oneof(
    ...[fc.constantFrom('a', 'A', 'b', '1'), fc.integer({ min: -2, max: 2 }), fc.boolean()].map(
      (one: fc.Arbitrary<unknown>) => fc.array(one, { minLength: 1, maxLength: 3 }),
    ),
  )

  it('$in of one is $eq, and $in of values of one type is any of its $eq', () => {
    fc.assert(
      fc.property(ofOneType, value, (few, v) => {
        const values = { f: { value: v ?? null, confidence: 1 } }
        const any = answer({ $or: few.map((one) => ({ f: one })) }, values)
        assert.equal(answer({ f: { $in: few } }, values), any)
      }),
    )
  })

  it('in a list of several types those of the value are the ones that count', () => {
    fc.assert(
      fc.property(fc.array(scalar, { minLength: 1, maxLength: 4 }), scalar, (few, v) => {
        const own = few.filter((one) => typeof one === typeof v)
        const want = own.length === 0 ? 'unknown' : answer({ f: { $in: own } }, { f: v })
        assert.equal(answer({ f: { $in: few } }, { f: v }), want)
      }),
    )
  })

  it('a list answers as its elements do: any yes, else any unknown, else no', () => {
    fc.assert(
      fc.property(scalar, fc.array(scalar, { maxLength: 3 }), (one, elements) => {
        for (const condition of [{ $eq: one }, { $in: [one] }, { $contains: one }]) {
          const each = elements.map((element) => answer({ f: { $eq: one } }, { f: element }))
          const want = (['yes', 'unknown'] as const).find((some) => each.includes(some)) ?? 'no'
          assert.equal(answer({ f: condition }, { f: elements }), want)
        }
      }),
    )
  })

  it('is total: whatever the value, the answer is yes, no or unknown', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (v) => {
        for (const [name, rows] of Object.entries(TABLES)) {
          const got = answer(
            { f: { [name]: rows[0]![0] } },
            { f: { value: v ?? null, confidence: 1 } },
          )
          assert.ok(['yes', 'no', 'unknown'].includes(got))
        }
      }),
    )
  })
})
