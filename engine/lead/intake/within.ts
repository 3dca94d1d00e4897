/**
 * What stands deeper in a record, for the fields that its top leaves open.
 *
 * Of two people in one record only the first is the lead; of the other a refusal is heard all the same,
 * because the same person may have two addresses. A message around a person speaks of itself where it
 * uses a word that both have.
 */
import { CONSENT_KINDS } from '../consent'
import type { Entry, Layer } from './envelopes'
import { type Field, fieldAt, refusalField } from './fields'
import { folded, said, unboxed } from './named-values'
import { isOwnEvent, isSection, isShared, stateOwnShape } from './own-shape'
import { isRecord, type RawRecord } from './record'
import type { StatedFields } from './stated'
import { askedField, isFallback } from './synonyms'

interface Told extends Entry {
  readonly field: Field
  readonly name: string
}

const EMAIL = fieldAt('contact.email')
const PHONE = fieldAt('contact.phone')
const NAME = fieldAt('contact.name')
const NAME_PARTS: ReadonlyMap<string, Field> = new Map(
  (['first', 'last'] as const).flatMap((part) =>
    [part, `${part}name`].map((key) => [key, fieldAt(`contact.${part}Name`)] as const),
  ),
)
const NAMES: readonly Field[] = [NAME, fieldAt('contact.firstName'), fieldAt('contact.lastName')]
const EVENT_ID = fieldAt('event.id')
/** More statements about one kind of consent than this are not weighed one by one: they refuse. */
const STATEMENTS_MAX = 50

export function stateWithin(
  stated: StatedFields,
  record: RawRecord,
  layers: readonly Layer[],
): void {
  const others: string[] = []
  const weigh = countedConsent(stated)
  for (const layer of layers) {
    const told = toldBy(layer)
    const isOthers =
      layer.kind === 'aside' ||
      others.some((place) => layer.place.startsWith(`${place}.`)) ||
      isAnother(stated, layer, told)
    if (isOthers) {
      others.push(layer.place)
      for (const { field, value, place } of told)
        if (field.everySaid) weigh(refusalOnly(field), value, place)
      continue
    }
    if (layer.record !== undefined && layer.kind !== 'consent') {
      const isShape = isRecord(ownPart(layer.record, 'contact'))
      const hasEvent = isShape && isOwnEvent(ownPart(layer.record, 'event'))
      stateOwnShape(stated, layer.record, layer.place, hasEvent)
      if (isShape) stated.shape ??= layer.record
    }
    for (const { field, value, place } of told) {
      if (field.everySaid) weigh(field, value, place)
      else stated.state(field, value, place)
    }
  }
  stateAnswersOfKind(stated, layers, others)
  stateSubmission(stated, record, layers)
}

function ownPart(record: RawRecord, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** The entries that mean a field, surer names first. */
function toldBy(layer: Layer): readonly Told[] {
  const told: Told[] = []
  for (const entry of layer.entries) {
    const known = fieldOf(entry, layer)
    if (known?.field === NAME) told.push(...partsOfName(entry))
    if (known === undefined || isInner(known.field, entry.value)) continue
    // The key of an object comes first among its names.
    if (layer.record !== undefined && isSection(entry.names[0]!, entry.value)) continue
    const value = known.field.everySaid ? entry.value : unboxed(entry.value)
    told.push({ ...entry, ...known, value })
  }
  const fallbacks = told.filter(({ name }) => isFallback(name))
  const all = [...told.filter(({ name }) => !isFallback(name)), ...fallbacks]
  const isMessage = layer.kind === 'wrapper' && !all.some(({ field }) => isIdentity(field))
  return isMessage ? all.filter(({ name }) => !isShared(name)) : all
}

/** `{ "first": "Ana", "last": "Ruiz" }` */
function partsOfName({ value, place, names }: Entry): Told[] {
  if (!isRecord(value)) return []
  return Object.keys(value).flatMap((key) => {
    const field = NAME_PARTS.get(folded(key))
    if (field === undefined) return []
    return [
      {
        field,
        name: names[0]!,
        names,
        value: value[key],
        type: undefined,
        place: `${place}.${key}`,
      },
    ]
  })
}

function fieldOf({ names }: Entry, layer: Layer): { field: Field; name: string } | undefined {
  for (const name of names) {
    const own = /(^|\.)consent$/.test(layer.place) ? OWN_CONSENT.get(name) : undefined
    if (own !== undefined) return { field: refusalOnly(own), name }
    const long = layer.prefix === undefined ? undefined : askedField(layer.prefix + name)
    const field = long ?? askedField(name)
    if (field !== undefined && mayTell(field, name, layer)) return { field, name }
  }
  return undefined
}

function mayTell(field: Field, name: string, layer: Layer): boolean {
  const { kind } = layer
  if (kind === 'aside') return field.everySaid
  if (kind === 'person' || kind === 'wrapper') return isOfTheEvent(field, name, layer)
  return field.section === kind
}

/** Names for a form that was sent. In what is about a person or a form, `created_at` is when its record was made. */
const SENT: ReadonlySet<string> = new Set([
  ...['submissionid', 'leadgenid', 'submittedat', 'occurredat', 'submittedon', 'submissiontime'],
  ...['submissiondate', 'leadsubmittime', 'firedat', 'eventts', 'createdtime'],
])

/**
 * Whether a name inside may speak of the event. The id of an event inside may be that of a webinar, which
 * all who register have in common: then only the first of them would be a lead.
 */
function isOfTheEvent(field: Field, name: string, { kind, isThing }: Layer): boolean {
  if (field.section === 'event')
    return SENT.has(folded(name)) || (kind === 'wrapper' && !isThing && field !== EVENT_ID)
  return field.path !== 'source.trigger' || kind === 'wrapper'
}

/** An object that holds more, and no value; of consent it is one that cannot be read, and refuses. */
function isInner(field: Field, value: unknown): boolean {
  if (field.everySaid) return Array.isArray(value) && value.length === 0
  const inner = unboxed(said(value))
  return isRecord(inner) || (Array.isArray(inner) && inner.length === 0)
}

const isIdentity = (field: Field) => field === EMAIL || field === PHONE

/** Whether it names an address or a person, and not the one of who is the lead already. */
function isAnother(stated: StatedFields, layer: Layer, told: readonly Told[]): boolean {
  const known = addressOf(stated.at(EMAIL))
  const contact = layer.record === undefined ? undefined : ownPart(layer.record, 'contact')
  const own = isRecord(contact) ? ownPart(contact, 'email') : undefined
  const words = [own, ...told.filter(({ field }) => field === EMAIL).map(({ value }) => value)]
    .map((value) => addressOf(said(value)))
    .filter((word) => word !== undefined)
  if (known !== undefined && words.length > 0) return !words.includes(known)
  return layer.isSomebody === true && isIdentified(stated) && isAnotherName(stated, told)
}

const isIdentified = (stated: StatedFields) =>
  stated.at(EMAIL) !== undefined || stated.at(PHONE) !== undefined

/** `Ana` may be `Ana Ruiz`, and is not `Rita Vogt`. */
function isAnotherName(stated: StatedFields, told: readonly Told[]): boolean {
  const known = new Set(NAMES.flatMap((field) => nameWords(stated.at(field))))
  const names = told.filter(({ field }) => NAMES.includes(field))
  const words = names.flatMap(({ value }) => nameWords(value))
  return known.size > 0 && words.length > 0 && !words.some((word) => known.has(word))
}

function nameWords(value: unknown): string[] {
  return addressOf(said(value))?.split(/[\s,.]+/) ?? []
}

function addressOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim().toLowerCase() : undefined
}

