// Goal: documents combine by Kleene's tables, and everything wrong with one is said with its place.
// Method: full truth tables; a table of broken documents with their `at`; a slow evaluator as law.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  type ConditionDocument,
  compileCondition,
  describeCondition,
} from '../../../engine/conditions/condition'
import { FieldTable } from '../../../engine/conditions/fields'
import { pathProblem } from '../../../engine/lead/paths'
import { type Answer, answer, options } from './support'

const YES = { yes: 1 }
const NO = { no: 1 }
const UNKNOWN = { unknown: 1 }
const KNOWN = { yes: 1, no: 2 }
const DOCUMENT: Readonly<Record<Answer, object>> = { yes: YES, no: NO, unknown: UNKNOWN }

describe('condition: Kleene truth tables', () => {
  const and: ReadonlyArray<readonly [Answer, Answer, Answer]> = [
    ['yes', 'yes', 'yes'],
    ['yes', 'no', 'no'],
    ['yes', 'unknown', 'unknown'],
    ['no', 'yes', 'no'],
    ['no', 'no', 'no'],
    ['no', 'unknown', 'no'],
    ['unknown', 'yes', 'unknown'],
    ['unknown', 'no', 'no'],
    ['unknown', 'unknown', 'unknown'],
  ]
  const or: ReadonlyArray<readonly [Answer, Answer, Answer]> = [
    ['yes', 'yes', 'yes'],
    ['yes', 'no', 'yes'],
    ['yes', 'unknown', 'yes'],
    ['no', 'yes', 'yes'],
    ['no', 'no', 'no'],
    ['no', 'unknown', 'unknown'],
    ['unknown', 'yes', 'yes'],
    ['unknown', 'no', 'unknown'],
    ['unknown', 'unknown', 'unknown'],
  ]
  for (const [a, b, want] of and) {
    it(`${a} $and ${b} is ${want}`, () => {
      assert.equal(answer({ $and: [DOCUMENT[a], DOCUMENT[b]] }, KNOWN), want)
    })
    it(`two fields of one document, ${a} and ${b}, are a conjunction: ${want}`, () => {
      const [left, right] = [{ [`${a}`]: 1 }, { [`${b}2`]: 1 }]
      const values = { yes: 1, no: 2, yes2: 1, no2: 2 }
      assert.equal(answer({ ...left, ...right }, values), want)
    })
  }
  for (const [a, b, want] of or) {
    it(`${a} $or ${b} is ${want}`, () => {
      assert.equal(answer({ $or: [DOCUMENT[a], DOCUMENT[b]] }, KNOWN), want)
    })
  }
  for (const [a, want] of [
    ['yes', 'no'],
    ['no', 'yes'],
    ['unknown', 'unknown'],
  ] as const) {
    it(`$not ${a} is ${want}`, () => assert.equal(answer({ $not: DOCUMENT[a] }, KNOWN), want))
  }
  it('several operators of one field are a conjunction', () => {
    assert.equal(answer({ f: { $gte: 5, $lte: 9 } }, { f: 7 }), 'yes')
    assert.equal(answer({ f: { $gte: 5, $lte: 9 } }, { f: 10 }), 'no')
    assert.equal(answer({ f: { $gte: 5, $lte: 9 } }, {}), 'unknown')
  })
  it('a certain no wins over an unknown wherever it stands', () => {
    for (const parts of [
      [UNKNOWN, NO],
      [NO, UNKNOWN],
    ] as object[][])
      assert.equal(answer({ $and: parts }, KNOWN), 'no')
  })
})

