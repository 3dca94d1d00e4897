// Goal: every mistake is reported, at its place and in plain words, and all of them at once.
// Method: one table of broken calendars (the damage is the name), then the accepted ways of writing.
import assert from 'node:assert/strict'
import { parseCalendar } from '../../../engine/calendar'
import { OFFICE, SPLIT } from './support'

const broken: ReadonlyArray<[damage: string, spec: unknown, path: string, message: RegExp]> = [
  ['no calendar', undefined, '', /must have a timezone and hours, got nothing/],
  ['a list', [], '', /must have a timezone and hours/],
  ['no zone', { hours: OFFICE.hours }, '.timezone', /unknown time zone nothing/],
  [
    'unknown zone',
    { ...OFFICE, timezone: 'Europe/Berln' },
    '.timezone',
    /unknown time zone "Europe\/Berln"/,
  ],
  [
    'unknown key',
    { ...OFFICE, holiday: [] },
    '.holiday',
    /"holiday" is not known here; a calendar has timezone/,
  ],
  ['no hours', { timezone: 'Etc/UTC' }, '.hours', /must map days to windows.*got nothing/],
  ['no day', hours({ weekdays: ['09:00-17:00'] }), '.hours.weekdays', /"weekdays" names no days/],
  ['a day range of three', hours({ 'mon-wed-fri': [] }), '.hours.mon-wed-fri', /names no days/],
  ['an empty day', hours({ 'mon,': ['09:00-17:00'] }), '.hours.mon,', /names no days/],
  [
    'no list',
    hours({ mon: '09:00-17:00' }),
    '.hours.mon',
    /must be a list of windows.*got "09:00-17:00"/,
  ],
  [
    'no window',
    hours({ mon: ['nine to five'] }),
    '.hours.mon[0]',
    /"nine to five" is not a window/,
  ],
  ['a number', hours({ mon: [9] }), '.hours.mon[0]', /9 is not a window/],
  [
    'bad start',
    hours({ mon: ['09:00-10:00', '25:00-26:00'] }),
    '.hours.mon[1]',
    /starts at 25:00, which is no time of day/,
  ],
  [
    'bad end',
    hours({ mon: ['09:00-17:60'] }),
    '.hours.mon[0]',
    /ends at 17:60, which is no time of day/,
  ],
  ['24:00 as start', hours({ mon: ['24:00-06:00'] }), '.hours.mon[0]', /starts at 24:00/],
  ['after 24:00', hours({ mon: ['09:00-24:30'] }), '.hours.mon[0]', /ends at 24:30/],
  ['empty window', hours({ mon: ['09:00-09:00'] }), '.hours.mon[0]', /is empty.*00:00-24:00/],
  [
    'overlap',
    hours({ 'mon-fri': ['09:00-12:30', '12:00-18:00'] }),
    '.hours.mon-fri[1]',
    /^12:00-18:00 overlaps 09:00-12:30 on monday$/,
  ],
  [
    'the same window twice',
    hours({ mon: ['09:00-12:00', '09:00-12:00'] }),
    '.hours.mon[1]',
    /overlaps/,
  ],
  [
    'overlap of two keys',
    hours({ daily: ['08:00-12:00'], fri: ['11:00-13:00'] }),
    '.hours.fri[0]',
    /^11:00-13:00 overlaps 08:00-12:00 on friday$/,
  ],
  [
    'overlap of a night and the morning',
    hours({ fri: ['22:00-06:00'], sat: ['05:00-10:00'] }),
    '.hours.sat[0]',
    /^05:00-10:00 overlaps 22:00-06:00 on saturday$/,
  ],
  [
    'overlap of Sunday night and Monday',
    hours({ mon: ['05:00-10:00'], sun: ['22:00-06:00'] }),
    '.hours.sun[0]',
    /^22:00-06:00 overlaps 05:00-10:00 on sunday$/,
  ],
  [
    'holidays no list',
    { ...OFFICE, holidays: '2026-12-25' },
    '.holidays',
    /must be a list of dates/,
  ],
  [
    'no such holiday',
    { ...OFFICE, holidays: ['2026-12-25', '2026-02-30'] },
    '.holidays[1]',
    /"2026-02-30" is not a date/,
  ],
  [
    'a holiday written the local way',
    { ...OFFICE, holidays: ['25.12.2026'] },
    '.holidays[0]',
    /write it like 2026-12-25/,
  ],
  [
    'a named holiday without its date',
    { ...OFFICE, holidays: [{ name: 'Xmas' }] },
    '.holidays[0]',
    /nothing is not a date/,
  ],
  [
    'a year out of reach',
    { ...OFFICE, holidays: ['0026-12-25'] },
    '.holidays[0]',
    /years 1900 to 2499/,
  ],
  ['dates no map', { ...OFFICE, dates: ['2026-12-24'] }, '.dates', /must map dates to windows/],
  [
    'no such date',
    { ...OFFICE, dates: { '2026-13-01': [] } },
    '.dates.2026-13-01',
    /is not a date/,
  ],
  [
    'no window on a date',
    { ...OFFICE, dates: { '2026-12-24': ['9-12'] } },
    '.dates.2026-12-24[0]',
    /is not a window/,
  ],
  [
    'overlap on a date',
    { ...OFFICE, dates: { '2026-12-24': ['09:00-12:00', '11:00-13:00'] } },
    '.dates.2026-12-24[1]',
    /^11:00-13:00 overlaps 09:00-12:00$/,
  ],
  [
    'no iCalendar text',
    { ...OFFICE, ics: 'https://example.com/holidays.ics' },
    '.ics',
    /must be iCalendar text/,
  ],
  ['never opens', hours({ mon: [] }), '', /never opens/],
  [
    'opens on a holiday only',
    {
      timezone: 'Etc/UTC',
      hours: {},
      dates: { '2026-12-25': ['09:00-10:00'] },
      holidays: ['2026-12-25'],
    },
    '',
    /never opens/,
  ],
]

