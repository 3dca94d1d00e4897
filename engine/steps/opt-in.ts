/**
 * Opt-in: a person who refused grants it again. Nothing but this report lifts a refusal, and only with what
 * can be shown later: what was granted, when, how that is known, and who says so.
 *
 * The person's last word holds: it has to be later than the refusal, and a refusal that is heard of afterwards
 * takes it back (engine/lead/consent). The suppression list is lifted under the keys that lead to this lead and
 * nobody else's. A shared mailbox speaks for whoever has it, so it takes a report that says so.
 *
 * The report moves and routes nothing: the person's next event is qualified like any other.
 */
import type { Asking } from '../asking'
import type { Change, Decision, LeadState } from '../decision'
import { lockedKeys, personKeys, roleMailboxKey } from '../identity/keys'
import { ownSuppressionKeys } from '../identity/suppression'
import { iso } from '../instant'
import {
  CONSENT_KINDS,
  type Consent,
  type ConsentKind,
  isRefused,
  mergeConsent,
  type Regrant,
  refusedMs,
  regrants,
  withTimes,
} from '../lead/consent'
import type { Lead, Reason } from '../lead/lead'
import { isOptedOut } from '../scoring/decide'
import type { Reads, Step } from '../step'
import { reportTimeProblem } from './report-time'
import type { SalesEvent } from './sales-event'
import { stateOf, unmoved } from './unmoved'

export interface OptInSettings {
  /** Of the kind `opted_in`. */
  readonly event: SalesEvent
}

export type OptInOutcome = 'recorded' | 'ignored'

/** What the report is in the trail. */
export const OPTED_IN = 'outcome.opted_in'

interface Known {
  readonly state: LeadState
  /** What the suppression list has under the keys of this person alone. */
  readonly own: readonly Listed[]
  /** What it has for the shared mailbox of the lead, when that is one. */
  readonly mailbox?: Listed
}

interface Listed {
  readonly key: string
  readonly consent: Consent
}

export const optInStep: Step<OptInSettings, Known, OptInOutcome> = {
  name: 'outcome',
  scopes: (lead) => [`lead:${lead.id}`, ...lockedKeys(lead).map((key) => `identity:${key}`)],
  // The consent itself is the guard: an answer that was kept would bring back what was refused since.
  key: () => undefined,
  *gather(reads, lead): Asking<Known> {
    const state = yield* stateOf(reads, lead)
    const keys = personKeys(lead).map(({ key }) => key)
    const linked = yield* reads.identities(keys)
    const theirs = keys.filter((key) => linked.get(key) === lead.id)
    const own: Listed[] = []
    for (const key of ownSuppressionKeys(lead, theirs)) own.push(...(yield* listedAt(reads, key)))
    const box = roleMailboxKey(lead)
    if (box === undefined) return { state, own }
    const [mailbox = { key: box, consent: {} }] = yield* listedAt(reads, box)
    return { state, own, mailbox }
  },
  decide,
}

function* listedAt(reads: Reads, key: string): Asking<Listed[]> {
  const entries = yield* reads.suppressions([key])
  return entries.map((consent) => ({ key, consent }))
}

function decide(
  lead: Lead,
  { event }: OptInSettings,
  known: Known,
  nowMs: number,
): Decision<OptInOutcome> {
  const { consent: asked = [], evidence = '', by = '' } = event
  const problem = timeProblem(lead, event, nowMs) ?? mailboxProblem(lead, event, known)
  if (problem !== undefined) return answer('ignored', problem)
  if (known.state === 'erased') return answer('ignored', 'The lead was erased')
  const listed = [...known.own, ...(event.mailbox && known.mailbox ? [known.mailbox] : [])]
  const all = [lead.consent, ...listed.map(({ consent }) => consent)]
  const refused = asked.filter((kind) => all.some((one) => isRefused(one, kind)))
  const grant: Regrant = { at: iso(event.atMs), evidence, by }
  if (refused.length === 0) return nothingToLift(lead, asked, grant)
  const later = refused.find((kind) => event.atMs <= lastRefusedMs(lead, all, kind))
  if (later !== undefined)
    return answer('ignored', tooEarly(later, lastRefusedMs(lead, all, later), event.atMs))
  const consent = mergeConsent(lead.consent, regrants(refusedIn(lead.consent, refused), grant))
  const after = { ...lead, consent }
  const why = inWords(refused, event)
  const changes: Change[] = listed.flatMap(({ key, consent: before }): Change[] => {
    const lifts = refusedIn(before, refused)
    if (lifts.length === 0) return []
    return [
      { kind: 'consent.suppress', key, consent: mergeConsent(before, regrants(lifts, grant)) },
    ]
  })
  return {
    step: 'outcome',
    outcome: 'recorded',
    patch: { consent },
    because: [
      { rule: OPTED_IN, why, inputs: refusalInputs(all, refused) },
      ...(changes.length === 0 ? [] : [LIST_LIFTED]),
      ...stillRefused(after),
    ],
    changes: [...changes, { ...unmoved(after, known.state, why), standingOnly: true }],
  }
}

