/**
 * SLA start: puts the lead on its tier's clocks and sets a durable timer for each milestone.
 *
 * The same cycle is started once; sending the lead again answers with the running clocks. When the
 * policy or the rep has changed since, they go on by the new terms with the time that is used.
 */
import type { Decision, LeadState } from '../decision'
import { formatDuration } from '../duration'
import type { Lead } from '../lead/lead'
import type { Policy } from '../policy/policy'
import { isOptedOut } from '../scoring/decide'
import { begin } from '../sla/lifecycle'
import { isCurrent } from '../sla/section'
import { ownerOf, tierOf } from '../sla/tier'
import { newTimerChanges, timerChanges } from '../sla/timers'
import type { Step } from '../step'
import { type JourneySettings, journeyEnd } from './journey'
import { type Former, gatherFormer, type Present, presentSla } from './sla-terms'
import { isOver, stateOf, unmoved } from './unmoved'

export interface SlaSettings extends JourneySettings {
  readonly policy: Policy
  /** The node whose outputs the timers fire on. */
  readonly nodeId: string
}

/** `over`: the lead is closed, suppressed or taken away, so there is nothing left to wait for. */
export type StartOutcome = 'started' | 'over'

interface Known extends Former {
  /** `assigned` says that somebody has the lead in this cycle. */
  readonly state: LeadState
}

export const slaStartStep: Step<SlaSettings, Known, StartOutcome> = {
  name: 'sla-start',
  artefact: ({ policy }) => policy.ref,
  scopes: (lead) => [`lead:${lead.id}`],
  // The running clock itself answers a repetition.
  key: () => undefined,
  *gather(reads, lead, { policy }) {
    return {
      state: yield* stateOf(reads, lead),
      ...(yield* gatherFormer(reads, lead, policy)),
    }
  },
  decide: (lead, settings, known, nowMs): Decision<StartOutcome> => {
    if (isOver(known.state) || isOptedOut(lead)) return over(lead, 'The lead was closed before')
    // A lead that waits may have its clock all the same; one that says it is somebody's must be.
    if (lead.assignment?.status === 'assigned' && known.state !== 'assigned')
      return over(lead, 'Nobody has the lead any more')
    const present = presentSla(lead, settings.policy, known, nowMs)
    if (present === undefined) return start(lead, settings, known.state, nowMs)
    return present.carried ? goOn(lead, settings, known.state, present) : running(lead, settings)
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

function running(lead: Lead, settings: SlaSettings): Decision<StartOutcome> {
  return {
    step: 'sla-start',
    outcome: 'started',
    patch: {},
    because: [{ rule: 'sla.running', why: 'The clock of this cycle runs already', inputs: [] }],
    changes: journeyEnd(lead, 'started', settings),
  }
}

function start(
  lead: Lead,
  settings: SlaSettings,
  state: LeadState,
  nowMs: number,
): Decision<StartOutcome> {
  const { tier, because } = tierOf(settings.policy, lead)
  const terms = { policy: settings.policy, tier, ...ownerOf(settings.policy, lead) }
  const sla = begin(lead, terms, settings.nodeId, nowMs)
  return {
    step: 'sla-start',
    outcome: 'started',
    patch: { sla },
    because: [because],
    changes: [
      // The timers of an earlier cycle went with its assignment.
      ...newTimerChanges(lead, sla, terms),
      { ...unmoved(lead, state, `SLA ${tier.id} runs until ${sla.dueAt}`), standingOnly: true },
      ...journeyEnd(lead, 'started', settings),
    ],
  }
}

function goOn(
  lead: Lead,
  settings: SlaSettings,
  state: LeadState,
  { sla, terms }: Present,
): Decision<StartOutcome> {
  const from = isCurrent(lead) ? lead.sla.policy : undefined
  const used = formatDuration(sla.consumedMs ?? 0)
  const what =
    from === undefined || from.hash === terms.policy.ref.hash
      ? 'The rep has changed'
      : `The policy has changed from ${from.version} to ${terms.policy.ref.version}`
  const why = `${what}; ${used} of ${formatDuration(terms.tier.respondMs)} are used, due ${sla.dueAt}`
  return {
    step: 'sla-start',
    outcome: 'started',
    patch: { sla },
    because: [
      {
        rule: 'sla.carried',
        why,
        inputs: [{ path: 'sla.consumedMs', value: sla.consumedMs ?? 0 }],
      },
    ],
    changes: [
      ...timerChanges(lead, sla, terms),
      { ...unmoved(lead, state, `SLA ${sla.tier} runs until ${sla.dueAt}`), standingOnly: true },
      ...journeyEnd(lead, 'started', settings),
    ],
  }
}
