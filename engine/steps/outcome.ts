/**
 * Outcome: what sales did with the lead. Contact stops the clock that waits for it; an end gives the
 * rep's capacity back, and the share of the lead too when nothing could come of it; reopening starts
 * the next cycle; an override puts a person's decision in the place of the contract's.
 *
 * A clock stops on evidence of contact only, never on an edit or an automatic mail. Who had the lead
 * and how that ended stands in `assignment.ended`, and as the reason of the closed assignment.
 */
import type { Asking } from '../asking'
import type { Change, Decision, LeadPatch, LeadState } from '../decision'
import { instantMs } from '../instant'
import type { Lead, Reason, SlaClockSection } from '../lead/lead'
import type { Policy } from '../policy/policy'
import type { Credit } from '../policy/schema'
import { credited } from '../routing/credit'
import { isOptedOut } from '../scoring/decide'
import { type Delays, delayInputs, delaysInWords } from '../sla/delays'
import { evidenceProblem } from '../sla/evidence'
import { end, pause, resume, touch } from '../sla/lifecycle'
import { FIRST_TOUCH, isCurrent, type Settled } from '../sla/section'
import { timerChanges } from '../sla/timers'
import type { FairnessRecord, OpenAssignment, Reads, Step } from '../step'
import { closedSections, closing } from './closing'
import { iso, type JourneySettings, journeyAgain } from './journey'
import { answer, gatherOffersOf, NO_OFFERS, type OffersKnown } from './offer-answer'
import { isOffered, withdrawal } from './offering'
import { stateDecided } from './qualify'
import { reportTimeProblem } from './report-time'
import type { SalesEvent } from './sales-event'
import { type Former, gatherFormer, type Present, presentSla } from './sla-terms'
import { stateOf, unmoved } from './unmoved'

export interface OutcomeSettings extends Partial<JourneySettings> {
  readonly policy: Policy
  readonly event: SalesEvent
}

export type OutcomeResult = 'met' | 'recorded' | 'ignored'

interface Known extends Former {
  /** Of a lead that was offered. */
  readonly offered?: OffersKnown
  /** A rep has the lead. */
  readonly open: boolean
  /** Whose share of which pool the lead counts to, and how that pool stands; when it may be given back. */
  readonly share?: OpenAssignment & {
    readonly records: ReadonlyMap<string, FairnessRecord>
  }
  /** Nobody has the lead, and it is tried again by itself. */
  readonly waits: boolean
}

type Decide = (
  lead: Lead,
  settings: OutcomeSettings,
  known: Known,
  nowMs: number,
) => Decision<OutcomeResult>

export const outcomeStep: Step<OutcomeSettings, Known, OutcomeResult> = {
  name: 'outcome',
  artefact: ({ policy }) => policy.ref,
  scopes: (lead, { policy }) => ['reps', `policy:${policy.ref.name}`, `lead:${lead.id}`],
  // Some senders number the reports of each kind by themselves.
  key: (lead, { event }) => `${lead.id}#${event.kind}#${event.id}`,
  *gather(reads, lead, { policy, event }) {
    const state = yield* stateOf(reads, lead)
    const former = yield* gatherFormer(reads, lead, policy)
    const offered =
      event.token !== undefined || isOffered(lead) ? yield* gatherOffersOf(reads, lead) : undefined
    const share = CREDIT[event.kind] === undefined ? undefined : yield* shareOf(reads, lead)
    return {
      open: state === 'assigned',
      waits: state === 'waiting',
      ...former,
      ...(share === undefined ? {} : { share }),
      ...(offered === undefined ? {} : { offered }),
    }
  },
  decide: (lead, settings, known, nowMs): Decision<OutcomeResult> => {
    const { event } = settings
    const problem = reportTimeProblem(lead, event.atMs, nowMs)
    if (problem !== undefined) return ignored(event, problem)
    if (event.kind === 'reopened') return reopen(lead, settings, known, nowMs)
    if (event.kind === 'overridden') return override(lead, settings, known, nowMs)
    if (event.kind === 'available') return ignored(event, 'This is about a rep and not a lead')
    if (event.kind === 'opted_in') return ignored(event, 'This is about consent and not the work')
    if (answersOffer(lead, event)) return answerOffer(lead, settings, known, nowMs)
    if (!known.open) return ignored(event, 'The lead has no open assignment')
    return IN_WORK[event.kind](lead, settings, known, nowMs)
  },
}

