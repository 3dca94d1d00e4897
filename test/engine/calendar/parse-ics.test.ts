// Goal: an imported feed closes exactly its all-day events, and what cannot be read is said with its line.
// Method: small feeds; the closed days are found by asking a calendar that is otherwise always open.
import assert from 'node:assert/strict'
import { isOpen, parseCalendar } from '../../../engine/calendar'
import { at, DAY, HOUR, open } from './support'

const feed = (...events: string[][]) =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    ...events.flatMap((event) => ['BEGIN:VEVENT', ...event, 'END:VEVENT']),
    'END:VCALENDAR',
    '',
  ].join('\r\n')

const withIcs = (ics: unknown) => ({ timezone: 'Etc/UTC', hours: { daily: ['00:00-24:00'] }, ics })

function closedDays(ics: string, from = '2026-01-01', to = '2027-01-01'): string[] {
  const calendar = open(withIcs(ics))
  const closed: string[] = []
  for (let dayMs = at(`${from}T00:00`); dayMs < at(`${to}T00:00`); dayMs += DAY) {
    if (!isOpen(calendar, dayMs + 12 * HOUR))
      closed.push(new Date(dayMs).toISOString().slice(0, 10))
  }
  return closed
}

describe('parseIcs: closes', () => {
  const rows: ReadonlyArray<[name: string, event: string[], want: string[]]> = [
    ['one day', ['DTSTART;VALUE=DATE:20261225', 'DTEND;VALUE=DATE:20261226'], ['2026-12-25']],
    ['one day without an end', ['DTSTART;VALUE=DATE:20261225'], ['2026-12-25']],
    [
      'one day that ends when it starts',
      ['DTSTART;VALUE=DATE:20261225', 'DTEND;VALUE=DATE:20261225'],
      ['2026-12-25'],
    ],
    ['a date that does not say so', ['DTSTART:20261225'], ['2026-12-25']],
    [
      'days up to the end, not with it',
      ['DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227'],
      ['2026-12-24', '2026-12-25', '2026-12-26'],
    ],
    [
      'days by duration',
      ['DTSTART;VALUE=DATE:20261225', 'DURATION:P2D'],
      ['2026-12-25', '2026-12-26'],
    ],
    [
      'a folded line',
      ['DTSTART;VALUE=DATE', ' :2026', '\t1225', 'SUMMARY:Christ', ' mas'],
      ['2026-12-25'],
    ],
    ['lower case and parameters', ['dtstart;x-a="b:c;d";value=date:20261225'], ['2026-12-25']],
    [
      'an event with an alarm in it',
      ['BEGIN:VALARM', 'DTSTART;VALUE=DATE:20260101', 'END:VALARM', 'DTSTART;VALUE=DATE:20261225'],
      ['2026-12-25'],
    ],
    [
      'a yearly day, from its first year on',
      ['DTSTART;VALUE=DATE:20100501', 'RRULE:FREQ=YEARLY'],
      ['2026-05-01'],
    ],
    [
      'a yearly day that repeats itself in the rule',
      ['DTSTART;VALUE=DATE:20100501', 'RRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1'],
      ['2026-05-01'],
    ],
    [
      'a yearly day before its first year',
      ['DTSTART;VALUE=DATE:20270501', 'RRULE:FREQ=YEARLY'],
      [],
    ],
    ['every second year', ['DTSTART;VALUE=DATE:20250501', 'RRULE:FREQ=YEARLY;INTERVAL=2'], []],
    [
      'a yearly day until the year before',
      ['DTSTART;VALUE=DATE:20100501', 'RRULE:FREQ=YEARLY;UNTIL=20260430T000000Z'],
      [],
    ],
    [
      'a yearly day until that day',
      ['DTSTART;VALUE=DATE:20100501', 'RRULE:FREQ=YEARLY;UNTIL=20260501'],
      ['2026-05-01'],
    ],
    [
      'a yearly day a number of times',
      ['DTSTART;VALUE=DATE:20240501', 'RRULE:FREQ=YEARLY;COUNT=3'],
      ['2026-05-01'],
    ],
    [
      'a yearly day a smaller number of times',
      ['DTSTART;VALUE=DATE:20240501', 'RRULE:FREQ=YEARLY;COUNT=2'],
      [],
    ],
    [
      'a yearly day but not this year',
      ['DTSTART;VALUE=DATE:20100501', 'RRULE:FREQ=YEARLY', 'EXDATE;VALUE=DATE:20250501,20260501'],
      [],
    ],
    [
      '29 February only when there is one',
      ['DTSTART;VALUE=DATE:20240229', 'RRULE:FREQ=YEARLY'],
      [],
    ],
    [
      'the fourth Thursday in November',
      ['DTSTART;VALUE=DATE:20241128', 'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH'],
      ['2026-11-26'],
    ],
    [
      'the last Monday in May',
      ['DTSTART;VALUE=DATE:20200525', 'RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO'],
      ['2026-05-25'],
    ],
    ['no event with a time of day', ['DTSTART:20261225T090000Z', 'DTEND:20261225T170000Z'], []],
    ['no cancelled event', ['DTSTART;VALUE=DATE:20261225', 'STATUS:CANCELLED'], []],
  ]
  const other = ['DTSTART;VALUE=DATE:19000101']
  for (const [name, event, want] of rows) {
    it(name, () => assert.deepEqual(closedDays(feed(other, event)), want))
  }

  it('29 February in the next leap year', () => {
    const ics = feed(['DTSTART;VALUE=DATE:20240229', 'RRULE:FREQ=YEARLY'])
    assert.deepEqual(closedDays(ics, '2028-01-01', '2029-01-01'), ['2028-02-29'])
  })

  it('a yearly stretch over New Year', () => {
    const ics = feed([
      'DTSTART;VALUE=DATE:20241231',
      'DTEND;VALUE=DATE:20250102',
      'RRULE:FREQ=YEARLY',
    ])
    assert.deepEqual(closedDays(ics), ['2026-01-01', '2026-12-31'])
  })

  it('feeds with bare line feeds and a byte order mark', () => {
    const ics = `\uFEFF${feed(['DTSTART;VALUE=DATE:20261225'])}`.replaceAll('\r\n', '\n')
    assert.deepEqual(closedDays(ics), ['2026-12-25'])
  })
})

