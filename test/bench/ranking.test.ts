// Goal: AUC, conversion and lift are right and never depend on the order of leads with equal points.
// Method: tables small enough to count by hand; a slow count over all pairs; every order of a tie.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { areaUnderCurve, conversion, type Ranked, topPart } from '../../bench/leads/ranking'

/** `3+ 3- 1-` is three leads with their points; + converted. */
function leads(text: string): Ranked[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => ({ points: Number(word.slice(0, -1)), converted: word.endsWith('+') }))
}

describe('areaUnderCurve', () => {
  const cases: readonly [name: string, leads: string, want: number | undefined][] = [
    ['none', '', undefined],
    ['one', '1+', undefined],
    ['only leads that converted', '1+ 2+ 3+', undefined],
    ['only leads that did not', '1- 2- 3-', undefined],
    ['perfect', '1- 2- 3+ 4+', 1],
    ['the wrong way round', '1+ 2+ 3- 4-', 0],
    ['all the same points', '5+ 5- 5- 5+ 5-', 0.5],
    ['one pair, tied', '2+ 2-', 0.5],
    ['one of two pairs won', '1- 2+ 3-', 0.5],
    // Pairs: 3>1, 3>2, 2>1 are won, 2=2 is tied: 3.5 of 4.
    ['a tie in the middle', '1- 2- 2+ 3+', 0.875],
    ['points below zero and fractions', '-10- -0.5+ 0.5- 20+', 0.75],
  ]
  for (const [name, text, want] of cases) {
    it(`${name}: ${want}`, () => {
      assert.equal(areaUnderCurve(leads(text)), want)
      assert.equal(areaUnderCurve(leads(text).reverse()), want, 'in the other order')
    })
  }

  it('is the share of pairs in the right order', () => {
    fc.assert(
      fc.property(anyLeads, (list) => {
        const got = areaUnderCurve(list)
        const want = overPairs(list)
        if (want === undefined) assert.equal(got, undefined)
        else assert.ok(Math.abs(got! - want) < 1e-12, `${got} is not ${want}`)
      }),
    )
  })
})

describe('conversion', () => {
  it('is the share that converted', () => {
    assert.equal(conversion(leads('1+ 2- 3- 4-')), 0.25)
  })

  it('of nobody is unknown', () => {
    assert.equal(conversion([]), undefined)
  })
})

describe('topPart', () => {
  it('takes the leads with the most points', () => {
    assert.deepEqual(topPart(leads('1- 2- 3- 4+ 5+'), 0.4), { leads: 2, conversion: 1, lift: 2.5 })
  })

  it('rounds to whole leads and takes one at least', () => {
    assert.equal(topPart(leads('1- 2- 3+'), 0.2)!.leads, 1)
    assert.equal(topPart(leads('1- 2- 3+'), 0.5)!.leads, 2)
    assert.equal(topPart(leads('1+'), 0.01)!.leads, 1)
  })

  it('takes the share of a tie at its edge, whatever the order', () => {
    // Five tied leads, of which one converted, for two places: 2 × 1/5 of a conversion.
    const tied = leads('3+ 3- 3- 3- 3-')
    for (let turn = 0; turn < tied.length; turn++) {
      const turned = [...tied.slice(turn), ...tied.slice(0, turn)]
      assert.deepEqual(topPart(turned, 0.4), { leads: 2, conversion: 0.2, lift: 1 })
    }
  })

  it('has the lift 1 when all leads have the same points', () => {
    assert.equal(topPart(leads('7+ 7- 7+ 7-'), 0.5)!.lift, 1)
  })

  it('has the lift 1 when it is everybody', () => {
    assert.equal(topPart(leads('1- 2+ 3- 4+'), 1)!.lift, 1)
  })

  it('has no lift when nobody converted', () => {
    assert.deepEqual(topPart(leads('1- 2- 3- 4-'), 0.5), {
      leads: 2,
      conversion: 0,
      lift: undefined,
    })
  })

  it('of nobody is nothing', () => {
    assert.equal(topPart([], 0.2), undefined)
  })

  it('does not depend on the order of the leads', () => {
    fc.assert(
      fc.property(anyLeads, fc.double({ min: 0.01, max: 1, noNaN: true }), (list, share) => {
        assert.deepEqual(topPart(list, share), topPart(list.toReversed(), share))
      }),
    )
  })
})

const anyLeads = fc.array(
  fc.record({ points: fc.integer({ min: 0, max: 4 }), converted: fc.boolean() }),
  {
    maxLength: 30,
  },
)

/** The definition, pair by pair. */
function overPairs(list: readonly Ranked[]): number | undefined {
  const won = list.filter(({ converted }) => converted)
  const lost = list.filter(({ converted }) => !converted)
  if (won.length === 0 || lost.length === 0) return undefined
  let sum = 0
  for (const a of won)
    for (const b of lost) sum += a.points > b.points ? 1 : a.points === b.points ? 0.5 : 0
  return sum / (won.length * lost.length)
}
