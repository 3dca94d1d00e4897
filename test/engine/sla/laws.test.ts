// Goal: whatever happens to a lead, its clocks keep their laws: nothing rings early or twice, a restart
// and a split pause change nothing, another policy keeps the time that is used, no measure is negative.
// Method: any sequence of what can happen, at a desk; where a law says "changes nothing", two desks.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Policy } from '../../../engine/policy/policy'
import { usedMs } from '../../../engine/sla/clock'
import { clocksOf, isOpen, timingOf } from '../../../engine/sla/section'
import { formerTerms, specOf } from '../../../engine/sla/tier'
import { timersOf } from '../../../engine/sla/timers'
import { policy } from '../support/artefacts'
import { DAY, HOUR, MINUTE, NOW } from '../support/leads'
import { Desk } from './desk'

const CALENDARS = {
  berlin: { timezone: 'Europe/Berlin', hours: { 'mon-fri': ['09:00-12:00', '13:00-17:00'] } },
  night: { timezone: 'America/New_York', hours: { 'mon-sun': ['22:00-06:00'] } },
}
const minutes = (min: number, max: number) => fc.integer({ min, max }).map((count) => `${count}m`)
const hours = fc.constantFrom(
  { clock: 'always' },
  { clock: 'business', calendar: 'berlin' },
  { clock: 'business', calendar: 'night' },
)
const pauseOn = fc.subarray(['waiting-for-customer', 'legal-hold'])
const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({
    respond: minutes(1, 3000),
    remind: fc.array(minutes(1, 3000), { maxLength: 2 }),
    after: minutes(1, 5000),
    action: fc.constantFrom('notify', 'reassign', 'auto-accept'),
    followUp: minutes(1, 5000),
    within: minutes(1, 20_000),
    hours,
    otherHours: hours,
    pauseOn,
    otherPauseOn: pauseOn,
  })
  .map(({ respond, remind, after, action, followUp, within, ...more }) =>
    policy({
      calendars: CALENDARS,
      pauses: { 'waiting-for-customer': 'prospect', 'legal-hold': 'other' },
      tiers: [
        {
          id: 'routine',
          respond,
          remind,
          escalate: [{ after, action }],
          pauseOn: more.pauseOn,
          ...more.hours,
          clocks: [
            { kind: 'follow-up', within: followUp },
            { kind: 'resolution', within, pauseOn: more.otherPauseOn, ...more.otherHours },
          ],
        },
      ],
    }),
  )

type Happening = (desk: Desk) => void
const state = fc.constantFrom('waiting-for-customer', 'legal-hold')
const pass = fc.integer({ min: 0, max: 2 * DAY }).map(
  (ms): Happening =>
    (desk) => {
      desk.pass(ms)
    },
)
const standstill: fc.Arbitrary<Happening> = fc.oneof(
  state.map(
    (one): Happening =>
      (desk) => {
        desk.pause(one)
      },
  ),
  fc.constant<Happening>((desk) => {
    desk.resume()
  }),
)
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { arbitrary: pass, weight: 4 },
  { arbitrary: standstill, weight: 2 },
  fc.constant<Happening>((desk) => {
    desk.touch()
  }),
  fc.constant<Happening>((desk) => {
    desk.start()
  }),
)
const happenings = fc.array(happening, { maxLength: 12 })
const started = (by: Policy) => {
  const desk = new Desk(by, { systemMs: 7 * MINUTE })
  desk.start()
  return desk
}
const told = ({ lead, timers, rung, nowMs }: Desk) => ({
  lead,
  timers: [...timers.values()],
  rung: rung.map(({ name, atMs }) => [name, atMs]),
  nowMs,
})

