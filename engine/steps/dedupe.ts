/**
 * Dedupe: who is this, and which account? A known person's record takes up the event; what
 * survives is decided field by field (engine/identity/merge). Keys that point to two different
 * people go to review, and nothing is merged.
 */
import { type Asking, together } from '../asking'
import type { Change, Decision, LeadState } from '../decision'
import { defined } from '../defined'
import { accountId, type IdentityKey, personKeys, roleMailboxKey } from '../identity/keys'
import { type Match, matchPerson } from '../identity/match'
import { mergeLeads, withDatedTouch } from '../identity/merge'
import { underKnownIds } from '../identity/signals'
import {
  refusalsOf,
  soughtSuppressions,
  suppressionsOf,
  withRefusals,
} from '../identity/suppression'
import { CONSENT_KINDS } from '../lead/consent'
import type { Lead, Reason } from '../lead/lead'
import type { Reads, Step, StoredLead } from '../step'
import { type JourneySettings, journeyEnd } from './journey'
import { unmoved } from './unmoved'

export type DedupeOutcome = 'new' | 'known' | 'review'

interface Known {
  readonly linked: ReadonlyMap<string, string>
  /** Every lead that a key led to. */
  readonly leads: ReadonlyMap<string, StoredLead>
  /** Of each account that the lead may turn out to belong to. */
  readonly owners: ReadonlyMap<string, string>
  /** What the suppression list has under the lead's keys. */
  readonly refused?: readonly Lead['consent'][]
  /** What it has already, under each key that this event may add a refusal to. */
  readonly suppressed?: ReadonlyMap<string, readonly Lead['consent'][]>
}

export const dedupeStep: Step<JourneySettings, Known, DedupeOutcome> = {
  name: 'dedupe',
  scopes: (lead) => scopedKeys(lead).map((key) => `identity:${key}`),
  key: (lead) => `${lead.id}#${lead.event.id}`,
  again: journeyEnd,
  gather,
  decide,
}

/** A shared mailbox as well: its refusals are read and written. */
function scopedKeys(lead: Lead): string[] {
  const keys = personKeys(lead).map(({ key }) => key)
  const mailbox = roleMailboxKey(lead)
  return mailbox === undefined ? keys : [...keys, mailbox]
}

function* gather(reads: Reads, lead: Lead): Asking<Known> {
  const keys = personKeys(lead)
  const [linked, refused] = yield* together(
    reads.identities(keys.map(({ key }) => key)),
    reads.suppressions(soughtSuppressions(lead, keys)),
  )
  const leads = new Map<string, StoredLead>()
  for (const leadId of new Set(linked.values())) {
    const stored = yield* reads.lead(leadId)
    if (stored !== undefined) leads.set(leadId, stored)
  }
  const owners = new Map<string, string>()
  for (const one of [lead, ...[...leads.values()].map((stored) => stored.lead)]) {
    const account = accountId(one)
    const owner = account === undefined ? undefined : (yield* reads.account(account))?.owner
    if (owner !== undefined) owners.set(account!, owner)
  }
  const suppressed = new Map<string, readonly Lead['consent'][]>()
  for (const { key } of suppressionsOf(lead, linked.size > 1))
    suppressed.set(key, yield* reads.suppressions([key]))
  return { linked, leads, owners, refused, suppressed }
}

function decide(lead: Lead, settings: JourneySettings, known: Known): Decision<DedupeOutcome> {
  const keys = personKeys(lead)
  const weak = keys.find(({ key, strong }) => !strong && known.linked.has(key))
  const weakLead = weak && known.leads.get(known.linked.get(weak.key)!)?.lead
  const match = matchPerson(lead, keys, known.linked, weakLead)
  return match.kind === 'review'
    ? askAPerson(lead, match, known, settings)
    : take(lead, match, keys, known, settings)
}

