/**
 * SLA fire: a timer is due. Says what is due and how late we are, marks a breach, and turns an
 * escalation with `reassign` into a routing request. A timer of a clock that has stopped, or of an
 * earlier cycle, is dropped without a word to anyone.
 */

import type { Change, Decision, LeadPatch, LeadState, Timer } from '../decision'
import { formatDuration } from '../duration'
import type { Lead } from '../lead/lead'
import type { Step } from '../step'
import { iso, type JourneySettings, journeyAgain } from './journey'
import { stateOf, unmoved } from './unmoved'

export interface FireSettings extends Partial<JourneySettings> {
  readonly timer: Timer
}

export type FireOutcome = Timer['kind'] | 'dropped'

interface Known {
  /** A timer that was cancelled after it had been found due fires no more. */
  readonly pending: boolean
  readonly state: LeadState
}

export const slaFireStep: Step<FireSettings, Known, FireOutcome> = {
  name: 'sla-fire',
  scopes: (lead) => [`lead:${lead.id}`],
  key: (_lead, { timer }) => timer.id,
  gather: async (reads, lead, { timer }) => ({
    pending: (await reads.timers(lead.id, timer.cycle)).some(({ id }) => id === timer.id),
    state: await stateOf(reads, lead),
  }),
  decide: (lead, { timer, ends }, { pending, state }, nowMs): Decision<FireOutcome> => {
    const fired: Change = { kind: 'timer.fired', timerId: timer.id }
    const running = lead.sla?.status === 'running' || lead.sla?.status === 'breached'
    const over = state === 'closed' || state === 'suppressed'
    if (lead.cycle !== timer.cycle || !running || !pending || over) {
      return {
        step: 'sla-fire',
        outcome: 'dropped',
        patch: {},
        because: [{ rule: 'sla.over', why: 'The clock was stopped before', inputs: [] }],
        changes: pending ? [fired] : [],
      }
    }
    return {
      step: 'sla-fire',
      outcome: timer.kind,
      patch: patchOf(lead, timer, nowMs),
      because: [
        {
          rule: `sla.${timer.kind}`,
          why: sentence(lead, timer, nowMs),
          inputs: [{ path: 'sla.dueAt', value: lead.sla!.dueAt }],
        },
      ],
      changes: [
        fired,
        ...(wantsAnotherRep(timer) && ends !== undefined
          ? journeyAgain(lead, timer.kind, { ends })
          : []),
        // A routing request travels with the message only.
        { ...unmoved(lead, state, sentence(lead, timer, nowMs)), standingOnly: true },
      ],
    }
  },
}

/** How long after its time the timer fires, ms; never negative, as none fires early. */
export function latenessMs(timer: Timer, nowMs: number): number {
  return Math.max(0, nowMs - timer.dueMs)
}

function sentence(lead: Lead, timer: Timer, nowMs: number): string {
  const rep = lead.assignment?.rep?.name ?? 'nobody'
  const what = {
    reminder: `${rep} is reminded: respond before ${lead.sla!.dueAt}`,
    breach: `${rep} did not respond before ${lead.sla!.dueAt}`,
    escalation: `escalated from ${rep}${timer.detail.to === undefined ? '' : ` to ${timer.detail.to}`}`,
  }[timer.kind]
  const lateMs = latenessMs(timer, nowMs)
  return lateMs < 1_000 ? what : `${what} (${formatDuration(lateMs)} late)`
}

function wantsAnotherRep({ kind, detail }: Timer): boolean {
  return kind === 'escalation' && detail.action === 'reassign'
}

function patchOf(lead: Lead, timer: Timer, nowMs: number): LeadPatch {
  const sla = lead.sla!
  if (timer.kind === 'breach')
    return { sla: { ...sla, status: 'breached', breachedAt: iso(nowMs) } }
  if (!wantsAnotherRep(timer)) return {}
  const rep = lead.assignment?.rep?.id
  return {
    routing: {
      id: timer.id,
      ...(typeof timer.detail.to === 'string' ? { pool: timer.detail.to } : {}),
      exclude: rep === undefined ? [] : [rep],
      why: `no response within the SLA ${sla.tier}`,
    },
  }
}
