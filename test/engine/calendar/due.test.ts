// Goal: a budget ends at the earliest instant that uses it up. Method: tables by calendar shape, each row a
// start, a budget and the instant wanted; the rows named after other systems are bugs those systems had.
import assert from 'node:assert/strict'
import { ALWAYS, due, HORIZON_MS, type Pause } from '../../../engine/calendar'
import { at, DAY, HOUR, iso, MINUTE, OFFICE, open, SPLIT } from './support'

type Row = readonly [name: string, start: string, budgetMs: number, want: string]

const tables: Readonly<Record<string, { spec: object; rows: readonly Row[] }>> = {
  'Monday to Friday, 9 to 17': {
    spec: OFFICE,
    rows: [
      ['within the day', '2026-06-01T10:00', 2 * HOUR, '2026-06-01T12:00'],
      ['ends at closing, not at the next opening', '2026-06-01T16:00', HOUR, '2026-06-01T17:00'],
      [
        'one ms more goes to the next opening',
        '2026-06-01T16:00',
        HOUR + 1,
        '2026-06-02T09:00:00.001',
      ],
      ['starts at closing', '2026-06-01T17:00', HOUR, '2026-06-02T10:00'],
      ['starts before opening', '2026-06-01T03:00', HOUR, '2026-06-01T10:00'],
      ['over the weekend', '2026-06-05T16:30', HOUR, '2026-06-08T09:30'],
      ['three weeks', '2026-06-01T09:00', 120 * HOUR, '2026-06-19T17:00'],
      ['over a year', '2026-06-01T09:00', 2600 * HOUR, '2027-08-27T17:00'],
      ['no budget while open is due at once', '2026-06-01T10:00', 0, '2026-06-01T10:00'],
      ['no budget at closing waits for the opening', '2026-06-01T17:00', 0, '2026-06-02T09:00'],
      ['no budget on a Sunday waits for the opening', '2026-06-07T12:00', 0, '2026-06-08T09:00'],
      ['a budget below 0 counts as 0', '2026-06-07T12:00', -HOUR, '2026-06-08T09:00'],
      [
        'Frappe CRM: Saturday 15:00 keeps no time of day',
        '2026-06-06T15:00',
        HOUR,
        '2026-06-08T10:00',
      ],
      ['Frappe CRM: Saturday 16:30 + 1 h', '2026-06-06T16:30', HOUR, '2026-06-08T10:00'],
      ['Frappe CRM: Saturday 20:00 + 1 h', '2026-06-06T20:00', HOUR, '2026-06-08T10:00'],
    ],
  },
  'split shift with a lunch break (Chatwoot: one window a day)': {
    spec: SPLIT,
    rows: [
      ['over lunch', '2026-06-01T12:00+02:00', HOUR, '2026-06-01T14:00+02:00'],
      ['starts at lunch', '2026-06-01T13:00+02:00', HOUR, '2026-06-01T14:30+02:00'],
      ['ends when lunch begins', '2026-06-01T11:30+02:00', HOUR, '2026-06-01T12:30+02:00'],
      ['into Saturday', '2026-06-05T17:00+02:00', 2 * HOUR, '2026-06-06T11:00+02:00'],
      ['over Saturday', '2026-06-06T13:30+02:00', HOUR, '2026-06-08T09:30+02:00'],
    ],
  },
  'holidays and dates of their own': {
    spec: {
      ...SPLIT,
      holidays: ['2026-12-25', { date: '2026-12-26', name: 'Boxing day' }],
      dates: { '2026-12-24': ['09:00-12:00'], '2026-12-28': [] },
    },
    rows: [
      ['the short day ends early', '2026-12-24T11:00+01:00', HOUR, '2026-12-24T12:00+01:00'],
      ['then three closed days', '2026-12-24T11:30+01:00', HOUR, '2026-12-29T09:30+01:00'],
      ['starts on a holiday', '2026-12-25T10:00+01:00', HOUR, '2026-12-29T10:00+01:00'],
    ],
  },
  'night shifts, 22 to 6, Monday to Friday': {
    spec: { timezone: 'Etc/UTC', hours: { 'mon-fri': ['22:00-06:00'] }, holidays: ['2026-06-03'] },
    rows: [
      ['over midnight', '2026-06-01T23:00', 2 * HOUR, '2026-06-02T01:00'],
      ['Monday morning belongs to Sunday: closed', '2026-06-01T05:00', HOUR, '2026-06-01T23:00'],
      ['Saturday morning belongs to Friday: open', '2026-06-06T05:00', HOUR, '2026-06-06T06:00'],
      ['the night before a holiday runs to its end', '2026-06-03T05:00', HOUR, '2026-06-03T06:00'],
      ['the night of a holiday does not start', '2026-06-03T05:30', HOUR, '2026-06-04T22:30'],
    ],
  },
  'round the clock in windows to 24:00 (Zammad: a closed minute at midnight)': {
    spec: { timezone: 'Europe/Berlin', hours: { daily: ['00:00-12:00', '12:00-24:00'] } },
    rows: [
      [
        'no time is lost at midnight',
        '2026-06-01T23:59+02:00',
        2 * MINUTE,
        '2026-06-02T00:01+02:00',
      ],
      [
        'an hour less on the way in spring',
        '2026-03-28T12:00+01:00',
        DAY,
        '2026-03-29T13:00+02:00',
      ],
      [
        'an hour more on the way in autumn',
        '2026-10-24T12:00+02:00',
        DAY,
        '2026-10-25T11:00+01:00',
      ],
    ],
  },
  'Berlin nights over the clock changes': {
    spec: { timezone: 'Europe/Berlin', hours: { daily: ['01:00-04:00'] } },
    rows: [
      ['spring: 2:00 to 3:00 is skipped', '2026-03-29T01:30+01:00', HOUR, '2026-03-29T03:30+02:00'],
      [
        'spring: the window has 2 hours',
        '2026-03-29T01:00+01:00',
        2 * HOUR,
        '2026-03-29T04:00+02:00',
      ],
      [
        'autumn: 2:00 to 3:00 comes twice',
        '2026-10-25T02:30+02:00',
        HOUR,
        '2026-10-25T02:30+01:00',
      ],
      [
        'autumn: the window has 4 hours',
        '2026-10-25T01:00+02:00',
        4 * HOUR,
        '2026-10-25T04:00+01:00',
      ],
    ],
  },
}

