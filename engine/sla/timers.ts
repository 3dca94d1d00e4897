/**
 * The timers of a lead's clocks. They are a function of the section: whatever changes it takes off
 * all timers of the cycle and sets those that follow from it now, so that none is ever left over.
 */
import type { Change, Timer } from '../decision'
import type { Lead, SlaSection } from '../lead/lead'
import type { SlaClock } from '../policy/policy'
import { ladderFrom } from '../routing/ladder'
import { type Milestone, markOf, milestones, placeOf } from './clock'
import { clocksOf, counts, FIRST_TOUCH, isOpen, timingOf } from './section'
import { specOf, type Terms } from './tier'

/** What makes the store's timers those of `sla`. `lead` may still carry the section before. */
export function timerChanges(lead: Lead, sla: SlaSection, terms: Terms): Change[] {
  const cancel: Change = { kind: 'timers.cancel', leadId: lead.id, cycle: sla.cycle }
  return [cancel, ...newTimerChanges(lead, sla, terms)]
}

/** As `timerChanges`, for a cycle of which no timer was ever set. */
export function newTimerChanges(lead: Lead, sla: SlaSection, terms: Terms): Change[] {
  return timersOf(lead, sla, terms).map((timer) => ({ kind: 'timer.set', timer }))
}

/** What is still to ring, in order; what has rung in this cycle does not ring again. */
export function timersOf(lead: Lead, sla: SlaSection, terms: Terms): Timer[] {
  const timers: Timer[] = []
  if (sla.node === undefined) return timers
  const clocks = clocksOf(sla)
  for (const clock of clocks) {
    const spec = isOpen(clock) ? specOf(terms, clock) : undefined
    if (spec === undefined || !counts(lead, spec, sla)) continue
    const rung = new Set(clock.fired)
    for (const milestone of milestones(spec, clock, timingOf(terms, spec, sla))) {
      const mark = markOf(spec, milestone)
      if (rung.has(mark) || rung.has(placeOf(milestone))) continue
      // What a policy lists twice rings once.
      rung.add(mark)
      timers.push(timerOf(lead, sla, spec, milestone, mark, terms))
    }
  }
  // Those of one clock are in order.
  return clocks.length === 1 ? timers : timers.sort((a, b) => a.dueMs - b.dueMs)
}

function timerOf(
  lead: Lead,
  sla: SlaSection,
  spec: SlaClock,
  milestone: Milestone,
  mark: string,
  terms: Terms,
): Timer {
  const { kind, dueMs } = milestone
  const base = `${lead.id}#${sla.cycle}#${mark}`
  return {
    id: spec.id === FIRST_TOUCH ? base : `${base}#${spec.id}`,
    leadId: lead.id,
    cycle: sla.cycle,
    kind,
    dueMs,
    nodeId: sla.node!,
    mark,
    policy: terms.policy.ref.name,
    detail: detailOf(lead, spec, milestone, terms),
  }
}

function detailOf(
  { assignment }: Lead,
  { id: clock }: SlaClock,
  { index, then }: Milestone,
  { policy, tier }: Terms,
): Timer['detail'] {
  if (then === undefined) return { tier: tier.id, clock, index }
  const { action } = then
  const to =
    action === 'overflow' ? ladderFrom(policy, assignment, assignment?.pool ?? '')[1] : then.to
  return {
    tier: tier.id,
    clock,
    index,
    ...(to === undefined ? {} : { to }),
    action,
    ...(action === 'reassign' || action === 'overflow' ? { movesMax: tier.movesMax } : {}),
  }
}