function answersOffer(lead: Lead, { kind, token }: SalesEvent): boolean {
  return kind === 'declined' || (kind === 'accepted' && (token !== undefined || isOffered(lead)))
}

const answerOffer: Decide = (lead, { policy, event }, { offered = NO_OFFERS }, nowMs) => {
  const result = answer({ lead, policy, event, known: offered, nowMs })
  return 'problem' in result
    ? ignored(event, result.problem)
    : recorded(event, result.patch, result.changes)
}

/** What gives the rep the share of the lead back. */
const CREDIT: Readonly<Partial<Record<SalesEvent['kind'], Credit>>> = {
  rejected: 'declined',
  disqualified: 'disqualified',
}

function* shareOf(reads: Reads, lead: Lead): Asking<Known['share']> {
  const open = yield* reads.openAssignment(lead.id, lead.cycle)
  return open && { ...open, records: yield* reads.fairness(open.poolId) }
}

function creditBack({ policy, event }: OutcomeSettings, { share }: Known): Change[] {
  const why = CREDIT[event.kind]
  if (share === undefined || why === undefined) return []
  const { repId, poolId, units, records } = share
  const record = credited(policy.pools.get(poolId), repId, units, records, why)
  return record === undefined ? [] : [{ kind: 'fairness.save', poolId, repId, ...record }]
}

const touched: Decide = (lead, { policy, event }, known, nowMs) => {
  const { evidence } = event
  const present = presentSla(lead, policy, known, nowMs)
  if (present === undefined) return ignored(event, 'No clock runs for this lead')
  const { terms } = present
  const problem =
    evidence === undefined ? 'The report names no evidence' : evidenceProblem(evidence)
  if (evidence === undefined || problem !== undefined) {
    const words = terms.tier.stopOn.join(', ')
    return ignored(event, `${problem}. Only evidence stops the clock: ${words}`)
  }
  // A report from the future counts as now.
  const contact = { evidence, atMs: Math.min(event.atMs, nowMs) }
  const result = touch(lead, present.sla, contact, terms, nowMs)
  if ('why' in result) return ignored(event, result.why)
  const { sla, met } = result
  const delays = met.some(({ id }) => id === FIRST_TOUCH) ? [delayReason(sla.delays)] : []
  return {
    step: 'outcome',
    outcome: 'met',
    patch: { sla },
    because: [...met.map((clock) => metReason(clock, event)), ...delays],
    changes: [...timerChanges(lead, sla, terms), saved('assigned', event)],
  }
}

/** Named after what it was for the clock, whatever the report called it. */
function metReason({ kind, dueAt, elapsedMs = 0 }: SlaClockSection, event: SalesEvent): Reason {
  const known = kind === 'follow-up' ? 'follow_up' : 'first_touch'
  return {
    rule: `outcome.${known}`,
    why: text({ ...event, kind: known }),
    inputs: [
      { path: 'sla.dueAt', value: dueAt },
      { path: 'sla.elapsedMs', value: elapsedMs },
    ],
  }
}

const accepted: Decide = (lead, { event }, _known, nowMs) => {
  const { assignment } = lead
  if (assignment?.accepted !== undefined)
    return ignored(event, `The lead was accepted by ${assignment.accepted.by} before`)
  const by = event.by ?? assignment?.rep?.name ?? 'sales'
  const at = iso(Math.min(event.atMs, nowMs))
  const patch = assignment && { assignment: { ...assignment, accepted: { at, by } } }
  return recorded(event, patch ?? {}, [saved('assigned', event)])
}

/** Sales is done with the lead; of a rejected or disqualified one, the reason tells routing whose turn it was. */
const ended: Decide = (lead, { policy, event }, known, nowMs) => {
  const present = presentSla(lead, policy, known, nowMs)
  const atMs = Math.min(event.atMs, nowMs)
  const resolved = event.kind !== 'rejected'
  const sla = present && end(lead, present.sla, resolved, atMs, present.terms, nowMs)
  const state = event.kind === 'disqualified' ? 'disqualified' : 'closed'
  return recorded(
    event,
    {
      ...closedSections(lead),
      ...endedSections(lead, event, nowMs),
      ...(sla === undefined ? {} : { sla }),
    },
    [...closing(lead, event.kind), ...creditBack({ policy, event }, known), saved(state, event)],
    sla === undefined ? [] : [delayReason(sla.delays)],
  )
}

