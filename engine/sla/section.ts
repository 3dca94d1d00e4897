/**
 * The lead's SLA section as a list of clocks, and back: the section itself is the first-touch clock,
 * the others stand in `clocks`. Also who stands still when.
 */
import type { Pause } from '../calendar'
import type { Lead, SlaClockSection, SlaSection } from '../lead/lead'
import type { SlaClock } from '../policy/policy'
import type { Timing } from './clock'
import { clockOf, type Terms } from './tier'

export const FIRST_TOUCH = 'first-touch'

/** A section whose delays were measured, as every one is that `lifecycle` gives. */
export type Settled = SlaSection & { readonly delays: NonNullable<SlaSection['delays']> }

/** The clocks that have started, the first-touch clock first. */
export function clocksOf(sla: SlaSection): SlaClockSection[] {
  return [{ ...clockFields(sla), id: FIRST_TOUCH, kind: FIRST_TOUCH }, ...(sla.clocks ?? [])]
}

function clockFields(sla: SlaSection): Omit<SlaClockSection, 'id' | 'kind'> {
  const { tier, cycle, node, policy, rep, assignedAt, moves, clocks, pauses, delays, ...fields } =
    sla
  return fields
}

/** The section with these clocks in place of its own; the first of them is the first-touch clock. */
export function withClocks(sla: SlaSection, clocks: readonly SlaClockSection[]): SlaSection {
  const [first, ...others] = clocks
  const { id: _id, kind: _kind, ...fields } = first!
  const { tier, cycle, node, policy, rep, assignedAt, moves, pauses, delays } = sla
  const frame = { node, policy, rep, assignedAt, moves, pauses, delays }
  return {
    tier,
    ...fields,
    cycle,
    ...defined(frame),
    ...(others.length === 0 ? {} : { clocks: others }),
  }
}

/** The section with `change` made to each clock for which it gives another. */
export function mapClocks(
  sla: SlaSection,
  change: (clock: SlaClockSection) => SlaClockSection,
): SlaSection {
  return withClocks(sla, clocksOf(sla).map(change))
}

/** Without the properties that have no value; the section is kept as JSON, and compared. */
export function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as never
}

export function isOpen({ status }: Pick<SlaClockSection, 'status'>): boolean {
  return status === 'running' || status === 'breached'
}

/** Whether the section is of the lead's present cycle, and not of the rep before. */
export function isCurrent(lead: Lead): lead is Lead & { sla: SlaSection } {
  return lead.sla !== undefined && lead.sla.cycle === lead.cycle
}

/** The state that an unfinished pause is in; undefined when nothing stands still. */
export function pausedIn({ pauses = [] }: SlaSection): string | undefined {
  return pauses.find(({ to }) => to === undefined)?.state
}

/**
 * The hours and pauses of a clock. With `untilMs`, a pause that still lasts ends then: what would
 * hold if the clock went on at that moment.
 */
export function timingOf(
  { policy, repId }: Pick<Terms, 'policy' | 'repId'>,
  clock: SlaClock,
  { pauses = [] }: SlaSection,
  untilMs?: number,
): Timing {
  return {
    calendar: clockOf(policy, clock, repId),
    pauses: pauses
      .filter(({ state }) => clock.pauseOn.has(state))
      .map((pause) => pauseOf(pause, untilMs)),
  }
}

export function pauseOf(
  { from, to }: { readonly from: string; readonly to?: string },
  untilMs?: number,
): Pause {
  return { startMs: Date.parse(from), endMs: to === undefined ? untilMs : Date.parse(to) }
}