function hours(days: object): object {
  return { timezone: 'Etc/UTC', hours: days }
}

describe('parseCalendar: reports', () => {
  for (const [damage, spec, path, message] of broken) {
    it(damage, () => {
      const { calendar, problems } = parseCalendar(spec, 'calendars.berlin')
      assert.equal(calendar, undefined)
      assert.equal(problems.length, 1, JSON.stringify(problems))
      assert.equal(problems[0]!.path, `calendars.berlin${path}`)
      assert.match(problems[0]!.message, message)
    })
  }

  it('all mistakes at once, in the order of writing', () => {
    const spec = {
      timezone: 'Nowhere',
      hours: { 'mon-fri': ['09:00-12:00', '11:00-13:00', '8-9'], funday: ['10:00-11:00'] },
      holidays: ['soon'],
      dates: { someday: ['10:00-10:00'] },
    }
    const paths = parseCalendar(spec, 'c').problems.map((problem) => problem.path)
    assert.deepEqual(paths, [
      'c.timezone',
      'c.hours.mon-fri[2]',
      'c.hours.funday',
      'c.hours.mon-fri[1]',
      'c.holidays[0]',
      'c.dates.someday[0]',
      'c.dates.someday',
    ])
  })
})

describe('parseCalendar: accepts', () => {
  const week = (days: object) =>
    parseCalendar(hours(days), 'c')
      .calendar?.week.map((day) => day.length)
      .join('')
  const rows: ReadonlyArray<[name: string, key: string, want: string]> = [
    ['a day', 'sat', '0000010'],
    ['a range', 'mon-fri', '1111100'],
    ['a range over Sunday', 'sat-mon', '1000011'],
    ['a list', 'mon,wed', '1010000'],
    ['a list of ranges', 'mon-tue, thu-fri', '1101100'],
    ['daily', 'daily', '1111111'],
    ['full names in any case', 'Monday-Wednesday', '1110000'],
    ['a day named twice in one key', 'mon,mon-tue', '1100000'],
  ]
  for (const [name, key, want] of rows) {
    it(name, () => assert.equal(week({ [key]: ['09:00-17:00'] }), want))
  }

  it('windows of several keys for one day, sorted', () => {
    const { calendar } = parseCalendar(
      hours({ mon: ['13:00-17:00'], daily: ['9:00 – 12:00'] }),
      'c',
    )
    assert.deepEqual(calendar!.week[0], [
      { openMin: 540, closeMin: 720 },
      { openMin: 780, closeMin: 1020 },
    ])
  })

  it('windows that touch, over midnight and over the end of the week', () => {
    assert.equal(week({ daily: ['00:00-06:00', '06:00-22:00', '22:00-00:00'] }), '3333333')
    assert.equal(week({ sun: ['22:00-06:00'], mon: ['06:00-10:00'] }), '1000001')
  })

  it('a zone in any case, in its own spelling', () =>
    assert.equal(
      parseCalendar({ ...OFFICE, timezone: 'europe/berlin' }, 'c').calendar!.timezone,
      'Europe/Berlin',
    ))

  it('hours of single dates only', () =>
    assert.deepEqual(
      parseCalendar({ ...hours({}), dates: { '2026-12-24': ['09:00-12:00'] } }, 'c').problems,
      [],
    ))

  it('what survives JSON, so that a version of it can be kept', () => {
    const { calendar } = parseCalendar(
      { ...SPLIT, holidays: [{ date: '2026-12-26', name: 'Boxing day' }] },
      'c',
    )
    assert.deepEqual(JSON.parse(JSON.stringify(calendar)), calendar)
  })
})
