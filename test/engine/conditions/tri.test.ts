// Goal: negation is Kleene's. $and and $or are tested in condition.test.ts, where they live.
import assert from 'node:assert/strict'
import { FALSE, TRI_NAMES, TRUE, triNot, UNKNOWN } from '../../../engine/conditions/tri'

describe('triNot: Kleene negation', () => {
  for (const [a, want] of [
    [TRUE, FALSE],
    [FALSE, TRUE],
    [UNKNOWN, UNKNOWN],
  ] as const) {
    it(`not ${TRI_NAMES[a]} is ${TRI_NAMES[want]}`, () => assert.equal(triNot(a), want))
  }
})
