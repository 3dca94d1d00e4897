/**
 * One clock: how much of its budget is used, when that is used up, and what it rings on the way.
 *
 * Time counts in the open hours of its calendar outside of its pauses. When the hours themselves
 * change (another policy, another rep), what was used until then is kept as a number, and only what
 * comes after is counted in the new hours.
 */
import { type Calendar, due, elapsed, type Pause } from '../calendar'
import { insert } from '../insert'
import { instantMs } from '../instant'
import type { SlaClockSection } from '../lead/lead'
import type { SlaClock } from '../policy/policy'

export interface Timing {
  readonly calendar: Calendar
  readonly pauses: readonly Pause[]
}

type Count = Pick<SlaClockSection, 'startedAt' | 'sinceAt' | 'consumedMs'>

/** From when time is counted in the present hours, epoch ms. */
export function sinceMs({ startedAt, sinceAt }: Count): number {
  return instantMs(sinceAt ?? startedAt)
}

/** Time used until `atMs`, ms; never negative, also when `atMs` lies before the start. */
export function usedMs(clock: Count, { calendar, pauses }: Timing, atMs: number): number {
  return (clock.consumedMs ?? 0) + elapsed(calendar, sinceMs(clock), atMs, pauses)
}

/**
 * When `budgetMs` are used up, epoch ms. Undefined while a pause without an end comes before that,
 * and on a calendar that never opens again. A budget that was used up under other hours is due at
 * the first open moment of these.
 */
export function dueMs(
  clock: Count,
  budgetMs: number,
  { calendar, pauses }: Timing,
): number | undefined {
  return due(calendar, sinceMs(clock), budgetMs - (clock.consumedMs ?? 0), pauses)
}

export interface Milestone {
  readonly kind: 'reminder' | 'escalation' | 'breach'
  /** Distinguishes several of a kind. */
  readonly index: number
  readonly dueMs: number
  /** Of an escalation: what is to happen. */
  readonly then: SlaClock['escalate'][number] | undefined
}

/** Every moment of the clock in order; a moment that never comes as things stand is left out. */
export function milestones(
  { budgetMs, remindMs, escalate }: Pick<SlaClock, 'budgetMs' | 'remindMs' | 'escalate'>,
  clock: Count,
  timing: Timing,
): Milestone[] {
  const list: Milestone[] = []
  const fromMs = sinceMs(clock)
  const usedBefore = clock.consumedMs ?? 0
  const add = (
    kind: Milestone['kind'],
    index: number,
    afterMs: number,
    then?: SlaClock['escalate'][number],
  ) => {
    const atMs = due(timing.calendar, fromMs, afterMs - usedBefore, timing.pauses)
    if (atMs !== undefined) insert(list, { kind, index, dueMs: atMs, then }, inOrder)
  }
  for (let index = 0; index < remindMs.length; index++) add('reminder', index, remindMs[index]!)
  add('breach', 0, budgetMs)
  for (let index = 0; index < escalate.length; index++)
    add('escalation', index, escalate[index]!.afterMs, escalate[index])
  return list
}

function inOrder(a: Milestone, b: Milestone): number {
  return a.dueMs - b.dueMs || ORDER[a.kind] - ORDER[b.kind] || a.index - b.index
}

/** At the same instant people hear the reminder first, then that it is late, then what follows. */
const ORDER = { reminder: 0, breach: 1, escalation: 2 } as const

/** What a clock calls a milestone that has rung. */
export function milestoneName({ kind, index }: Pick<Milestone, 'kind' | 'index'>): string {
  return `${kind}#${index}`
}
