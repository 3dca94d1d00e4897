/**
 * What somebody reports that sales did with a lead, read from whatever a flow sends: a word, or
 * `{ kind, evidence?, at?, by?, why?, reason?, state?, decision?, token?, rep?, consent?, mailbox?, id? }`. Says which
 * field is wrong, and never guesses one that was given.
 */

import { sha256Hex } from '../audit/merkle/hash'
import { CONSENT_KINDS, type ConsentKind } from '../lead/consent'
import { OUTCOMES, type Outcome } from '../lead/lead'
import { normaliseTimestamp } from '../lead/normalise'
import type { Policy } from '../policy/policy'

export const OUTCOME_KINDS = [
  'first_touch',
  'follow_up',
  'accepted',
  'declined',
  'rejected',
  'disqualified',
  'converted',
  'closed',
  'reopened',
  'overridden',
  'paused',
  'resumed',
  'available',
  'opted_in',
] as const
export type OutcomeKind = (typeof OUTCOME_KINDS)[number]

/** How else people call them. */
const ALIASES: Readonly<Record<string, OutcomeKind>> = {
  touch: 'first_touch',
  accept: 'accepted',
  decline: 'declined',
  reject: 'rejected',
  disqualify: 'disqualified',
  convert: 'converted',
  close: 'closed',
  reopen: 'reopened',
  override: 'overridden',
  pause: 'paused',
  resume: 'resumed',
  opt_in: 'opted_in',
}

/** `id` and `kind` make it idempotent; `atMs` is when it happened, epoch ms. */
export interface SalesEvent {
  readonly id: string
  readonly kind: OutcomeKind
  /** As reported; whether it is evidence is for the clock to say. */
  readonly evidence?: string
  readonly atMs: number
  readonly by?: string
  readonly why?: string
  /** Reason code. */
  readonly reason?: string
  /** Into which state the lead comes with a pause, and out of which with its end. */
  readonly state?: string
  /** What the lead is, says an override, whatever the contract said. */
  readonly decision?: Outcome
  /** Which offer is answered. */
  readonly token?: number
  /** Id of the rep who is available. */
  readonly rep?: string
  /** What the person granted again. */
  readonly consent?: readonly ConsentKind[]
  /** The shared mailbox of the lead said so, for whoever has it. */
  readonly mailbox?: true
}

export type ReadSalesEvent =
  | { readonly event: SalesEvent }
  /** The kind is none; `said` is what was given for it. */
  | { readonly unknownKind: unknown }
  | { readonly kind: OutcomeKind; readonly problem: string }

export interface Reported {
  readonly nowMs: number
  /** Makes each message a report of its own where the report does not say when it happened. */
  readonly messageId: string
}

/** Never throws, whatever `raw` is. */
export function readSalesEvent(raw: unknown, reported: Reported): ReadSalesEvent {
  const said = (typeof raw === 'string' ? { kind: raw } : (raw ?? {})) as Record<string, unknown>
  const kind = kindOf(said.kind)
  if (kind === undefined) return { unknownKind: said.kind }
  const at = said.at === undefined || said.at === null ? undefined : normaliseTimestamp(said.at)
  const problem =
    (at !== undefined && !at.ok ? expected('at', 'a time in ISO 8601 or epoch time') : undefined) ??
    textProblem(said) ??
    missing(kind, said)
  if (problem !== undefined) return { kind, problem }
  const atText = at?.ok ? at.value : undefined
  const details = detailsOf(kind, said)
  return {
    event: {
      id: idOf(said) ?? ownId(details, atText ?? reported.messageId),
      atMs: atText === undefined ? reported.nowMs : Date.parse(atText),
      ...details,
    },
  }
}

type Details = Omit<SalesEvent, 'id' | 'atMs'>

function detailsOf(kind: OutcomeKind, said: Record<string, unknown>): Details {
  return {
    kind,
    ...textOf(said, 'evidence', kind === 'opted_in' ? PROOF_CHARS_MAX : 60),
    ...textOf(said, 'by', 200),
    ...textOf(said, 'why', 500),
    ...textOf(said, 'reason', 100),
    ...textOf(said, 'state', 100),
    ...textOf(said, 'rep', 100),
    ...(isGiven(said.token) ? { token: Number(said.token) } : {}),
    ...(kind === 'overridden' ? { decision: said.decision as Outcome } : {}),
    ...(kind === 'opted_in' ? { consent: kindsOf(said.consent) } : {}),
    ...(kind === 'opted_in' && said.mailbox === true ? { mailbox: true } : {}),
  }
}

const ID_CHARS_MAX = 300

/** A longer id is known by its digest: what is cut off may be what tells it from another. */
function idOf({ id }: Record<string, unknown>): string | undefined {
  if (!isGiven(id)) return undefined
  const text = String(id)
  return text.length <= ID_CHARS_MAX ? text : sha256Hex(text)
}

/**
 * What says the same of the same moment is the same report; without a time each message is one. The
 * moment alone would not do: two reps may answer their offers in the same second.
 */
