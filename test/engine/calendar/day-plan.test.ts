// Goal: the days of a calendar read as people read them, whatever the clocks do that night.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compileCalendar, parseCalendar, periods } from '../../../engine/calendar'
import { planDays } from '../../../engine/calendar/day-plan'

const spec = (raw: object) => {
  const { calendar, problems } = parseCalendar({ timezone: 'Europe/Berlin', ...raw }, 'c')
  assert.ok(calendar, JSON.stringify(problems))
  return calendar
}
const days = (raw: object, from: string, count: number) =>
  planDays(spec(raw), Date.parse(from), count)
const brief = (list: ReturnType<typeof days>) => list.map(({ date, open }) => [date, ...open])

const WEEK = { hours: { 'mon-fri': ['09:00-12:30', '13:30-18:00'] } }

describe('planDays', () => {
  it('tells weekday, open times and closed days, from the local day on', () => {
    // 23:30 in London is past midnight in Berlin.
    const list = days(WEEK, '2026-03-05T23:30:00Z', 3)
    assert.deepEqual(brief(list), [
      ['2026-03-06', '09:00–12:30', '13:30–18:00'],
      ['2026-03-07'],
      ['2026-03-08'],
    ])
    assert.deepEqual(
      list.map(({ weekday }) => weekday),
      [4, 5, 6],
    )
  })
  it('says why a day is another', () => {
    const calendar = {
      ...WEEK,
      holidays: ['2026-12-25'],
      dates: { '2026-12-24': ['09:00-12:00'] },
    }
    assert.deepEqual(
      days(calendar, '2026-12-23T12:00:00Z', 3).map(({ open, special }) => [open, special]),
      [
        [['09:00–12:30', '13:30–18:00'], undefined],
        [['09:00–12:00'], { kind: 'date' }],
        [[], { kind: 'holiday' }],
      ],
    )
  })
  it('shows a night shift on both of its days', () => {
    assert.deepEqual(brief(days({ hours: { mon: ['22:00-06:00'] } }, '2026-03-02T12:00:00Z', 3)), [
      ['2026-03-02', '22:00–24:00'],
      ['2026-03-03', '00:00–06:00'],
      ['2026-03-04'],
    ])
  })
  it('on the days of a clock change shows what the wall shows', () => {
    const sunday = { hours: { sun: ['01:00-09:00'] } }
    assert.deepEqual(brief(days(sunday, '2026-03-29T10:00:00Z', 1)), [
      ['2026-03-29', '01:00–09:00'],
    ])
    assert.deepEqual(brief(days(sunday, '2026-10-25T10:00:00Z', 1)), [
      ['2026-10-25', '01:00–09:00'],
    ])
  })
  it('in any zone, tells as many days as asked, in order, open when the calendar is', () => {
    const zone = fc.constantFrom(
      'Pacific/Kiritimati',
      'Pacific/Pago_Pago',
      'Asia/Kolkata',
      'UTC',
      'America/New_York',
    )
    const from = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2030, 0) })
    fc.assert(
      fc.property(zone, from, fc.integer({ min: 1, max: 40 }), (timezone, fromMs, count) => {
        const one = spec({ ...WEEK, timezone })
        const list = planDays(one, fromMs, count)
        assert.equal(list.length, count)
        for (let at = 1; at < count; at++)
          assert.equal(Date.parse(list[at]!.date) - Date.parse(list[at - 1]!.date), 86_400_000)
        const open = periods(compileCalendar(one), fromMs, fromMs + 86_400_000)
        if (open.length > 0 && count > 1) assert.ok(list[0]!.open.length + list[1]!.open.length > 0)
      }),
    )
  })
})
