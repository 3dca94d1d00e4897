/**
 * What a source's settings say, worked out once for all of its records: which field each mapping
 * fills, and the places taken apart.
 */
import { slugOf } from '../normalise'
import { pathReader } from '../paths'
import { type Field, fieldAt } from './fields'
import { type MissingWords, NO_WORDS, type Place, placesOf } from './record'
import type { IntakeSettings } from './settings'

export interface MappedField {
  readonly field: Field
  /** Undefined for a constant. */
  readonly places: readonly Place[] | undefined
  readonly constant: string | undefined
}

export interface MappedSignal {
  readonly type: string
  readonly when: readonly Place[] | undefined
  /** Lower case. */
  readonly equals: readonly string[] | undefined
  readonly details: readonly (readonly [name: string, places: readonly Place[]])[]
}

export interface Plan {
  readonly settings: IntakeSettings
  readonly missing: MissingWords
  readonly mapped: readonly MappedField[]
  readonly signals: readonly MappedSignal[]
  readonly eventId: readonly Place[] | undefined
  readonly required: readonly { readonly field: Field; read(lead: unknown): unknown }[]
  /** The field of an attribute; the same one where the settings name it. */
  attribute(name: string): Field
}

const plans = new WeakMap<IntakeSettings, Plan>()

export function planOf(settings: IntakeSettings): Plan {
  const known = plans.get(settings)
  if (known !== undefined) return known
  const plan = planFor(settings)
  plans.set(settings, plan)
  return plan
}

/** More attributes than a source names in its records; beyond, fields are made for one record. */
const ATTRIBUTES_MAX = 500

function planFor(settings: IntakeSettings): Plan {
  const paths = [...settings.mapping.map(({ to }) => to), ...settings.required]
  const named = new Map(paths.map((path) => [path, fieldAt(path)]))
  const attributes = new Map<string, Field>()
  const planned = (path: string) => named.get(path) ?? fieldAt(path)
  return {
    settings,
    missing: settings.missing ?? NO_WORDS,
    mapped: settings.mapping.map(({ to, from, value }) => ({
      field: planned(to),
      places: from === undefined ? undefined : placesOf(from),
      constant: value,
    })),
    signals: settings.signals.map(({ type, when, equals, details = {} }) => ({
      type: slugOf(type),
      when: when === undefined ? undefined : placesOf(when),
      equals: equals?.map((word) => word.toLowerCase()),
      details: Object.entries(details).map(([name, places]) => [name, placesOf(places)] as const),
    })),
    eventId: settings.eventIdFrom === undefined ? undefined : placesOf(settings.eventIdFrom),
    required: settings.required.map((path) => ({ field: planned(path), read: pathReader(path) })),
    attribute(name) {
      const known = attributes.get(name)
      if (known !== undefined) return known
      const field = planned(`attributes.${name}`)
      if (attributes.size < ATTRIBUTES_MAX) attributes.set(name, field)
      return field
    },
  }
}
