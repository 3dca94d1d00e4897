/**
 * Dedupe: who is this, and which account? A known person's record takes up the event; what
 * survives is decided field by field (engine/identity/merge). Keys that point to two different
 * people go to review, and nothing is merged.
 */
import { type Asking, together } from '../asking'
import type { Change, Decision, LeadState } from '../decision'
import { accountPlace, type LeadAccount, leadAccount } from '../identity/accounts'
import {
  accountKey,
  domainKey,
  type IdentityKey,
  lockedKeys,
  personKeys,
  roleMailboxKey,
} from '../identity/keys'
import { type Match, matchPerson } from '../identity/match'
import { mergeLeads, withDatedTouch } from '../identity/merge'
import { underKnownIds } from '../identity/signals'
import { soughtSuppressions, suppressionsOf } from '../identity/suppression'
import { iso } from '../instant'
import { asHeard, withTimes } from '../lead/consent'
import type { Lead } from '../lead/lead'
import type { KnownAccount, Reads, Step, StoredLead } from '../step'
import { type JourneySettings, journeyEnd } from './journey'
import {
  grantedSince,
  type KnownRefusals,
  refusedBefore,
  refusedByCandidates,
  suppress,
} from './refusals'
import { unmoved } from './unmoved'

export type DedupeOutcome = 'new' | 'known' | 'review'

interface Known extends KnownRefusals {
  readonly linked: ReadonlyMap<string, string>
  /** Every lead that a key led to. */
  readonly leads: ReadonlyMap<string, StoredLead>
  /** By each account key that the lead may turn out to have, and by its domain. */
  readonly accounts: ReadonlyMap<string, KnownAccount>
}

export const dedupeStep: Step<JourneySettings, Known, DedupeOutcome> = {
  name: 'dedupe',
  scopes: (lead) => lockedKeys(lead).map((key) => `identity:${key}`),
  key: (lead) => `${lead.id}#${lead.event.id}`,
  again: journeyEnd,
  gather,
  decide,
}

function* gather(reads: Reads, lead: Lead): Asking<Known> {
  const keys = personKeys(lead)
  const box = roleMailboxKey(lead)
  const [linked, refused, mailbox] = yield* together(
    reads.identities(keys.map(({ key }) => key)),
    reads.suppressions(soughtSuppressions(lead, keys)),
    reads.suppressions(box === undefined ? [] : [box]),
  )
  const leads = new Map<string, StoredLead>()
  for (const leadId of new Set(linked.values())) {
    const stored = yield* reads.lead(leadId)
    if (stored !== undefined) leads.set(leadId, stored)
  }
  const match = matched(lead, keys, { linked, leads })
  const leadId = match.kind === 'known' ? match.leadId : undefined
  const stored = leadId === undefined ? undefined : leads.get(leadId)?.lead
  const sought = new Set([lead, ...(stored ? [stored] : [])].flatMap(accountKeys))
  const accounts = sought.size === 0 ? new Map() : yield* reads.accounts([...sought], leadId)
  const suppressed = new Map<string, readonly Lead['consent'][]>()
  for (const { key } of suppressionsOf(lead, linked.size > 1))
    suppressed.set(key, yield* reads.suppressions([key]))
  return { linked, leads, accounts, refused, mailbox, suppressed }
}

/** The one that the lead has by itself, and the one of its domain. */
function accountKeys(lead: Lead): string[] {
  const key = accountKey(lead)
  if (key === undefined) return []
  return lead.company.domain === undefined ? [key] : [key, domainKey(lead.company.domain)]
}

function matched(
  lead: Lead,
  keys: readonly IdentityKey[],
  { linked, leads }: Pick<Known, 'linked' | 'leads'>,
): Match {
  const weak = keys.find(({ key, strong }) => !strong && linked.has(key))
  return matchPerson(lead, keys, linked, weak && leads.get(linked.get(weak.key)!)?.lead)
}

function decide(
  event: Lead,
  settings: JourneySettings,
  known: Known,
  nowMs: number,
): Decision<DedupeOutcome> {
  const lead = heardAt(event, iso(nowMs))
  const decision = whoIsIt(lead, settings, known, iso(nowMs))
  if (lead === event || decision.patch.consent !== undefined) return decision
  return { ...decision, patch: { ...decision.patch, consent: lead.consent } }
}

/** No event grants again what was refused. */
function heardAt(lead: Lead, now: string): Lead {
  const consent = asHeard(lead.consent, now)
  return consent === lead.consent ? lead : { ...lead, consent }
}

function whoIsIt(
  lead: Lead,
  settings: JourneySettings,
  known: Known,
  now: string,
): Decision<DedupeOutcome> {
  const keys = personKeys(lead)
  const match = matched(lead, keys, known)
  return match.kind === 'review'
    ? askAPerson(lead, match, known, settings, now)
    : take(lead, match, keys, known, settings, now)
}

