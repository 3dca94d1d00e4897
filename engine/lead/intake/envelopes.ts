/**
 * Where else in a record the fields of a lead may stand: inside of well-known envelopes, such as
 * `data`, `contact` or `properties`, and in lists of values beside their names.
 *
 * What is nearer to the top comes first; of equally near ones the order is that of this file, and then
 * of their names, so that it does not matter in which order a source writes its keys.
 */
import { folded, heldBy, isNamed, NO_TITLES, namesOf, type Titles, titlesIn } from './named-values'
import { isOwnKey } from './own-shape'
import { isRecord, type RawRecord, recordOfText } from './raw-record'
import { usualField } from './synonyms'

/** One value inside of a record, with what it may be called. */
export interface Entry {
  readonly names: readonly string[]
  readonly value: unknown
  /** What kind of answer it is, where that is said: `email`. */
  readonly type: string | undefined
  /** For a person, and for a mapping: `form_response.answers.work_email`. */
  readonly place: string
}

export interface Envelope {
  /**
   * `person`: about the lead, whatever stands in it. `wrapper`: a message, which has a name, a language
   * and a state of its own. `aside`: about who knows what, such as goods in a cart; only a refusal is
   * heard. A section's name is the only section of the lead that it speaks of.
   */
  readonly kind: 'person' | 'wrapper' | 'aside' | 'company' | 'source' | 'consent'
  /** Stands before a name that is short for another: `size` of a company is `companysize`. */
  readonly prefix?: string
  /** Was there before the event, and has a time of its own: a form, a record of a CRM. */
  readonly isThing?: true
  /** Somebody, by name; the other ones about a person hold answers. */
  readonly isSomebody?: true
}

export interface Layer extends Envelope {
  readonly place: string
  readonly entries: readonly Entry[]
  /** Undefined for a list of named values. */
  readonly record: RawRecord | undefined
}

const each = (names: string, envelope: Envelope): [string, Envelope][] =>
  names.split(' ').map((name) => [name, envelope])

const SOMEBODY: Envelope = { kind: 'person', isSomebody: true }
const THING: Envelope = { kind: 'wrapper', isThing: true }
const CONSENT: Envelope = { kind: 'consent' }
const ENVELOPES: ReadonlyMap<string, Envelope> = new Map([
  ...each('lead leaddata contact person prospect registrant invitee attendee', SOMEBODY),
  ...each('subscriber respondent visitor enduser customer user profile', SOMEBODY),
  ...each('fields fielddata formdata formfields formvalues answers values', { kind: 'person' }),
  ...each('properties attributes traits mergefields mergevars merges hidden', { kind: 'person' }),
  ...each('hiddenfields customfields customattributes customproperties', { kind: 'person' }),
  ...each('data payload body', { kind: 'wrapper' }),
  ...each('record object item current sobject', THING),
  ...each('formresponse response submission entry', { kind: 'wrapper' }),
  ...each('form', THING),
  ...each('result detail', { kind: 'wrapper' }),
  ...each('rawrequest datajson envelope notifications notification', { kind: 'wrapper' }),
  ...each('company organization organisation', { kind: 'company', prefix: 'company' }),
  ...each('location address', { kind: 'company' }),
  ...each('utm utms utmparameters utmparams tracking', { kind: 'source', prefix: 'utm' }),
  ...each('consent consents', CONSENT),
])
const RANKS: ReadonlyMap<string, number> = new Map(
  [...ENVELOPES.keys()].map((key, at) => [key, at]),
)

/** Keys that records have had: a source sends the same ones in every record. */
const seen = new Map<string, Envelope | undefined>()
const SEEN_MAX = 2_000

function envelopeOf(key: string): Envelope | undefined {
  const known = seen.get(key)
  if (known !== undefined || seen.has(key)) return known
  const envelope = ENVELOPES.get(bare(key))
  if (seen.size === SEEN_MAX) seen.clear()
  seen.set(key, envelope)
  return envelope
}

/** `soapenv:Body` is a body. */
function bare(key: string): string {
  return folded(key).replace(/^[a-z]+:/, '')
}

/** How lists of what a person entered are called, whoever made them. */
const ANSWERS =
  /field|question|answer|column|input|custom|hidden|form|response|disclaimer|consent|param|attribut|propert|data|value|trait|variable|detail/
const listOf = (key: string): Envelope => ({ kind: ANSWERS.test(folded(key)) ? 'person' : 'aside' })
/** Messages in messages in messages: SOAP has five before its fields. */
const DEPTH_MAX = 8
const LAYERS_MAX = 200
const NAME_CHARS_MAX = 60

interface Found {
  readonly key: string
  readonly place: string
  readonly inside: RawRecord | readonly unknown[]
  readonly envelope: Envelope
  readonly titles: Titles
}