describe('condition: evaluation agrees with a slow reading of the definition', () => {
  const leaf = fc.constantFrom<object>(YES, NO, UNKNOWN)
  const { document } = fc.letrec<{ document: object }>((tie) => ({
    document: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('document'), { minLength: 1, maxLength: 3 }).map(($and) => ({ $and })),
      fc.array(tie('document'), { minLength: 1, maxLength: 3 }).map(($or) => ({ $or })),
      tie('document').map(($not) => ({ $not })),
    ),
  }))
  /** no < unknown < yes: and is the least, or the greatest, not the mirror image. */
  const ORDER = ['no', 'unknown', 'yes'] as const
  const slow = (one: object): number => {
    const [[key, value]] = Object.entries(one) as [[string, never]]
    if (key === '$and') return Math.min(...(value as object[]).map(slow))
    if (key === '$or') return Math.max(...(value as object[]).map(slow))
    if (key === '$not') return 2 - slow(value)
    return ORDER.indexOf(key as Answer)
  }
  it('for any nesting of $and, $or and $not', () => {
    fc.assert(
      fc.property(document, (one) => {
        assert.equal(answer(one, KNOWN), ORDER[slow(one)])
      }),
      { numRuns: 500 },
    )
  })
})

describe('condition: what is wrong, and where', () => {
  const rows: ReadonlyArray<
    readonly [name: string, document: unknown, at: readonly (string | number)[], message: RegExp]
  > = [
    [
      'an operator without its $',
      { 'company.employees': { gte: 50 } },
      ['company.employees', 'gte'],
      /unknown operator gte; did you mean \$gte\?/,
    ],
    [
      'unknown operator on a field',
      { 'company.employees': { $regex: 'x' } },
      ['company.employees', '$regex'],
      /unknown operator \$regex; known: \$eq, /,
    ],
    [
      'operator named like a method',
      { 'contact.email': { constructor: 1 } },
      ['contact.email', 'constructor'],
      /unknown operator constructor/,
    ],
    [
      'unknown operator at the top',
      { $nor: [] },
      ['$nor'],
      /unknown operator \$nor; known here: \$and, \$or, \$not/,
    ],
    ['field operator at the top', { $in: ['a'] }, ['$in'], /unknown operator \$in/],
    ['$where', { $where: 'this.a' }, ['$where'], /unknown operator \$where/],
    [
      'list without operator',
      { 'company.country': ['DE', 'AT'] },
      ['company.country'],
      /a list needs an operator: write \{ \$in/,
    ],
    ['empty operator map', { 'company.country': {} }, ['company.country'], /expected an operator/],
    [
      'null instead of a value',
      { 'company.country': null },
      ['company.country'],
      /\$eq: expected a text/,
    ],
    ['empty condition', {}, [], /an empty condition matches nothing/],
    ['empty condition inside', { $and: [YES, {}] }, ['$and', 1], /an empty condition/],
    ['condition is a text', 'company.country = DE', [], /expected a condition such as/],
    ['condition is a list', [YES], [], /expected a condition such as/],
    ['condition is null', null, [], /expected a condition such as/],
    ['$and is no list', { $and: YES }, ['$and'], /\$and expects a list of conditions/],
    ['$or is empty', { $or: [] }, ['$or'], /\$or expects a list of conditions/],
    ['$or holds a text', { $or: ['a'] }, ['$or', 0], /expected a condition/],
    ['$not is a list', { $not: [YES] }, ['$not'], /expected a condition/],
    [
      'misspelt field',
      { 'company.employes': 5 },
      ['company.employes'],
      /"company\.employes" is not a field of the lead; did you mean "company\.employees"\?/,
    ],
    [
      'field without its section',
      { employees: 5 },
      ['employees'],
      /did you mean "company\.employees"\?/,
    ],
    [
      'field that nothing resembles',
      { 'zzz.qqq': 5 },
      ['zzz.qqq'],
      /"zzz\.qqq" is not a field of the lead$/,
    ],
    [
      'section without a field',
      { company: { $exists: true } },
      ['company'],
      /is not a field of the lead/,
    ],
    [
      '__proto__',
      JSON.parse('{"__proto__": {"$eq": 1}}'),
      ['__proto__'],
      /"__proto__" is not a field/,
    ],
    [
      '__proto__ of attributes',
      { 'attributes.__proto__': 1 },
      ['attributes.__proto__'],
      /is not a field/,
    ],
    [
      'constructor of attributes',
      { 'attributes.constructor': 1 },
      ['attributes.constructor'],
      /is not a field/,
    ],
    ['a deep attribute', { 'attributes.a.b': 1 }, ['attributes.a.b'], /is not a field/],
    ['empty segment', { 'attributes.': 1 }, ['attributes.'], /is not a field/],
  ]
  for (const [name, document, at, message] of rows) {
    it(`${name} is a problem at ${at.join('.') || 'the top'}`, () => {
      const strict = { ...options(), pathProblem: fieldOrFlag }
      const { condition, problems } = compileCondition(document, strict)
      assert.equal(condition, undefined)
      assert.equal(problems.length, 1, JSON.stringify(problems))
      assert.deepEqual(problems[0]!.at, at)
      assert.match(problems[0]!.message, message)
    })
  }

  it('reports every problem, not only the first', () => {
    const { problems } = compileCondition(
      { 'company.employes': 5, $or: [{ $nor: 1 }, { 'company.country': ['DE'] }] },
      { ...options(), pathProblem: fieldOrFlag },
    )
    assert.deepEqual(
      problems.map(({ at }) => at.join('.')),
      ['company.employes', '$or.0.$nor', '$or.1.company.country'],
    )
  })

  it('refuses nesting beyond its bound, on every way down', () => {
    for (const wrap of [
      (inner: object) => ({ $and: [inner] }),
      (inner: object) => ({ $not: inner }),
      (inner: object) => ({ $or: [inner] }),
    ]) {
      let document: object = YES
      for (let depth = 0; depth < 5_000; depth++) document = wrap(document)
      const { problems } = compileCondition(document, options())
      assert.match(problems[0]!.message, /conditions may nest 20 deep/)
    }
  })

  it('refuses nesting beyond its bound inside one field', () => {
    let operand: object = { $eq: 1 }
    for (let depth = 0; depth < 50_000; depth++) operand = { $not: operand }
    const { problems } = compileCondition({ f: operand }, options())
    assert.match(problems[0]!.message, /may nest 20 deep/)
  })

  it('is total: any value compiles or gives problems', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (document) => {
        const { condition, problems } = compileCondition(document, options())
        assert.equal(condition === undefined, problems.length > 0)
      }),
      { numRuns: 500 },
    )
  })

  function fieldOrFlag(path: string): string | undefined {
    return path === 'yes' ? undefined : pathProblem(path)
  }
})

