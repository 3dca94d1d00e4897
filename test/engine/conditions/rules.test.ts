// Goal: lists of rules compile with every problem in its place, and dead rules are found.
import assert from 'node:assert/strict'
import {
  compileRules,
  duplicateIdFindings,
  type RuleSpec,
  reasonOf,
  safeConstraints,
  shadowFindings,
} from '../../../engine/conditions/rules'
import { TRUE } from '../../../engine/conditions/tri'
import { lead } from '../support/leads'
import { options } from './support'

describe('compileRules', () => {
  it('a rule without `when` always matches, and says that no earlier rule did', () => {
    const { rules, findings } = compileRules([{ id: 'a' }], ['decide'], options())
    assert.deepEqual(findings, [])
    assert.equal(rules[0]!.evaluate([]), TRUE)
    assert.equal(rules[0]!.why, 'No earlier rule matched')
  })

  it('takes the rule’s own words, else the condition in words', () => {
    const specs = [
      { id: 'a', when: { x: { $gte: 5 } }, why: 'Large enough' },
      { id: 'b', when: { x: { $gte: 5 } } },
    ]
    const { rules } = compileRules(specs, ['decide'], options())
    assert.deepEqual(
      rules.map(({ why }) => why),
      ['Large enough', 'x is at least 5'],
    )
  })

  it('asks a rule’s own confidence rather than the list’s', () => {
    const opts = options(undefined, 0.5)
    const { rules } = compileRules(
      [
        { id: 'a', when: { x: 1 }, minConfidence: 0.9 },
        { id: 'b', when: { x: 1 } },
      ],
      ['fit'],
      opts,
    )
    const inputs = [{ path: 'x', value: 1, confidence: 0.7 }]
    assert.deepEqual(
      rules.map(({ evaluate }) => evaluate(inputs)),
      [2, 1],
    )
  })

  it('puts each problem below its rule', () => {
    const { findings } = compileRules(
      [
        { id: 'a', when: { x: { $nope: 1 } } },
        { id: 'b', when: {} },
        { id: 'c', when: { $and: [{ x: ['a'] }] } },
      ],
      ['fit', 'rules'],
      options(),
    )
    assert.deepEqual(
      findings.map(({ path }) => path),
      [
        ['fit', 'rules', 0, 'when', 'x', '$nope'],
        ['fit', 'rules', 1, 'when'],
        ['fit', 'rules', 2, 'when', '$and', 0, 'x'],
      ],
    )
    assert.ok(findings.every(({ level }) => level === 'error'))
  })

  it('refuses a rule that contradicts itself, on the field', () => {
    const when = { x: { $gte: 50, $lte: 10 } }
    const { findings } = compileRules([{ id: 'a', when }], ['decide'], options())
    assert.deepEqual(findings, [
      {
        level: 'error',
        path: ['decide', 0, 'when', 'x'],
        message: 'the condition contradicts itself on "x", so the rule can never match',
      },
    ])
  })
})

describe('shadowFindings: rules that can never win', () => {
  const rows: ReadonlyArray<
    readonly [
      name: string,
      specs: readonly RuleSpec[],
      want: ReadonlyArray<readonly [number, RegExp]>,
    ]
  > = [
    [
      'different fields',
      [
        { id: 'a', when: { x: 1 } },
        { id: 'b', when: { y: 1 } },
      ],
      [],
    ],
    [
      'wider later',
      [
        { id: 'a', when: { x: { $gte: 9 } } },
        { id: 'b', when: { x: { $gte: 5 } } },
      ],
      [],
    ],
    [
      'narrower later',
      [
        { id: 'a', when: { x: { $gte: 5 } } },
        { id: 'b', when: { x: { $gte: 9 } } },
      ],
      [[1, /"b" can never win: whenever it matches, "a" before it has matched/]],
    ],
    [
      'the same twice',
      [
        { id: 'a', when: { x: 'v' } },
        { id: 'b', when: { x: 'V' } },
      ],
      [[1, /"b" can never win/]],
    ],
    [
      'behind a catch-all',
      [{ id: 'a' }, { id: 'b', when: { x: 1 } }, { id: 'c' }],
      [
        [1, /"b" can never be reached: "a" before it has no condition/],
        [2, /"c" can never be reached: "a"/],
      ],
    ],
    [
      'behind an $or',
      [
        { id: 'a', when: { $or: [{ x: 1 }, { x: 2 }] } },
        { id: 'b', when: { x: 1 } },
      ],
      [],
    ],
    [
      'a malformed one',
      [
        { id: 'a', when: { x: 1 } },
        { id: 'b', when: { x: null } },
      ],
      [],
    ],
  ]
  for (const [name, specs, want] of rows) {
    it(name, () => {
      const findings = shadowFindings(specs, ['decide'])
      assert.deepEqual(
        findings.map(({ path }) => path[1]),
        want.map(([index]) => index),
      )
      findings.forEach(({ message }, index) => {
        assert.match(message, want[index]![1])
      })
    })
  }
})

describe('safeConstraints', () => {
  it('answers nothing for what cannot be read', () => {
    for (const document of [{ x: null }, { $and: 5 }, { x: { $in: 5 } }, { x: { $in: [null] } }])
      assert.doesNotThrow(() => safeConstraints(document as never))
  })
})

describe('duplicateIdFindings', () => {
  it('names the later one, across lists', () => {
    const findings = duplicateIdFindings([
      { path: ['fit', 'rules'], ids: ['a', 'b', 'a'] },
      { path: ['decide'], ids: ['c', 'b'] },
    ])
    assert.deepEqual(
      findings.map(({ path }) => path),
      [
        ['fit', 'rules', 2, 'id'],
        ['decide', 1, 'id'],
      ],
    )
    assert.match(findings[0]!.message, /"a" is used twice/)
  })
})

describe('reasonOf', () => {
  it('carries the rule, its words and the values that it read', () => {
    const opts = options()
    const { rules } = compileRules(
      [
        { id: 'a', when: { 'company.country': 'DE' }, why: 'Home' },
        { id: 'b', when: { 'company.employees': { $gte: 5 } }, why: 'Size' },
      ],
      ['fit'],
      opts,
    )
    assert.deepEqual(reasonOf(rules[1]!, opts.fields.readLead(lead())), {
      rule: 'b',
      why: 'Size',
      inputs: [{ path: 'company.employees', value: 200 }],
    })
  })
})
