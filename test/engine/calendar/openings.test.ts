// Goal: an interval is open at its start and closed at its end, in every question. Method: one table of
// instants around the edges of a split day, then the long-lasting cases.
import assert from 'node:assert/strict'
import {
  ALWAYS,
  HORIZON_MS,
  isOpen,
  nextClosing,
  nextOpening,
  periods,
  previousOpening,
} from '../../../engine/calendar'
import { at, DAY, iso, open } from './support'

const calendar = open({ timezone: 'Etc/UTC', hours: { mon: ['09:00-12:00', '13:00-17:00'] } })

describe('openings around an instant', () => {
  const rows: ReadonlyArray<
    [name: string, atText: string, opening: string, closing: string, previous: string]
  > = [
    ['before opening', '01T08:00', '01T09:00', '01T08:00', '25T13:00'],
    ['at opening', '01T09:00', '01T09:00', '01T12:00', '01T09:00'],
    ['while open', '01T10:00', '01T10:00', '01T12:00', '01T09:00'],
    ['at lunch', '01T12:00', '01T13:00', '01T12:00', '01T09:00'],
    ['in the afternoon', '01T16:59', '01T16:59', '01T17:00', '01T13:00'],
    ['at closing', '01T17:00', '08T09:00', '01T17:00', '01T13:00'],
  ]
  for (const [name, atText, opening, closing, previous] of rows) {
    it(name, () => {
      const atMs = at(`2026-06-${atText}`)
      const month = previous.startsWith('25') ? '05' : '06'
      assert.equal(isOpen(calendar, atMs), opening === atText)
      assert.equal(iso(nextOpening(calendar, atMs)), iso(at(`2026-06-${opening}`)))
      assert.equal(iso(nextClosing(calendar, atMs)), iso(at(`2026-06-${closing}`)))
      assert.equal(iso(previousOpening(calendar, atMs)), iso(at(`2026-${month}-${previous}`)))
    })
  }

  it('has no closing and no opening behind it when always open', () => {
    assert.equal(isOpen(ALWAYS, 0), true)
    assert.equal(nextOpening(ALWAYS, 7), 7)
    assert.equal(nextClosing(ALWAYS, 0), undefined)
    assert.equal(previousOpening(ALWAYS, 0), undefined)
  })

  it('sees one long period where windows touch', () => {
    const week = open({
      timezone: 'Europe/Berlin',
      hours: { 'mon-sat': ['00:00-24:00'], sun: ['00:00-12:00', '12:00-24:00'] },
      dates: { '2026-11-02': [] },
    })
    assert.equal(iso(nextClosing(week, at('2025-06-01T00:00'))), '2026-11-01T23:00:00.000Z')
    assert.equal(iso(previousOpening(week, at('2028-06-01T00:00'))), '2026-11-02T23:00:00.000Z')
  })

  it('looks as far as the horizon and no further', () => {
    const once = open({ timezone: 'Etc/UTC', hours: {}, dates: { '2026-06-01': ['09:00-17:00'] } })
    const opening = at('2026-06-01T09:00')
    assert.equal(nextOpening(once, opening - HORIZON_MS), opening)
    assert.equal(nextOpening(once, opening - HORIZON_MS - 1), undefined)
    assert.equal(previousOpening(once, opening + HORIZON_MS), opening)
    assert.equal(previousOpening(once, opening + HORIZON_MS + 1), undefined)
  })

  it('finds an opening that lies on the edge of a compiled chunk and of the horizon', () => {
    const edge = 58 * 364 * DAY
    const once = open({ timezone: 'Etc/UTC', hours: {}, dates: { '2027-10-21': ['00:00-01:00'] } })
    assert.equal(edge, at('2027-10-21T00:00'))
    assert.equal(previousOpening(once, edge + HORIZON_MS), edge)
    assert.equal(nextOpening(once, edge - HORIZON_MS), edge)
  })
})

describe('periods', () => {
  const texts = (from: string, to: string) =>
    periods(calendar, at(from), at(to)).map(({ startMs, endMs }) => [iso(startMs), iso(endMs)])

  it('lists them in order, clipped to the range', () =>
    assert.deepEqual(texts('2026-06-01T10:00', '2026-06-01T14:00'), [
      ['2026-06-01T10:00:00.000Z', '2026-06-01T12:00:00.000Z'],
      ['2026-06-01T13:00:00.000Z', '2026-06-01T14:00:00.000Z'],
    ]))
  it('leaves out what only touches the range', () =>
    assert.deepEqual(texts('2026-06-01T12:00', '2026-06-01T13:00'), []))
  it('is empty for an empty or reversed range', () => {
    assert.deepEqual(texts('2026-06-01T10:00', '2026-06-01T10:00'), [])
    assert.deepEqual(texts('2026-06-02T10:00', '2026-06-01T10:00'), [])
  })
  it('is one period when always open, across years', () =>
    assert.deepEqual(periods(ALWAYS, 0, 5000 * DAY), [{ startMs: 0, endMs: 5000 * DAY }]))
})