describe('parseIcs: reports', () => {
  const day = 'DTSTART;VALUE=DATE:20260501'
  const rows: ReadonlyArray<[damage: string, ics: unknown, message: RegExp]> = [
    ['a number', 5, /must be iCalendar text/],
    ['an address', 'https://example.com/a.ics', /not "https:\/\/example.com\/a.ics"/],
    ['a web page', '<html>Not found</html>', /must be iCalendar text/],
    ['no event', feed(), /holds no all-day event/],
    [
      'only events with a time of day',
      feed(['DTSTART:20261225T090000Z']),
      /holds no all-day event/,
    ],
    ['cut off', feed([day, 'SUMMARY:x']).split('SUMMARY')[0]!, /line 3: no END:VEVENT follows/],
    ['no start', feed(['SUMMARY:Labour Day']), /line 3 \(Labour Day\): this event has no DTSTART/],
    ['no such day', feed(['DTSTART;VALUE=DATE:20260230']), /DTSTART "20260230" is not a date/],
    ['no such end', feed([day, 'DTEND;VALUE=DATE:2026']), /DTEND "2026" is not a date/],
    ['years long', feed([day, 'DTEND;VALUE=DATE:20290501']), /lasts 1096 days/],
    ['hours long', feed([day, 'DURATION:PT8H']), /DURATION "PT8H" is no number of days/],
    [
      'weekly',
      feed([day, 'RRULE:FREQ=WEEKLY']),
      /FREQ=WEEKLY.* is not supported; a holiday repeats yearly/,
    ],
    ['by Easter', feed([day, 'RRULE:FREQ=YEARLY;BYEASTER=1']), /BYEASTER=1.* is not supported/],
    ['by every Monday', feed([day, 'RRULE:FREQ=YEARLY;BYDAY=MO']), /BYDAY needs one nth weekday/],
    [
      'a rule that its first date does not follow',
      feed([day, 'RRULE:FREQ=YEARLY;BYMONTH=6']),
      /its first date 2026-05-01 does not follow it/,
    ],
    [
      'a bad interval',
      feed([day, 'RRULE:FREQ=YEARLY;INTERVAL=0']),
      /INTERVAL must be a number from 1 on/,
    ],
    ['a bad count', feed([day, 'RRULE:FREQ=YEARLY;COUNT=x']), /COUNT must be a number from 1 on/],
    ['a bad until', feed([day, 'RRULE:FREQ=YEARLY;UNTIL=soon']), /UNTIL must be a date/],
    ['a bad exception', feed([day, 'EXDATE:someday']), /EXDATE "someday" is not a date/],
    ['extra dates', feed([day, 'RDATE;VALUE=DATE:20260502']), /RDATE is not supported/],
  ]
  for (const [damage, ics, message] of rows) {
    it(damage, () => {
      const { problems } = parseCalendar(withIcs(ics), 'calendars.de')
      assert.ok(
        problems.some((one) => message.test(one.message)),
        JSON.stringify(problems),
      )
      assert.ok(problems.every((one) => one.path === 'calendars.de.ics'))
    })
  }

  it('every unreadable event of a feed', () => {
    const { problems } = parseCalendar(withIcs(feed(['SUMMARY:a'], [day], ['SUMMARY:b'])), 'c')
    assert.deepEqual(
      problems.map(({ message }) => message),
      ['line 3 (a): this event has no DTSTART', 'line 9 (b): this event has no DTSTART'],
    )
  })
})
