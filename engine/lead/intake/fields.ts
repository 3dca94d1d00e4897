/**
 * How a value becomes a field of the lead: one normaliser per field, chosen by its path.
 *
 * A normaliser may fill more than its own field (an e-mail address tells the mailbox's kind).
 */
import { CONSENT_KINDS, stricter } from '../consent'
import type { Lead } from '../lead'
import {
  clean,
  EMPTY,
  type Normalised,
  normaliseAmount,
  normaliseBoolean,
  normaliseCompanyDomain,
  normaliseCompanyName,
  normaliseCount,
  normaliseCountry,
  normalised,
  normaliseEmail,
  normaliseIndustry,
  normaliseOutsideId,
  normalisePersonName,
  normalisePhone,
  normaliseSlug,
  normaliseTimestamp,
  refused,
} from '../normalise'
import { writablePaths } from '../paths'
import {
  readAllowance,
  readConsent,
  readDenial,
  readOptOut,
  readRefusal,
  readRefusedSince,
  withdrawnBy,
} from './consent'

/** A lead while its fields are being filled. */
export type Draft = Pick<
  Lead,
  'contact' | 'company' | 'source' | 'consent' | 'attributes' | 'provenance'
> &
  Partial<Pick<Lead, 'crm' | 'model' | 'externalIds' | 'account'>>

export const emptyDraft = (): Draft => ({
  contact: {},
  company: {},
  source: {},
  consent: {},
  attributes: {},
  provenance: {},
})

/** Countries come first, because a phone number is read in one; names are filled together, at the end. */
export type Turn = 'country' | 'plain' | 'phone' | 'name' | 'event'

/** A field that a record may state, with all that its path says worked out once. */
export interface Field {
  /** e.g. `contact.email` */
  readonly path: string
  readonly section: string
  readonly key: string
  readonly turn: Turn
  /** Every statement about it counts, not only the first: who refuses in one column refused. */
  readonly everySaid: boolean
  readonly fill: Fill
}

type Fill = (
  draft: Draft,
  field: Field,
  value: unknown,
  country: string | undefined,
) => Normalised<unknown>

function put(draft: Draft, { section, key }: Field, value: unknown): void {
  const sections = draft as unknown as Record<string, Record<string, unknown> | undefined>
  const fields = sections[section]
  if (fields === undefined) sections[section] = { [key]: value }
  else fields[key] = value
}

const into =
  <T>(normalise: (value: unknown) => Normalised<T>): Fill =>
  (draft, field, value) => {
    const result = normalise(value)
    if (result.ok) put(draft, field, result.value)
    return result
  }

const email: Fill = ({ contact }, _field, value) => {
  const result = normaliseEmail(value)
  if (!result.ok) return result
  contact.email = result.value.address
  contact.emailKey = result.value.key
  contact.emailKind = result.value.kind
  contact.domain = result.value.domain
  if (result.value.role) contact.emailRole = true
  return result
}

const phone: Fill = ({ contact }, _field, value, country) => {
  const result = normalisePhone(value, { country })
  if (result.ok) contact.phone = result.value.e164
  return result
}

const companyName: Fill = ({ company }, _field, value) => {
  const result = normaliseCompanyName(value)
  if (!result.ok) return result
  company.name = result.value.name
  company.nameKey = result.value.key
  return result
}

function lower(value: unknown): Normalised<string> {
  const text = clean(value)
  if (!text.ok) return text
  const lowered = text.value.toLowerCase()
  return lowered === text.value ? text : clean(lowered)
}

/** Of several statements the strictest holds, and one that cannot be read is a refusal. */
const consent =
  <T>(read: (value: unknown) => Normalised<T>, refusal: T): Fill =>
  (draft, field, value) => {
    const result = read(value)
    if (!result.ok && result.empty) return result
    const before = draft.consent[field.key as keyof Draft['consent']] as T | undefined
    put(draft, field, stricter(before, result.ok ? result.value : refusal))
    return result
  }

function fraction(value: unknown): Normalised<number> {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (value === undefined || value === null || value === '') return { ok: false, empty: true }
  if (typeof number === 'number' && number >= 0 && number <= 1) return normalised(number)
  return refused('a number from 0 to 1')
}

/** What a rule of one's own may read: a text, a number, true or false, or a short list of them. */
function attribute(value: unknown): Normalised<unknown> {
  if (typeof value === 'number' && Number.isFinite(value)) return normalised(value)
  if (typeof value === 'boolean') return normalised(value)
  // A list of the lead's own: the sender's may change before the lead is written down.
  if (Array.isArray(value) && value.length <= 100 && value.every(isScalar))
    return normalised([...value])
  return clean(value)
}

const isScalar = (value: unknown) =>
  (typeof value === 'string' && value.length <= 512) ||
  typeof value === 'number' ||
  typeof value === 'boolean'

const outsideId = into(normaliseOutsideId)

