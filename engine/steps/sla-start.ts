/**
 * SLA start: puts the lead on its tier's clock and sets a durable timer for each milestone.
 * The same cycle is started once; sending the lead again answers with the running clock.
 */
import type { Change, Decision, LeadState, Timer } from '../decision'
import type { Lead, SlaSection } from '../lead/lead'
import type { Policy } from '../policy/policy'
import { isOptedOut } from '../scoring/decide'
import { clockOf, type Milestone, milestones, tierOf } from '../sla/tier'
import type { Step } from '../step'
import { iso, type JourneySettings, journeyEnd } from './journey'
import { stateOf, unmoved } from './unmoved'

export interface SlaSettings extends JourneySettings {
  readonly policy: Policy
  /** The node whose outputs the timers fire on. */
  readonly nodeId: string
}

/** `over`: the lead is closed, suppressed or taken away, so there is nothing left to wait for. */
export type StartOutcome = 'started' | 'over'

interface Known {
  /** `assigned` says that somebody has the lead in this cycle. */
  readonly state: LeadState
}

export const slaStartStep: Step<SlaSettings, Known, StartOutcome> = {
  name: 'sla-start',
  artefact: ({ policy }) => policy.ref,
  scopes: (lead) => [`lead:${lead.id}`],
  // The running clock itself answers a repetition.
  key: () => undefined,
  gather: async (reads, lead) => ({ state: await stateOf(reads, lead) }),
  decide: (lead, settings, { state }): Decision<StartOutcome> => {
    const { sla } = lead
    if (state === 'closed' || state === 'suppressed' || isOptedOut(lead))
      return over(lead, 'The lead was closed before')
    // A lead that waits may have its clock all the same; one that says it is somebody's must be.
    if (lead.assignment?.status === 'assigned' && state !== 'assigned')
      return over(lead, 'Nobody has the lead any more')
    if (sla !== undefined && sla.cycle === lead.cycle) {
      return {
        step: 'sla-start',
        outcome: 'started',
        patch: {},
        because: [{ rule: 'sla.running', why: 'The clock of this cycle runs already', inputs: [] }],
        changes: journeyEnd(lead, 'started', settings),
      }
    }
    return start(lead, settings, state)
  },
}

/** Closed or taken away while the message was on its way here, where that way ends. */
function over(lead: Lead, why: string): Decision<StartOutcome> {
  return {
    step: 'sla-start',
    outcome: 'over',
    patch: {},
    because: [{ rule: 'sla.over', why, inputs: [] }],
    changes: [{ kind: 'intake.done', key: lead.event.id }],
  }
}

function start(lead: Lead, settings: SlaSettings, state: LeadState): Decision<StartOutcome> {
  const { tier, because } = tierOf(settings.policy, lead)
  const clock = clockOf(settings.policy, tier, lead.assignment?.rep?.id)
  const startMs = startOf(lead, tier.from)
  const list = milestones(tier, clock, startMs)
  const breachMs = list.find(({ kind }) => kind === 'breach')?.dueMs
  const sla: SlaSection = {
    tier: tier.id,
    status: 'running',
    startedAt: iso(startMs),
    // A calendar that never opens again has no due time; the budget's end on the wall clock stands in.
    dueAt: iso(breachMs ?? startMs + tier.respondMs),
    clock: tier.business ? 'business' : 'always',
    cycle: lead.cycle,
  }
  return {
    step: 'sla-start',
    outcome: 'started',
    patch: { sla },
    because: [because],
    changes: [
      ...list.map(
        (milestone): Change => ({
          kind: 'timer.set',
          timer: timerOf(lead, milestone, tier.id, settings),
        }),
      ),
      { ...unmoved(lead, state, `SLA ${tier.id} runs until ${sla.dueAt}`), standingOnly: true },
      ...journeyEnd(lead, 'started', settings),
    ],
  }
}

/** A second rep gets the whole budget: after a reassignment the clock starts with the assignment. */
function startOf(lead: Lead, from: 'received' | 'assigned'): number {
  const receivedMs = Date.parse(lead.event.receivedAt)
  const assignedMs = lead.assignment === undefined ? receivedMs : Date.parse(lead.assignment.at)
  return from === 'assigned' || lead.assignment?.reassigned === true ? assignedMs : receivedMs
}

function timerOf(
  lead: Lead,
  milestone: Milestone,
  tierId: string,
  { policy, nodeId }: SlaSettings,
): Timer {
  const { kind, index, dueMs, to, action } = milestone
  return {
    id: `${lead.id}#${lead.cycle}#${kind}#${index}`,
    leadId: lead.id,
    cycle: lead.cycle,
    kind,
    dueMs,
    nodeId,
    policy: policy.ref.name,
    detail: {
      tier: tierId,
      index,
      ...(to === undefined ? {} : { to }),
      ...(action === undefined ? {} : { action }),
    },
  }
}
