/**
 * What can happen to a lead's clocks: they begin, go on under other terms, stand still and go on,
 * are met by contact, and end with the work on the lead. Each takes the section and gives the next.
 *
 *   - A clock begins with the event, the assignment or the first touch, as its tier says; that of a
 *     lead that was opened again with that moment, and one of a lead that was given to another rep
 *     anew with that rep.
 *   - A pause counts from when it is reported, so that no clock can be stopped after the fact.
 *   - Other terms (policy, tier, rep) change neither what is used nor what has rung.
 */
import { defined } from '../defined'
import { instantMs, iso } from '../instant'
import type { Lead, SlaClockSection, SlaSection } from '../lead/lead'
import type { SlaClock } from '../policy/policy'
import { dueMs, marksBy, sinceMs, usedByMs, usedMs } from './clock'
import { delaysOf } from './delays'
import {
  clocksOf,
  counts,
  type Frame,
  isOpen,
  mapClocks,
  type Settled,
  timingOf,
  withClocks,
} from './section'
import { specOf, type Terms } from './tier'
import { begunMs, wasTaken } from './work'

/** The section of a cycle that begins its clocks now. `node` is where its timers ring. */
export function begin(lead: Lead, terms: Terms, node: string, nowMs: number): Settled {
  const before = wasTaken(lead) ? lead.sla : undefined
  const spec = terms.tier.clocks[0]!
  const startMs = startOf(lead, spec, undefined) ?? routedMs(lead)
  const frame: Frame = {
    tier: terms.tier.id,
    cycle: lead.cycle,
    node,
    policy: terms.policy.ref,
    rep: terms.repId,
    pool: terms.poolId,
    assignedAt: before?.assignedAt ?? assignedAt(lead),
    moves: before?.moves,
    pauses: before?.pauses,
    delays: before?.delays,
  }
  return settled(lead, frame, withMissing(lead, [opened(spec, startMs)], terms), terms, nowMs)
}

/** Whether the clocks run by other terms than these, so that they must be carried over. */
export function isOutdated(lead: Lead, sla: SlaSection, { policy, repId, poolId }: Terms): boolean {
  // A section of an earlier version does not say by what it runs, and runs on as it is.
  if (sla.policy === undefined) return false
  const news = sla.assignedAt === undefined && assignedAt(lead) !== undefined
  const others = sla.rep !== repId || sla.pool !== poolId
  return news || others || sla.policy.hash !== policy.ref.hash
}

/**
 * The clocks under new terms: what was used under the former is kept, the rest is counted by the
 * new. Without the former terms, what was used is measured by the new ones. A clock that the new
 * tier does not have stops; one that it has beside begins, if its beginning has come.
 */
export function carryOver(
  lead: Lead,
  sla: SlaSection,
  former: Terms | undefined,
  terms: Terms,
  nowMs: number,
): Settled {
  const carried = clocksOf(sla).map((clock) => {
    if (!isOpen(clock)) return clock
    const spec = specOf(terms, clock)
    if (spec === undefined) return { ...clock, status: 'stopped' as const }
    if (!counts(lead, spec, sla)) return restarted(lead, spec, clock)
    const by = former && specOf(former, clock)
    const timing = by === undefined ? timingOf(terms, spec, sla) : timingOf(former!, by, sla)
    const fromMs = Math.max(sinceMs(clock), nowMs)
    const wasDueMs = formerDueMs(lead, clock, sla, former, nowMs)
    return {
      ...clock,
      clock: runsOn(spec),
      sinceAt: iso(fromMs),
      consumedMs: usedMs(clock, timing, nowMs),
      // An overdue clock stays due when it was; for any other, `settled` finds the new due time.
      dueAt: iso(wasDueMs === undefined ? fromMs : Math.min(wasDueMs, fromMs)),
      ...(by && clock.fired && { fired: marksBy(by, clock.fired) }),
    }
  })
  const next: Frame = {
    ...sla,
    tier: terms.tier.id,
    policy: terms.policy.ref,
    rep: terms.repId,
    pool: terms.poolId,
    assignedAt: sla.assignedAt ?? assignedAt(lead),
  }
  return settled(lead, next, withMissing(lead, carried, terms), terms, nowMs)
}