describe('clocks: laws', () => {
  it('nothing rings before its time is used, and nothing twice', () => {
    fc.assert(
      fc.property(anyPolicy, happenings, (by, list) => {
        const desk = started(by)
        for (const happens of list) happens(desk)
        assert.equal(new Set(desk.rang).size, desk.rang.length)
        const terms = formerTerms(by, desk.sla)!
        for (const { name, atMs, dueMs } of desk.rung) {
          const [id, kind, index] = name.split(/[/#]/) as [string, string, string]
          const clock = clocksOf(desk.sla).find((one) => one.id === id)!
          const spec = specOf(terms, clock)!
          const wantMs = {
            breach: spec.budgetMs,
            reminder: spec.remindMs[Number(index)]!,
            escalation: spec.escalate[Number(index)]?.afterMs ?? 0,
          }[kind]!
          assert.equal(usedMs(clock, timingOf(terms, spec, desk.sla), dueMs), wantMs, name)
          assert.equal(atMs, Math.max(dueMs, NOW), 'at its time, or at once when that has passed')
        }
      }),
      { numRuns: 300 },
    )
  })

  it('the timers are always those that follow from the section', () => {
    fc.assert(
      fc.property(anyPolicy, happenings, (by, list) => {
        const desk = started(by)
        for (const happens of list) {
          happens(desk)
          const wanted = timersOf(desk.lead, desk.sla, formerTerms(by, desk.sla)!)
          assert.deepEqual(
            [...desk.timers.values()].map(({ id, dueMs }) => [id, dueMs]).sort(),
            wanted.map(({ id, dueMs }) => [id, dueMs]).sort(),
          )
        }
      }),
      { numRuns: 200 },
    )
  })

  it('a restart between any two of them changes nothing', () => {
    fc.assert(
      fc.property(anyPolicy, happenings, (by, list) => {
        const [steady, restarted] = [started(by), started(by)]
        for (const happens of list) {
          happens(steady)
          happens(restarted.restart())
        }
        assert.deepEqual(told(restarted), told(steady))
      }),
      { numRuns: 200 },
    )
  })

  it('splitting a pause changes nothing but the list of pauses', () => {
    const rest = ({ lead, ...more }: ReturnType<typeof told>) => {
      const { pauses: _pauses, ...sla } = lead.sla!
      return { ...more, sla }
    }
    fc.assert(
      fc.property(
        anyPolicy,
        state,
        fc.array(fc.nat(2 * DAY), { minLength: 2, maxLength: 5 }),
        pass,
        pass,
        (by, on, pieces, before, after) => {
          const [whole, split] = [started(by), started(by)]
          for (const desk of [whole, split]) {
            before(desk)
            desk.pause(on)
            pieces.forEach((ms, index) => {
              if (index > 0 && desk === split) {
                desk.resume()
                desk.pause(on)
              }
              desk.pass(ms)
            })
            desk.resume()
            after(desk)
            desk.touch()
          }
          assert.deepEqual(rest(told(split)), rest(told(whole)))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('another policy keeps the time that is used on every clock that goes on', () => {
    fc.assert(
      fc.property(anyPolicy, anyPolicy, happenings, (by, next, list) => {
        const desk = started(by)
        for (const happens of list) happens(desk)
        const terms = formerTerms(by, desk.sla)!
        const used = new Map(
          clocksOf(desk.sla).map((clock) => {
            const timing = timingOf(terms, specOf(terms, clock)!, desk.sla)
            return [clock.id, usedMs(clock, timing, desk.nowMs)] as const
          }),
        )
        desk.change(next).start()
        const now = formerTerms(next, desk.sla)!
        for (const clock of clocksOf(desk.sla).filter(isOpen)) {
          const timing = timingOf(now, specOf(now, clock)!, desk.sla)
          assert.equal(usedMs(clock, timing, desk.nowMs), used.get(clock.id), clock.id)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('whatever policies follow each other, each thing rings once, and all that the last one lists rings', () => {
    const entry = fc.record({
      after: fc.constantFrom('30m', '1h', '2h'),
      action: fc.constantFrom('notify', 'reassign', 'auto-accept'),
    })
    const times = fc.array(fc.constantFrom('10m', '30m', '50m'), { maxLength: 3 })
    const listing = fc
      .record({ remind: times, escalate: fc.array(entry, { maxLength: 4 }) })
      .map((lists) => policy({ tiers: [{ id: 't', respond: '1h', clock: 'always', ...lists }] }))
    const stage = fc.tuple(listing, fc.nat(3 * HOUR))
    fc.assert(
      fc.property(listing, fc.array(stage, { maxLength: 4 }), (by, stages) => {
        const desk = started(by)
        for (const [next, ms] of stages) desk.pass(ms).change(next).start()
        desk.pass(DAY)
        const rung = desk.sla.fired!
        assert.equal(new Set(rung).size, rung.length)
        const { remindMs, escalate } = desk.policy.tiers.list[0]!.clocks[0]!
        for (const ms of remindMs) assert.ok(rung.includes(`reminder@${ms}`))
        for (const { afterMs, action } of escalate)
          assert.ok(rung.includes(`escalation@${afterMs}:${action}`))
      }),
      { numRuns: 200 },
    )
  })

  it('whether a contact was in time is not for a policy to say that came after it', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        fc.array(anyPolicy, { minLength: 1, maxLength: 2 }),
        fc.array(fc.oneof(pass, standstill), { maxLength: 6 }),
        fc.integer({ min: 0, max: 4 * DAY }),
        (by, next, list, agoMs) => {
          const [steady, changed] = [started(by), started(by)]
          for (const desk of [steady, changed]) for (const happens of list) happens(desk)
          const atMs = Math.max(NOW, steady.nowMs - agoMs)
          for (const one of next) changed.change(one).start()
          for (const desk of [steady, changed]) desk.touch('call', { atMs })
          assert.equal(changed.sla.status, steady.sla.status)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('no measure is ever negative, and system and human make the way to contact, also when time goes back', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        happenings,
        fc.integer({ min: -3 * DAY, max: HOUR }),
        happenings,
        (by, list, jumpMs, more) => {
          const desk = started(by)
          for (const happens of list) happens(desk)
          desk.nowMs += jumpMs
          for (const happens of more) happens(desk)
          const { delays, metAt } = desk.sla
          for (const [measure, ms] of Object.entries(delays!)) assert.ok(ms >= 0, measure)
          for (const { elapsedMs = 0, consumedMs = 0 } of clocksOf(desk.sla))
            assert.ok(elapsedMs >= 0 && consumedMs >= 0)
          if (metAt === undefined) return
          const { systemMs, humanMs, humanWallMs } = delays!
          const toContactMs = Date.parse(metAt) - Date.parse(desk.lead.event.receivedAt)
          assert.ok(humanMs! <= humanWallMs!)
          if (toContactMs >= systemMs!) assert.equal(systemMs! + humanWallMs!, toContactMs)
        },
      ),
      { numRuns: 300 },
    )
  })
})
