// Goal: the work on a lead begins with its receipt, with its reopening or with the next rep, and the
// clock, the measures and the ranking at routing all count from there. Method: tables, then one route.
import assert from 'node:assert/strict'
import type { Assignment, Lead } from '../../../engine/lead/lead'
import { begunMs, openedAt, wasTaken } from '../../../engine/sla/work'
import { routeStep } from '../../../engine/steps/route'
import { policy } from '../support/artefacts'
import { at, DAY, HOUR, lead, NOW } from '../support/leads'

const assignment = (more: Partial<Assignment>) =>
  ({
    status: 'closed',
    rep: { id: 'kim', name: 'Kim' },
    units: 1,
    cycle: 1,
    attempt: 1,
    at: at(NOW - 30 * DAY),
    why: 'next',
    candidates: [],
    ...more,
  }) as Assignment
const overridden = { outcome: 'sql', rule: 'override', at: at(NOW) } as NonNullable<
  Lead['decision']
>

describe('the work on a lead', () => {
  const old = { id: 'web:1', receivedAt: at(NOW - 30 * DAY) }
  for (const [name, changes, want] of [
    ['begins with the receipt', {}, NOW - 30 * DAY],
    ['of one that was reopened, there', { assignment: assignment({ openedAt: at(NOW) }) }, NOW],
    ['of one that was overridden before it was ever routed, there', { decision: overridden }, NOW],
    [
      'is not begun by an override of a lead that is in work',
      { decision: overridden, assignment: assignment({ status: 'assigned' }) },
      NOW - 30 * DAY,
    ],
    [
      'begins with the receipt of an event that came after the reopening',
      {
        event: { id: 'web:2', receivedAt: at(NOW) },
        assignment: assignment({ openedAt: at(NOW - DAY) }),
      },
      NOW,
    ],
  ] as const) {
    it(name, () => {
      assert.equal(begunMs(lead({ event: old, ...changes })), want)
    })
  }

  for (const [name, more, want] of [
    ['a first rep', { status: 'assigned' }, false],
    ['a second rep', { status: 'assigned', reassigned: true }, true],
    ['nobody, after a rep', { status: 'waiting', had: ['ana'] }, true],
    ['nobody yet', { status: 'waiting' }, false],
    ['nobody, as it was closed', { status: 'closed', reassigned: true, had: ['ana'] }, false],
  ] as const) {
    it(`was ${want ? '' : 'not '}taken from a rep when it is with ${name}`, () => {
      assert.equal(wasTaken(lead({ assignment: assignment({ ...more } as never) })), want)
    })
  }

  describe('and who can meet the deadline', () => {
    // Ana goes at five past ten, too soon for the fifteen minutes that a first response takes.
    const by = policy({
      calendars: { early: { timezone: 'Etc/UTC', hours: { 'mon-fri': ['09:00-10:05'] } } },
      reps: [
        { id: 'ana', name: 'Ana', capacity: 9, calendar: 'early' },
        { id: 'ben', name: 'Ben', capacity: 9 },
      ],
      tiers: [{ id: 't', respond: '1h', clock: 'always', handle: '15m' }],
    })
    const route = (one: Lead) => {
      const known = { loads: new Map(), fairness: new Map() }
      const settings = { policy: by, ends: new Set<string>() }
      const { patch, outcome } = routeStep.decide(one, settings, known, NOW)
      assert.equal(outcome, 'assigned')
      return patch.assignment!
    }
    for (const [name, more, wantRep] of [
      ['of an old lead is nobody, so the next in turn gets it', { status: 'waiting' }, 'ana'],
      ['of a reopened lead is told by its reopening', { openedAt: at(NOW) }, 'ben'],
      ['of a lead that was taken from a rep, by now', { status: 'waiting', had: ['kim'] }, 'ben'],
    ] as const) {
      it(name, () => {
        const one = lead({ event: old, assignment: assignment({ ...more } as never) })
        assert.equal(route(one).rep!.id, wantRep)
      })
    }

    it('a lead remembers its reopening while it waits and with whoever gets it', () => {
      const one = lead({ event: old, assignment: assignment({ openedAt: at(NOW - HOUR / 2) }) })
      assert.equal(route(one).openedAt, at(NOW - HOUR / 2))
      assert.equal(route(lead({ event: old, decision: overridden })).openedAt, at(NOW))
      assert.equal(
        openedAt(lead({ event: old, assignment: route(lead({ event: old })) })),
        undefined,
      )
    })
  })
})