const FILLS: Readonly<Record<string, Fill>> = {
  'contact.email': email,
  'contact.phone': phone,
  'contact.country': into(normaliseCountry),
  'contact.seniority': into(lower),
  'contact.department': into(lower),
  'company.name': companyName,
  'company.domain': into(normaliseCompanyDomain),
  'company.country': into(normaliseCountry),
  'company.industry': into(normaliseIndustry),
  'company.employees': into(normaliseCount),
  'company.revenue': into(normaliseAmount),
  'source.type': into(normaliseSlug),
  'source.trigger': into(normaliseSlug),
  'source.medium': into(lower),
  'consent.optOut': consent(readOptOut, true),
  'consent.marketing': consent(readConsent, 'denied'),
  'consent.email': consent(readConsent, 'denied'),
  'consent.phone': consent(readConsent, 'denied'),
  'consent.at': into(normaliseTimestamp),
  'crm.leadId': outsideId,
  'crm.accountId': outsideId,
  'crm.openDeal': into(normaliseBoolean),
  'model.score': into(fraction),
  'model.confidence': into(fraction),
}

const plain = into(clean)
const own = into(attribute)

function makeField(path: string): Field {
  const dot = path.indexOf('.')
  const section = path.slice(0, dot)
  const key = path.slice(dot + 1)
  const fill = FILLS[path] ?? openFill(section)
  return { path, section, key, turn: turnOf(path), everySaid: REFUSABLE.has(path), fill }
}

function openFill(section: string): Fill {
  if (section === 'externalIds') return outsideId
  return section === 'attributes' ? own : plain
}

const REFUSABLE: ReadonlySet<string> = new Set(CONSENT_KINDS.map((kind) => `consent.${kind}`))

function turnOf(path: string): Turn {
  if (path.startsWith('event.')) return 'event'
  if (path.endsWith('.country')) return 'country'
  if (path === 'contact.phone') return 'phone'
  return NAME_PATHS.includes(path) ? 'name' : 'plain'
}

const NAME_PATHS = ['contact.name', 'contact.firstName', 'contact.lastName']

const FIELDS: ReadonlyMap<string, Field> = new Map(
  [...writablePaths(), 'event.id', 'event.occurredAt'].map((path) => [path, makeField(path)]),
)

/** The field at a path, always the same one for the lead's own; fields under open parents are made anew. */
export function fieldAt(path: string): Field {
  return FIELDS.get(path) ?? makeField(path)
}

/** How a column that is named after a refusal tells it. */
const TELLINGS = {
  refused: readRefusal,
  allowed: readAllowance,
  since: readRefusedSince,
  denied: readDenial,
} as const
export type Telling = keyof typeof TELLINGS

/** A field of consent as such a column states it: it may refuse, and grants nothing. */
export function refusalField(path: string, telling: Telling): Field {
  return { ...fieldAt(path), fill: consent(TELLINGS[telling], 'denied') }
}

/** What a word withdraws, as a signal of that type would; every other word says nothing. */
const withdrawal: Fill = ({ consent: draft }, _field, value) => {
  const word = normaliseSlug(value)
  const withdrawn = word.ok ? withdrawnBy(word.value) : undefined
  if (withdrawn === undefined) return EMPTY
  Object.assign(draft, withdrawn)
  return normalised(withdrawn)
}
export const WITHDRAWAL: Field = { ...makeField('consent.optOut'), fill: withdrawal }

/** The lead's own fields, in its order. */
export function ownFields(): readonly Field[] {
  return [...FIELDS.values()]
}

/** Normalises one value and puts it into the draft; the answer says whether it could. */
export function fillField(
  draft: Draft,
  path: string,
  value: unknown,
  country?: string,
): Normalised<unknown> {
  const field = fieldAt(path)
  if (field.turn === 'name') return fillName(draft, { [field.key]: value })
  return field.fill(draft, field, value, country)
}

/** First, last and full name belong together, so they are filled in one go. */
export function fillName(
  { contact }: Draft,
  stated: { name?: unknown; firstName?: unknown; lastName?: unknown },
): Normalised<unknown> {
  const result = normalisePersonName(stated)
  if (!result.ok) return result
  const { name, firstName, lastName, key } = result.value
  contact.name = name
  contact.nameKey = key
  if (firstName !== undefined) contact.firstName = firstName
  if (lastName !== undefined) contact.lastName = lastName
  return result
}

/** What follows from what was stated `at` a time: the company's domain from a business address, and so on. */
export function deriveFields({ contact, company, provenance }: Draft, at: string): void {
  const derived = (path: string, source: string, confidence: number) => {
    provenance[path] = { source, method: 'derived', confidence, observedAt: at }
  }
  if (company.domain === undefined && contact.emailKind === 'business') {
    company.domain = contact.domain!
    derived('company.domain', 'contact.email', 0.9)
  }
  if (company.country !== undefined) return
  if (contact.country !== undefined) {
    company.country = contact.country
    derived('company.country', 'contact.country', 0.8)
    return
  }
  const phone = normalisePhone(contact.phone)
  if (phone.ok && phone.value.country !== undefined) {
    company.country = phone.value.country
    derived('company.country', 'contact.phone', 0.6)
  }
}
