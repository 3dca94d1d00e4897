// Goal: single wall times become instants, also where clocks change. Method: one table.
import assert from 'node:assert/strict'
import { instantOfLocal } from '../../../engine/calendar'
import { at, iso } from './support'

describe('instantOfLocal', () => {
  const rows: ReadonlyArray<[name: string, local: string, want: string]> = [
    ['winter', '2026-01-15T09:00', '2026-01-15T09:00+01:00'],
    ['summer, with seconds', '2026-07-15 09:00:30', '2026-07-15T09:00:30+02:00'],
    ['a skipped time moves on by the gap', '2026-03-29T02:30', '2026-03-29T03:30+02:00'],
    ['a repeated time is the first one', '2026-10-25T02:30', '2026-10-25T02:30+02:00'],
    ['before standard time', '1890-01-01T00:00', ''],
  ]
  for (const [name, local, want] of rows) {
    it(name, () =>
      assert.equal(iso(instantOfLocal('Europe/Berlin', local)), want ? iso(at(want)) : undefined),
    )
  }

  it('is undefined for what is no time', () => {
    for (const local of [
      '',
      '2026-02-30T09:00',
      '2026-01-01',
      '2026-01-01T24:00',
      '2026-01-01T09:60',
    ]) {
      assert.equal(instantOfLocal('Europe/Berlin', local), undefined, local)
    }
  })
})
