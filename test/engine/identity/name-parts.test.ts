// Goal: a part of a name is told from another name. Method: a table, laws.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isFullName, isPartOfName } from '../../../engine/identity/name-parts'

describe('name parts', () => {
  for (const [part, whole, want] of [
    ['ana', 'ana ruiz', true],
    ['ruiz', 'ana ruiz', true],
    ['ana ruiz', 'ana maria ruiz', true],
    ['ana ruiz', 'ana ruiz', false],
    ['ana ruiz', 'ana', false],
    ['an', 'ana ruiz', false],
    ['bea', 'ana ruiz', false],
    ['ana lopez', 'ana maria ruiz', false],
  ] as const) {
    it(`${part} is ${want ? 'a' : 'no'} part of ${whole}`, () =>
      assert.equal(isPartOfName(part, whole), want))
  }
  it('no two names are each a part of the other, and a part has fewer words', () => {
    const name = fc
      .array(fc.constantFrom('ana', 'ruiz', 'maria'), { minLength: 1, maxLength: 3 })
      .map((words) => words.join(' '))
    fc.assert(
      fc.property(name, name, (a, b) => {
        assert.ok(!(isPartOfName(a, b) && isPartOfName(b, a)))
        if (isPartOfName(a, b)) assert.ok(isFullName(b))
      }),
    )
  })
})