/** Until when there was time under the terms that held till now; undefined if there was no end to it. */
function formerDueMs(
  lead: Lead,
  clock: SlaClockSection,
  sla: SlaSection,
  former: Terms | undefined,
  nowMs: number,
): number | undefined {
  const by = former && specOf(former, clock)
  if (by !== undefined) {
    if (!counts(lead, by, sla)) return undefined
    return dueMs(clock, by.budgetMs, timingOf(former!, by, sla, nowMs))
  }
  // What is written was true when a pause began that lasts, and moves with it from there.
  const stands = sla.pauses?.find(({ to }) => to === undefined)
  const dueAtMs = instantMs(clock.dueAt)
  return stands !== undefined && instantMs(stands.from) <= dueAtMs ? undefined : dueAtMs
}

/** Undefined when the lead is in that state already. */
export function pause(
  lead: Lead,
  sla: SlaSection,
  state: string,
  terms: Terms,
  nowMs: number,
): Settled | undefined {
  const { pauses = [] } = sla
  if (pauses.some((one) => one.state === state && one.to === undefined)) return undefined
  const next = { ...sla, pauses: [...pauses, { state, from: iso(nowMs) }] }
  return settled(lead, next, clocksOf(sla), terms, nowMs)
}

/** Ends the pause in this state, or all; undefined when there is none. */
export function resume(
  lead: Lead,
  sla: SlaSection,
  state: string | undefined,
  terms: Terms,
  nowMs: number,
): Settled | undefined {
  const { pauses = [] } = sla
  const ends = (one: (typeof pauses)[number]) =>
    one.to === undefined && (state === undefined || one.state === state)
  if (!pauses.some(ends)) return undefined
  const ended = pauses.map((one) =>
    // A clock that was set back ends the pause where it began.
    ends(one) ? { ...one, to: iso(Math.max(nowMs, instantMs(one.from))) } : one,
  )
  return settled(lead, { ...sla, pauses: ended }, clocksOf(sla), terms, nowMs)
}

export interface Contact {
  readonly evidence: string
  /** When it was, epoch ms; not its report. */
  readonly atMs: number
}

export type Touched =
  | { readonly sla: Settled; readonly met: readonly SlaClockSection[] }
  /** Why no clock stops. */
  | { readonly why: string }

/** Contact meets the first-touch clock; once that is met, the follow-ups that run. */
export function touch(
  lead: Lead,
  sla: SlaSection,
  contact: Contact,
  terms: Terms,
  nowMs: number,
): Touched {
  const beganMs = workBeganMs(lead, sla)
  // Where the machine's clock was set back, a contact of now is not older than the lead.
  if (contact.atMs < Math.min(beganMs, nowMs)) {
    const [was, came] = [iso(contact.atMs), iso(beganMs)]
    return { why: `The contact was at ${was}, and the lead came or was opened again at ${came}` }
  }
  const clocks = clocksOf(sla)
  const [first, ...others] = clocks
  const running = isOpen(first!)
    ? [first!]
    : others.filter(
        (clock) =>
          isOpen(clock) &&
          clock.kind === 'follow-up' &&
          // The contact that began a follow-up, told a second time, is not its end.
          contact.atMs > instantMs(clock.startedAt),
      )
  if (running.length === 0) return { why: 'The clock was stopped before' }
  const stops = running.filter(({ id }) => specFor(terms, id).stopOn.includes(contact.evidence))
  if (stops.length === 0) {
    const words = [...new Set(running.flatMap(({ id }) => specFor(terms, id).stopOn))]
    return {
      why: `"${contact.evidence}" does not stop this clock; what stops it: ${words.join(', ')}`,
    }
  }
  const names = new Set(stops.map(({ id }) => id))
  const touched = clocks.map((clock) =>
    names.has(clock.id) ? metBy(clock, sla, contact, terms) : clock,
  )
  const next = settled(lead, sla, withMissing(lead, touched, terms), terms, nowMs)
  return { sla: next, met: clocksOf(next).filter(({ id }) => names.has(id)) }
}

/** From when on a contact is one of this work: not of its clock, which may begin with the assignment. */
function workBeganMs(lead: Lead, { assignedAt, delays, startedAt }: SlaSection): number {
  // A newer event of the lead has another receipt; what the first rep waited tells the first one.
  const receivedMs =
    assignedAt === undefined || delays?.systemMs === undefined
      ? begunMs(lead)
      : instantMs(assignedAt) - delays.systemMs
  return Math.min(receivedMs, instantMs(startedAt))
}

/** Sales is done with the lead: `resolved` says whether that is what a resolution waits for. */
export function end(
  lead: Lead,
  sla: SlaSection,
  resolved: boolean,
  atMs: number,
  terms: Terms,
  nowMs: number,
): Settled {
  const ended = mapClocks(sla, (clock) => {
    if (!isOpen(clock)) return clock
    return resolved && clock.kind === 'resolution'
      ? metBy(clock, sla, { atMs }, terms)
      : { ...clock, status: 'stopped' }
  })
  return { ...ended, delays: delaysOf(lead, ended, terms, nowMs) }
}

