/**
 * SLA fire: a timer is due. Says what is due and how late we are, marks a breach, and does what an
 * escalation declares: notify, ask for another rep, or accept on behalf of the rep. A timer of a
 * clock that has stopped or was moved, or of an earlier cycle, is dropped without a word to anyone.
 *
 * Escalations move a lead `movesMax` times at most; then they only notify, and somebody must look. What
 * has moved it is counted by ./assigning: a request may come too late, or nobody else may be there.
 */
import { together } from '../asking'
import type { Change, Decision, LeadPatch, LeadState, Timer } from '../decision'
import { formatDuration } from '../duration'
import type { Lead, SlaClockSection } from '../lead/lead'
import { placeOf } from '../sla/clock'
import { clocksOf, FIRST_TOUCH, isCurrent, isOpen, mapClocks } from '../sla/section'
import type { Step } from '../step'
import { iso, type JourneySettings, journeyAgain } from './journey'
import { isOver, stateOf, unmoved } from './unmoved'

export interface FireSettings extends Partial<JourneySettings> {
  readonly timer: Timer
}

/** Of a clock; the others are of offers. */
type ClockTimer = Timer & { readonly kind: Exclude<Timer['kind'], 'offer'> }

export type FireOutcome = ClockTimer['kind'] | 'dropped'

interface Known {
  /** A timer that was cancelled or moved after it had been found due fires no more. */
  readonly pending: boolean
  readonly state: LeadState
}

/** Who accepts when nobody did. */
const POLICY_ACTOR = 'policy'

export const slaFireStep: Step<FireSettings, Known, FireOutcome> = {
  name: 'sla-fire',
  scopes: (lead) => [`lead:${lead.id}`],
  key: (_lead, { timer }) => timer.id,
  *gather(reads, lead, { timer }) {
    const [timers, state] = yield* together(
      reads.timers(lead.id, timer.cycle),
      stateOf(reads, lead),
    )
    const pending = timers.some(({ id, dueMs }) => id === timer.id && dueMs === timer.dueMs)
    return { pending, state }
  },
  decide: (lead, { timer, ends }, { pending, state }, nowMs): Decision<FireOutcome> => {
    if (!pending || !isOfClock(timer)) return dropped('The clock was stopped or moved before', [])
    const fired = { kind: 'timer.fired', timerId: timer.id } as const
    const clock = clockOf(lead, timer)
    if (clock === undefined || isOver(state))
      return dropped('The clock was stopped before', [fired])
    const does = actionOf(lead, timer)
    const why = late(sentence(lead, clock, timer, does), timer, nowMs)
    const asks = does.kind === 'move' && ends !== undefined
    const tells = does.kind !== 'nothing'
    return {
      step: 'sla-fire',
      outcome: tells ? timer.kind : 'dropped',
      patch: patchOf(lead, clock, timer, does, nowMs),
      because: [
        { rule: `sla.${timer.kind}`, why, inputs: [{ path: 'sla.dueAt', value: clock.dueAt }] },
      ],
      changes: [
        tells ? { ...fired, tells } : fired,
        ...(asks ? journeyAgain(lead, timer.kind, { ends }) : []),
        // A routing request travels with the message only.
        { ...unmoved(lead, state, why), standingOnly: true },
      ],
    }
  },
}

function isOfClock(timer: Timer): timer is ClockTimer {
  return timer.kind !== 'offer'
}

/** How long after its time the timer fires, ms; never negative, as none fires early. */
export function latenessMs(timer: Timer, nowMs: number): number {
  return Math.max(0, nowMs - timer.dueMs)
}

function dropped(why: string, changes: readonly Change[]): Decision<FireOutcome> {
  const because = [{ rule: 'sla.over', why, inputs: [] }]
  return { step: 'sla-fire', outcome: 'dropped', patch: {}, because, changes }
}

/** The running clock that the timer belongs to. */
function clockOf(lead: Lead, { cycle, detail }: Timer): SlaClockSection | undefined {
  if (lead.cycle !== cycle || !isCurrent(lead)) return undefined
  const name = detail.clock ?? FIRST_TOUCH
  return clocksOf(lead.sla).find((clock) => clock.id === name && isOpen(clock))
}

