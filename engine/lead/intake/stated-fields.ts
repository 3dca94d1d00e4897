/**
 * What a record states, by field of the lead, before anything is normalised.
 *
 * A mapping wins over the lead's own shape, which wins over usual names; what states nothing (an
 * empty cell, a source's word for nothing) leaves the field to the next.
 */
import { isOpenName } from '../paths'
import { type Field, ownFields } from './fields'
import type { MappedField, Plan } from './plan'
import {
  firstStated,
  isMissing,
  isNothing,
  isRecord,
  type MissingWords,
  type Place,
  type RawRecord,
  readAt,
} from './record'
import { usualField } from './synonyms'

/** The fields that a record in the lead's own shape states, by section. */
const OWN_SECTIONS = [
  ...Map.groupBy(
    ownFields().filter(({ path }) => path !== 'model.features'),
    ({ section }) => section,
  ),
].map(([section, fields]) => ({ section, fields }))
const OWN_NAMES: ReadonlySet<string> = new Set(OWN_SECTIONS.map(({ section }) => section))
export const ATTRIBUTES_MAX = 200

/**
 * In the order in which they were stated; the first who states a field wins. What somebody says about
 * consent is kept beside what was said before, so that no refusal is lost: such a field stands here
 * several times.
 */
export class StatedFields {
  readonly fields: Field[] = []
  readonly values: unknown[] = []
  readonly #missing: MissingWords

  constructor(missing: MissingWords) {
    this.#missing = missing
  }

  state(field: Field, value: unknown): void {
    if (isNothing(value) || isMissing(value, this.#missing) || this.#isSaid(field, value)) return
    this.fields.push(field)
    this.values.push(value)
  }

  #isSaid(field: Field, value: unknown): boolean {
    if (!field.everySaid) return this.fields.includes(field)
    return this.fields.some((one, index) => one === field && Object.is(this.values[index], value))
  }

  /** The first statement; undefined when there is none. */
  at(field: Field): unknown {
    const index = this.fields.indexOf(field)
    return index === -1 ? undefined : this.values[index]
  }
}

/**
 * Where a record states this value of a field, for a person who is to mend it: `work_email`. Undefined
 * where the settings state it, or the place is called as the field is. For values that had to be refused.
 */
export function placeStated(
  record: RawRecord,
  plan: Plan,
  { path }: Field,
  value: unknown,
): string | undefined {
  const place = mappedPlace(record, plan, path, value)
  if (place !== undefined) return place.key === path ? undefined : place.key
  const [section, key] = path.split('.') as [string, string]
  const own = Object.hasOwn(record, section) ? record[section] : undefined
  if (holds(record, path, value) || (isObject(own) && holds(own, key, value))) return undefined
  return Object.keys(record).find(
    (name) => usualField(name)?.path === path && holds(record, name, value),
  )
}

function mappedPlace(
  record: RawRecord,
  { mapped }: Plan,
  path: string,
  value: unknown,
): Place | undefined {
  for (const { field, places } of mapped) {
    if (field.path !== path || places === undefined) continue
    const place = places.find((one) => Object.is(readAt(record, one), value))
    if (place !== undefined) return place
  }
  return undefined
}

function holds(fields: object, key: string, value: unknown): boolean {
  return Object.hasOwn(fields, key) && Object.is((fields as RawRecord)[key], value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

export function statedFields(record: RawRecord, plan: Plan): StatedFields {
  const stated = new StatedFields(plan.missing)
  for (const mapped of plan.mapped) stateMapped(stated, record, mapped, plan)
  stateOwnShape(stated, record)
  stateAttributes(stated, record, plan)
  if (plan.settings.guessNames) {
    stateUsualNames(stated, record)
    stateConsent(stated, record)
  }
  return stated
}

function stateMapped(
  stated: StatedFields,
  record: RawRecord,
  { field, places, constant }: MappedField,
  { missing }: Plan,
): void {
  if (places === undefined) stated.state(field, constant)
  else if (!field.everySaid) stated.state(field, firstStated(record, places, missing))
  else for (const place of places) stated.state(field, readAt(record, place))
}

function stateOwnShape(stated: StatedFields, record: RawRecord): void {
  const dotted = hasDottedKey(record)
  for (const { section, fields } of OWN_SECTIONS) {
    const own = Object.hasOwn(record, section) ? record[section] : undefined
    const nested = typeof own === 'object' && own !== null ? (own as RawRecord) : undefined
    if (nested === undefined && !dotted) continue
    for (const field of fields) {
      const isDotted = dotted && Object.hasOwn(record, field.path)
      if (isDotted) stated.state(field, record[field.path])
      if (isDotted && !field.everySaid) continue
      if (nested !== undefined && Object.hasOwn(nested, field.key))
        stated.state(field, nested[field.key])
    }
  }
}

function hasDottedKey(record: RawRecord): boolean {
  for (const key in record) if (key.includes('.')) return true
  return false
}

function stateAttributes(stated: StatedFields, record: RawRecord, plan: Plan): void {
  const attributes = Object.hasOwn(record, 'attributes') ? record.attributes : undefined
  if (!isRecord(attributes)) return
  for (const name of Object.keys(attributes).slice(0, ATTRIBUTES_MAX))
    if (isOpenName(name)) stated.state(plan.attribute(name), attributes[name])
}

/** `only`: the section of the lead that is spoken of. */
function stateUsualNames(stated: StatedFields, record: RawRecord, only?: string): void {
  for (const key of Object.keys(record)) {
    const field = usualField(key)
    if (field === undefined || (only !== undefined && field.section !== only)) continue
    const value = record[key]
    // `company` may be a name, or a section of its own; an empty list is nothing chosen.
    const isOther = isRecord(value) ? OWN_NAMES.has(key) : Array.isArray(value) && !value.length
    if (!isOther) stated.state(field, value)
  }
}

/** Where consent is spoken of by any usual name: `{ consent: { opt_out: true } }`, or among the person's fields. */
const CONSENT_STANDS_IN = ['consent', 'contact'] as const

function stateConsent(stated: StatedFields, record: RawRecord): void {
  for (const section of CONSENT_STANDS_IN) {
    const fields = Object.hasOwn(record, section) ? record[section] : undefined
    if (isRecord(fields)) stateUsualNames(stated, fields, 'consent')
  }
}