const paused: Decide = (lead, { policy, event }, known, nowMs) => {
  const present = presentSla(lead, policy, known, nowMs)
  const problem = standstillProblem(present)
  if (problem !== undefined) return ignored(event, problem)
  const { terms } = present!
  const sla = pause(lead, present!.sla, event.state ?? '', terms, nowMs)
  if (sla === undefined) return ignored(event, `The lead is ${event.state} already`)
  const stands = terms.tier.clocks.filter(({ pauseOn }) => pauseOn.has(event.state ?? ''))
  const names = stands.map(({ id }) => id).join(', ') || 'no clock'
  const because = [reason(event, `${text(event)}; ${names} of ${terms.tier.id} stands still`)]
  return moved(lead, event, sla, present!, because)
}

const resumed: Decide = (lead, { policy, event }, known, nowMs) => {
  const present = presentSla(lead, policy, known, nowMs)
  const problem = standstillProblem(present)
  if (problem !== undefined) return ignored(event, problem)
  const sla = resume(lead, present!.sla, event.state, present!.terms, nowMs)
  if (sla === undefined) return ignored(event, 'No clock of this lead stands still')
  const because = [reason(event, `${text(event)}; due ${sla.dueAt}`), delayReason(sla.delays)]
  return moved(lead, event, sla, present!, because)
}

type OutOfWork = 'reopened' | 'overridden' | 'available' | 'opted_in'
const IN_WORK: Readonly<Record<Exclude<SalesEvent['kind'], OutOfWork>, Decide>> = {
  first_touch: touched,
  follow_up: touched,
  accepted,
  declined: answerOffer,
  rejected: ended,
  disqualified: ended,
  converted: ended,
  closed: ended,
  paused,
  resumed,
}

function standstillProblem(present: Present | undefined): string | undefined {
  if (present === undefined) return 'No clock runs for this lead'
  return present.sla.node === undefined
    ? 'The clock was started by an earlier version, which knows no pauses'
    : undefined
}

function moved(
  lead: Lead,
  event: SalesEvent,
  sla: Settled,
  { terms }: Present,
  because: readonly Reason[],
): Decision<OutcomeResult> {
  const changes = [...timerChanges(lead, sla, terms), saved('assigned', event)]
  return { step: 'outcome', outcome: 'recorded', patch: { sla }, because, changes }
}

/** The next cycle, with clocks of its own. */
const reopen: Decide = (lead, { event, ends }, { open, waits }, nowMs) => {
  if (open) return ignored(event, 'The lead is open already')
  if (waits) return ignored(event, 'The lead waits for a rep already')
  if (isOffered(lead)) return ignored(event, 'The lead is offered already')
  if (isOptedOut(lead)) return ignored(event, 'The person asked not to be contacted')
  const patch = { ...openedAgain(lead, event, nowMs), cycle: lead.cycle + 1, sla: undefined }
  return recorded(event, patch, [
    ...(ends === undefined ? [] : journeyAgain(lead, 'recorded', { ends })),
    saved('qualified', event),
  ])
}

/** From when the next clocks count: the moment of the report, but never before the work had ended. */
function openedAgain({ assignment }: Lead, { atMs }: SalesEvent, nowMs: number): LeadPatch {
  if (assignment === undefined) return {}
  const endedMs = instantMs(assignment.ended?.at ?? assignment.at)
  const openedAt = iso(Math.max(endedMs, Math.min(atMs, nowMs)))
  return { assignment: { ...assignment, openedAt } }
}