function take(
  lead: Lead,
  match: Exclude<Match, { kind: 'review' }>,
  keys: readonly IdentityKey[],
  known: Known,
  settings: JourneySettings,
  now: string,
): Decision<DedupeOutcome> {
  const stored = match.kind === 'known' ? known.leads.get(match.leadId) : undefined
  const signals = stored === undefined ? lead.signals : underKnownIds(stored.lead.signals, lead)
  const united =
    stored === undefined
      ? withDatedTouch(lead)
      : mergeLeads(timed(stored.lead), { ...lead, signals })
  const refusals = refusedBefore(united, known, now)
  const merged = refusals.because.length === 0 ? united : { ...united, ...refusals.patch }
  const account = leadAccount(merged, known.accounts)
  const outcome: DedupeOutcome = stored === undefined ? 'new' : 'known'
  const changes: Change[] = []
  if (merged.id !== lead.id)
    changes.push({ kind: 'intake.link', key: lead.event.id, leadId: merged.id })
  for (const { key } of keys) {
    if (!match.ignored.includes(key) && known.linked.get(key) !== merged.id)
      changes.push({ kind: 'identity.link', key, leadId: merged.id })
  }
  changes.push(...signalChanges(signals, merged.id, account, stored?.lead))
  const suppression = suppress(lead, false, known)
  changes.push(...suppression.changes)
  changes.push(
    unmoved(merged, standing(stored), outcome === 'new' ? 'new lead' : 'new event of a known lead'),
    ...journeyEnd(lead, outcome, settings),
  )
  const by = match.kind === 'known' ? match.by : []
  const identity = { match: outcome, matchedBy: by.map(keyKind) }
  const sections = account === undefined ? { identity } : { identity, account: account.section }
  return {
    step: 'dedupe',
    outcome,
    // A new lead is as the event brought it, with its first touch dated; only a merged one is different.
    patch:
      stored === undefined
        ? { provenance: merged.provenance, ...refusals.patch, ...sections }
        : { ...merged, ...sections },
    because: [
      reason(outcome, by, match.ignored),
      ...(account?.because ?? []),
      ...refusals.because,
      ...grantedSince(merged, [lead.consent, ...(known.refused ?? [])]),
      ...suppression.because,
    ],
    changes,
  }
}

/** No later event may make a refusal younger than it is. */
function timed(lead: Lead): Lead {
  return { ...lead, consent: withTimes(lead.consent, lead.event.receivedAt) }
}

/** A person's signals stand where the person does, those of before as well. */
function signalChanges(
  signals: Lead['signals'],
  leadId: string,
  account: LeadAccount | undefined,
  before: Lead | undefined,
): Change[] {
  if (account === undefined)
    return signals.length === 0 ? [] : [{ kind: 'signals.add', leadId, signals }]
  const { key: accountId } = account
  const isElsewhere = before !== undefined && accountPlace(before).key !== accountId
  return [
    ...(isElsewhere ? [{ kind: 'signals.move' as const, leadId, accountId }] : []),
    ...(signals.length === 0 ? [] : [{ kind: 'signals.add' as const, leadId, signals, accountId }]),
  ]
}

/** A known lead keeps its standing: a new page view does not take it back from sales. */
function standing(stored: StoredLead | undefined): LeadState {
  return stored === undefined ? 'open' : stored.state
}

function askAPerson(
  lead: Lead,
  match: Extract<Match, { kind: 'review' }>,
  known: Known,
  settings: JourneySettings,
  now: string,
): Decision<DedupeOutcome> {
  const before = refusedBefore(lead, known, now)
  const candidates = match.candidates.flatMap((id) => known.leads.get(id)?.lead ?? [])
  const theirs = refusedByCandidates({ ...lead, ...before.patch }, candidates)
  const suppression = suppress(lead, true, known)
  return {
    step: 'dedupe',
    outcome: 'review',
    patch: {
      ...before.patch,
      ...theirs.patch,
      identity: {
        match: 'review',
        matchedBy: match.by.map(keyKind),
        candidates: [...match.candidates],
      },
    },
    because: [
      {
        rule: 'dedupe.conflict',
        why: `The keys of this lead belong to ${match.candidates.length} different people`,
        inputs: match.by.map((key) => ({ path: keyPath(key), value: keyValue(key) })),
      },
      ...before.because,
      ...theirs.because,
      ...suppression.because,
    ],
    changes: [
      ...suppression.changes,
      { kind: 'lead.save', state: 'review', reason: 'keys of two different people' },
      ...journeyEnd(lead, 'review', settings),
    ],
  }
}

function reason(outcome: DedupeOutcome, by: readonly string[], ignored: readonly string[]) {
  const shared = ignored.length > 0 ? '; a phone number of someone else was not used' : ''
  const why =
    outcome === 'new' ? 'Nobody known has these keys' : `Known by ${by.map(keyKind).join(', ')}`
  return {
    rule: `dedupe.${outcome}`,
    why: why + shared,
    inputs: by.map((key) => ({ path: keyPath(key), value: keyValue(key) })),
  }
}

/** `email:ana@acme.example` → `email`; never the value, which is personal. */
function keyKind(key: string): string {
  return key.startsWith('id:') ? key.split(':', 2).join(':') : key.split(':', 1)[0]!
}

/** What stands behind the kind, and for an id behind its system too. */
function keyValue(key: string): string {
  return key.slice(keyKind(key).length + 1)
}

function keyPath(key: string): string {
  if (key.startsWith('email:')) return 'contact.email'
  if (key.startsWith('phone:')) return 'contact.phone'
  return `externalIds.${key.split(':', 2)[1]}`
}