/** All clocks off, for who ends the work on a lead without a word from sales. */
export function stopped(sla: SlaSection): SlaSection {
  return mapClocks(sla, (clock) => (isOpen(clock) ? { ...clock, status: 'stopped' } : clock))
}

function metBy(
  clock: SlaClockSection,
  sla: SlaSection,
  { evidence, atMs }: { readonly evidence?: string; readonly atMs: number },
  terms: Terms,
): SlaClockSection {
  const spec = specFor(terms, clock.id)
  // A pause that lasts ends here for the question whether this was in time.
  const timing = timingOf(terms, spec, sla, atMs)
  const dueAtMs = instantMs(clock.dueAt)
  const deadlineMs =
    sla.policy === undefined ? dueAtMs : (dueMs(clock, spec.budgetMs, timing) ?? dueAtMs)
  return {
    ...clock,
    status: atMs <= deadlineMs ? 'met' : 'met_late',
    metAt: iso(atMs),
    ...defined({ evidence }),
    elapsedMs: usedByMs(clock, timing, atMs),
  }
}

/** A clock of a tier that is gone from the policy runs as the first of the tier that took its place. */
function specFor(terms: Terms, id: string): SlaClock {
  return specOf(terms, { id }) ?? terms.tier.clocks[0]!
}

/** The section with these clocks, due times and delays as they are now. */
function settled(
  lead: Lead,
  frame: Frame,
  clocks: readonly SlaClockSection[],
  terms: Terms,
  nowMs: number,
): Settled {
  const sla = withClocks(
    frame,
    clocks.map((clock) => dueNow(clock, frame, terms, nowMs)),
  )
  sla.delays = delaysOf(lead, sla, terms, nowMs)
  return sla as Settled
}

function dueNow(
  clock: SlaClockSection,
  frame: Frame,
  terms: Terms,
  nowMs: number,
): SlaClockSection {
  const spec = isOpen(clock) ? specOf(terms, clock) : undefined
  if (spec === undefined) return clock
  const leftMs = spec.budgetMs - (clock.consumedMs ?? 0)
  const atMs = dueMs(clock, spec.budgetMs, timingOf(terms, spec, frame, nowMs))
  // A calendar that never opens again has no due time; the budget's end on the wall clock stands in.
  return { ...clock, dueAt: iso(atMs ?? sinceMs(clock) + Math.max(0, leftMs)) }
}

/** These clocks, and each of the tier that has not begun and whose beginning has come. */
function withMissing(
  lead: Lead,
  begun: readonly SlaClockSection[],
  terms: Terms,
): readonly SlaClockSection[] {
  const clocks = begun.slice()
  for (const spec of terms.tier.clocks) {
    if (begun.some(({ id }) => id === spec.id)) continue
    const startMs = startOf(lead, spec, begun[0]!.metAt)
    if (startMs !== undefined) clocks.push(opened(spec, startMs))
  }
  return clocks
}

/** `settled` gives it its due time. */
function opened(spec: SlaClock, startMs: number): SlaClockSection {
  const { id, kind } = spec
  const startedAt = iso(startMs)
  return { id, kind, status: 'running', startedAt, dueAt: startedAt, clock: runsOn(spec) }
}

function restarted(lead: Lead, spec: SlaClock, clock: SlaClockSection): SlaClockSection {
  const startMs = startOf(lead, spec, undefined) ?? instantMs(clock.startedAt)
  return { ...opened(spec, startMs), ...defined({ fired: clock.fired }) }
}

function runsOn({ business }: SlaClock): 'business' | 'always' {
  return business ? 'business' : 'always'
}

/** Undefined when what the clock begins with has not come yet. */
function startOf(lead: Lead, { from }: SlaClock, metAt: string | undefined): number | undefined {
  if (from === 'received' && !wasTaken(lead)) return begunMs(lead)
  const fromText = from === 'first-touch' ? metAt : assignedAt(lead)
  return fromText === undefined ? undefined : instantMs(fromText)
}

function assignedAt({ assignment }: Lead): string | undefined {
  return assignment?.status === 'assigned' ? assignment.at : undefined
}

/** Stands in for an assignment that has not come yet. */
function routedMs(lead: Lead): number {
  const { assignment } = lead
  const startMs = begunMs(lead)
  return assignment === undefined ? startMs : Math.max(startMs, instantMs(assignment.at))
}
