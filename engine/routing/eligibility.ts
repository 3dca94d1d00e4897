/**
 * May this rep take this lead now? The gates in order; the first that fails is the answer to
 * "why not me".
 */
import { isOpen, nextOpening } from '../calendar'
import type { Rep } from '../policy/policy'

export interface Demand {
  /** Units of capacity that the lead takes. */
  readonly units: number
  readonly skills: readonly string[]
  /** Reps that must not get it, e.g. who let the last deadline pass. */
  readonly exclude: ReadonlySet<string>
}

/** The first failing gate in words, or undefined when the rep may take the lead. */
export function failingGate(
  rep: Rep,
  openUnits: number,
  demand: Demand,
  nowMs: number,
): string | undefined {
  if (rep.paused) return 'paused'
  if (demand.exclude.has(rep.id)) return 'excluded: had this lead before'
  const lacking = demand.skills.find((skill) => !rep.skills.has(skill))
  if (lacking !== undefined) return `lacks the skill ${lacking}`
  const absence = rep.away.find(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs)
  if (absence) return `away until ${new Date(absence.toMs).toISOString()}`
  if (rep.calendar && !isOpen(rep.calendar, nowMs)) return offShift(rep, nowMs)
  if (openUnits + demand.units > rep.capacity) return `full: ${openUnits} of ${rep.capacity}`
  return undefined
}

function offShift(rep: Rep, nowMs: number): string {
  const opensMs = rep.calendar && nextOpening(rep.calendar, nowMs)
  return opensMs === undefined ? 'off shift' : `off shift until ${new Date(opensMs).toISOString()}`
}

/**
 * When the rep's hours or absence next change for the better, epoch ms; undefined when only
 * capacity stands in the way, or nothing ever will change.
 */
export function nextChanceMs(rep: Rep, nowMs: number): number | undefined {
  if (rep.paused) return undefined
  const backMs = backFrom(rep, nowMs)
  const away = backMs > nowMs
  if (!rep.calendar || isOpen(rep.calendar, backMs)) return away ? backMs : undefined
  return nextOpening(rep.calendar, backMs)
}

/** The first moment from `nowMs` on that is in no absence; one may follow another. */
function backFrom({ away }: Rep, nowMs: number): number {
  let backMs = nowMs
  for (const { fromMs, toMs } of away.toSorted((a, b) => a.fromMs - b.fromMs)) {
    if (fromMs <= backMs && backMs < toMs) backMs = toMs
  }
  return backMs
}