type Action =
  | { readonly kind: 'tell'; readonly but?: string }
  | { readonly kind: 'move'; readonly pool?: string }
  | { readonly kind: 'accept'; readonly rep: string }
  /** What was to be enforced has happened by itself. */
  | { readonly kind: 'nothing'; readonly why: string }

function actionOf(lead: Lead, { kind, detail }: Timer): Action {
  if (kind !== 'escalation') return { kind: 'tell' }
  const { action, to } = detail
  if (action === 'auto-accept') return acceptance(lead)
  if (action !== 'reassign' && action !== 'overflow') return { kind: 'tell' }
  const moves = lead.sla?.moves ?? 0
  const { movesMax } = detail
  if (typeof movesMax === 'number' && moves >= movesMax)
    return { kind: 'tell', but: `it was moved ${moves} times already, the limit, so it stays` }
  if (action === 'overflow' && to === undefined)
    return { kind: 'tell', but: 'its pool has no overflow, so it stays' }
  return typeof to === 'string' ? { kind: 'move', pool: to } : { kind: 'move' }
}

function acceptance({ assignment }: Lead): Action {
  if (assignment?.status !== 'assigned' || assignment.rep === undefined)
    return { kind: 'nothing', why: 'nobody has the lead, so nobody can accept it' }
  const { accepted, rep } = assignment
  return accepted === undefined
    ? { kind: 'accept', rep: rep.name }
    : { kind: 'nothing', why: `accepted by ${accepted.by} before` }
}

function sentence(
  lead: Lead,
  clock: SlaClockSection,
  { kind, detail }: Timer,
  does: Action,
): string {
  const rep = lead.assignment?.rep?.name ?? 'nobody'
  const [ask, failed] = WORDS[clock.kind]
  if (kind === 'reminder') return `${rep} is reminded: ${ask} before ${clock.dueAt}`
  if (kind === 'breach') return `${rep} did not ${failed} before ${clock.dueAt}`
  if (does.kind === 'accept') return `accepted on behalf of ${does.rep}`
  if (does.kind === 'nothing') return does.why
  const to = detail.to === undefined ? '' : ` to ${detail.to}`
  const but = does.kind === 'tell' && does.but !== undefined ? `; ${does.but}` : ''
  return `escalated from ${rep}${to}${but}`
}

const WORDS = {
  'first-touch': ['respond', 'respond'],
  'follow-up': ['follow up', 'follow up'],
  resolution: ['bring it to an end', 'bring it to an end'],
} as const

function late(what: string, timer: Timer, nowMs: number): string {
  const lateMs = latenessMs(timer, nowMs)
  return lateMs < 1_000 ? what : `${what} (${formatDuration(lateMs)} late)`
}

function patchOf(
  lead: Lead,
  { id }: SlaClockSection,
  timer: ClockTimer,
  does: Action,
  nowMs: number,
): LeadPatch {
  const { kind, mark = placeOf({ kind, index: Number(timer.detail.index ?? 0) }) } = timer
  const rung = mapClocks(lead.sla!, (clock) =>
    clock.id === id
      ? {
          ...clock,
          fired: [...(clock.fired ?? []), mark],
          ...(kind === 'breach' ? { status: 'breached', breachedAt: iso(nowMs) } : {}),
        }
      : clock,
  )
  if (does.kind === 'accept') {
    const accepted = { at: iso(nowMs), by: POLICY_ACTOR }
    return { sla: rung, assignment: { ...lead.assignment!, accepted } }
  }
  if (does.kind !== 'move') return { sla: rung }
  const rep = lead.assignment?.rep?.id
  return {
    sla: rung,
    routing: {
      id: timer.id,
      ...(does.pool === undefined ? {} : { pool: does.pool }),
      exclude: rep === undefined ? [] : [rep],
      why: `no response within the SLA ${rung.tier}`,
      cause: 'sla-lost',
      cycle: lead.cycle,
      clock: id,
    },
  }
}
