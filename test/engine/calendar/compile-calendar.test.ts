// Goal: the wall reading of windows where clocks change, and the order of holidays, dates and weekdays.
// Method: list the open periods of a few days and compare their wall times (with offset) as text.
import assert from 'node:assert/strict'
import moment from 'moment-timezone'
import { compileCalendar, instantOfLocal, parseCalendar, periods } from '../../../engine/calendar'
import { open } from './support'

function periodsOf(spec: { timezone: string }, from: string, to: string): string[] {
  const wall = (ms: number) => moment.tz(ms, spec.timezone).format('DD HH:mm Z')
  const [fromMs, toMs] = [from, to].map((date) => instantOfLocal(spec.timezone, `${date}T00:00`)!)
  return periods(open(spec), fromMs!, toMs!).map(
    ({ startMs, endMs }) => `${wall(startMs)} - ${wall(endMs)}`,
  )
}

const berlin = (...windows: string[]) => ({ timezone: 'Europe/Berlin', hours: { sun: windows } })

describe('compileCalendar: the skipped hour (Berlin, 29 March 2026, 02:00 is 03:00)', () => {
  const rows: ReadonlyArray<[name: string, windows: string[], want: string[]]> = [
    ['a window over it loses an hour', ['00:00-06:00'], ['29 00:00 +01:00 - 29 06:00 +02:00']],
    [
      'one that starts in it opens at the jump',
      ['02:30-06:00'],
      ['29 03:00 +02:00 - 29 06:00 +02:00'],
    ],
    [
      'one that ends in it closes at the jump',
      ['00:00-02:30'],
      ['29 00:00 +01:00 - 29 03:00 +02:00'],
    ],
    ['one inside it does not open', ['02:15-02:45'], []],
    [
      'windows around it touch',
      ['01:00-02:00', '03:00-04:00'],
      ['29 01:00 +01:00 - 29 04:00 +02:00'],
    ],
  ]
  for (const [name, windows, want] of rows) {
    it(name, () =>
      assert.deepEqual(periodsOf(berlin(...windows), '2026-03-29', '2026-03-30'), want),
    )
  }
})

describe('compileCalendar: the repeated hour (Berlin, 25 October 2026, 03:00 is 02:00)', () => {
  const rows: ReadonlyArray<[name: string, windows: string[], want: string[]]> = [
    ['a window over it gains an hour', ['00:00-06:00'], ['25 00:00 +02:00 - 25 06:00 +01:00']],
    ['the hour itself is two hours', ['02:00-03:00'], ['25 02:00 +02:00 - 25 03:00 +01:00']],
    [
      'one that starts in it opens both times',
      ['02:30-06:00'],
      ['25 02:30 +02:00 - 25 02:00 +01:00', '25 02:30 +01:00 - 25 06:00 +01:00'],
    ],
    [
      'one that ends in it closes both times',
      ['00:00-02:30'],
      ['25 00:00 +02:00 - 25 02:30 +02:00', '25 02:00 +01:00 - 25 02:30 +01:00'],
    ],
    [
      'one inside it opens twice',
      ['02:15-02:45'],
      ['25 02:15 +02:00 - 25 02:45 +02:00', '25 02:15 +01:00 - 25 02:45 +01:00'],
    ],
  ]
  for (const [name, windows, want] of rows) {
    it(name, () =>
      assert.deepEqual(periodsOf(berlin(...windows), '2026-10-25', '2026-10-26'), want),
    )
  }
})

describe('compileCalendar: other zones', () => {
  it('has no Friday where a zone left it out (Apia, 30 December 2011)', () => {
    const spec = {
      timezone: 'Pacific/Apia',
      hours: { 'thu-fri': ['09:00-17:00'], sat: ['10:00-11:00'] },
    }
    assert.deepEqual(periodsOf(spec, '2011-12-29', '2012-01-01'), [
      '29 09:00 -10:00 - 29 17:00 -10:00',
      '31 10:00 +14:00 - 31 11:00 +14:00',
    ])
  })

  it('keeps the weekday of the zone, not of UTC (Auckland is a day ahead)', () => {
    const spec = { timezone: 'Pacific/Auckland', hours: { mon: ['08:00-09:00'] } }
    assert.deepEqual(periodsOf(spec, '2026-06-01', '2026-06-08'), [
      '01 08:00 +12:00 - 01 09:00 +12:00',
    ])
  })

  it('fails at once on a zone that nobody checked', () => {
    const { calendar } = parseCalendar(berlin('09:00-17:00'), 'x')
    assert.throws(
      () => compileCalendar({ ...calendar!, timezone: 'Mars/Olympus' }),
      /Mars\/Olympus/,
    )
  })
})

describe('compileCalendar: which entry decides about a day', () => {
  const ics = [
    'BEGIN:VCALENDAR',
    'BEGIN:VEVENT',
    'DTSTART;VALUE=DATE:20260601',
    'DTEND;VALUE=DATE:20260605',
    'END:VEVENT',
    'END:VCALENDAR',
  ].join('\r\n')
  const spec = {
    timezone: 'Etc/UTC',
    hours: { daily: ['09:00-17:00'] },
    ics,
    dates: { '2026-06-02': ['10:00-11:00'], '2026-06-03': ['10:00-11:00'], '2026-06-06': [] },
    holidays: ['2026-06-03'],
  }

  it('a holiday wins over a date, a date over an imported holiday, that over the weekday', () =>
    assert.deepEqual(periodsOf(spec, '2026-06-01', '2026-06-08'), [
      '02 10:00 +00:00 - 02 11:00 +00:00',
      '05 09:00 +00:00 - 05 17:00 +00:00',
      '07 09:00 +00:00 - 07 17:00 +00:00',
    ]))

  it('an overnight date runs into the next day and joins what opens there', () => {
    const night = { ...spec, dates: { '2026-06-05': ['22:00-10:00'] } }
    assert.deepEqual(periodsOf(night, '2026-06-05', '2026-06-07'), [
      '05 22:00 +00:00 - 06 17:00 +00:00',
    ])
  })
})
