/**
 * What a record states, by field of the lead, before anything is normalised.
 *
 * A mapping wins over the lead's own shape, which wins over usual names; what states nothing (an
 * empty cell, a source's word for nothing) leaves the field to the next.
 */
import { pathProblem, writablePaths } from '../paths'
import { isMissing, isNothing, isRecord, type RawRecord, readPlace, readPlaces } from './record'
import type { IntakeSettings } from './settings'
import { usualField } from './synonyms'

/** Where a record in the lead's own shape states a field; most records have none of the sections. */
const OWN_PLACES = [
  ...writablePaths().filter((path) => !path.startsWith('model.features')),
  'event.id',
  'event.occurredAt',
].map((path) => ({ path, section: path.split('.', 1)[0]! }))

/** The first source that states a field wins. */
export function statedFields(
  record: RawRecord,
  { mapping, guessNames, missing = new Set() }: IntakeSettings,
): Map<string, unknown> {
  const fields = new Map<string, unknown>()
  const state = (path: string, value: unknown) => {
    if (!fields.has(path) && !isNothing(value) && !isMissing(value, missing))
      fields.set(path, value)
  }
  for (const { to, from, value } of mapping) {
    state(to, from === undefined ? value : readPlaces(record, from, missing))
  }
  for (const { path, section } of OWN_PLACES) {
    if (Object.hasOwn(record, section) || Object.hasOwn(record, path))
      state(path, readPlace(record, path))
  }
  const attributes = readPlace(record, 'attributes')
  if (isRecord(attributes)) {
    for (const [name, value] of Object.entries(attributes).slice(0, 200)) {
      if (pathProblem(`attributes.${name}`) === undefined) state(`attributes.${name}`, value)
    }
  }
  if (!guessNames) return fields
  for (const [key, value] of Object.entries(record).slice(0, 500)) {
    const path = isRecord(value) || Array.isArray(value) ? undefined : usualField(key)
    if (path !== undefined) state(path, value)
  }
  return fields
}
