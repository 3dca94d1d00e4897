// Goal: an intersection is open exactly when all of its parts are. Method: a company, a rep and a tier.
import assert from 'node:assert/strict'
import { ALWAYS, due, intersect, nextOpening, periods } from '../../../engine/calendar'
import { at, HOUR, iso, OFFICE, open } from './support'

const company = open({
  timezone: 'Europe/Berlin',
  hours: { 'mon-fri': ['09:00-18:00'] },
  holidays: ['2026-06-04'],
})
const rep = open({
  timezone: 'Europe/London',
  hours: { 'mon-thu': ['08:00-12:00', '13:00-16:00'] },
})

describe('intersect', () => {
  it('opens when company and rep both do', () => {
    const both = intersect([company, rep])
    const found = periods(both, at('2026-06-03T00:00'), at('2026-06-09T00:00'))
    assert.deepEqual(
      found.map(({ startMs, endMs }) => [iso(startMs), iso(endMs)]),
      [
        ['2026-06-03T07:00:00.000Z', '2026-06-03T11:00:00.000Z'],
        ['2026-06-03T12:00:00.000Z', '2026-06-03T15:00:00.000Z'],
        ['2026-06-08T07:00:00.000Z', '2026-06-08T11:00:00.000Z'],
        ['2026-06-08T12:00:00.000Z', '2026-06-08T15:00:00.000Z'],
      ],
    )
    assert.equal(iso(due(both, at('2026-06-03T14:00'), 2 * HOUR)), '2026-06-08T08:00:00.000Z')
  })

  it('of one calendar is that calendar, of none is always open', () => {
    assert.equal(intersect([rep]), rep)
    assert.equal(intersect([]), ALWAYS)
  })

  it('with an always open calendar changes nothing', () => {
    const start = at('2026-06-05T17:00')
    assert.equal(due(intersect([rep, ALWAYS]), start, HOUR), due(rep, start, HOUR))
  })

  it('of calendars that never meet never opens', () => {
    const sundays = open({ timezone: 'Etc/UTC', hours: { sun: ['09:00-17:00'] } })
    assert.equal(nextOpening(intersect([open(OFFICE), sundays]), at('2026-06-01T00:00')), undefined)
  })
})
