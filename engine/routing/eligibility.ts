/**
 * May this rep take this lead now? The gates in order; the first that fails is the answer to
 * "why not me".
 */
import { type Calendar, isOpen, nextOpening } from '../calendar'
import { iso } from '../instant'
import type { Policy, Rep, RepCap } from '../policy/policy'
import type { Offline } from './presence'

export interface Demand {
  /** Units of capacity that the lead takes. */
  readonly units: number
  readonly skills: readonly string[]
  /** Reps that must not get it, e.g. who let the last deadline pass. */
  readonly exclude: ReadonlySet<string>
  /** Reps to whom it was offered in vain, and how that ended. */
  readonly passed?: ReadonlyMap<string, 'declined' | 'expired'> | undefined
}

/** What is known of the reps' work. */
export interface Workload {
  /** Units in open assignments, per rep. */
  readonly loads: ReadonlyMap<string, number>
  /** Leads of the current hour, day or week, by the cap's key; only of reps who have a cap. */
  readonly tallies?: ReadonlyMap<string, number>
  /** Reps who are offline now. */
  readonly offline?: ReadonlyMap<string, Offline>
}

/** One rep who is asked about one lead. */
export interface Asked {
  readonly rep: Rep
  /** The hours that count; undefined is always on shift. */
  readonly shift: Calendar | undefined
  readonly openUnits: number
  readonly tallies: Workload['tallies']
  readonly offline?: Offline | undefined
  readonly demand: Demand
  readonly nowMs: number
}

/** In their order. */
export const GATES = [
  'paused',
  'excluded',
  'passed',
  'skill',
  'offline',
  'away',
  'shift',
  'full',
  'cap',
] as const
export type Gate = (typeof GATES)[number]

/** Gates that concern this lead only: who fails no other is not away from the pool. */
export const LEAD_GATES: ReadonlySet<Gate> = new Set<Gate>(['excluded', 'passed', 'skill'])

/** Of these, the ones that no time and no other rep can open. */
export const FINAL_GATES: ReadonlySet<Gate> = new Set<Gate>(['excluded', 'skill'])

/** The first gate that fails, or undefined when the rep may take the lead. */
export function firstGate(asked: Asked): Gate | undefined {
  const { rep, demand } = asked
  if (rep.paused) return 'paused'
  if (demand.exclude.has(rep.id)) return 'excluded'
  if (demand.passed?.has(rep.id)) return 'passed'
  if (lacking(asked) !== undefined) return 'skill'
  return firstOwnGate(asked)
}

/** Of the gates that concern any lead of this size, the first that fails. */
export function firstOwnGate(asked: Asked): Gate | undefined {
  const { rep, shift, openUnits, demand, nowMs } = asked
  if (rep.paused) return 'paused'
  if (asked.offline !== undefined) return 'offline'
  if (absence(asked) !== undefined) return 'away'
  if (shift !== undefined && !isOpen(shift, nowMs)) return 'shift'
  if (openUnits + demand.units > rep.capacity) return 'full'
  return reached(asked) === undefined ? undefined : 'cap'
}

/** False when each of these is full or paused, and so can take no lead: every one takes a unit at least. */
export function mayHaveRoom(
  { reps }: Policy,
  loads: Workload['loads'],
  among: ReadonlySet<string>,
): boolean {
  for (const repId of among) {
    const rep = reps.get(repId)
    if (rep !== undefined && !rep.paused && (loads.get(repId) ?? 0) < rep.capacity) return true
  }
  return false
}

/** The gate in words. Requires that it is the first that fails. */
export function gateWords(gate: Gate, asked: Asked): string {
  const { rep, shift, openUnits, demand, nowMs } = asked
  switch (gate) {
    case 'paused':
      return 'paused'
    case 'excluded':
      return 'excluded: had this lead before'
    case 'passed':
      return demand.passed!.get(rep.id) === 'declined'
        ? 'declined this lead'
        : 'let the offer of this lead expire'
    case 'skill':
      return `lacks the skill ${lacking(asked)}`
    case 'offline':
      return offlineWords(asked.offline!)
    case 'away':
      return `away until ${absence(asked)!.until}`
    case 'shift': {
      const opensMs = shift && nextOpening(shift, nowMs)
      return opensMs === undefined ? 'off shift' : `off shift until ${iso(opensMs)}`
    }
    case 'full':
      return `full: ${openUnits} of ${rep.capacity}`
    case 'cap': {
      const { max, clock } = reached(asked)!
      return `cap of ${max} per ${clock.period} reached until ${iso(clock.around(nowMs).endMs)}`
    }
  }
}

/** Reps for whom this is the same value are told the same words by `gateWords`. */
export function gateSubject(gate: Gate, asked: Asked): unknown {
  switch (gate) {
    case 'skill':
      return lacking(asked)
    case 'passed':
      return asked.demand.passed!.get(asked.rep.id)
    case 'away':
      return absence(asked)!.until
    case 'shift':
      return asked.shift
    case 'full':
      return asked.openUnits * 1e6 + asked.rep.capacity
    case 'offline':
    case 'cap':
      return gateWords(gate, asked)
    default:
      return gate
  }
}

/**
 * When the rep's hours, absence or cap next change for the better, epoch ms; undefined when only
 * capacity stands in the way, or nothing ever will change. Requires that `gate` is the first that fails.
 */
export function nextChanceMs(gate: Gate, asked: Asked): number | undefined {
  const freeMs = freeFrom(gate, asked)
  if (freeMs === undefined) return undefined
  const { rep, shift } = asked
  const backMs = backFrom(rep, freeMs)
  return shift === undefined ? backMs : nextOpening(shift, backMs)
}

function freeFrom(gate: Gate, asked: Asked): number | undefined {
  if (gate === 'cap') return reached(asked)!.clock.around(asked.nowMs).endMs
  if (gate === 'offline') return asked.offline!.untilMs
  return gate === 'away' || gate === 'shift' ? asked.nowMs : undefined
}

function offlineWords({ sinceMs, untilMs, misses }: Offline): string {
  const until = untilMs === undefined ? '' : `, until ${iso(untilMs)}`
  const count = misses === 1 ? '1 missed offer' : `${misses} missed offers`
  return `offline since ${iso(sinceMs)} after ${count}${until}`
}

function lacking({ rep, demand: { skills } }: Asked): string | undefined {
  for (let index = 0; index < skills.length; index++)
    if (!rep.skills.has(skills[index]!)) return skills[index]
  return undefined
}

function absence({ rep: { away }, nowMs }: Asked) {
  return away.length === 0
    ? undefined
    : away.find(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs)
}

function reached({ rep: { caps }, tallies }: Asked): RepCap | undefined {
  return caps.length === 0
    ? undefined
    : caps.find(({ key, max }) => (tallies?.get(key) ?? 0) >= max)
}

/** The first moment from `nowMs` on that is in no absence; one may follow another. */
function backFrom({ away }: Rep, nowMs: number): number {
  let backMs = nowMs
  for (const { fromMs, toMs } of away) if (fromMs <= backMs && backMs < toMs) backMs = toMs
  return backMs
}
