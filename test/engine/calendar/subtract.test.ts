// Goal: the way back is the mirror image of due(). Method: one table over edges of windows.
import assert from 'node:assert/strict'
import { ALWAYS, HORIZON_MS, subtract } from '../../../engine/calendar'
import { at, HOUR, iso, OFFICE, open } from './support'

describe('subtract', () => {
  const rows: ReadonlyArray<[name: string, end: string, budgetMs: number, want: string]> = [
    ['within the day', '2026-06-01T12:00', HOUR, '2026-06-01T11:00'],
    [
      'back to the opening, not to the closing before',
      '2026-06-01T10:00',
      HOUR,
      '2026-06-01T09:00',
    ],
    ['over the weekend', '2026-06-08T09:30', HOUR, '2026-06-05T16:30'],
    ['from a closed hour', '2026-06-07T12:00', HOUR, '2026-06-05T16:00'],
    ['over a year', '2027-08-27T17:00', 2600 * HOUR, '2026-06-01T09:00'],
    ['no budget while open stays', '2026-06-01T10:00', 0, '2026-06-01T10:00'],
    ['no budget at closing stays', '2026-06-01T17:00', 0, '2026-06-01T17:00'],
    ['no budget at opening goes to the last closing', '2026-06-01T09:00', 0, '2026-05-29T17:00'],
    ['a budget below 0 counts as 0', '2026-06-07T12:00', -HOUR, '2026-06-05T17:00'],
  ]
  for (const [name, end, budgetMs, want] of rows) {
    it(name, () => assert.equal(iso(subtract(open(OFFICE), at(end), budgetMs)), iso(at(want))))
  }

  it('is undefined before the first opening', () => {
    const once = open({ timezone: 'Etc/UTC', hours: {}, dates: { '2026-06-01': ['09:00-17:00'] } })
    assert.equal(subtract(once, at('2026-06-02T00:00'), 8 * HOUR), at('2026-06-01T09:00'))
    assert.equal(subtract(once, at('2026-06-02T00:00'), 8 * HOUR + 1), undefined)
    assert.equal(subtract(once, at('2026-06-01T09:00'), 0), undefined)
  })

  it('looks as far as the horizon and no further', () => {
    assert.equal(subtract(ALWAYS, HORIZON_MS, HORIZON_MS), 0)
    assert.equal(subtract(ALWAYS, HORIZON_MS, HORIZON_MS + 1), undefined)
  })

  it('refuses what is not a number', () =>
    assert.throws(() => subtract(ALWAYS, 0, Number.NaN), RangeError))
})