describe('condition: slots', () => {
  it('names each field that it reads once, in order of appearance', () => {
    const fields = new FieldTable()
    fields.slot('other')
    const { condition } = compileCondition(
      { a: 1, $or: [{ b: 1 }, { a: 2 }], c: { $not: { $eq: 1 } } },
      options(fields),
    )
    assert.deepEqual(condition!.slots, [1, 2, 3])
  })
})

describe('describeCondition: the condition in words', () => {
  const rows: ReadonlyArray<readonly [ConditionDocument, string]> = [
    [
      { 'company.employees': { $gte: 50, $lte: 500 } },
      'company.employees is at least 50 and company.employees is at most 500',
    ],
    [{ 'company.country': 'DE' }, 'company.country is DE'],
    [{ 'company.country': { $in: ['DE', 'AT'] } }, 'company.country is one of DE, AT'],
    [
      { 'company.country': { $nin: ['DE'] }, a: { $ne: 1 } },
      'company.country is none of DE and a is not 1',
    ],
    [{ a: { $exists: true }, b: { $exists: false } }, 'a is known and b is not known'],
    [{ $or: [{ a: 1 }, { b: { $gt: 2 } }] }, '(a is 1 or b is more than 2)'],
    [{ $and: [{ a: { $lt: 1 } }, { b: true }] }, '(a is less than 1 and b is true)'],
    [{ $not: { a: { $contains: 'x' } } }, 'not (a contains x)'],
    [
      { a: { $not: { $startsWith: 'x' } }, b: { $endsWith: 'y' } },
      'not (a starts with x) and b ends with y',
    ],
  ]
  for (const [document, want] of rows) {
    it(want, () => assert.equal(describeCondition(document), want))
  }
})
