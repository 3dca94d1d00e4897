/**
 * How a value becomes a field of the lead: one normaliser per field, chosen by its path.
 *
 * A normaliser may fill more than its own field (an e-mail address tells the mailbox's kind).
 */
import type { Lead } from '../lead'
import {
  clean,
  type Normalised,
  normaliseAmount,
  normaliseBoolean,
  normaliseCompanyName,
  normaliseCount,
  normaliseCountry,
  normaliseDomain,
  normalised,
  normaliseEmail,
  normaliseIndustry,
  normalisePersonName,
  normalisePhone,
  normaliseTimestamp,
  refused,
} from '../normalise'
import { setPath } from '../paths'

/** A lead while its fields are being filled. */
export type Draft = Pick<
  Lead,
  'contact' | 'company' | 'source' | 'consent' | 'attributes' | 'provenance'
> &
  Partial<Pick<Lead, 'crm' | 'model' | 'externalIds' | 'account'>>

type Fill = (
  draft: Draft,
  path: string,
  value: unknown,
  country: string | undefined,
) => Normalised<unknown>

const into =
  <T>(normalise: (value: unknown) => Normalised<T>): Fill =>
  (draft, path, value) => {
    const result = normalise(value)
    if (result.ok) setPath(draft as unknown as Record<string, unknown>, path, result.value)
    return result
  }

const email: Fill = (draft, _path, value) => {
  const result = normaliseEmail(value)
  if (!result.ok) return result
  const { address, key, domain, kind, role } = result.value
  Object.assign(draft.contact, { email: address, emailKey: key, emailKind: kind, domain })
  if (role) draft.contact.emailRole = true
  return result
}

const phone: Fill = (draft, _path, value, country) => {
  const result = normalisePhone(value, { country })
  if (result.ok) draft.contact.phone = result.value.e164
  return result
}

const companyName: Fill = (draft, _path, value) => {
  const result = normaliseCompanyName(value)
  if (result.ok)
    Object.assign(draft.company, { name: result.value.name, nameKey: result.value.key })
  return result
}

const SLUG_CHARS_MAX = 100

/** `Demo Request` → `demo_request`, the way signals and triggers are written in rules. */
function slug(value: unknown): Normalised<string> {
  const text = clean(value, SLUG_CHARS_MAX)
  if (!text.ok) return text
  const words = text.value.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '_')
  // Lowering may lengthen a text: İ becomes two characters.
  return clean(words.replace(/^_+|_+$/g, ''), SLUG_CHARS_MAX)
}

function lower(value: unknown): Normalised<string> {
  const text = clean(value)
  return text.ok ? clean(text.value.toLowerCase()) : text
}

/** Yes and no, as well as the words themselves. */
function consent(value: unknown): Normalised<'granted' | 'denied' | 'unknown'> {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value
  if (word === 'granted' || word === 'denied' || word === 'unknown') return normalised(word)
  const result = normaliseBoolean(value)
  if (result.ok) return normalised(result.value ? 'granted' : 'denied')
  return result.empty ? result : refused('granted, denied, unknown, yes or no')
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
  if (Array.isArray(value) && value.length <= 100 && value.every(isScalar)) return normalised(value)
  return clean(value)
}

const isScalar = (value: unknown) =>
  (typeof value === 'string' && value.length <= 512) ||
  typeof value === 'number' ||
  typeof value === 'boolean'

const FILLS: Readonly<Record<string, Fill>> = {
  'contact.email': email,
  'contact.phone': phone,
  'contact.country': into(normaliseCountry),
  'contact.seniority': into(lower),
  'contact.department': into(lower),
  'company.name': companyName,
  'company.domain': into(normaliseDomain),
  'company.country': into(normaliseCountry),
  'company.industry': into(normaliseIndustry),
  'company.employees': into(normaliseCount),
  'company.revenue': into(normaliseAmount),
  'source.type': into(slug),
  'source.trigger': into(slug),
  'source.medium': into(lower),
  'consent.optOut': into(normaliseBoolean),
  'consent.marketing': into(consent),
  'consent.email': into(consent),
  'consent.phone': into(consent),
  'consent.at': into(normaliseTimestamp),
  'crm.openDeal': into(normaliseBoolean),
  'model.score': into(fraction),
  'model.confidence': into(fraction),
}

const plain = into(clean)
const own = into(attribute)

/** Normalises one value and puts it into the draft; the answer says whether it could. */
export function fillField(
  draft: Draft,
  path: string,
  value: unknown,
  country?: string,
): Normalised<unknown> {
  if (path.startsWith('attributes.')) return own(draft, path, value, country)
  return (FILLS[path] ?? plain)(draft, path, value, country)
}

/** First, last and full name belong together, so they are filled in one go. */
export function fillName(
  draft: Draft,
  stated: { name?: unknown; firstName?: unknown; lastName?: unknown },
): Normalised<unknown> {
  const result = normalisePersonName(stated)
  if (!result.ok) return result
  const { key, ...names } = result.value
  Object.assign(draft.contact, names, { nameKey: key })
  return result
}

const DERIVED_CONFIDENCE = 0.9

/** What follows from what was stated: the company's domain from a business address, and so on. */
export function deriveFields(draft: Draft, at: string): void {
  const derive = (path: string, value: unknown, source: string, confidence: number) => {
    setPath(draft as unknown as Record<string, unknown>, path, value)
    draft.provenance[path] = { source, method: 'derived', confidence, observedAt: at }
  }
  const { contact, company } = draft
  if (company.domain === undefined && contact.emailKind === 'business') {
    derive('company.domain', contact.domain, 'contact.email', DERIVED_CONFIDENCE)
  }
  if (company.country === undefined && contact.country !== undefined) {
    derive('company.country', contact.country, 'contact.country', 0.8)
  }
  if (contact.phone === undefined || company.country !== undefined) return
  const phone = normalisePhone(contact.phone)
  if (phone.ok && phone.value.country !== undefined) {
    derive('company.country', phone.value.country, 'contact.phone', 0.6)
  }
}