function ownId({ kind, ...details }: Details, moment: string): string {
  const id = `${kind}@${moment}`
  const told = JSON.stringify(details)
  return told === '{}' ? id : `${id}#${sha256Hex(told)}`
}

function kindOf(said: unknown): OutcomeKind | undefined {
  if (typeof said !== 'string' || said.length > 60) return undefined
  const word = said.trim().toLowerCase().replaceAll('-', '_')
  return (
    OUTCOME_KINDS.find((kind) => kind === word) ??
    (Object.hasOwn(ALIASES, word) ? ALIASES[word] : undefined)
  )
}

const TEXTS = ['id', 'evidence', 'by', 'why', 'reason', 'state', 'rep'] as const

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

/** Ids of people and reports are often numbers. */
function textProblem(said: Record<string, unknown>): string | undefined {
  const bad = TEXTS.find(
    (field) =>
      isGiven(said[field]) && typeof said[field] !== 'string' && !Number.isFinite(said[field]),
  )
  return bad && expected(bad, 'a text')
}

function textOf<K extends (typeof TEXTS)[number]>(
  said: Record<string, unknown>,
  field: K,
  charsMax: number,
): { readonly [P in K]?: string } {
  const value = said[field]
  if (!isGiven(value)) return {}
  return { [field]: String(value).slice(0, charsMax) } as { [P in K]: string }
}

/** A form may send the number as a text. */
function isToken(value: unknown): boolean {
  if (typeof value === 'string') return /^[1-9]\d{0,14}$/.test(value)
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}

/** In one order, so that the same is the same report. */
function kindsOf(said: unknown): readonly ConsentKind[] {
  const named: readonly unknown[] = Array.isArray(said) ? said : [said]
  return CONSENT_KINDS.filter((kind) => named.includes(kind))
}

/** What is cut off might be what proves it. */
const PROOF_CHARS_MAX = 200

const isWords = (value: unknown) => isGiven(value) && String(value).trim() !== ''

/** A refusal is lifted by what somebody can be asked about later: which, when, how it is known, and who says so. */
function unproven(said: Record<string, unknown>): string | undefined {
  const { consent, at, evidence, by, mailbox } = said
  const named: readonly unknown[] = Array.isArray(consent) ? consent : [consent]
  if (named.length === 0 || !named.every((one) => CONSENT_KINDS.some((kind) => kind === one)))
    return expected(
      'consent',
      `what the person granted again: ${CONSENT_KINDS.join(', ')}, or several in a list`,
    )
  if (!isGiven(at)) return expected('at', 'the time at which the person granted it')
  if (!isWords(evidence) || String(evidence).length > PROOF_CHARS_MAX)
    return expected(
      'evidence',
      `how and where the person granted it, such as the id of a double opt-in, in at most ${PROOF_CHARS_MAX} characters`,
    )
  if (!isWords(by)) return expected('by', 'who reports it')
  if (isGiven(mailbox) && typeof mailbox !== 'boolean') return expected('mailbox', 'true or false')
  return undefined
}

function missing(kind: OutcomeKind, said: Record<string, unknown>): string | undefined {
  if (isGiven(said.token) ? !isToken(said.token) : kind === 'declined')
    return expected('token', 'the number of the offer that is answered')
  if (kind === 'available' && !isGiven(said.rep))
    return expected('rep', 'the id of the rep who is available')
  if (kind === 'paused' && !isGiven(said.state))
    return expected('state', 'the state that the lead is in, such as waiting-for-customer')
  if (kind === 'opted_in') return unproven(said)
  if (kind !== 'overridden') return undefined
  if (!OUTCOMES.some((outcome) => outcome === said.decision))
    return expected('decision', `what the lead is instead: ${OUTCOMES.join(', ')}`)
  if (!isGiven(said.reason)) return expected('reason', 'a reason code')
  if (!isGiven(said.by)) return expected('by', 'who overrides')
  return undefined
}

function expected(field: string, what: string): string {
  return `outcome.${field} must be ${what}`
}

/** What the policy does not allow in a report: a reason or state that it does not list. */
export function policyProblem(
  { spec, pauses, reps }: Policy,
  { kind, reason, state, rep }: SalesEvent,
): string | undefined {
  if (kind === 'paused' || kind === 'resumed') {
    if (state === undefined || pauses.has(state)) return undefined
    return expected(
      'state',
      `one of those in the policy: ${[...pauses.keys()].join(', ') || 'none'}`,
    )
  }
  if (kind === 'available')
    return reps.has(rep ?? '') ? undefined : expected('rep', 'the id of a rep in the policy')
  if (!hasCodes(kind)) return undefined
  const codes = spec.reasons?.[kind]
  if (codes === undefined || (reason !== undefined && codes.includes(reason))) return undefined
  return expected('reason', `one of those in the policy: ${codes.join(', ')}`)
}

const CODED = ['declined', 'rejected', 'disqualified', 'overridden'] as const

function hasCodes(kind: OutcomeKind): kind is (typeof CODED)[number] {
  return CODED.some((one) => one === kind)
}