/** Where it is the lead's, what it grants is read as the lead's own shape. */
const OWN_CONSENT: ReadonlyMap<string, Field> = new Map(
  CONSENT_KINDS.map((kind) => [kind, fieldAt(`consent.${kind}`)]),
)
const REFUSALS: ReadonlyMap<Field, Field> = new Map(
  ['consent.marketing', 'consent.email', 'consent.phone'].map((path) => [
    fieldAt(path),
    refusalField(path, 'denied'),
  ]),
)

function refusalOnly(field: Field): Field {
  return REFUSALS.get(field) ?? field
}

/** A record may say a thing ten thousand times, and comparing each with all before would take for ever. */
function countedConsent(stated: StatedFields) {
  const counts = new Map<Field, number>()
  return (field: Field, value: unknown, place: string) => {
    const whole = fieldAt(field.path)
    if (REFUSALS.get(whole) === field && stated.isSaid(whole, value)) return
    const count = (counts.get(field) ?? 0) + 1
    counts.set(field, count)
    if (count <= STATEMENTS_MAX) stated.state(field, value, place)
    else if (count === STATEMENTS_MAX + 1)
      stated.state(field, [`more than ${STATEMENTS_MAX} statements`], place)
  }
}

/** How form builders call the kinds of answer that name somebody. */
const KINDS: ReadonlyMap<string, Field> = new Map([
  ...['email', 'inputemail', 'controlemail'].map((kind) => [kind, EMAIL] as const),
  ...['phone', 'phonenumber', 'inputphonenumber', 'controlphone', 'tel'].map(
    (kind) => [kind, PHONE] as const,
  ),
])

/** The only answer that is an address is the person's, whatever the question is called. */
function stateAnswersOfKind(
  stated: StatedFields,
  layers: readonly Layer[],
  others: readonly string[],
): void {
  for (const wanted of [EMAIL, PHONE]) {
    if (stated.at(wanted) !== undefined) continue
    const answers = new Map<unknown, Entry>()
    for (const { entries, place } of layers) {
      if (others.includes(place)) continue
      for (const entry of entries)
        if (KINDS.get(folded(entry.type ?? '')) === wanted && stated.says(entry.value))
          answers.set(entry.value, entry)
    }
    const [only, ...more] = answers.values()
    if (only !== undefined && more.length === 0) stated.state(wanted, only.value, only.place)
  }
}

/**
 * The id that a source gives to a form that was sent, by what it sends with it. An `id` alone is often
 * that of a person, and each event about that person would be a repetition.
 */
const SUBMISSION_IDS: ReadonlyMap<string, string> = new Map([
  ['field_data', 'id'],
  ['user_column_data', 'lead_id'],
  ['formResponse', 'id'],
  ['answers', 'token'],
])

function stateSubmission(stated: StatedFields, record: RawRecord, layers: readonly Layer[]): void {
  for (const [beside, key] of SUBMISSION_IDS)
    for (const of of [{ record, place: '' }, ...layers]) {
      if (of.record === undefined || !isInside(ownPart(of.record, beside))) continue
      const place = of.place === '' ? key : `${of.place}.${key}`
      stated.state(EVENT_ID, ownPart(of.record, key), place)
    }
}

function isInside(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
