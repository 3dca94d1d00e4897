/**
 * Reading places in a source's record. Only own properties are read, so that a record cannot reach
 * into the language's own objects whatever its keys are called.
 */

import { entryNamed, heldBy, said, type Titles, titlesIn } from './named-values'
import { isNothing, type RawRecord, recordOfText } from './raw-record'

export { isNothing, isRecord, type RawRecord } from './raw-record'

/** A place in a record, taken apart once: the key as it stands, and the steps of a dotted path. */
export interface Place {
  readonly key: string
  readonly steps: readonly string[]
}

export function placeOf(place: string): Place {
  return { key: place, steps: place.split('.') }
}

/** Several places, separated by `|`. */
export function placesOf(places: string): readonly Place[] {
  return places.split('|').map((place) => placeOf(place.trim()))
}

/**
 * The value at a place: a key as it stands, or a dotted path; undefined when there is none. In a list
 * of values beside their names a step is such a name, which may hold dots: `field_data.e-mail`.
 */
export function readAt(record: unknown, { key, steps }: Place): unknown {
  if (typeof record !== 'object' || record === null) return undefined
  if (Object.hasOwn(record, key)) return (record as RawRecord)[key]
  if (steps.length === 1) return undefined
  const passed: object[] = []
  let value: unknown = record
  for (const [index, step] of steps.entries()) {
    if (typeof value === 'string') value = recordOfText(value)
    if (typeof value !== 'object' || value === null) return undefined
    if (Object.hasOwn(value, step)) {
      passed.push(value)
      value = (value as RawRecord)[step]
      continue
    }
    if (index === 0) return undefined
    const titles = () => passed.reduce<Titles>((known, one) => titlesIn(one, known), new Map())
    const whole = entryNamed(value, steps.slice(index).join('.'), titles)
    if (whole !== undefined) return heldBy(whole)
    if (index === steps.length - 1) return undefined
    const entry = entryNamed(value, step, titles)
    if (entry === undefined) return undefined
    passed.push(value)
    value = Object.hasOwn(entry, steps[index + 1]!) ? entry : heldBy(entry)
  }
  return value
}

/** As `readAt`, for a place that is read once. */
export function readPlace(record: unknown, place: string): unknown {
  return readAt(record, placeOf(place))
}

/** Words by which a source says "nothing", lower case, e.g. `select` or `n/a`. */
export type MissingWords = ReadonlySet<string>
export const NO_WORDS: MissingWords = new Set()

/** What the first place that holds something holds. */
export function firstStated(
  record: RawRecord,
  places: readonly Place[],
  missing: MissingWords,
): unknown {
  for (const place of places) {
    const value = said(readAt(record, place))
    if (!isNothing(value) && !isMissing(value, missing)) return value
  }
  return undefined
}

/** As `firstStated`, for places that are read once. */
export function readPlaces(
  record: RawRecord,
  places: string,
  missing: MissingWords = NO_WORDS,
): unknown {
  return firstStated(record, placesOf(places), missing)
}

/** Whether a value is one of the source's words for nothing, compared without case. */
export function isMissing(value: unknown, missing: MissingWords): boolean {
  return missing.size > 0 && typeof value === 'string' && missing.has(value.trim().toLowerCase())
}

/** Database nodes give times as Date objects; as ISO text they are plain data like everything else. */
export function datesAsText(value: unknown, seen = new Map<unknown, unknown>()): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? value : value.toISOString()
  if (!Array.isArray(value) && !isPlain(value)) return value
  if (seen.has(value)) return seen.get(value)
  const copy: unknown[] | Record<string, unknown> = Array.isArray(value) ? [] : Object.create(null)
  // Before its content, so that what holds itself still does, and is refused as such.
  seen.set(value, copy)
  for (const [key, inner] of Object.entries(value))
    copy[key as never] = datesAsText(inner, seen) as never
  return copy
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const NOTHING = new Set(['', 'false', 'no', '0', 'nein', 'none', 'null', 'undefined'])

/** Whether a place says "yes": anything but nothing, false, no and 0. */
export function saysYes(value: unknown): boolean {
  return value !== undefined && value !== null && !NOTHING.has(wordOf(value))
}

/** A value as one word, for comparing without case. */
export function wordOf(value: unknown): string {
  try {
    return String(value).trim().toLowerCase()
  } catch {
    // JSON may hold {"toString": 1}, which no language can write as text.
    return typeof value
  }
}