/** No clock that runs ahead may put a grant behind a refusal to come. */
function timeProblem(lead: Lead, { atMs }: SalesEvent, nowMs: number): string | undefined {
  if (atMs > nowMs)
    return `outcome.at is ${iso(atMs)}, which is still to come; consent counts from when it was given`
  return reportTimeProblem(lead, atMs, nowMs)
}

function mailboxProblem(
  { contact }: Lead,
  { consent = [], mailbox }: SalesEvent,
  known: Known,
): string | undefined {
  if (mailbox && known.mailbox === undefined)
    return `outcome.mailbox is true, and ${contact.email ?? 'no address'} is no shared mailbox`
  if (mailbox || known.mailbox === undefined) return undefined
  const kinds = refusedIn(known.mailbox.consent, consent)
  if (kinds.length === 0) return undefined
  return `${contact.email} is a shared mailbox, which refused ${kinds.join(', ')} for whoever has it; where the mailbox itself granted it, outcome.mailbox is true`
}

function refusedIn(consent: Consent, kinds: readonly ConsentKind[]): ConsentKind[] {
  return kinds.filter((kind) => isRefused(consent, kind))
}

/**
 * When it was refused last, as far as anybody knows. What has no time was there when the lead's last event
 * came, or is as old as it says.
 */
function lastRefusedMs({ event }: Lead, all: readonly Consent[], kind: ConsentKind): number {
  const refused = all.filter((one) => isRefused(one, kind))
  return Math.max(...refused.map((one) => refusedMs(withTimes(one, event.receivedAt), kind)))
}

function tooEarly(kind: ConsentKind, refused: number, atMs: number): string {
  return `${kind} was refused, as is known since ${iso(refused)}; only a later word of the person lifts that, and outcome.at is ${iso(atMs)}`
}

/** The same report again changes nothing, and is answered like the first. */
function nothingToLift(
  { consent }: Lead,
  asked: readonly ConsentKind[],
  { at, evidence }: Regrant,
): Decision<OptInOutcome> {
  const isSame = asked.some((kind) => {
    const before = consent.regranted?.[kind]
    return before?.at === at && before.evidence === evidence
  })
  return isSame
    ? answer('recorded', 'This was reported before, and holds')
    : answer('ignored', `The person refused nothing of this: ${asked.join(', ')}`)
}

function inWords(kinds: readonly ConsentKind[], { evidence, by, atMs, why, mailbox }: SalesEvent) {
  const who = mailbox ? 'The shared mailbox' : 'The person'
  const because = why === undefined ? '' : `: ${why}`
  return `${who} granted ${kinds.join(', ')} again at ${iso(atMs)} (${evidence}), reported by ${by}${because}`
}

/** What was refused until now, and as far as it is known since when. */
function refusalInputs(all: readonly Consent[], kinds: readonly ConsentKind[]): Reason['inputs'] {
  const values = kinds.map((kind) => ({
    path: `consent.${kind}`,
    value: kind === 'optOut' ? true : 'denied',
  }))
  const times = kinds.flatMap((kind) => {
    const known = all.filter((one) => isRefused(one, kind)).map((one) => refusedMs(one, kind))
    const lastMs = Math.max(...known)
    return Number.isFinite(lastMs)
      ? [{ path: `consent.refusedAt.${kind}`, value: iso(lastMs) }]
      : []
  })
  return [...values, ...times]
}

const LIST_LIFTED: Reason = {
  rule: 'outcome.opted_in.list',
  why: 'The suppression list no longer holds it against these keys of the person',
  inputs: [],
}

function stillRefused(lead: Lead): readonly Reason[] {
  if (!isOptedOut(lead)) return []
  const inputs = refusedIn(lead.consent, CONSENT_KINDS).map((kind) => ({
    path: `consent.${kind}`,
    value: lead.consent[kind] ?? null,
  }))
  const why = 'The person is still not to be contacted: the rest of what was refused holds'
  return [{ rule: 'outcome.opted_in.rest', why, inputs }]
}

function answer(outcome: OptInOutcome, why: string): Decision<OptInOutcome> {
  return {
    step: 'outcome',
    outcome,
    patch: {},
    because: [{ rule: OPTED_IN, why, inputs: [] }],
    changes: [],
  }
}