describe('due', () => {
  for (const [title, { spec, rows }] of Object.entries(tables)) {
    describe(title, () => {
      const calendar = open(spec)
      for (const [name, start, budgetMs, want] of rows) {
        it(name, () => assert.equal(iso(due(calendar, at(start), budgetMs)), iso(at(want))))
      }
    })
  }

  describe('always open', () => {
    it('adds the budget', () =>
      assert.equal(due(ALWAYS, at('2026-06-07T23:59'), HOUR), at('2026-06-08T00:59')))
    it('is due at once without a budget', () => assert.equal(due(ALWAYS, 5, 0), 5))
    it('works before 1970', () => assert.equal(due(ALWAYS, at('1969-12-31T23:00'), 2 * HOUR), HOUR))
  })

  describe('no answer', () => {
    const once = { timezone: 'Etc/UTC', hours: {}, dates: { '2026-06-01': ['09:00-17:00'] } }

    it('finds the last opening', () =>
      assert.equal(due(open(once), at('2026-05-01T00:00'), HOUR), at('2026-06-01T10:00')))
    it('is undefined after the last opening', () =>
      assert.equal(due(open(once), at('2026-06-01T17:00'), 0), undefined))
    it('is undefined when the openings left do not hold the budget', () =>
      assert.equal(due(open(once), at('2026-06-01T10:00'), 8 * HOUR), undefined))
    it('looks as far as the horizon and no further', () => {
      const opening = at('2026-06-01T09:00')
      assert.equal(due(open(once), opening - HORIZON_MS, 0), opening)
      assert.equal(due(open(once), opening - HORIZON_MS - 1, 0), undefined)
    })
    it('is undefined for an endless budget', () =>
      assert.equal(due(ALWAYS, 0, Number.POSITIVE_INFINITY), undefined))
    it('is undefined from year 2500 on', () =>
      assert.equal(due(open(OFFICE), at('2500-01-01T00:00'), 0), undefined))
    it('refuses what is not a number', () => {
      assert.throws(() => due(open(OFFICE), Number.NaN, HOUR), RangeError)
      assert.throws(() => due(open(OFFICE), 0, Number.NaN), RangeError)
    })
  })
})

describe('due with pauses', () => {
  const calendar = open(OFFICE)
  const start = '2026-06-01T09:00'
  const rows: ReadonlyArray<
    [name: string, pauses: [string, string?][], budgetMs: number, want: string | undefined]
  > = [
    ['one pause moves the due date', [['10:00', '10:30']], 2 * HOUR, '2026-06-01T11:30'],
    [
      'two pauses add up',
      [
        ['12:00', '13:00'],
        ['10:00', '10:30'],
      ],
      4 * HOUR,
      '2026-06-01T14:30',
    ],
    [
      'overlapping pauses count once',
      [
        ['10:00', '11:00'],
        ['10:30', '11:30'],
      ],
      2 * HOUR,
      '2026-06-01T12:30',
    ],
    [
      'a pause inside another counts once',
      [
        ['10:00', '12:00'],
        ['10:30', '11:00'],
      ],
      2 * HOUR,
      '2026-06-01T13:00',
    ],
    ['a pause while closed costs nothing', [['17:00', '23:00']], 9 * HOUR, '2026-06-02T10:00'],
    [
      'a pause over closing costs its open part',
      [['16:00', '20:00']],
      8 * HOUR,
      '2026-06-02T10:00',
    ],
    ['due as the pause begins', [['10:00', '11:00']], HOUR, '2026-06-01T10:00'],
    ['no budget, paused at the start', [['08:00', '11:00']], 0, '2026-06-01T11:00'],
    ['a pause before the start', [['07:00', '08:00']], HOUR, '2026-06-01T10:00'],
    [
      'a pause that ends before it starts is none',
      [['11:00', '10:00']],
      2 * HOUR,
      '2026-06-01T11:00',
    ],
    ['still paused', [['10:00']], 2 * HOUR, undefined],
    ['still paused, but due before', [['10:00']], HOUR, '2026-06-01T10:00'],
  ]
  for (const [name, pauses, budgetMs, want] of rows) {
    it(name, () => {
      const given = pauses.map(
        ([from, to]): Pause => ({
          startMs: at(`2026-06-01T${from}`),
          endMs: (to && at(`2026-06-01T${to}`)) || undefined,
        }),
      )
      assert.equal(iso(due(calendar, at(start), budgetMs, given)), want && iso(at(want)))
    })
  }
})
