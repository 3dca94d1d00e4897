/**
 * One clock: how much of its budget is used, when that is used up, and what it rings on the way.
 *
 * Time counts in the open hours of its calendar outside of its pauses. When the hours themselves
 * change (another policy, another rep), what was used until then is kept as a number, and only what
 * comes after is counted in the new hours. A clock whose time was up by then stays due when it was.
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

type Count = Pick<SlaClockSection, 'startedAt' | 'sinceAt' | 'consumedMs'> & {
  readonly dueAt?: string
}

/** From when time is counted in the present hours, epoch ms. */
export function sinceMs({ startedAt, sinceAt }: Count): number {
  return instantMs(sinceAt ?? startedAt)
}

/** Time used until `atMs`, ms; never negative, also when `atMs` lies before the start. */
export function usedMs(clock: Count, { calendar, pauses }: Timing, atMs: number): number {
  return (clock.consumedMs ?? 0) + elapsed(calendar, sinceMs(clock), atMs, pauses)
}

/**
 * Time used until something happened at `atMs`, ms. What happened before the present hours is
 * measured by them, as the former ones are not at hand any more; it is never more than was used then.
 */
export function usedByMs(clock: Count, timing: Timing, atMs: number): number {
  const { startedAt, consumedMs } = clock
  if (consumedMs === undefined || atMs >= sinceMs(clock)) return usedMs(clock, timing, atMs)
  const { calendar, pauses } = timing
  return Math.min(consumedMs, elapsed(calendar, instantMs(startedAt), atMs, pauses))
}

/** Whether its time was up when the hours changed: any other clock is due after that moment. */
function wasOverdue({ dueAt, sinceAt }: Count): boolean {
  return dueAt !== undefined && sinceAt !== undefined && instantMs(dueAt) < instantMs(sinceAt)
}

/**
 * When `budgetMs` are used up, epoch ms. Undefined while a pause without an end comes before that,
 * and on a calendar that never opens again. A clock that was overdue when its hours changed stays due
 * when it was; a budget that only the change made too small is due at the first open moment after it.
 */
export function dueMs(
  clock: Count,
  budgetMs: number,
  { calendar, pauses }: Timing,
): number | undefined {
  if (wasOverdue(clock)) return instantMs(clock.dueAt!)
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
  const usedUp = (afterMs: number) =>
    due(timing.calendar, fromMs, afterMs - usedBefore, timing.pauses)
  const add = (
    kind: Milestone['kind'],
    index: number,
    atMs: number | undefined,
    then?: SlaClock['escalate'][number],
  ) => {
    if (atMs !== undefined) insert(list, { kind, index, dueMs: atMs, then }, inOrder)
  }
  for (let index = 0; index < remindMs.length; index++)
    add('reminder', index, usedUp(remindMs[index]!))
  add('breach', 0, dueMs(clock, budgetMs, timing))
  for (let index = 0; index < escalate.length; index++)
    add('escalation', index, usedUp(escalate[index]!.afterMs), escalate[index])
  return list
}

function inOrder(a: Milestone, b: Milestone): number {
  return a.dueMs - b.dueMs || ORDER[a.kind] - ORDER[b.kind] || a.index - b.index
}

/** At the same instant people hear the reminder first, then that it is late, then what follows. */
const ORDER = { reminder: 0, breach: 1, escalation: 2 } as const

type Place = Pick<Milestone, 'kind' | 'index'>
type Listed = Pick<SlaClock, 'remindMs' | 'escalate'>

/**
 * What a clock calls a milestone that has rung: when it rings and what it does, and not its place in
 * the list, where another policy may have something else.
 */
export function markOf({ remindMs, escalate }: Listed, { kind, index }: Place): string {
  const then = kind === 'escalation' ? escalate[index] : undefined
  if (then !== undefined) {
    const to = then.to === undefined ? '' : `:${then.to}`
    return `escalation@${then.afterMs}:${then.action}${to}`
  }
  const afterMs = kind === 'reminder' ? remindMs[index] : undefined
  return afterMs === undefined ? placeOf({ kind, index }) : `reminder@${afterMs}`
}

/** What an earlier version called it, by its place in the list; a breach, the only one, still is. */
export function placeOf({ kind, index }: Place): string {
  return `${kind}#${index}`
}

/** The marks of a clock, with those by place as the list meant them in which they rang. */
export function marksBy(listed: Listed, fired: readonly string[]): string[] {
  return fired.map((mark) => {
    const [, kind, index] = /^(reminder|escalation)#(\d+)$/.exec(mark) ?? []
    return kind === undefined
      ? mark
      : markOf(listed, { kind: kind as Place['kind'], index: Number(index) })
  })
}
