/**
 * What dedupe does about refusals: one that was heard of before holds for this event too, whoever bears it; one
 * that nobody would bear goes to the suppression list; and one that is older than the person's later word is told.
 */
import type { Change } from '../decision'
import { refusalsOf, suppressionsOf, withRefusals } from '../identity/suppression'
import {
  asHeard,
  CONSENT_KINDS,
  type Consent,
  type ConsentKind,
  isRefused,
  withTimes,
} from '../lead/consent'
import type { Lead, Reason } from '../lead/lead'

/** What the suppression list has. */
export interface KnownRefusals {
  /** Under the lead's keys. */
  readonly refused?: readonly Consent[]
  /** For the shared mailbox, among them. */
  readonly mailbox?: readonly Consent[]
  /** Already, under each key that this event may add a refusal to. */
  readonly suppressed?: ReadonlyMap<string, readonly Consent[]>
}

/** A refusal holds though no lead that this one is merged with bears it. */
export function refusedBefore(
  lead: Lead,
  { refused = [], mailbox = [] }: KnownRefusals,
  now: string,
): Refusals {
  return withheld(
    lead,
    [...refused, ...(lead.consent.regranted === undefined ? [] : mailbox.map(heldNow(now)))],
    'This was refused before, as the suppression list has it for these keys',
  )
}

/** Who refused for a shared mailbox may be somebody else, so no later word of this person lifts it. */
function heldNow(now: string) {
  return (consent: Consent): Consent => {
    const { refusedAt: _refusedAt, ...refused } = refusalsOf(consent) ?? {}
    return asHeard(refused, now)
  }
}

/** Says why a refusal that is heard of is none: it is from before the person granted it again. */
export function grantedSince({ consent }: Lead, said: readonly Consent[]): readonly Reason[] {
  const { regranted = {} } = consent
  const kinds = CONSENT_KINDS.filter(
    (kind) => regranted[kind] !== undefined && said.some((one) => isRefused(one, kind)),
  )
  if (kinds.length === 0) return []
  const inputs = kinds.map((kind) => ({
    path: `consent.regranted.${kind}.at`,
    value: regranted[kind]!.at,
  }))
  return [{ rule: 'dedupe.regranted', why: GRANTED_SINCE, inputs }]
}

const GRANTED_SINCE = 'A refusal was heard of that is from before the person granted it again'

/** Whoever of them it is: who refused must not be reached by way of the others. */
export function refusedByCandidates(lead: Lead, candidates: readonly Lead[]): Refusals {
  const refused = candidates.flatMap(({ consent }) => refusalsOf(consent) ?? [])
  return withheld(lead, refused, 'One of the people to whom the keys belong refused this')
}

interface Refusals {
  readonly patch: Partial<Pick<Lead, 'consent'>>
  readonly because: readonly Reason[]
}

function withheld(lead: Lead, listed: readonly Consent[], why: string): Refusals {
  const refused = listed.flatMap((one) => refusalsOf(one) ?? [])
  const consent = withTimes(withRefusals(lead.consent, refused), lead.event.receivedAt)
  const holds = (kind: ConsentKind) =>
    isRefused(consent, kind) && refused.some((one) => isRefused(one, kind))
  if (!CONSENT_KINDS.some(holds)) return { patch: {}, because: [] }
  return { patch: { consent }, because: [refusalReason('dedupe.refused', why, consent, holds)] }
}

function refusalReason(
  rule: string,
  why: string,
  consent: Consent,
  isMeant: (kind: ConsentKind) => boolean,
): Reason {
  const inputs = CONSENT_KINDS.filter(isMeant).map((kind) => ({
    path: `consent.${kind}`,
    value: consent[kind] ?? null,
  }))
  return { rule, why, inputs }
}

/** What the event refuses for a mailbox or for people of whom no lead would bear it; see suppression. */
export function suppress(
  lead: Lead,
  isShared: boolean,
  { suppressed }: KnownRefusals,
): { readonly changes: readonly Change[]; readonly because: readonly Reason[] } {
  const changes = suppressionsOf(lead, isShared).map(({ key, consent }): Change => {
    const merged = withRefusals(consent, suppressed?.get(key) ?? [])
    return { kind: 'consent.suppress', key, consent: merged }
  })
  if (changes.length === 0) return { changes, because: [] }
  const refused = refusalsOf(lead.consent)!
  const why = isShared ? HELD_FOR_ALL : HELD_FOR_MAILBOX
  const isMeant = (kind: keyof Consent) => refused[kind] !== undefined
  return { changes, because: [refusalReason('dedupe.refusal', why, refused, isMeant)] }
}

const HELD_FOR_ALL =
  'What is refused goes to the suppression list, for everybody with one of the keys'
const HELD_FOR_MAILBOX =
  'What is refused goes to the suppression list, for whoever has this mailbox'
