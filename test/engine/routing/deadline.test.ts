// Goal: who can still respond in time is told from who cannot, by their own hours alone.
// Method: a table over an office that closes at 17:00, seen from ten in the morning and later.
import assert from 'node:assert/strict'
import { ALWAYS } from '../../../engine/calendar'
import { type Budget, Deadline } from '../../../engine/routing/deadline'
import { policy } from '../support/artefacts'
import { at, HOUR, MINUTE, NOW } from '../support/leads'

const rep = (changes: object = {}) =>
  policy({
    calendars: { office: { timezone: 'Etc/UTC', hours: { 'mon-fri': ['09:00-17:00'] } } },
    reps: [{ id: 'ana', name: 'Ana', capacity: 3, calendar: 'office', ...changes }],
    pools: [{ id: 'all', members: ['ana'] }],
  }).reps.get('ana')!

const hour: Budget = { startMs: NOW, respondMs: HOUR, handleMs: 15 * MINUTE, clock: ALWAYS }
const own: Budget = { startMs: NOW, respondMs: HOUR, handleMs: 15 * MINUTE }
const CLOSES = NOW + 7 * HOUR

describe('Deadline.isMetBy', () => {
  const rows: ReadonlyArray<
    readonly [name: string, Budget, rep: object, nowMs: number, want: boolean]
  > = [
    ['the whole hour is on shift', hour, {}, NOW, true],
    ['the deadline is over', hour, {}, NOW + HOUR, false],
    ['fifteen minutes are left, all on shift', hour, {}, NOW + 45 * MINUTE, true],
    ['less than the handling time is left, all on shift', hour, {}, NOW + 55 * MINUTE, true],
    [
      'the shift ends in fifteen minutes',
      { ...hour, startMs: CLOSES - 15 * MINUTE },
      {},
      CLOSES - 15 * MINUTE,
      true,
    ],
    [
      'the shift ends in fourteen',
      { ...hour, startMs: CLOSES - 14 * MINUTE },
      {},
      CLOSES - 14 * MINUTE,
      false,
    ],
    [
      'leaves in five minutes',
      hour,
      { away: [{ from: at(NOW + 5 * MINUTE), to: at(NOW + 9 * HOUR) }] },
      NOW,
      false,
    ],
    [
      'leaves in twenty',
      hour,
      { away: [{ from: at(NOW + 20 * MINUTE), to: at(NOW + 9 * HOUR) }] },
      NOW,
      true,
    ],
    ['an absence that is over', hour, { away: [{ from: at(NOW - HOUR), to: at(NOW) }] }, NOW, true],
    [
      'a clock of the own hours goes on tomorrow',
      { ...own, startMs: CLOSES - MINUTE },
      {},
      CLOSES - MINUTE,
      true,
    ],
    ['a clock of the own hours that ran out', { ...own, startMs: NOW - 2 * HOUR }, {}, NOW, false],
    ['always on shift', hour, { calendar: undefined }, CLOSES, false],
    [
      'always on shift, in time',
      { ...hour, startMs: CLOSES },
      { calendar: undefined },
      CLOSES,
      true,
    ],
  ]
  for (const [name, budget, changes, nowMs, want] of rows) {
    it(`${name}: ${want ? 'in time' : 'too late'}`, () => {
      const one = rep(changes)
      const deadline = new Deadline(budget, nowMs)
      assert.equal(deadline.isMetBy(one, one.calendar), want)
      if (one.away.length === 0) assert.equal(deadline.isMetOn(one.calendar), want)
    })
  }
})