export function layersOf(record: RawRecord): readonly Layer[] {
  const layers: Layer[] = []
  let level = insideOf(record, '', NO_TITLES, true)
  for (let depth = 0; depth < DEPTH_MAX && level.length > 0; depth++) {
    const taken = level.slice(0, LAYERS_MAX - layers.length)
    layers.push(...taken.map(layerOf).filter(({ entries }) => entries.length > 0))
    level = taken.flatMap(({ inside, place, titles }) =>
      Array.isArray(inside) ? [] : insideOf(inside as RawRecord, place, titles, false),
    )
  }
  return layers
}

function insideOf(record: RawRecord, above: string, known: Titles, isTop: boolean): Found[] {
  const found: Found[] = []
  const inShape = isInOwnShape(record, isTop)
  for (const key of Object.keys(record)) {
    const value = record[key]
    const isText = typeof value === 'string' && value.startsWith('{')
    if ((typeof value !== 'object' && !isText) || value === null || key.length > NAME_CHARS_MAX)
      continue
    const envelope = envelopeOf(key)
    const inside =
      typeof value === 'object' ? insideFor(key, value, envelope) : envelope && recordOfText(value)
    if (inside === undefined) continue
    const place = above === '' ? key : `${above}.${key}`
    const isSection = inShape && SECTIONS.includes(key) && isRecord(value)
    if (isSection && key === 'contact')
      found.push(...insideOf(inside as RawRecord, place, known, false))
    // At the top it is read as that, refusals by any name included.
    if (isSection && (isTop || key === 'attributes')) continue
    const kind = isSection ? CONSENT : (envelope ?? listOf(key))
    found.push({ key, place, inside, envelope: kind, titles: NO_TITLES })
  }
  if (found.length === 0) return found
  const titles = titlesIn(record, known)
  return found.map((one) => ({ ...one, titles })).sort(inOrder)
}

/** A list with one record is that record; with several nobody could say who of them is the lead. */
function insideFor(
  key: string,
  value: object,
  envelope: Envelope | undefined,
): RawRecord | readonly unknown[] | undefined {
  if (!Array.isArray(value)) return envelope !== undefined && isRecord(value) ? value : undefined
  const only: unknown = value.length === 1 && envelope !== undefined ? value[0] : undefined
  if (isRecord(only) && Object.keys(only).some(namesSomebody)) return only
  // Signals are a part of the lead, and several addresses are one field.
  if (key !== 'signals' && usualField(key) === undefined && value.some(isNamed)) return value
  return isRecord(only) ? only : undefined
}

/** A deal has a name and a value as well; an entry of a list has no address. */
function namesSomebody(key: string): boolean {
  const path = usualField(key)?.path
  return path === 'contact.email' || path === 'contact.phone'
}

/** Parts of a record in the lead's own shape, which are read as such. */
const SECTIONS: readonly string[] = ['contact', 'attributes', 'consent']

/** At the top nothing but a `contact` in another spelling speaks against it; deeper it takes a `contact`. */
function isInOwnShape(record: RawRecord, isTop: boolean): boolean {
  const contact = Object.hasOwn(record, 'contact') ? record.contact : undefined
  if (!isRecord(contact)) return isTop
  return !Object.keys(contact).some((name) => {
    const field = usualField(name)
    return field?.section === 'contact' && field.key !== name
  })
}

function inOrder(a: Found, b: Found): number {
  const rank = ({ key }: Found) => RANKS.get(bare(key)) ?? RANKS.size
  return rank(a) - rank(b) || (a.key < b.key ? -1 : 1)
}

function layerOf({ inside, place, envelope, titles }: Found): Layer {
  const entries: Entry[] = []
  if (Array.isArray(inside)) {
    for (const one of inside as readonly unknown[])
      if (isNamed(one)) entries.push(entryOf(one, namesOf(one, titles), place))
    return { ...envelope, place, entries, record: undefined }
  }
  const record = inside as RawRecord
  for (const key of Object.keys(record)) {
    // Read as the lead's own shape. Consent is read again, so that nobody's refusal is lost.
    if (envelope.kind !== 'consent' && isOwnKey(place, key)) continue
    const value = record[key]
    if (isNamed(value)) entries.push(entryOf(value, [key, ...namesOf(value, titles)], place))
    else
      entries.push({ names: [key], value: one(value), type: undefined, place: `${place}.${key}` })
  }
  return { ...envelope, place, entries, record }
}

/** XML lists everything. */
function one(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value
}

function entryOf(entry: RawRecord, names: readonly string[], place: string): Entry {
  const type = typeof entry.type === 'string' ? entry.type : undefined
  return { names, value: heldBy(entry), type, place: `${place}.${names[0]}` }
}