/** A person's decision in place of the contract's; consent stands above both. */
const override: Decide = (lead, settings, known, nowMs) => {
  const { policy, event, ends } = settings
  const { open, waits, offered } = known
  const { decision } = lead
  const to = event.decision
  if (decision === undefined || to === undefined)
    return ignored(event, 'The lead was not decided yet, so there is nothing to override')
  if (decision.outcome === to) return ignored(event, `The lead is decided as ${to} already`)
  const forSales = stateDecided(to) === 'qualified'
  if (forSales && isOptedOut(lead)) return ignored(event, 'The person asked not to be contacted')
  const why = `${text(event)}; ${decision.outcome} becomes ${to}`
  const because = [
    { rule: 'override', why, inputs: [{ path: 'decision.outcome', value: decision.outcome }] },
  ]
  const patch = {
    decision: { ...decision, outcome: to, rule: 'override', why, at: iso(nowMs) },
  }
  const isOut = isOffered(lead)
  const placed = open ? 'assigned' : waits ? 'waiting' : isOut ? 'offered' : undefined
  if (forSales && placed !== undefined) {
    const changes = [unmoved(lead, placed, why)]
    return { step: 'outcome', outcome: 'recorded', patch, because, changes }
  }
  const goesOn = forSales && ends !== undefined ? journeyAgain(lead, 'recorded', { ends }) : []
  return {
    step: 'outcome',
    outcome: 'recorded',
    patch: {
      ...patch,
      ...(open || isOut ? endedSections(lead, event, nowMs) : {}),
      ...(forSales ? nextCycle(lead, event, nowMs) : decidedClocks(lead, settings, known, nowMs)),
    },
    because,
    changes: [
      ...(isOut ? withdrawal(lead, policy, offered) : []),
      ...(open ? closing(lead, event.kind) : [cancelled(lead)]),
      ...goesOn,
      unmoved(lead, stateDecided(to), why),
    ],
  }
}
/** Whoever gets the lead now begins with clocks of their own, not with those of the review before. */
function nextCycle(lead: Lead, event: SalesEvent, nowMs: number): LeadPatch {
  const opened = openedAgain(lead, event, nowMs)
  return isCurrent(lead) ? { ...opened, cycle: lead.cycle + 1, sla: undefined } : opened
}

/** A person's decision is what a review waits for; with a rep, the work has just been cut off. */
function decidedClocks(
  lead: Lead,
  { policy }: OutcomeSettings,
  known: Known,
  nowMs: number,
): LeadPatch {
  const present = presentSla(lead, policy, known, nowMs)
  if (present === undefined) return {}
  return { sla: end(lead, present.sla, !known.open, nowMs, present.terms, nowMs) }
}

function cancelled({ id, cycle }: Lead): Change {
  return { kind: 'timers.cancel', leadId: id, cycle }
}

/** The assignment with how it ended; `closed` is its status, whatever the reason. */
function endedSections({ assignment }: Lead, event: SalesEvent, nowMs: number): LeadPatch {
  if (assignment === undefined) return {}
  const { kind, reason: code, atMs } = event
  const { offers: _offers, ...rest } = assignment
  const ended = { at: iso(Math.min(atMs, nowMs)), reason: kind, ...(code && { code }) }
  return { assignment: { ...rest, status: 'closed', ended } }
}

function saved(state: LeadState, event: SalesEvent): Change {
  return { kind: 'lead.save', state, reason: text(event), standingOnly: true }
}

function recorded(
  event: SalesEvent,
  patch: LeadPatch,
  changes: readonly Change[],
  more: readonly Reason[] = [],
): Decision<OutcomeResult> {
  const because = [reason(event, text(event)), ...more]
  return { step: 'outcome', outcome: 'recorded', patch, because, changes }
}

function ignored(event: SalesEvent, why: string): Decision<OutcomeResult> {
  const because = [reason(event, why)]
  return { step: 'outcome', outcome: 'ignored', patch: {}, because, changes: [] }
}

function reason({ kind }: SalesEvent, why: string): Reason {
  return { rule: `outcome.${kind}`, why, inputs: [] }
}

function delayReason(delays: Delays): Reason {
  return { rule: 'sla.delays', why: delaysInWords(delays), inputs: delayInputs(delays) }
}

function text({ kind, token, evidence, by, why, reason: code, state }: SalesEvent): string {
  const offer = token === undefined ? undefined : `offer ${token}`
  const what = [offer, evidence, state, code].filter((part) => part !== undefined).join(', ')
  const how = what === '' ? '' : ` (${what})`
  const who = by === undefined ? '' : ` by ${by}`
  return `${kind.replace('_', ' ')}${how}${who}${why === undefined ? '' : `: ${why}`}`
}
