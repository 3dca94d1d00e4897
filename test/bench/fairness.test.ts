// Goal: the figures of the routing benchmark are what they are called.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Agenda, jain, percentile } from '../../bench/lib/fairness'

describe('jain', () => {
  for (const [values, want] of [
    [[3, 3, 3], 1],
    [[5, 0, 0, 0], 0.25],
    [[1, 3], 0.8],
  ] as const) {
    it(`of ${values} is ${want}`, () => assert.ok(Math.abs(jain(values) - want) < 1e-12))
  }
  it('of nothing is no number', () => assert.ok(Number.isNaN(jain([]))))
})

describe('percentile', () => {
  for (const [values, share, want] of [
    [[4, 1, 3, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.51, 3],
    [[4, 1, 3, 2], 1, 4],
    [[7], 0.95, 7],
    [[], 0.95, 0],
  ] as const) {
    it(`${share} of ${values} is ${want}`, () => assert.equal(percentile(values, share), want))
  }
})

describe('Agenda', () => {
  it('gives everything back in the order of time, and of one time in that of adding', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), (times) => {
        const agenda = new Agenda<number>()
        times.forEach((atMs, index) => {
          agenda.add(atMs, index)
        })
        const taken = times.map(() => agenda.take().what)
        const want = times.map((_, index) => index).sort((a, b) => times[a]! - times[b]! || a - b)
        assert.deepEqual(taken, want)
        assert.equal(agenda.nextMs, Number.POSITIVE_INFINITY)
      }),
    )
  })
})
