/**
 * The lead's SLA section as a list of clocks, and back: the section itself is the first-touch clock,
 * the others stand in `clocks`. Also who stands still when.
 */
import type { Pause } from '../calendar'
import { copyDefined } from '../defined'
import { instantMs } from '../instant'
import type { Lead, SlaClockSection, SlaSection } from '../lead/lead'
import type { SlaClock } from '../policy/policy'
import type { Timing } from './clock'
import { clockOf, type Terms } from './tier'
import { wasTaken } from './work'

export const FIRST_TOUCH = 'first-touch'

/** A section whose delays were measured, as every one is that `lifecycle` gives. */
export type Settled = SlaSection & { readonly delays: NonNullable<SlaSection['delays']> }

/** The clocks that have started, the first-touch clock first. */
export function clocksOf(sla: SlaSection): SlaClockSection[] {
  const { status, startedAt, dueAt, clock } = sla
  const always = { id: FIRST_TOUCH, kind: FIRST_TOUCH, status, startedAt, dueAt, clock } as const
  const first: SlaClockSection = copyDefined(sla, always, NO_CLOCK_FIELDS)
  return sla.clocks === undefined ? [first] : [first, ...sla.clocks]
}

/** What a section says of all its clocks, in the order in which it is written. */
const FRAME = [
  'cycle',
  'node',
  'policy',
  'rep',
  'pool',
  'assignedAt',
  'moves',
  'pauses',
  'delays',
] as const
const NO_CLOCK_FIELDS: ReadonlySet<string> = new Set(['tier', ...FRAME, 'clocks'])
const NAMES: ReadonlySet<string> = new Set(['id', 'kind'])

/** A section without its first-touch clock; what has no value may be there as undefined. */
export type Frame = Pick<SlaSection, 'tier' | 'cycle'> & {
  readonly [K in (typeof FRAME)[number]]?: SlaSection[K] | undefined
}

/** The section with these clocks in place of its own; the first of them is the first-touch clock. */
export function withClocks(frame: Frame, clocks: readonly SlaClockSection[]): SlaSection {
  const { tier, cycle } = frame
  const { status, startedAt, dueAt, clock } = clocks[0]!
  const section: SlaSection = { tier, status, startedAt, dueAt, clock, cycle }
  copyDefined(clocks[0]!, section, NAMES)
  for (const name of FRAME) if (frame[name] !== undefined) section[name] = frame[name] as never
  if (clocks.length > 1) section.clocks = clocks.slice(1)
  return section
}

/** The section with `change` made to each clock for which it gives another. */
export function mapClocks(
  sla: SlaSection,
  change: (clock: SlaClockSection) => SlaClockSection,
): SlaSection {
  return withClocks(sla, clocksOf(sla).map(change))
}

export function isOpen({ status }: Pick<SlaClockSection, 'status'>): boolean {
  return status === 'running' || status === 'breached'
}

/**
 * Whether a clock has begun to count. One that counts from the assignment waits until somebody has
 * the lead; so do all clocks of a lead that was taken from a rep and that nobody has had since.
 */
export function counts(lead: Lead, { from }: SlaClock, { assignedAt, rep }: Frame): boolean {
  if (wasTaken(lead)) return rep !== undefined
  return from !== 'assigned' || assignedAt !== undefined
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
  { policy, repId, poolId }: Pick<Terms, 'policy' | 'repId' | 'poolId'>,
  clock: SlaClock,
  { pauses }: Pick<Frame, 'pauses'>,
  untilMs?: number,
): Timing {
  const calendar = clockOf(policy, clock, repId, poolId)
  if (pauses === undefined) return { calendar, pauses: NO_PAUSES }
  const own = pauses.filter(({ state }) => clock.pauseOn.has(state))
  return { calendar, pauses: own.map((pause) => pauseOf(pause, untilMs)) }
}

const NO_PAUSES: readonly Pause[] = []

export function pauseOf(
  { from, to }: { readonly from: string; readonly to?: string },
  untilMs?: number,
): Pause {
  return { startMs: instantMs(from), endMs: to === undefined ? untilMs : instantMs(to) }
}
