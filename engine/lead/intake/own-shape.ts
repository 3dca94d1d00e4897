/** What an object states in the lead's own shape, and by the usual names of fields. */
import { type Field, ownFields } from './fields'
import { folded } from './named-values'
import { isRecord, type RawRecord } from './record'
import type { StatedFields } from './stated'
import { isFallback, usualField } from './synonyms'

/** The fields that a record in the lead's own shape states, by section. */
const OWN_SECTIONS = [
  ...Map.groupBy(
    ownFields().filter(({ path }) => path !== 'model.features'),
    ({ section }) => section,
  ),
].map(([section, fields]) => ({ section, fields }))
const OWN_NAMES: ReadonlyMap<string, readonly Field[]> = new Map(
  OWN_SECTIONS.map(({ section, fields }) => [section, fields]),
)

/** Whether a key of an object at this place is one of the lead's own: `name` in `company`. */
export function isOwnKey(place: string, key: string): boolean {
  const section = OWN_NAMES.get(place.slice(place.lastIndexOf('.') + 1))
  return section?.some((field) => field.key === key) ?? false
}

/** `hasEvent`: whether an `event` is that of the lead. */
export function stateOwnShape(
  stated: StatedFields,
  record: RawRecord,
  place?: string,
  hasEvent = true,
): void {
  const dotted = hasDottedKey(record)
  for (const { section, fields } of OWN_SECTIONS) {
    const isOwn = hasEvent || section !== 'event'
    const own = isOwn && Object.hasOwn(record, section) ? record[section] : undefined
    const nested = typeof own === 'object' && own !== null ? (own as RawRecord) : undefined
    if (nested === undefined && !dotted) continue
    for (const field of fields) {
      const isDotted = dotted && Object.hasOwn(record, field.path)
      const at = place && `${place}.${field.path}`
      if (isDotted) stated.state(field, record[field.path], at)
      if (isDotted && !field.everySaid) continue
      if (nested !== undefined && Object.hasOwn(nested, field.key))
        stated.state(field, nested[field.key], at)
    }
  }
}

const EVENT_KEYS: ReadonlySet<string> = new Set(['id', 'occurredAt', 'receivedAt'])

/** Another one, such as a webinar, has a name; its id is the same for all who register. */
export function isOwnEvent(event: unknown): boolean {
  return isRecord(event) && Object.keys(event).every((key) => EVENT_KEYS.has(key))
}

function hasDottedKey(record: RawRecord): boolean {
  for (const key in record) if (key.includes('.')) return true
  return false
}

/** Names that a form, an event or a message has as well as a person. */
const SHARED_NAMES: ReadonlySet<string> = new Set(
  'name title url language locale lang role position account state region land'.split(' '),
)

/** Whether a name in a message may be the message's own. */
export function isShared(key: string): boolean {
  return SHARED_NAMES.has(folded(key))
}

export interface UsualNames {
  /** The section of the lead that is spoken of. */
  readonly only?: string
  /** The object is a message about somebody; what it is called is not what that person is called. */
  readonly isMessage?: boolean
}

export function stateUsualNames(
  stated: StatedFields,
  record: RawRecord,
  { only, isMessage = false }: UsualNames = {},
): void {
  const fallbacks: (readonly [Field, unknown])[] = []
  for (const key of Object.keys(record)) {
    const field = usualField(key)
    if (field === undefined || (only !== undefined && field.section !== only)) continue
    const value = record[key]
    if (isSection(key, value) || (isMessage && isShared(key))) continue
    if (isFallback(key)) fallbacks.push([field, value])
    else stated.state(field, value)
  }
  for (const [field, value] of fallbacks) stated.state(field, value)
}

/** `company` may be a name, or a section of its own; an empty list is nothing chosen. */
export function isSection(key: string, value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  const section = isRecord(value) ? OWN_NAMES.get(key) : undefined
  if (section === undefined) return false
  const inside = value as RawRecord
  const isWrapped =
    Object.hasOwn(inside, 'value') && !section.some((field) => Object.hasOwn(inside, field.key))
  return !isWrapped
}

/** Where consent is spoken of by any usual name: `{ consent: { opt_out: true } }`, or among the person's fields. */
const CONSENT_STANDS_IN = ['consent', 'contact'] as const

export function stateConsent(stated: StatedFields, record: RawRecord): void {
  for (const section of CONSENT_STANDS_IN) {
    const fields = Object.hasOwn(record, section) ? record[section] : undefined
    if (isRecord(fields)) stateUsualNames(stated, fields, { only: 'consent' })
  }
}
