/**
 * What a record states, by field of the lead, before anything is normalised.
 *
 * A mapping wins over the lead's own shape, which wins over usual names at the top, and they over what
 * stands deeper; what states nothing (an empty cell, a source's word for nothing) leaves the field to
 * the next.
 */
import { isOpenName } from '../paths'
import { type Layer, layersOf } from './envelopes'
import { type Field, fieldAt } from './fields'
import { said } from './named-values'
import { isOwnEvent, stateConsent, stateOwnShape, stateUsualNames } from './own-shape'
import type { MappedField, Plan } from './plan'
import { firstStated, isRecord, type Place, type RawRecord, readAt } from './record'
import { StatedFields } from './stated'
import { usualField } from './synonyms'
import { stateWithin } from './within'

export type { StatedFields } from './stated'
export const ATTRIBUTES_MAX = 200

/**
 * Where a record states this value of a field, for a person who is to mend it: `work_email`. Undefined
 * where the settings state it, or the place is called as the field is. For values that had to be refused.
 */
export function placeStated(
  stated: StatedFields,
  record: RawRecord,
  plan: Plan,
  { path }: Field,
  value: unknown,
): string | undefined {
  const inside = stated.placeOf(path, value)
  if (inside !== undefined) return inside
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
    const place = places.find((one) => Object.is(said(readAt(record, one)), value))
    if (place !== undefined) return place
  }
  return undefined
}

function holds(fields: object, key: string, value: unknown): boolean {
  return Object.hasOwn(fields, key) && Object.is(said((fields as RawRecord)[key]), value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

export function statedFields(record: RawRecord, plan: Plan): StatedFields {
  const stated = new StatedFields(plan.missing)
  for (const mapped of plan.mapped) stateMapped(stated, record, mapped, plan)
  const { guessNames } = plan.settings
  const mayBeAnothers =
    guessNames &&
    Object.hasOwn(record, 'event') &&
    isRecord(record.event) &&
    !isOwnEvent(record.event)
  stateOwnShape(stated, record, undefined, !mayBeAnothers)
  const layers = guessNames ? layersOf(record) : []
  const isMessage = layers.some(isOfAPerson) && !namesSomebody(stated, record)
  if (mayBeAnothers && !isMessage) stateOwnShape(stated, record)
  stateAttributes(stated, record, plan)
  if (!guessNames) return stated
  stateUsualNames(stated, record, { isMessage })
  stateConsent(stated, record)
  if (layers.length > 0) stateWithin(stated, record, layers)
  if (stated.shape !== undefined) stateAttributes(stated, stated.shape, plan)
  return stated
}

const isOfAPerson = ({ kind }: Layer) => kind === 'person' || kind === 'wrapper'
const IDENTITIES = [fieldAt('contact.email'), fieldAt('contact.phone')]

/** Whether the record says at its top, or by its mapping, who the lead is. */
function namesSomebody(stated: StatedFields, record: RawRecord): boolean {
  if (IDENTITIES.some((field) => stated.at(field) !== undefined)) return true
  if (stated.fields.some(({ section }) => section === 'externalIds')) return true
  return Object.keys(record).some((key) => {
    if (key === 'externalIds') return isRecord(record[key])
    const field = usualField(key)
    return field !== undefined && IDENTITIES.includes(field) && stated.says(said(record[key]))
  })
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

function stateAttributes(stated: StatedFields, record: RawRecord, plan: Plan): void {
  const attributes = Object.hasOwn(record, 'attributes') ? record.attributes : undefined
  if (!isRecord(attributes)) return
  for (const name of Object.keys(attributes).slice(0, ATTRIBUTES_MAX))
    if (isOpenName(name)) stated.state(plan.attribute(name), attributes[name])
}