function take(
  lead: Lead,
  match: Exclude<Match, { kind: 'review' }>,
  keys: readonly IdentityKey[],
  known: Known,
  settings: JourneySettings,
): Decision<DedupeOutcome> {
  const stored = match.kind === 'known' ? known.leads.get(match.leadId) : undefined
  const signals = stored === undefined ? lead.signals : underKnownIds(stored.lead.signals, lead)
  const united =
    stored === undefined ? withDatedTouch(lead) : mergeLeads(stored.lead, { ...lead, signals })
  const refusals = refusedBefore(united, known)
  const merged = refusals.because.length === 0 ? united : { ...united, ...refusals.patch }
  const account = accountId(merged)
  const owner = merged.crm?.owner ?? (account === undefined ? undefined : known.owners.get(account))
  const outcome: DedupeOutcome = stored === undefined ? 'new' : 'known'
  const changes: Change[] = []
  if (merged.id !== lead.id)
    changes.push({ kind: 'intake.link', key: lead.event.id, leadId: merged.id })
  for (const { key } of keys) {
    if (!match.ignored.includes(key) && known.linked.get(key) !== merged.id)
      changes.push({ kind: 'identity.link', key, leadId: merged.id })
  }
  if (signals.length > 0) changes.push(withSignals(signals, merged.id, account))
  const suppression = suppress(lead, false, known)
  changes.push(...suppression.changes)
  changes.push(
    unmoved(merged, standing(stored), outcome === 'new' ? 'new lead' : 'new event of a known lead'),
    ...journeyEnd(lead, outcome, settings),
  )
  const by = match.kind === 'known' ? match.by : []
  const identity = { match: outcome, matchedBy: by.map(keyKind) }
  const { domain } = merged.company
  const sections =
    account === undefined
      ? { identity }
      : { identity, account: defined({ id: account, domain, owner }) }
  return {
    step: 'dedupe',
    outcome,
    // A new lead is as the event brought it, with its first touch dated; only a merged one is different.
    patch:
      stored === undefined
        ? { provenance: merged.provenance, ...refusals.patch, ...sections }
        : { ...merged, ...sections },
    because: [reason(outcome, by, match.ignored), ...refusals.because, ...suppression.because],
    changes,
  }
}

/** A refusal holds though no lead that this one is merged with bears it. */
function refusedBefore(lead: Lead, { refused = [] }: Known): Refusals {
  return withheld(
    lead,
    refused,
    'This was refused before, as the suppression list has it for these keys',
  )
}

/** Whoever of them it is: who refused must not be reached by way of the others. */
function refusedByCandidates(
  lead: Lead,
  { candidates }: Extract<Match, { kind: 'review' }>,
  { leads }: Known,
): Refusals {
  const refused = candidates.flatMap((id) => refusalsOf(leads.get(id)?.lead.consent ?? {}) ?? [])
  return withheld(lead, refused, 'One of the people to whom the keys belong refused this')
}

interface Refusals {
  readonly patch: Partial<Pick<Lead, 'consent'>>
  readonly because: readonly Reason[]
}

function withheld(lead: Lead, refused: readonly Lead['consent'][], why: string): Refusals {
  if (refused.length === 0) return { patch: {}, because: [] }
  const consent = withRefusals(lead.consent, refused)
  const isRefused = (kind: keyof Lead['consent']) => refused.some((one) => one[kind] !== undefined)
  return { patch: { consent }, because: [refusalReason('dedupe.refused', why, consent, isRefused)] }
}

function refusalReason(
  rule: string,
  why: string,
  consent: Lead['consent'],
  isMeant: (kind: (typeof CONSENT_KINDS)[number]) => boolean,
): Reason {
  const inputs = CONSENT_KINDS.filter(isMeant).map((kind) => ({
    path: `consent.${kind}`,
    value: consent[kind] ?? null,
  }))
  return { rule, why, inputs }
}

/** What the event refuses for a mailbox or for people of whom no lead would bear it; see suppression. */
function suppress(
  lead: Lead,
  isShared: boolean,
  { suppressed }: Known,
): { readonly changes: readonly Change[]; readonly because: readonly Reason[] } {
  const changes = suppressionsOf(lead, isShared).map(({ key, consent }): Change => {
    const merged = withRefusals(consent, suppressed?.get(key) ?? [])
    return { kind: 'consent.suppress', key, consent: merged }
  })
  if (changes.length === 0) return { changes, because: [] }
  const refused = refusalsOf(lead.consent)!
  const why = isShared ? HELD_FOR_ALL : HELD_FOR_MAILBOX
  const isMeant = (kind: keyof Lead['consent']) => refused[kind] !== undefined
  return { changes, because: [refusalReason('dedupe.refusal', why, refused, isMeant)] }
}

const HELD_FOR_ALL =
  'What is refused goes to the suppression list, for everybody with one of the keys'
const HELD_FOR_MAILBOX =
  'What is refused goes to the suppression list, for whoever has this mailbox'

function withSignals(
  signals: Lead['signals'],
  leadId: string,
  accountId: string | undefined,
): Change {
  return accountId === undefined
    ? { kind: 'signals.add', leadId, signals }
    : { kind: 'signals.add', leadId, signals, accountId }
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
): Decision<DedupeOutcome> {
  const before = refusedBefore(lead, known)
  const theirs = refusedByCandidates({ ...lead, ...before.patch }, match, known)
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
